//! Small things kept on this device, by name. A browser that forbids storage keeps none, and all goes on.

use gloo_storage::{LocalStorage, Storage as _};
use leptos::prelude::window;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Asked first: the library throws where storage is forbidden, and nothing would run after that.
fn is_allowed() -> bool {
    window().local_storage().ok().flatten().is_some()
}

pub(crate) fn load<T: DeserializeOwned>(name: &str) -> Option<T> {
    is_allowed().then(|| LocalStorage::get(name).ok())?
}

/// Whether it is kept: not where storage is full or forbidden.
pub(crate) fn keep(name: &str, value: impl Serialize) -> bool {
    is_allowed() && LocalStorage::set(name, value).is_ok()
}

pub(crate) fn forget(name: &str) {
    if is_allowed() {
        LocalStorage::delete(name);
    }
}
