//! services against a real PostgreSQL with the real two roles.

mod account;
mod bad_input;
mod caregiver;
mod child;
mod document;
mod isolation;
mod meal;
mod start;
mod world;
mod write_path;
