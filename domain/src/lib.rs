//! The rules of baby nutrition: the same code on the server and in the browser.
//!
//! This crate does no I/O and reads no clock: whoever calls it hands in the time,
//! the child's local date and the food table.

pub mod account;
pub mod allergen;
pub mod analysis;
pub mod change;
pub mod child;
pub mod day;
pub mod field;
pub mod food;
pub mod id;
pub mod meal;
pub mod nutrient;
pub mod reading;
pub mod safety;
pub mod target;
pub mod token;
