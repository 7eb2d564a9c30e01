//! What one can do with TinyTummy: use cases on PostgreSQL.
//!
//! Everything goes through a [`database::Tx`], which says who is asking before it hands out the
//! connection. Nothing here reads a clock: `now` is a parameter.

pub mod accounts;
pub mod changes;
pub mod children;
pub mod database;
pub mod demo;
pub mod error;
mod fault;
pub mod foods;
pub mod id;
pub mod meals;
pub mod sessions;
pub mod zone;

pub use database::{Database, Tx};
pub use error::ServiceError;
