//! Server functions: three lines each. Authenticate, call the service, commit.

pub mod account;
pub mod caregiver;
pub mod child;
pub mod day;
pub mod device;
pub mod meal;
pub mod password;
pub mod token;
