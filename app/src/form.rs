//! Forms that work before the wasm arrives, and without it.
//!
//! A form posts to its own page and names the server function it means in a hidden field.
//! The server calls that function; when it refuses, the page is rendered again with what
//! was typed and why, which is what a [`Refused`] carries. Nobody retypes a meal.

use crate::components::icon::Icon;
use crate::error::AppError;
use domain::field::Field;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The hidden field that names the server function.
pub const FUNCTION: &str = "_fn";

/// A form that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Path of the server function that refused it.
    pub function: String,
    /// What was typed, in order, without passwords.
    pub typed: Vec<(String, String)>,
    pub error: AppError,
}

impl Refused {
    pub fn value(&self, name: &str) -> Option<&str> {
        self.typed
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Carries the [`Refused`] form from the server's rendering to the browser's, so that both
/// draw the same page. Called once, at the root.
pub fn provide_refused() {
    let refused = SharedValue::new(use_context::<Refused>).into_inner();
    provide_context(Returned(refused));
}

#[derive(Clone)]
struct Returned(Option<Refused>);

/// Whatever form came back.
pub fn came_back() -> Option<Refused> {
    use_context::<Returned>()?.0
}

/// The form of `function`, if that is the one that came back.
pub fn refused(function: &str) -> Option<Refused> {
    came_back().filter(|refused| refused.function == function)
}

/// What a form's server function answered, for its page to show. Only a function that answers with
/// a value and leads nowhere does so: what is shown once (a key) must be in no address, and not in
/// a page that is loaded again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Path of the server function.
    pub function: String,
    /// Its value as JSON.
    pub value: String,
}

/// Carries the [`Answer`] from the server's rendering to the browser's. Called once, at the root.
pub fn provide_answer() {
    let answer = SharedValue::new(use_context::<Answer>).into_inner();
    provide_context(Answered(answer));
}

#[derive(Clone)]
struct Answered(Option<Answer>);

/// The answer of `function`, if that is the one whose form was just sent.
pub fn answered<T: serde::de::DeserializeOwned>(function: &str) -> Option<T> {
    let answer = use_context::<Answered>()?
        .0
        .filter(|answer| answer.function == function)?;
    serde_json::from_str(&answer.value).ok()
}

/// A form that posts to its own page and means the server function at `function`.
#[component]
pub fn PostForm(
    /// `ServerFn::PATH` of the function.
    function: &'static str,
    #[prop(optional, into)] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <form method="post" class=class novalidate=true>
            <input type="hidden" name=FUNCTION value=function/>
            {children()}
        </form>
    }
}

/// Why the form at hand was refused: one line a field, linked to it, or the one reason.
#[component]
pub fn ErrorSummary(#[prop(into)] error: Signal<Option<AppError>>) -> impl IntoView {
    move || {
        error.get().map(|error| match error {
            AppError::Invalid(refusals) => view! {
                <div class="error-summary" role="alert" tabindex="-1">
                    <h2 class="error-summary__title">"Please check"</h2>
                    <ul class="error-summary__list">
                        {refusals
                            .into_iter()
                            .map(|refusal| view! {
                                <li><a href=format!("#{}", refusal.field.name())>{refusal.message}</a></li>
                            })
                            .collect_view()}
                    </ul>
                </div>
            }
            .into_any(),
            other => view! {
                <div class="error-summary" role="alert" tabindex="-1">
                    <p class="error-summary__title">{other.to_string()}</p>
                </div>
            }
            .into_any(),
        })
    }
}

/// A labelled text control with its hint and its error.
#[component]
pub fn TextField(
    field: Field,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(optional)] autocomplete: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] max: String,
    #[prop(into)] error: Signal<Option<AppError>>,
) -> impl IntoView {
    let name = field.name();
    let message = move || error.get().and_then(|error| error.of(field));
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || {
            let ids: Vec<_> = [
                (!hint.is_empty()).then(|| hint_id.clone()),
                message().map(|_| error_id.clone()),
            ]
            .into_iter()
            .flatten()
            .collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="field__hint" id=hint_id>{hint}</p> })}
            {move || message().map(|message| view! {
                <p class="field__error" id=error_id.clone()><Icon name="warning" small=true/>{message}</p>
            })}
            <input
                class="input"
                id=name
                name=name
                type=kind
                value=value
                max=(!max.is_empty()).then_some(max)
                autocomplete=(!autocomplete.is_empty()).then_some(autocomplete)
                required=required
                autofocus=autofocus
                aria-invalid=move || message().map(|_| "true")
                aria-describedby=described
            />
        </div>
    }
}
