//! The mark by which the service worker knows that somebody is signed in here, with data on this
//! device: with it the app's pages are opened by the shell, without asking the server.
//!
//! An entry in the Cache API, since that is what a page, the worker and a script of a plain page
//! (`public/device.js`) can all reach.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Response};

/// Holds nothing but the mark.
const CACHE: &str = "device";
const MARK: &str = "/signed-in";

/// None on plain http, where there is no worker either.
fn caches() -> Option<CacheStorage> {
    let caches = window().caches().ok()?;
    (!caches.is_undefined()).then_some(caches)
}

/// Sets the mark. Call it once the device's copy is whole, each time: it costs a millisecond.
///
/// # Errors
/// What the browser says: its storage is full or forbidden. The pages then come from the server.
pub async fn remember() -> Result<(), JsValue> {
    let Some(caches) = caches() else { return Ok(()) };
    let cache: Cache = JsFuture::from(caches.open(CACHE)).await?.unchecked_into();
    JsFuture::from(cache.put_with_str(MARK, &Response::new()?)).await?;
    Ok(())
}

/// Takes the mark away: the next page comes from the server, or not at all. It begins at once and
/// needs no waiting for.
pub fn forget() {
    if let Some(caches) = caches() {
        let _ = caches.delete(CACHE);
    }
}
