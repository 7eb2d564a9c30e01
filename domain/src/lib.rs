//! The rules of baby nutrition: the same code on the server and in the browser.
//!
//! This crate does no I/O and reads no clock: whoever calls it hands in the time,
//! the child's local date and the food table.

#[macro_use]
mod words;

pub mod account;
pub mod allergen;
pub mod analysis;
pub mod caregiver;
pub mod change;
pub mod child;
pub mod day;
pub mod device;
pub mod entitlement;
pub mod field;
pub mod flush;
pub mod food;
pub mod id;
pub mod meal;
pub mod measure;
pub mod nutrient;
pub mod reading;
pub mod replica;
pub mod safety;
pub mod sync;
pub mod target;
pub mod throttle;
pub mod token;
pub mod write;
