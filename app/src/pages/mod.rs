//! What a parent sees, one file a page. Those of the server's half are no part of the wasm.

#[cfg(feature = "ssr")]
pub(crate) mod account;
#[cfg(feature = "ssr")]
pub(crate) mod caregivers;
#[cfg(feature = "ssr")]
pub(crate) mod child;
#[cfg(feature = "ssr")]
pub(crate) mod device;
#[cfg(feature = "ssr")]
pub(crate) mod farewell;
pub(crate) mod history;
#[cfg(feature = "ssr")]
pub(crate) mod invitation;
pub(crate) mod meal;
#[cfg(feature = "ssr")]
pub(crate) mod password;
#[cfg(feature = "ssr")]
pub(crate) mod past;
#[cfg(feature = "ssr")]
pub(crate) mod settings;
pub(crate) mod today;
#[cfg(feature = "ssr")]
pub(crate) mod token;
pub(crate) mod trouble;
pub(crate) mod unsent;
#[cfg(feature = "ssr")]
pub(crate) mod welcome;

/// The address of a page that leads on to `next`, with an e-mail address filled in where one is
/// given.
fn with_next(page: &str, next: &str, email: &str) -> String {
    let mut url = format!("{page}?next={}", encoded(next));
    if !email.is_empty() {
        url.push_str("&email=");
        url.push_str(&encoded(email));
    }
    url
}

/// How one page leads on to another: "back" goes to where the parent came from, not to the one that leads on.
fn in_its_place() -> leptos_router::NavigateOptions {
    leptos_router::NavigateOptions {
        replace: true,
        ..leptos_router::NavigateOptions::default()
    }
}

/// As a value in a query.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut url, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => url.push(byte.into()),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
        url
    })
}
