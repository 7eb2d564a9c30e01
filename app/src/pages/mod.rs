//! What a parent sees, one file a page.

pub(crate) mod account;
pub(crate) mod child;
pub(crate) mod history;
pub(crate) mod meal;
pub(crate) mod settings;
pub(crate) mod today;
pub(crate) mod token;
pub(crate) mod trouble;
pub(crate) mod welcome;
