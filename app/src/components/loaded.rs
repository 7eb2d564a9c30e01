//! What was loaded for a page, as soon as it is there.

use crate::error::AppError;
use crate::pages::trouble::Trouble;
use leptos::prelude::*;

/// Said while a page's own rows are loaded.
pub(crate) const WAITING: &str = "One moment\u{2026}";

/// Shows what a resource gave; where it gave an error, the page for that. In the browser it shows
/// anew whatever is loaded later, by going to the day before for one.
#[component]
pub(crate) fn Loaded<T>(
    resource: Resource<Result<T, AppError>>,
    /// Said while it is loaded, where that may take a moment.
    #[prop(optional)]
    waiting: &'static str,
    shows: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let shown = move |loaded| match loaded {
        Ok(loaded) => shows(loaded),
        Err(error) => view! { <Trouble error/> }.into_any(),
    };
    // Awaited on the server, where a closure would be run, and all it shows be made, twice: once to
    // see whether anything else is waited for.
    #[cfg(feature = "ssr")]
    let shown = Suspend::new(async move { shown(resource.await) });
    #[cfg(not(feature = "ssr"))]
    let shown = move || resource.get().map(&shown);
    view! {
        <Transition fallback=move || (!waiting.is_empty()).then(|| view! { <p role="status">{waiting}</p> })>
            {shown}
        </Transition>
    }
}
