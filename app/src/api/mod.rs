//! Server functions: three lines each. Authenticate, call the service, commit.

pub mod account;
pub mod child;
pub mod day;
pub mod meal;
pub mod token;
