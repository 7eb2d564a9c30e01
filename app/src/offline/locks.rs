//! One tab at a time, by the browser's Web Locks. `web-sys` calls them unstable, so they are reached by name.

use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Function, Promise, Reflect};

/// Held until it is dropped, or its page is closed.
#[derive(Debug)]
pub(super) struct Held(Option<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
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

/// Waits for its turn. A browser without locks, or a page without a secure address, gives it at once: then
/// two tabs may send the same, which the server knows by its ids.
pub(super) async fn hold(name: &str) -> Held {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).unwrap_or_default();
    let Ok(request) = Reflect::get(&locks, &"request".into()).and_then(JsCast::dyn_into::<Function>) else {
        return Held(None);
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
        return Held(None);
    }
    let _ = JsFuture::from(granted).await;
    Held(release)
}
