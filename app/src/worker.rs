//! The service worker, from the page's side. The worker itself is `server/src/pwa/worker.js`.

use crate::browser::load_again;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Function;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration};

/// None on plain http, and in windows that keep nothing.
fn container() -> Option<ServiceWorkerContainer> {
    let container = window().navigator().service_worker();
    (!container.is_undefined()).then_some(container)
}

/// A function that lives as long as the page.
fn lasting(called: impl Fn() + 'static) -> Function {
    Closure::<dyn Fn()>::new(called).into_js_value().unchecked_into()
}

/// Has the browser install the worker, and keeps `waiting` true while a newer one waits to take over.
///
/// It is called once the page is drawn: what the worker fetches, the page has by then.
pub(crate) fn register(waiting: RwSignal<bool>) {
    let Some(container) = container() else { return };
    spawn_local(async move {
        let registration = match JsFuture::from(container.register("/sw.js")).await {
            Ok(registration) => registration.unchecked_into::<ServiceWorkerRegistration>(),
            Err(why) => return leptos::logging::warn!("Without a service worker: {why:?}"),
        };
        let look = {
            let registration = registration.clone();
            // The very first takes over without waiting for anything.
            move || waiting.set(registration.waiting().is_some() && registration.active().is_some())
        };
        look();
        let found = {
            let registration = registration.clone();
            move || {
                if let Some(coming) = registration.installing() {
                    coming.set_onstatechange(Some(&lasting(look.clone())));
                }
            }
        };
        registration.set_onupdatefound(Some(&lasting(found)));
        // An installed app is seldom loaded anew: it asks when the parent comes back to it.
        document().set_onvisibilitychange(Some(&lasting(move || {
            if !document().hidden() {
                let asked = registration.update().map(JsFuture::from);
                // Refused without a connection; then it asks next time.
                spawn_local(async {
                    if let Ok(asked) = asked {
                        drop(asked.await)
                    }
                });
            }
        })));
    });
}

/// Lets the newer worker take over and loads this page again, once. Other pages stay as they are.
pub(crate) fn take_over() {
    let Some(container) = container() else { return };
    spawn_local(async move {
        let registration = JsFuture::from(container.get_registration()).await;
        let waiting = registration
            .ok()
            .and_then(|registration| registration.dyn_into::<ServiceWorkerRegistration>().ok())
            .and_then(|registration| registration.waiting());
        // Another page of ours may have been quicker.
        let Some(waiting) = waiting else { return load_again() };
        let reload = {
            let container = container.clone();
            move || {
                container.set_oncontrollerchange(None);
                load_again();
            }
        };
        container.set_oncontrollerchange(Some(&lasting(reload)));
        if waiting.post_message(&JsValue::from_str("SKIP_WAITING")).is_err() {
            load_again();
        }
    });
}
