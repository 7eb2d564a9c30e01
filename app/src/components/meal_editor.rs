//! The meal form: the words first, what was read from them beside or below, and the
//! parent's last word on every food and weight.

mod delete;
mod draft;
mod editor;
mod reading;
mod recent;

pub(crate) use delete::delete_here;

use super::icon::Icon;
use crate::api::meal::{DeleteMeal, MealForm, SaveMeal};
use crate::error::AppError;
use crate::form::{ChipField, ErrorSummary, FUNCTION, PostForm, refused, textarea_text};
#[cfg(feature = "hydrate")]
use crate::offline::live;
use domain::field::Field;
use domain::meal::{Kind, MealType};
use draft::Draft;
use editor::{Editor, browser_foods};
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
#[cfg(feature = "hydrate")]
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use reading::{Found, Reading};
use recent::Recent;

#[component]
pub(crate) fn MealEditor(form: MealForm) -> impl IntoView {
    let back = refused(SaveMeal::PATH);
    let save = ServerAction::<SaveMeal>::new();
    #[cfg(feature = "hydrate")]
    let came_back = back.is_some();
    // What this device itself refused.
    let refused_here = RwSignal::new(None::<AppError>);
    let saving_here = RwSignal::new(false);
    let error: Signal<Option<AppError>> = {
        let back = back.map(|back| back.error);
        Signal::derive(move || match (refused_here.get(), save.value().get()) {
            (Some(error), _) | (None, Some(Err(error))) => Some(error),
            (None, Some(Ok(()))) => None,
            (None, None) => back.clone(),
        })
    };
    let editor = Editor::new(form.clone(), browser_foods());
    let analysis = Memo::new(move |_| editor.analysis());
    #[cfg(feature = "hydrate")]
    {
        // Text typed before the table was here is read as soon as it is.
        Effect::new(move |_| {
            if editor.foods.get().is_some() && editor.text.get_untracked() != editor.form.read_value().raw_input {
                editor.read();
            }
        });
    }
    let child = form.child.id.to_string();
    let delete = delete_here(child.clone(), form.meal.to_string(), true);
    let name = form.child.profile.name.clone();
    let stored = form.stored.is_some();
    let field = NodeRef::<leptos::html::Textarea>::new();
    let draft = Draft {
        key: StoredValue::new(draft::key(&form)),
        restored: RwSignal::new(false),
    };
    #[cfg(feature = "hydrate")]
    {
        // A form that came back holds what was typed last.
        Effect::new(move |_| {
            if let (false, Some(field)) = (came_back, field.get()) {
                draft.restore(editor, &field, stored);
            }
        });
        Effect::new(move |_| {
            if let Some(Ok(())) = save.value().get() {
                draft.forget();
            }
        });
    }
    let title = if stored {
        "Meal".to_owned()
    } else {
        format!("What did {name} have?")
    };
    let close = format!("/children/{child}/days/{}", form.date);
    let past = format!("/children/{child}/meals/{}/past", form.meal);
    let text_error = move || error.get().and_then(|error| error.of(Field::RawInput));
    let path = format!("/children/{child}/days/");
    let navigate = use_navigate();
    #[cfg(feature = "hydrate")]
    let live = live();
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match SaveMeal::from_event(&event) {
            Ok(input) => {
                #[cfg(feature = "hydrate")]
                {
                    let (path, navigate) = (path.clone(), navigate.clone());
                    refused_here.set(None);
                    saving_here.set(true);
                    leptos::task::spawn_local(async move {
                        let saved = crate::offline::save(live, &input).await;
                        saving_here.set(false);
                        match saved {
                            Some(Ok(date)) => {
                                draft.forget();
                                navigate(&format!("{path}{date}"), NavigateOptions::default());
                            }
                            Some(Err(error)) => refused_here.set(Some(error)),
                            // Nothing is kept here: the server saves it, or says why not.
                            None => {
                                save.dispatch(input);
                            }
                        }
                    });
                }
                #[cfg(not(feature = "hydrate"))]
                let _ = (&path, &navigate, save.dispatch(input));
            }
            Err(why) => leptos::logging::error!("The form could not be read: {why}"),
        }
    };
    view! {
        <header class="log__head">
            <div>
                <h1>{title}</h1>
                {stored.then(|| view! { <p class="page__lead">{format!("For {name}")}</p> })}
            </div>
            <a
                class="button button--icon"
                href=close
                aria-label="Close without saving"
                on:click=move |_| draft.forget()
            >
                <Icon name="close"/>
            </a>
        </header>
        <ErrorSummary error/>
        <form class="log" method="post" novalidate=true on:submit=on_submit>
            <input type="hidden" name=FUNCTION value=SaveMeal::PATH/>
            <input type="hidden" name="child" value=child.clone()/>
            <input type="hidden" name="meal" value=form.meal.to_string()/>
            <input type="hidden" name="change" value=form.change.to_string()/>
            <input type="hidden" name="read_from" value=form.raw_input.clone() prop:value=read_from(editor)/>
            // First in the form: Enter in a field saves, and does not remove a food.
            <button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true">"Save"</button>
            <div class="log__write">
                <div class="field">
                    <label class="field__label" for="raw_input">"In your own words"</label>
                    <p class="field__hint" id="raw_input-hint">"Foods and amounts, as you would tell a friend."</p>
                    {move || text_error().map(|message| view! {
                        <p class="field__error" id="raw_input-error"><Icon name="warning" small=true/>{message}</p>
                    })}
                    <textarea
                        class="log__text"
                        id="raw_input"
                        name="raw_input"
                        rows="4"
                        enterkeyhint="done"
                        aria-describedby=move || {
                            if text_error().is_some() { "raw_input-hint raw_input-error" } else { "raw_input-hint" }
                        }
                        aria-invalid=move || text_error().map(|_| "true")
                        autofocus=!stored
                        placeholder="half a banana, 2 tbsp oatmeal, 60 ml breast milk"
                        node_ref=field
                        on:input=move |event| {
                            editor.text.set(event_target_value(&event));
                            editor.read();
                            draft.keep(&editor.text.read_untracked());
                        }
                    >
                        {textarea_text(&form.raw_input)}
                    </textarea>
                    <Show when=move || draft.restored.get()>
                        <p class="log__kept">
                            "As you left it. "
                            <button
                                class="button button--quiet"
                                type="button"
                                on:click=move |_| {
                                    draft.forget();
                                    if let Some(field) = field.get_untracked() {
                                        field.set_value("");
                                        let _ = field.focus();
                                    }
                                    editor.text.set(String::new());
                                    editor.read();
                                }
                            >
                                "Start afresh"
                            </button>
                        </p>
                    </Show>
                </div>
                {(!stored).then(|| view! { <Recent editor child=form.child.id.to_string() field/> })}
                <div class="unscripted">
                    <button class="button button--wide" type="submit" name="then" value="read">"Show what it gives"</button>
                </div>
            </div>
            <div class="log__read" id="items" tabindex="-1">
                <Reading editor analysis/>
            </div>
            <div class="log__details">
                <ChipField
                    legend="This is"
                    name="kind"
                    options=Kind::ALL.iter().map(|kind| (kind.id(), kind.name())).collect()
                    chosen=form.kind.id()
                />
                <ChipField
                    legend="Meal"
                    name="meal_type"
                    options=MealType::ALL.iter().map(|meal| (meal.id(), meal.name())).collect()
                    chosen=form.meal_type.id()
                />
                <fieldset id="when">
                    <legend class="field__label">"When"</legend>
                    {move || error.get().and_then(|error| error.of(Field::When)).map(|message| view! {
                        <p class="field__error"><Icon name="warning" small=true/>{message}</p>
                    })}
                    <div class="field-row">
                        <div>
                            <label class="visually-hidden" for="date">"Date"</label>
                            <input
                                class="input"
                                type="date"
                                id="date"
                                name="date"
                                value=form.date.clone()
                                max=form.today.to_string()
                                on:input=move |event| {
                                    editor.date.set(event_target_value(&event));
                                    editor.touched.set(true);
                                }
                            />
                        </div>
                        <div>
                            <label class="visually-hidden" for="time">"Time"</label>
                            <input class="input" type="time" id="time" name="time" value=form.time.clone()/>
                        </div>
                    </div>
                </fieldset>
                <div class="field">
                    <label class="field__label" for="notes">"Notes "<span class="field__optional">"(optional)"</span></label>
                    <input class="input" id="notes" name="notes" type="text" value=form.notes.clone() autocomplete="off"/>
                </div>
            </div>
            <div class="log__save">
                <Found analysis/>
                <button class="button button--primary" type="submit" disabled=move || saving_here.get() || save.pending().get()>
                    <Icon name="check"/>
                    {move || match (saving_here.get() || save.pending().get(), stored) {
                        (true, _) => "Saving\u{2026}",
                        (false, true) => "Save changes",
                        (false, false) => "Save meal",
                    }}
                </button>
            </div>
        </form>
        {stored.then(|| view! {
            <p class="log__past"><a href=past>"What was written, and by whom"</a></p>
            <PostForm function=DeleteMeal::PATH class="log__delete" on_send=delete>
                <input type="hidden" name="child" value=child/>
                <input type="hidden" name="meal" value=form.meal.to_string()/>
                <button class="button button--danger button--wide" type="submit"><Icon name="delete"/>"Delete this meal"</button>
            </PostForm>
        })}
    }
}

/// The text that the rows were read from.
fn read_from(editor: Editor) -> impl Fn() -> String {
    move || match editor.touched.get() && editor.foods.get().is_some() {
        true => editor.text.get(),
        false => editor.form.read_value().raw_input.clone(),
    }
}
