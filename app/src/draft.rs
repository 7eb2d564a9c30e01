//! What is half typed, kept on this device until it is saved or closed: a new version of the app, a
//! phone that ends the app, a shared text that opens it anew take nothing away.

#[cfg(feature = "hydrate")]
mod kept {
    use leptos::prelude::window;
    use web_sys::Storage;

    fn storage() -> Option<Storage> {
        window().local_storage().ok().flatten()
    }

    /// Nothing where the browser keeps nothing.
    pub(crate) fn load(key: &str) -> Option<String> {
        storage()?.get_item(key).ok().flatten()
    }

    pub(crate) fn keep(key: &str, text: &str) {
        if let Some(storage) = storage() {
            // Refused where it is full: then there is no draft, as without storage.
            let _ = storage.set_item(key, text);
        }
    }

    pub(crate) fn forget(key: &str) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(key);
        }
    }
}
#[cfg(feature = "hydrate")]
pub(crate) use kept::{forget, keep, load};

/// Under which the text of a meal is kept: of a new one the child's, of a stored one its own.
pub(crate) fn key(child: &str, stored: Option<&str>) -> String {
    format!("draft-{}", stored.unwrap_or(child))
}

/// The draft with a text that was shared from another app added, unless it is in it already, as after
/// a reload.
#[cfg(any(feature = "hydrate", test))]
pub(crate) fn with_shared(draft: &str, shared: &str) -> String {
    match (draft.is_empty(), draft.contains(shared)) {
        (true, _) => shared.to_owned(),
        (false, true) => draft.to_owned(),
        (false, false) => format!("{draft}\n{shared}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_shared;

    #[test]
    fn a_shared_text_takes_nothing_away_and_comes_once() {
        assert_eq!(with_shared("", "two eggs"), "two eggs");
        assert_eq!(with_shared("half a banana", ""), "half a banana");
        assert_eq!(with_shared("half a banana", "two eggs"), "half a banana\ntwo eggs");
        assert_eq!(
            with_shared("half a banana\ntwo eggs", "two eggs"),
            "half a banana\ntwo eggs"
        );
    }
}
