//! What is half typed, kept on this device until it is saved or closed: a new version of the app, a
//! phone that ends the app, a shared text that opens it anew take nothing away.

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
