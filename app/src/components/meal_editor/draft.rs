//! What is half typed, kept on this device until it is saved or closed: a new version of the app, a
//! phone that ends the app, a shared text that opens it anew take nothing away.

#[cfg(feature = "hydrate")]
use super::editor::Editor;
use crate::api::meal::MealForm;
#[cfg(feature = "hydrate")]
use crate::setting;
use leptos::prelude::*;

/// The words as far as they are typed, kept on the device until the meal is saved or closed.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) key: StoredValue<String>,
    /// Whether the text is from an earlier visit of this page.
    pub(super) restored: RwSignal<bool>,
}

#[cfg(feature = "hydrate")]
impl Draft {
    /// Puts it into the field, beside what is there already: a text that was shared, or that was typed
    /// before the wasm was here. Of a stored meal it stands for what is stored.
    pub(super) fn restore(self, editor: Editor, field: &leptos::web_sys::HtmlTextAreaElement, stored: bool) {
        let kept: String = setting::load(&self.key.read_value())
            .or_else(|| {
                // As a release kept it that did not name whose it is: it may be from just before the update.
                let key = earlier_key(&editor.form.read_value());
                let kept = setting::load(&key);
                setting::forget(&key);
                kept
            })
            .unwrap_or_default();
        let (there, rendered) = (field.value(), editor.form.read_value().raw_input.clone());
        let text = if stored && there == rendered && !kept.is_empty() {
            kept.clone()
        } else {
            with_shared(&kept, &there)
        };
        self.restored.set(!kept.is_empty() && !stored);
        if text != there {
            field.set_value(&text);
        }
        if !stored && !rendered.is_empty() {
            // Shared: from here on it is the draft's.
            crate::browser::forget_query();
        }
        if text != rendered {
            editor.text.set(text.clone());
            editor.read();
        }
        if !stored || text != rendered {
            self.keep(&text);
        }
    }

    pub(super) fn keep(self, text: &str) {
        match text.trim().is_empty() {
            true => self.forget(),
            false => {
                // Refused where storage is full: then there is no draft, as without storage.
                setting::keep(&self.key.read_value(), text);
            }
        }
    }

    pub(super) fn forget(self) {
        setting::forget(&self.key.read_value());
        self.restored.set(false);
    }
}

/// Nothing is typed on the server.
#[cfg(not(feature = "hydrate"))]
impl Draft {
    pub(super) fn keep(self, _text: &str) {
        let _ = self.key;
    }

    pub(super) fn forget(self) {}
}

/// Under which the text of a meal is kept: of a new one the child's, of a stored one its own. It outlives a
/// sign-out, hidden, and somebody else who may see the same meal has a text of their own.
pub(super) fn key(form: &MealForm) -> String {
    format!("draft-{}-{}", form.viewer, row(form))
}

#[cfg(feature = "hydrate")]
fn earlier_key(form: &MealForm) -> String {
    format!("draft-{}", row(form))
}

fn row(form: &MealForm) -> uuid::Uuid {
    form.stored.as_ref().map_or(form.child.id.0, |meal| meal.id.0)
}

/// The draft with a text that was shared from another app added, unless it is in it already, as after
/// a reload.
#[cfg(any(feature = "hydrate", test))]
fn with_shared(draft: &str, shared: &str) -> String {
    let there = shared.is_empty() || format!("\n{draft}\n").contains(&format!("\n{shared}\n"));
    match (draft.is_empty(), there) {
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
        assert_eq!(with_shared("half a banana", "banana"), "half a banana\nbanana");
        assert_eq!(
            with_shared("half a banana\ntwo eggs", "two eggs"),
            "half a banana\ntwo eggs"
        );
    }
}
