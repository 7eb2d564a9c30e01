//! The TinyTummy server: configuration, the private PostgreSQL, HTTP around the app, and the command line.

pub mod analyse;
mod api;
pub mod assets;
pub mod config;
pub mod embedded;
pub mod foods;
pub mod health;
pub mod logging;
pub mod metrics;
mod pages;
pub mod problem;
pub mod pwa;
pub mod reset_password;
pub mod router;
pub mod security;
pub mod serve;
