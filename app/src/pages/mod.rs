//! What a parent sees, one file a page. Those of the server's half are no part of the wasm.

#[cfg(feature = "ssr")]
pub(crate) mod account;
#[cfg(feature = "ssr")]
pub(crate) mod child;
pub(crate) mod history;
pub(crate) mod meal;
#[cfg(feature = "ssr")]
pub(crate) mod settings;
pub(crate) mod today;
pub(crate) mod trouble;
#[cfg(feature = "ssr")]
pub(crate) mod welcome;
