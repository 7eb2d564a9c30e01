//! What a parent sees: pages, components, and the server functions behind them.
//!
//! Two features exclude each other: `ssr` renders pages on the server, `hydrate` takes
//! them over in the browser.
#![recursion_limit = "256"]
#![expect(
    unreachable_pub,
    reason = "the component macro makes a component's props public, whatever the component is"
)]

pub mod api;
#[cfg(feature = "hydrate")]
mod browser;
mod components;
pub mod error;
pub mod form;
#[cfg(feature = "hydrate")]
pub mod marker;
mod offline;
mod pages;
#[cfg(feature = "ssr")]
pub mod request;
mod root;
#[cfg(feature = "hydrate")]
mod setting;
mod wire;
#[cfg(feature = "hydrate")]
mod worker;

pub use root::App;
#[cfg(feature = "ssr")]
pub use root::{Client, Document, Half, Plain, shell};

/// Draws the app into the shell, a document that holds no data: everything is loaded.
#[cfg(feature = "hydrate")]
pub fn open() {
    browser::make_room();
    leptos::mount::mount_to_body(App);
}
