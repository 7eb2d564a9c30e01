//! Logging again what was logged before.

use super::editor::Editor;
use leptos::prelude::*;

/// What was logged lately, to be logged again in two taps: this one, and "Save".
#[component]
pub(super) fn Recent(editor: Editor, child: String, field: NodeRef<leptos::html::Textarea>) -> impl IntoView {
    let recent = RwSignal::new(Vec::<String>::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let child = child.clone();
        leptos::task::spawn_local(async move { recent.set(crate::offline::recent(&child).await) });
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = child;
    let again = move |text: &str| {
        if let Some(field) = field.get_untracked() {
            field.set_value(text);
        }
        editor.text.set(text.to_owned());
        editor.read();
    };
    move || {
        let recent = recent.get();
        // Once something is typed there is no room for what was typed before.
        let begun = !editor.text.read().trim().is_empty();
        (!recent.is_empty() && !begun).then(|| {
            view! {
                <div class="log__recent" role="group" aria-label="Log again">
                    <p class="log__recent-title" aria-hidden="true">"Again:"</p>
                    {recent
                        .into_iter()
                        .map(|text| {
                            let words = text.clone();
                            view! {
                                <button class="log__again" type="button" on:click=move |_| again(&text)>{words}</button>
                            }
                        })
                        .collect_view()}
                </div>
            }
        })
    }
}
