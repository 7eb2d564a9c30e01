//! The mark by which the service worker knows that somebody is signed in here, with data on this
//! device: with it the app's pages are opened by the shell, without asking the server.
//!
//! An entry in the Cache API, since that is what a page, the worker and a script of a plain page
//! (`public/device.js`) can all reach.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Function, Promise, Reflect};
use web_sys::{Cache, CacheStorage, Response};

/// Holds the mark, and what the page and the worker leave each other.
const CACHE: &str = "device";
const MARK: &str = "/signed-in";

/// None on plain http, where there is no worker either.
fn caches() -> Option<CacheStorage> {
    let caches = window().caches().ok()?;
    (!caches.is_undefined()).then_some(caches)
}

async fn cache() -> Result<Option<Cache>, JsValue> {
    let Some(caches) = caches() else { return Ok(None) };
    Ok(Some(JsFuture::from(caches.open(CACHE)).await?.unchecked_into()))
}

/// Sets the mark. Call it once the device's copy is whole, each time: it costs a millisecond.
///
/// # Errors
/// What the browser says: its storage is full or forbidden. The pages then come from the server.
pub async fn remember() -> Result<(), JsValue> {
    let Some(cache) = cache().await? else { return Ok(()) };
    JsFuture::from(cache.put_with_str(MARK, &Response::new()?)).await?;
    Ok(())
}

/// What the worker sends by itself once there is a connection, if no page is open by then.
const OUTBOX: &str = "/outbox";

/// Writes down what waits for the server, and asks the browser to wake the worker for it. Only Chromium
/// does; elsewhere it is sent when the app is opened.
///
/// # Errors
/// As of [`remember`].
pub(crate) async fn keep_outbox(upload: &str) -> Result<(), JsValue> {
    let Some(cache) = cache().await? else { return Ok(()) };
    let bytes = Response::new_with_opt_str(Some(upload))?;
    JsFuture::from(cache.put_with_str(OUTBOX, &bytes)).await?;
    let worker = window().navigator().service_worker();
    let registration = JsFuture::from(worker.ready()?).await?;
    let sync = Reflect::get(&registration, &"sync".into())?;
    if let Ok(register) = Reflect::get(&sync, &"register".into()).and_then(JsCast::dyn_into::<Function>) {
        let asked: Promise = register.call1(&sync, &"outbox".into())?.unchecked_into();
        JsFuture::from(asked).await?;
    }
    Ok(())
}

/// Nothing waits any more.
pub(crate) async fn forget_outbox() -> Result<(), JsValue> {
    let Some(cache) = cache().await? else { return Ok(()) };
    JsFuture::from(cache.delete_with_str(OUTBOX)).await?;
    Ok(())
}

/// What the worker was told while it sent by itself.
const REPLY: &str = "/reply";

/// What the server told the worker, once: as the worker wrote it down.
pub(crate) async fn take_reply() -> Option<String> {
    let cache = cache().await.ok()??;
    let found = JsFuture::from(cache.match_with_str(REPLY)).await.ok()?;
    let text = found.dyn_into::<Response>().ok()?.text().ok()?;
    let text = JsFuture::from(text).await.ok()?.as_string();
    // Whether it is kept or not: what is lost is asked for again.
    JsFuture::from(cache.delete_with_str(REPLY)).await.ok()?;
    text
}

/// Takes the mark away: the next page comes from the server, or not at all. It begins at once and
/// needs no waiting for.
pub fn forget() {
    if let Some(caches) = caches() {
        let _ = caches.delete(CACHE);
    }
}
