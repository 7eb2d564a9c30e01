//! The meal form: the words first, what was read from them beside or below, and the
//! parent's last word on every food and weight.

use super::food_row::{FoodRow, RowState};
use super::food_search::FoodSearch;
use super::icon::Icon;
use super::nutrients::{MealSums, amount};
use super::warnings::Warnings;
use crate::api::meal::{DeleteMeal, MealForm, SaveMeal};
use crate::draft;
use crate::error::AppError;
use crate::form::{ChipField, ErrorSummary, FUNCTION, PostForm, refused, textarea_text};
#[cfg(feature = "hydrate")]
use crate::{offline::live, setting};
use domain::analysis::{Analysis, analyse, describe};
use domain::field::Field;
use domain::food::{FoodId, Table};
use domain::meal::{Kind, MealType};
use domain::nutrient::{Nutrient, Totals};
use domain::reading::{Row, portions, reread};
use domain::safety::Level;
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use leptos::server_fn::ServerFn;
#[cfg(feature = "hydrate")]
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The form's state in the browser. On the server nothing in it ever changes.
#[derive(Clone, Copy)]
struct Editor {
    form: StoredValue<MealForm>,
    text: RwSignal<String>,
    date: RwSignal<String>,
    rows: RwSignal<Vec<RowState>>,
    not_understood: RwSignal<Vec<String>>,
    /// Whether anything differs from what the server rendered.
    touched: RwSignal<bool>,
    next_key: StoredValue<usize>,
    foods: Signal<Option<&'static Table>>,
    /// What its rows belong to: a handler runs as part of what drew its button, which may go before they do.
    owner: StoredValue<Option<WeakOwner>>,
}

impl Editor {
    fn new(form: MealForm, foods: Signal<Option<&'static Table>>) -> Self {
        let names = form.analysis.items.iter().map(|item| item.display_name().to_owned());
        let mut names = names.collect::<Vec<_>>().into_iter();
        let rows: Vec<_> = form
            .rows
            .iter()
            .enumerate()
            .map(|(key, row)| {
                // Only rows that count have an item; one taken out has no name to show.
                let name = if row.removed {
                    String::new()
                } else {
                    names.next().unwrap_or_default()
                };
                let choices = form.choices.get(key).cloned().unwrap_or_default();
                RowState::new(key, row.clone(), name, choices)
            })
            .collect();
        Self {
            text: RwSignal::new(form.raw_input.clone()),
            date: RwSignal::new(form.date.clone()),
            next_key: StoredValue::new(rows.len()),
            rows: RwSignal::new(rows),
            not_understood: RwSignal::new(form.analysis.not_understood.clone()),
            touched: RwSignal::new(false),
            form: StoredValue::new(form),
            foods,
            owner: StoredValue::new(Owner::current().map(|owner| owner.downgrade())),
        }
    }

    fn eater(self) -> domain::analysis::Eater {
        let form = self.form.read_value();
        form.child.eater(self.date.read().parse().unwrap_or(form.today))
    }

    fn current_rows(self) -> Vec<Row> {
        self.rows.read().iter().map(|state| state.row.get()).collect()
    }

    /// What the meal holds as it stands in the form.
    fn analysis(self) -> Analysis {
        match self.foods.get() {
            Some(foods) if self.touched.get() => {
                let mut analysis = describe(&portions(&self.current_rows()), foods, &self.eater());
                analysis.not_understood = self.not_understood.get();
                analysis
            }
            _ => self.form.read_value().analysis.clone(),
        }
    }

    /// Reads the text afresh; what the parent mended stays mended.
    fn read(self) {
        let Some(foods) = self.foods.get_untracked() else {
            return;
        };
        untrack(|| {
            let fresh = analyse(&self.text.read(), foods, &self.eater());
            self.not_understood.set(fresh.not_understood.clone());
            let before = self.rows.get();
            let mut spare: Vec<RowState> = before.clone();
            let next = reread(&self.current_rows(), &fresh);
            // A row that stays keeps its place in the page, and the cursor in it.
            let next: Vec<_> = next
                .into_iter()
                .map(|row| {
                    match spare.iter().position(|state| {
                        state.row.read().portion.phrase == row.portion.phrase
                            && state.row.read().portion.food == row.portion.food
                    }) {
                        Some(place) => {
                            let state = spare.remove(place);
                            state.set(row);
                            state
                        }
                        None => self.state(row, foods),
                    }
                })
                .collect();
            self.rows.set(next);
            self.touched.set(true);
        });
    }

    fn state(self, row: Row, foods: &Table) -> RowState {
        let key = self.next_key.get_value();
        self.next_key.set_value(key + 1);
        let described = describe(std::slice::from_ref(&row.portion), foods, &self.eater());
        let name = described
            .items
            .first()
            .map(|item| item.display_name().to_owned())
            .unwrap_or_default();
        let made = || RowState::new(key, row, name, Vec::new());
        match self.owner.get_value().and_then(|owner| owner.upgrade()) {
            Some(owner) => owner.with(made),
            None => made(),
        }
    }

    fn add(self, food: FoodId) {
        if let Some(foods) = self.foods.get_untracked() {
            let grams = foods.get(&food).map_or(USUAL_GRAMS, offered_grams);
            let state = self.state(Row::picked(food, grams), foods);
            self.rows.update(|rows| rows.push(state));
            self.touched.set(true);
        }
    }
}

/// A spoonful or two: what is offered for a food without a small measure of its own.
const USUAL_GRAMS: f64 = 30.0;

/// One of the food's own measures, where it is no more than a child's plate holds.
fn offered_grams(food: domain::food::Food<'_>) -> f64 {
    food.portions()
        .map(|measure| measure.grams_of_one())
        .find(|grams| (5.0..=150.0).contains(grams))
        .unwrap_or(USUAL_GRAMS)
}

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
        key: StoredValue::new(draft::key(&child, stored.then(|| form.meal.to_string()).as_deref())),
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

/// What was logged lately, to be logged again in two taps: this one, and "Save".
#[component]
fn Recent(editor: Editor, child: String, field: NodeRef<leptos::html::Textarea>) -> impl IntoView {
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

/// The words as far as they are typed, kept on the device until the meal is saved or closed.
#[derive(Clone, Copy)]
struct Draft {
    key: StoredValue<String>,
    /// Whether the text is from an earlier visit of this page.
    restored: RwSignal<bool>,
}

#[cfg(feature = "hydrate")]
impl Draft {
    /// Puts it into the field, beside what is there already: a text that was shared, or that was typed
    /// before the wasm was here. Of a stored meal it stands for what is stored.
    fn restore(self, editor: Editor, field: &leptos::web_sys::HtmlTextAreaElement, stored: bool) {
        let kept: String = setting::load(&self.key.read_value()).unwrap_or_default();
        let (there, rendered) = (field.value(), editor.form.read_value().raw_input.clone());
        let text = if stored && there == rendered && !kept.is_empty() {
            kept.clone()
        } else {
            draft::with_shared(&kept, &there)
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

    fn keep(self, text: &str) {
        match text.trim().is_empty() {
            true => self.forget(),
            false => {
                // Refused where storage is full: then there is no draft, as without storage.
                setting::keep(&self.key.read_value(), text);
            }
        }
    }

    fn forget(self) {
        setting::forget(&self.key.read_value());
        self.restored.set(false);
    }
}

/// Nothing is typed on the server.
#[cfg(not(feature = "hydrate"))]
impl Draft {
    fn keep(self, _text: &str) {
        let _ = self.key;
    }

    fn forget(self) {}
}

/// The table in the browser; on the server the form comes with its analysis.
fn browser_foods() -> Signal<Option<&'static Table>> {
    #[cfg(feature = "hydrate")]
    {
        crate::browser::foods().into()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        Signal::stored(None)
    }
}

/// The text that the rows were read from.
fn read_from(editor: Editor) -> impl Fn() -> String {
    move || match editor.touched.get() && editor.foods.get().is_some() {
        true => editor.text.get(),
        false => editor.form.read_value().raw_input.clone(),
    }
}

fn totals(analysis: &Analysis) -> Totals {
    Totals::of(analysis.items.iter().map(|item| &item.nutrients))
}

/// What the keyboard may hide: how much was understood, and the way down to it.
#[component]
fn Found(analysis: Memo<Analysis>) -> impl IntoView {
    move || {
        analysis.with(|analysis| {
            let foods = analysis.items.len();
            let warnings = analysis.warnings.iter().filter(|warning| warning.level > Level::Note).count();
            (foods > 0).then(|| view! {
                // On this page: nothing for the router.
                <a class="log__found" href="#items" rel="external">
                    {format!("{foods} {}", if foods == 1 { "food" } else { "foods" })}
                    {if warnings == 0 {
                        let iron = amount(Nutrient::Iron, totals(analysis).get(Nutrient::Iron));
                        view! { <span class="log__found-note">{format!("iron {iron}")}</span> }
                    } else {
                        let words = if warnings == 1 { "warning" } else { "warnings" };
                        view! { <span class="log__found-note log__found-note--alert">{format!("{warnings} {words}")}</span> }
                    }}
                </a>
            })
        })
    }
}

/// What was understood: warnings, questions, foods, what was not, and the sums.
#[component]
fn Reading(editor: Editor, analysis: Memo<Analysis>) -> impl IntoView {
    let count = move || analysis.with(|analysis| analysis.items.len());
    let said = move || {
        analysis.with(|analysis| match (analysis.items.len(), analysis.warnings.len()) {
            (0, _) => String::new(),
            (foods, 0) => format!("{foods} foods found."),
            (foods, warnings) => format!("{foods} foods found, {warnings} warnings."),
        })
    };
    let adding = RwSignal::new(false);
    view! {
        <p class="visually-hidden" role="status" aria-live="polite">{said}</p>
        {move || view! { <Warnings analysis=analysis.get()/> }}
        {move || view! { <Questions editor analysis=analysis.get()/> }}
        <section aria-labelledby="found">
            <h2 class="section__title" id="found">
                "What we read "
                <span class="section__aside">
                    {move || match count() {
                        0 => "nothing yet".to_owned(),
                        1 => "1 food".to_owned(),
                        count => format!("{count} foods"),
                    }}
                </span>
            </h2>
            <ul role="list">
                <For each=move || editor.rows.get() key=|state| state.key let:state>
                    <FoodRow state foods=editor.foods allergies=editor.form.read_value().child.profile.allergies.clone() on_change=Callback::new(move |()| editor.touched.set(true))/>
                </For>
            </ul>
        </section>
        {move || {
            let phrases = analysis.with(|analysis| analysis.not_understood.clone());
            (!phrases.is_empty()).then(|| view! {
                <div class="log__unread">
                    <h2>"Not understood"</h2>
                    <p>{phrases.into_iter().map(|phrase| view! { <mark>{phrase}</mark>" " }).collect_view()}</p>
                    <p class="fine-print">"Kept with the meal as you wrote it. Add the food yourself if it matters."</p>
                </div>
            })
        }}
        // Needs the table in the browser; without it a food is added by writing it.
        <Show when=move || editor.foods.get().is_some()>
            {move || if adding.get() {
                view! {
                    <FoodSearch
                        id="add-food"
                        label="Which food?"
                        query=String::new()
                        foods=editor.foods
                        on_pick=Callback::new(move |food| {
                            editor.add(food);
                            adding.set(false);
                        })
                        on_close=Callback::new(move |()| adding.set(false))
                    />
                }
                .into_any()
            } else {
                view! {
                    <button class="button button--wide" type="button" on:click=move |_| adding.set(true)>
                        <Icon name="plus"/>
                        "Add a food"
                    </button>
                }
                .into_any()
            }}
        </Show>
        {move || (count() > 0).then(|| view! { <MealSums totals=analysis.with(totals)/> })}
    }
}

/// What only the parent can answer. Buttons submit without JavaScript, and answer at once
/// with it.
#[component]
fn Questions(editor: Editor, analysis: Analysis) -> impl IntoView {
    analysis
        .questions
        .into_iter()
        .map(|question| {
            let item = question.item;
            view! {
                <fieldset class="question">
                    <legend class="question__legend">{question.text}</legend>
                    <div class="question__choices">
                        {question
                            .choices
                            .into_iter()
                            .map(|choice| {
                                let grams = choice.grams;
                                view! {
                                    <button
                                        class="button"
                                        type="submit"
                                        name="answer"
                                        value=format!("{item}:{grams}")
                                        on:click=move |event| {
                                            event.prevent_default();
                                            let state = editor.rows.read_untracked().iter().filter(|state| !state.row.read_untracked().removed).nth(item).copied();
                                            if let Some(state) = state {
                                                state.set_grams(grams);
                                                editor.touched.set(true);
                                            }
                                        }
                                    >
                                        {choice.label}
                                    </button>
                                }
                            })
                            .collect_view()}
                    </div>
                </fieldset>
            }
        })
        .collect_view()
}
