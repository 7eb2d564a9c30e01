//! Adding a child and changing what is known of one.

use super::trouble::Trouble;
use crate::api::child::{ChildForm, SaveChild, load_child};
use crate::components::icon::Icon;
use crate::components::layout::{Page, Part};
use crate::error::AppError;
use crate::form::{ErrorSummary, PostForm, TextField, refused};
use domain::allergen::Allergen;
use domain::child::Sex;
use domain::field::Field;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn NewChild() -> impl IntoView {
    view! {
        <Page title="Add a child" part=Part::More narrow=true>
            <Load child=Signal::stored(String::new())/>
        </Page>
    }
}

#[component]
pub(crate) fn EditChild() -> impl IntoView {
    let params = use_params_map();
    let child = Signal::derive(move || params.read().get("child").unwrap_or_default());
    view! {
        <Page title="Child" part=Part::More narrow=true>
            <Load child/>
        </Page>
    }
}

#[component]
fn Load(child: Signal<String>) -> impl IntoView {
    let form = Resource::new(move || child.get(), load_child);
    view! {
        <Suspense>
            {move || form.get().map(|form| match form {
                Ok(form) => view! { <Form form/> }.into_any(),
                Err(error) => view! { <Trouble error/> }.into_any(),
            })}
        </Suspense>
    }
}

#[component]
fn Form(form: ChildForm) -> impl IntoView {
    let back = refused(SaveChild::PATH);
    let error: Signal<Option<AppError>> = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let stored = form.child.as_ref().map(|child| child.profile.clone());
    let child_id = form.child.as_ref().map(|child| child.id.to_string());
    // What was typed wins over what is stored; what is stored over nothing.
    let value = |name: &str, stored: Option<String>| match &back {
        Some(back) => back.value(name).unwrap_or_default().to_owned(),
        None => stored.unwrap_or_default(),
    };
    let of_profile = |part: fn(&domain::child::Profile) -> String| stored.as_ref().map(part);
    let name = value("name", of_profile(|profile| profile.name.clone()));
    let born = value("date_of_birth", of_profile(|profile| profile.date_of_birth.to_string()));
    let sex = value("sex", of_profile(|profile| profile.sex.id().to_owned()));
    let chosen: Vec<String> = match (&back, &stored) {
        (Some(back), _) => back
            .typed
            .iter()
            .filter(|(name, _)| name.starts_with("allergies["))
            .map(|(_, id)| id.clone())
            .collect(),
        (None, Some(profile)) => profile
            .allergies
            .iter()
            .map(|allergen| allergen.id().to_owned())
            .collect(),
        (None, None) => vec![],
    };
    let zone = match value("time_zone", of_profile(|profile| profile.time_zone.clone())) {
        zone if zone.is_empty() => form.time_zone.clone(),
        zone => zone,
    };
    let guess_zone = form.child.is_none() && back.is_none();
    let new = form.child.is_none();
    let sex_error = move || error.get().and_then(|error| error.of(Field::Sex));
    view! {
        <header class="page__header">
            {match stored {
                Some(profile) => view! { <h1>{profile.name}</h1> }.into_any(),
                None => view! {
                    <h1>"Who is eating?"</h1>
                    <p class="page__lead">"A few facts, so that needs and warnings fit your child."</p>
                }
                .into_any(),
            }}
        </header>
        <ErrorSummary error/>
        <PostForm function=SaveChild::PATH class="stack">
            <input type="hidden" name="child" value=child_id/>
            <TextField
                field=Field::Name
                label="Name"
                hint="Or a nickname. Only you and those you invite see it."
                value=name
                autocomplete="off"
                required=true
                error
            />
            <TextField
                field=Field::DateOfBirth
                label="Date of birth"
                kind="date"
                hint="Needs and safety go by age."
                value=born
                max=form.today.to_string()
                required=true
                error
            />
            <fieldset aria-describedby="sex-hint" id="sex">
                <legend class="field__label">"Sex"</legend>
                <p class="field__hint" id="sex-hint">"Only for the growth standards, which differ for girls and boys."</p>
                {move || sex_error().map(|message| view! {
                    <p class="field__error"><Icon name="warning" small=true/>{message}</p>
                })}
                <div class="chips chips--row">
                    {Sex::ALL
                        .into_iter()
                        .map(|option| {
                            let id = format!("sex-{}", option.id());
                            view! {
                                <span class="chip">
                                    <input
                                        class="chip__input"
                                        type="radio"
                                        name="sex"
                                        id=id.clone()
                                        value=option.id()
                                        checked=sex == option.id()
                                    />
                                    <label class="chip__label" for=id>{option.name()}</label>
                                </span>
                            }
                        })
                        .collect_view()}
                </div>
            </fieldset>
            <fieldset aria-describedby="allergies-hint" id="allergies">
                <legend class="field__label">"Allergies "<span class="field__optional">"(optional)"</span></legend>
                <p class="field__hint" id="allergies-hint">
                    "What a doctor has confirmed, or what you avoid. You are warned whenever it turns up in a meal."
                </p>
                <div class="chips">
                    {Allergen::ALL
                        .iter()
                        .enumerate()
                        .map(|(index, allergen)| {
                            let id = format!("allergy-{}", allergen.id());
                            view! {
                                <span class="chip">
                                    <input
                                        class="chip__input"
                                        type="checkbox"
                                        name=format!("allergies[{index}]")
                                        id=id.clone()
                                        value=allergen.id()
                                        checked=chosen.iter().any(|id| id == allergen.id())
                                    />
                                    <label class="chip__label" for=id>
                                        <svg class="icon icon--small chip__tick" aria-hidden="true" focusable="false">
                                            <use href="/icons.svg#check"></use>
                                        </svg>
                                        {capitalised(allergen.name())}
                                    </label>
                                </span>
                            }
                        })
                        .collect_view()}
                </div>
            </fieldset>
            <ZoneField zones=form.time_zones zone guess=guess_zone error/>
            <button class="button button--primary" type="submit">{if new { "Add child" } else { "Save" }}</button>
        </PostForm>
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Where the child's days begin and end. For a new child the browser knows best.
#[component]
fn ZoneField(
    zones: Vec<String>,
    zone: String,
    guess: bool,
    #[prop(into)] error: Signal<Option<AppError>>,
) -> impl IntoView {
    let chosen = RwSignal::new(zone.clone());
    #[cfg(feature = "hydrate")]
    if guess {
        let known = zones.clone();
        Effect::new(move |_| {
            let zone = crate::browser::time_zone();
            if known.contains(&zone) {
                chosen.set(zone);
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = guess;
    let message = move || error.get().and_then(|error| error.of(Field::TimeZone));
    view! {
        <div class="field">
            <label class="field__label" for="time_zone">"Time zone"</label>
            <p class="field__hint" id="time_zone-hint">"Where the child\u{2019}s days begin and end."</p>
            {move || message().map(|message| view! {
                <p class="field__error" id="time_zone-error"><Icon name="warning" small=true/>{message}</p>
            })}
            <select
                class="input"
                id="time_zone"
                name="time_zone"
                aria-describedby=move || if message().is_some() { "time_zone-hint time_zone-error" } else { "time_zone-hint" }
                prop:value=chosen
                on:change=move |event| chosen.set(event_target_value(&event))
            >
                {zones
                    .into_iter()
                    .map(|name| {
                        let words = name.replace('_', " ");
                        let selected = name == zone;
                        view! { <option value=name selected=selected>{words}</option> }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}
