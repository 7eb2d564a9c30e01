//! A newer version is here: whoever is at it says when.

use leptos::prelude::*;

/// At the foot of every page the wasm draws. Nothing happens by itself: somebody may be typing.
#[component]
pub(crate) fn UpdateBanner() -> impl IntoView {
    let waiting = RwSignal::new(false);
    let later = RwSignal::new(false);
    let taken = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| crate::worker::register(waiting));
    let update = move |_| {
        taken.set(true);
        #[cfg(feature = "hydrate")]
        crate::worker::take_over();
    };
    view! {
        <div class="update" role="status">
            <Show when=move || waiting.get() && !later.get()>
                <div class="update__banner">
                    <p class="update__text">"A new version is ready."</p>
                    <div class="update__ways">
                        <button class="button button--quiet" type="button" on:click=move |_| later.set(true)>"Later"</button>
                        <button class="button update__go" type="button" on:click=update>
                            {move || if taken.get() { "One moment\u{2026}" } else { "Update" }}
                        </button>
                    </div>
                </div>
            </Show>
        </div>
    }
}
