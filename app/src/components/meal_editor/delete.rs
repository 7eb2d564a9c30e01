//! Taking a meal away, and bringing it back.

#[cfg(feature = "hydrate")]
use crate::offline::live;
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What a form to delete a meal, or to bring it back, does in the browser: on this device, where it keeps
/// anything; else the form goes its way. To be called in a component.
pub(crate) fn delete_here(child: String, meal: String, deleted: bool) -> Callback<leptos::ev::SubmitEvent> {
    let navigate = use_navigate();
    #[cfg(feature = "hydrate")]
    {
        let live = live();
        Callback::new(move |event: leptos::ev::SubmitEvent| {
            use leptos::wasm_bindgen::JsCast;
            let form = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
            event.prevent_default();
            let (child, meal, navigate) = (child.clone(), meal.clone(), navigate.clone());
            leptos::task::spawn_local(async move {
                match crate::offline::set_deleted(live, &child, &meal, deleted).await {
                    Some(Ok(date)) => {
                        let shown = if deleted {
                            format!("?deleted={meal}")
                        } else {
                            String::new()
                        };
                        navigate(
                            &format!("/children/{child}/days/{date}{shown}"),
                            NavigateOptions::default(),
                        );
                    }
                    // The server does it, or says why not.
                    _ => {
                        if let Some(form) = form {
                            let _ = form.submit();
                        }
                    }
                }
            });
        })
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (child, meal, deleted, navigate);
        Callback::new(|_| {})
    }
}
