//! Adding a child and changing what is known of one.

use crate::api::child::{ChildForm, SaveChild, SetUnits, load_child};
use crate::components::facts::FactLines;
use crate::components::icon::Icon;
use crate::components::layout::{Page, Part};
use crate::components::loaded::Loaded;
use crate::error::AppError;
use crate::form::{ChipField, ErrorSummary, PostForm, Refused, SelectField, TextField, TickField, refused};
use crate::request::asked;
use domain::allergen::Allergen;
use domain::child::{Child, Diet, Eczema, ProfileForm, Region, Sex};
use domain::field::Field;
use domain::measure::Units;
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
        <Loaded
            resource=form
            shows=|form| match form {
                ChildForm { child: Some(child), units, today, .. } if !child.may_write => view! {
                    <Head child=child.clone() today/>
                    <Facts child units/>
                }
                .into_any(),
                form => view! { <Form form/> }.into_any(),
            }
        />
    }
}

/// The child's name and age, and the way to whoever looks after it.
#[component]
fn Head(child: Child, today: chrono::NaiveDate) -> impl IntoView {
    view! {
        <header class="page__header">
            <h1>{child.profile.name.clone()}</h1>
            <p class="page__lead">{child.profile.age_in_words(today)}</p>
        </header>
        <p class="settings__foot">
            <a class="button button--wide" href=format!("/children/{}/caregivers", child.id)>
                <Icon name="child"/>
                "Who looks after "{child.profile.name}
            </a>
        </p>
    }
}

/// What is known of a child, for those who may only look.
#[component]
fn Facts(child: Child, units: Units) -> impl IntoView {
    let form = ProfileForm::of(&child.profile, units);
    let profile = child.profile;
    let names = |names: Vec<&str>| names.join(", ");
    let (weight, height) = match units {
        Units::Metric => (format!("{} kg", form.weight), format!("{} cm", form.height)),
        Units::Us => (form.weight.clone(), format!("{} in", form.height)),
    };
    let facts = vec![
        ("Born", profile.date_of_birth.format("%-d %B %Y").to_string()),
        (
            "Due date",
            profile
                .due_date
                .map(|due| due.format("%-d %B %Y").to_string())
                .unwrap_or_default(),
        ),
        (
            "Allergies",
            names(profile.allergies.iter().map(|allergen| allergen.name()).collect()),
        ),
        (
            "Not eaten",
            names(profile.dietary_restrictions.iter().map(|diet| diet.name()).collect()),
        ),
        (
            "Eczema",
            profile.eczema.map(Eczema::name).unwrap_or_default().to_owned(),
        ),
        ("Weight", if form.weight.is_empty() { String::new() } else { weight }),
        ("Height", if form.height.is_empty() { String::new() } else { height }),
        ("Pediatrician", profile.pediatrician_name),
        ("Pediatrician\u{2019}s contact", profile.pediatrician_contact),
    ];
    view! {
        <FactLines facts class="settings__foot" value_class="settings__name"/>
    }
}

/// The form as it was typed.
fn typed(back: &Refused) -> ProfileForm {
    let value = |field: Field| back.value(field.name()).unwrap_or_default().to_owned();
    let ticked = |field: Field| {
        back.typed
            .iter()
            .filter(|(name, _)| {
                name.strip_prefix(field.name())
                    .is_some_and(|rest| rest.starts_with('['))
            })
            .map(|(_, id)| id.clone())
            .collect()
    };
    ProfileForm {
        name: value(Field::Name),
        date_of_birth: value(Field::DateOfBirth),
        sex: value(Field::Sex),
        allergies: ticked(Field::Allergies),
        time_zone: value(Field::TimeZone),
        due_date: value(Field::DueDate),
        units: back.value("units").and_then(Units::from_id).unwrap_or_default(),
        weight: value(Field::Weight),
        height: value(Field::Height),
        dietary_restrictions: ticked(Field::DietaryRestrictions),
        eczema: value(Field::Eczema),
        region: value(Field::Region),
        pediatrician_name: value(Field::PediatricianName),
        pediatrician_contact: value(Field::PediatricianContact),
    }
}

#[component]
fn Form(form: ChildForm) -> impl IntoView {
    let back = refused(SaveChild::PATH);
    let error: Signal<Option<AppError>> = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let stored = form.child.clone();
    let new = stored.is_none();
    // What was typed wins over what is stored; what is stored over nothing.
    let mut shown = match (&back, &stored) {
        (Some(back), _) => typed(back),
        (None, Some(child)) => ProfileForm::of(&child.profile, form.units),
        (None, None) => ProfileForm {
            units: form.units,
            ..ProfileForm::default()
        },
    };
    if shown.time_zone.is_empty() {
        shown.time_zone.clone_from(&form.time_zone);
    }
    // A meal that another app shared, to go on with once there is a child.
    let text = match &back {
        Some(back) => back.value("text").map(ToOwned::to_owned),
        None => asked("text"),
    };
    let text = text.filter(|text| new && !text.is_empty());
    let child_id = stored.as_ref().map(|child| child.id.to_string());
    let more = stored.as_ref().map_or_else(
        || "More about your child (optional)".to_owned(),
        |child| format!("More about {}", child.profile.name),
    );
    let units_form = child_id
        .clone()
        .map(|child| view! { <UnitsForm child units=form.units/> });
    view! {
        {match stored {
            Some(child) => view! { <Head child today=form.today/> }.into_any(),
            None => view! {
                <header class="page__header">
                    <h1>"Who is eating?"</h1>
                    <p class="page__lead">"A few facts, so that needs and warnings fit your child."</p>
                </header>
            }
            .into_any(),
        }}
        <ErrorSummary error/>
        <PostForm function=SaveChild::PATH class="stack">
            <input type="hidden" name="child" value=child_id/>
            <input type="hidden" name="units" value=shown.units.id()/>
            {text.map(|text| view! {
                <p>"First your child, then the meal: \u{201c}"{text.clone()}"\u{201d}"</p>
                <input type="hidden" name="text" value=text/>
            })}
            <TextField
                field=Field::Name
                label="Name"
                hint="Or a nickname. Only you and those you invite see it."
                value=shown.name.clone()
                autocomplete="off"
                required=true
                error
            />
            <TextField
                field=Field::DateOfBirth
                label="Date of birth"
                kind="date"
                hint="Needs and safety go by age."
                value=shown.date_of_birth.clone()
                max=form.today.to_string()
                required=true
                error
            />
            <ChipField
                legend="Sex"
                name="sex"
                hint="Only for the growth standards, which differ for girls and boys."
                options=Sex::ALL.into_iter().map(|sex| (sex.id(), sex.name())).collect()
                chosen=shown.sex.clone()
                error=Signal::derive(move || error.get().and_then(|error| error.of(Field::Sex)))
            />
            <TickField
                field=Field::Allergies
                label="Allergies"
                hint="What a doctor has confirmed, or what you avoid. You are warned whenever it turns up in a meal."
                options=Allergen::ALL.iter().map(|allergen| (allergen.id(), capitalised(allergen.name()))).collect()
                chosen=shown.allergies.clone()
            />
            <ZoneField zones=form.time_zones zone=shown.time_zone.clone() error/>
            <More words=more shown error/>
            <button class="button button--primary" type="submit">{if new { "Add child" } else { "Save" }}</button>
        </PostForm>
        {units_form}
    }
}

/// Everything a tired parent may leave for another day.
#[component]
fn More(words: String, shown: ProfileForm, #[prop(into)] error: Signal<Option<AppError>>) -> impl IntoView {
    const FIELDS: [Field; 8] = [
        Field::DueDate,
        Field::Weight,
        Field::Height,
        Field::DietaryRestrictions,
        Field::Eczema,
        Field::Region,
        Field::PediatricianName,
        Field::PediatricianContact,
    ];
    // Nobody looks for a refused field behind a closed door.
    let open = error
        .get_untracked()
        .is_some_and(|error| FIELDS.into_iter().any(|field| error.of(field).is_some()));
    let (weight, height, keys) = match shown.units {
        Units::Metric => ("Weight in kilograms", "Height in centimetres", "decimal"),
        Units::Us => ("Weight in pounds and ounces", "Height in inches", ""),
    };
    view! {
        <details class="disclosure" open=open>
            <summary>{words}</summary>
            <div class="stack">
                <TextField
                    field=Field::DueDate
                    label="Due date"
                    kind="date"
                    hint="If your child was born before 37 weeks, the corrected age is shown too."
                    value=shown.due_date
                    error
                />
                <TextField
                    field=Field::Weight
                    label=weight
                    hint="The latest measured."
                    value=shown.weight
                    keys
                    autocomplete="off"
                    error
                />
                <TextField
                    field=Field::Height
                    label=height
                    hint="The latest measured, lying or standing."
                    value=shown.height
                    keys="decimal"
                    autocomplete="off"
                    error
                />
                <TickField
                    field=Field::DietaryRestrictions
                    label="Not eaten"
                    hint="What your family leaves out for other reasons than an allergy."
                    options=Diet::ALL.iter().map(|diet| (diet.id(), diet.name().to_owned())).collect()
                    chosen=shown.dietary_restrictions
                />
                <SelectField
                    field=Field::Eczema
                    label="Eczema"
                    hint="It matters for when to offer egg and peanut."
                    none="Not said"
                    options=Eczema::ALL.iter().map(|eczema| (eczema.id(), eczema.name())).collect()
                    value=shown.eczema
                    error
                />
                <SelectField
                    field=Field::Region
                    label="Advice from"
                    hint="Whose published advice comes first where countries differ."
                    none="Anywhere"
                    options=Region::ALL.iter().map(|region| (region.id(), region.name())).collect()
                    value=shown.region
                    error
                />
                <TextField
                    field=Field::PediatricianName
                    label="Pediatrician"
                    value=shown.pediatrician_name
                    autocomplete="off"
                    error
                />
                <TextField
                    field=Field::PediatricianContact
                    label="Pediatrician\u{2019}s contact"
                    hint="Such as a telephone number."
                    value=shown.pediatrician_contact
                    autocomplete="off"
                    error
                />
            </div>
        </details>
    }
}

/// What the parent measures in. A form of its own: what it says is the parent's, not the child's.
#[component]
fn UnitsForm(child: String, units: Units) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby="units-title">
            <h2 class="section__title" id="units-title">"You measure in"</h2>
            <PostForm function=SetUnits::PATH class="stack">
                <input type="hidden" name="child" value=child/>
                <ChipField
                    legend="Units"
                    name="units"
                    options=Units::ALL.iter().map(|units| (units.id(), units.name())).collect()
                    chosen=units.id()
                />
                <button class="button" type="submit">"Change units"</button>
            </PostForm>
        </section>
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Where the child's days begin and end.
#[component]
fn ZoneField(zones: Vec<String>, zone: String, #[prop(into)] error: Signal<Option<AppError>>) -> impl IntoView {
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
