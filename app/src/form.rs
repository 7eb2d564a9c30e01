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

/// The answer of `function`, if that is the one whose form was just sent. For pages of the server's
/// half, which are drawn once.
#[cfg(feature = "ssr")]
pub(crate) fn answered<T: serde::de::DeserializeOwned>(function: &str) -> Option<T> {
    let answer = use_context::<Answer>().filter(|answer| answer.function == function)?;
    serde_json::from_str(&answer.value).ok()
}

/// A form that posts to its own page and means the server function at `function`.
#[component]
pub fn PostForm(
    /// `ServerFn::PATH` of the function.
    function: &'static str,
    #[prop(optional, into)] class: &'static str,
    /// Called before it is sent, by the wasm alone. It may send it otherwise.
    #[prop(optional)]
    on_send: Option<Callback<leptos::ev::SubmitEvent>>,
    children: Children,
) -> impl IntoView {
    let on_submit = move |event| {
        if let Some(on_send) = on_send {
            on_send.run(event);
        }
    };
    view! {
        <form method="post" class=class novalidate=true on:submit=on_submit>
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
                    {(other == AppError::SignedOut).then(|| view! { <SignInBeside/> })}
                </div>
            }
            .into_any(),
        })
    }
}

/// The way back in that leaves the page as it is, with all that was typed.
#[component]
pub(crate) fn SignInBeside() -> impl IntoView {
    view! {
        <p><a href="/sign-in" target="_blank" rel="external">"Sign in on a second page"</a>", then try again here."</p>
    }
}

/// What stands in a `<textarea>`. Leptos writes its children as they are, as those of a script: what
/// a parent, or whoever made a link to `/log`, wrote would become markup of the page.
pub(crate) fn textarea_text(text: &str) -> String {
    if cfg!(feature = "ssr") {
        text.replace('&', "&amp;").replace('<', "&lt;")
    } else {
        text.to_owned()
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
    /// Which keys a phone shows, such as `decimal`.
    #[prop(optional)]
    keys: &'static str,
    #[prop(into)] error: Signal<Option<AppError>>,
) -> impl IntoView {
    let name = field.name();
    let message = move || error.get().and_then(|error| error.of(field));
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described = described_by(field, hint, error);
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
                inputmode=(!keys.is_empty()).then_some(keys)
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

/// A labelled choice of one from a list, or of none.
#[component]
pub fn SelectField(
    field: Field,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    /// What is shown where nothing was chosen.
    none: &'static str,
    /// Ids and names.
    options: Vec<(&'static str, &'static str)>,
    value: String,
    #[prop(into)] error: Signal<Option<AppError>>,
) -> impl IntoView {
    let name = field.name();
    let message = move || error.get().and_then(|error| error.of(field));
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="field__hint" id=format!("{name}-hint")>{hint}</p> })}
            {move || message().map(|message| view! {
                <p class="field__error" id=format!("{name}-error")><Icon name="warning" small=true/>{message}</p>
            })}
            <select class="input" id=name name=name aria-describedby=described_by(field, hint, error)>
                <option value="" selected=value.is_empty()>{none}</option>
                {options
                    .into_iter()
                    .map(|(id, words)| view! { <option value=id selected=id == value>{words}</option> })
                    .collect_view()}
            </select>
        </div>
    }
}

/// The ids of a control's hint and error, as far as they are there.
fn described_by(field: Field, hint: &'static str, error: Signal<Option<AppError>>) -> impl Fn() -> Option<String> {
    let name = field.name();
    move || {
        let refused = error.get().and_then(|error| error.of(field)).is_some();
        let ids: Vec<_> = [(!hint.is_empty()).then_some("hint"), refused.then_some("error")]
            .into_iter()
            .flatten()
            .map(|part| format!("{name}-{part}"))
            .collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// A row of boxes to tick that look like chips, named `field[0]`, `field[1]` and so on.
#[component]
pub fn TickField(
    field: Field,
    label: &'static str,
    hint: &'static str,
    /// Ids and names.
    options: Vec<(&'static str, String)>,
    /// Ids of those that are ticked.
    chosen: Vec<String>,
) -> impl IntoView {
    let name = field.name();
    view! {
        <fieldset aria-describedby=format!("{name}-hint") id=name>
            <legend class="field__label">{label}" "<span class="field__optional">"(optional)"</span></legend>
            <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
            <div class="chips">
                {options
                    .into_iter()
                    .enumerate()
                    .map(|(index, (value, words))| {
                        let id = format!("{name}-{value}");
                        view! {
                            <span class="chip">
                                <input
                                    class="chip__input"
                                    type="checkbox"
                                    name=format!("{name}[{index}]")
                                    id=id.clone()
                                    value=value
                                    checked=chosen.iter().any(|id| id == value)
                                />
                                <label class="chip__label" for=id>
                                    <svg class="icon icon--small chip__tick" aria-hidden="true" focusable="false">
                                        <use href="/icons.svg#check"></use>
                                    </svg>
                                    {words}
                                </label>
                            </span>
                        }
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
}

/// A row of radio buttons that look like chips.
#[component]
pub fn ChipField(
    legend: &'static str,
    name: &'static str,
    #[prop(optional)] hint: &'static str,
    /// Ids and names.
    options: Vec<(&'static str, &'static str)>,
    #[prop(into)] chosen: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let hint_id = move || (!hint.is_empty()).then(|| format!("{name}-hint"));
    view! {
        <fieldset id=name aria-describedby=hint_id()>
            <legend class="field__label">{legend}</legend>
            {hint_id().map(|id| view! { <p class="field__hint" id=id>{hint}</p> })}
            {move || error.get().map(|message| view! {
                <p class="field__error"><Icon name="warning" small=true/>{message}</p>
            })}
            <div class="chips chips--row">
                {options
                    .into_iter()
                    .map(|(value, words)| {
                        let id = format!("{name}-{value}");
                        view! {
                            <span class="chip">
                                <input
                                    class="chip__input"
                                    type="radio"
                                    name=name
                                    id=id.clone()
                                    value=value
                                    checked=value == chosen
                                />
                                <label class="chip__label" for=id>{words}</label>
                            </span>
                        }
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
}
