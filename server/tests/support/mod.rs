//! What the tests of the server share: a binary to start, a server on a database of its own, a client.
#![expect(dead_code, reason = "each test file uses some of it")]

pub(crate) mod binary;
pub(crate) mod client;
pub(crate) mod house;
pub(crate) mod inside;
pub(crate) mod parent;
pub(crate) mod random;
pub(crate) mod sender;
pub(crate) mod smtp;
