//! One tab at a time, by the browser's Web Locks. `web-sys` calls them unstable, so they are reached by name.

use leptos::prelude::window;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Function, Promise, Reflect};

/// Held until it is dropped, or its page is closed.
#[derive(Debug)]
pub(super) enum Held {
    /// The browser's: called, it is given back.
    Browser(Option<Function>),
    /// This page's own.
    Page(#[expect(dead_code, reason = "held, not read")] OwnedMutexGuard<()>),
}

thread_local! {
    static OWN: RefCell<BTreeMap<String, Arc<Mutex<()>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Its turn among what runs on this page.
async fn hold_here(name: &str) -> Held {
    let own = OWN.with_borrow_mut(|own| own.entry(name.to_owned()).or_default().clone());
    Held::Page(own.lock_owned().await)
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Self::Browser(Some(release)) = self {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// A promise, and what fulfils it.
fn promise() -> (Promise, Option<Function>) {
    let mut fulfil = None;
    let promise = Promise::new(&mut |resolve, _| fulfil = Some(resolve));
    (promise, fulfil)
}

/// Waits for its turn. In a browser without locks, or on a page without a secure address, only among what
/// runs on this page: then two tabs may send the same, which the server knows by its ids.
pub(super) async fn hold(name: &str) -> Held {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).unwrap_or_default();
    let Ok(request) = Reflect::get(&locks, &"request".into()).and_then(JsCast::dyn_into::<Function>) else {
        return hold_here(name).await;
    };
    let (granted, grant) = promise();
    let (held, release) = promise();
    let on_grant = Closure::once_into_js(move |_: JsValue| -> JsValue {
        if let Some(grant) = grant {
            let _ = grant.call0(&JsValue::UNDEFINED);
        }
        held.into()
    });
    if request.call2(&locks, &name.into(), &on_grant).is_err() {
        return hold_here(name).await;
    }
    let _ = JsFuture::from(granted).await;
    Held::Browser(release)
}
