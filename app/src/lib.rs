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
mod pages;
#[cfg(feature = "ssr")]
pub mod request;
mod root;
mod wire;

pub use root::App;
#[cfg(feature = "ssr")]
pub use root::{Half, Plain, shell};
