//! services against a real PostgreSQL with the real two roles.

#![expect(
    clippy::unwrap_used,
    reason = "a test states what it expects by unwrapping it, its helpers too"
)]

mod account;
mod bad_input;
mod caregiver;
mod child;
mod document;
mod entitlement;
mod isolation;
mod meal;
mod meal_log;
mod password;
mod start;
mod sync;
mod throttle;
mod token;
mod world;
mod write_path;
