//! What one can do with TinyTummy: use cases on PostgreSQL.
//!
//! Everything goes through a [`database::Tx`], which says who is asking before it hands out the
//! connection. Nothing here reads a clock: `now` is a parameter.

pub mod accounts;
pub mod belongings;
pub mod caregivers;
pub mod changes;
pub mod children;
pub mod counts;
pub mod database;
pub mod demo;
pub mod error;
mod fault;
pub mod foods;
mod hashing;
pub mod id;
pub mod live;
pub mod mail;
pub mod meal_log;
pub mod meals;
pub mod passwords;
pub mod resets;
pub mod sessions;
pub mod sync;
mod throttle;
pub mod tokens;
pub mod zone;

pub use database::{Database, Tx};
pub use error::ServiceError;
