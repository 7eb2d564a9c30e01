//! A day: what matters most, the meals, and the other nine nutrients.

use super::in_its_place;
use super::trouble::Trouble;
use crate::api::meal::{DeleteMeal, RestoreMeal};
use crate::components::icon::Icon;
use crate::components::layout::{ChildTabs, EmptyBowl, Page, Part};
use crate::components::loaded::{Loaded, WAITING};
use crate::components::meal_editor::delete_here;
use crate::components::nutrients::{TheRest, WhatMatters, amount};
use crate::error::AppError;
use crate::form::PostForm;
use crate::offline::{self, live};
use crate::root::home_data;
use chrono::NaiveDate;
use domain::day::Day;
use domain::id::AccountId;
use domain::meal::{Kind, Meal};
use domain::nutrient::{Nutrient, Totals};
use domain::safety::Level;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::Redirect;
use leptos_router::hooks::{use_params_map, use_query_map};

/// Where a signed-in parent lands: the first child's day, or the form for a first child.
#[component]
pub(crate) fn Start() -> impl IntoView {
    // Asked afresh: a child may just have been added.
    let home = Resource::new(|| (), |()| offline::home());
    view! {
        <Page title="Today" part=Part::Today>
            <Loaded
                resource=home
                shows=|home| {
                    if home.account.is_none() {
                        return view! { <Trouble error=AppError::SignedOut/> }.into_any();
                    }
                    let path = home
                        .children
                        .first()
                        .map_or_else(|| "/new-child".to_owned(), |child| format!("/children/{}", child.id));
                    view! { <Redirect path options=in_its_place()/> }.into_any()
                }
            />
        </Page>
    }
}

#[component]
pub(crate) fn Today() -> impl IntoView {
    let params = use_params_map();
    let live = live();
    let which = move || {
        let params = params.read();
        (
            params.get("child").unwrap_or_default(),
            params.get("date").unwrap_or_default(),
            live.changed.get(),
        )
    };
    let day = Resource::new(which, |(child, date, _)| offline::day(child, date));
    view! {
        <Page title="Today" part=Part::Today>
            <Loaded resource=day waiting=WAITING shows=|day| view! { <Shown day/> }.into_any()/>
        </Page>
    }
}

/// "Today", "Yesterday", or the weekday.
fn day_name(date: NaiveDate, today: NaiveDate) -> String {
    match (today - date).num_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => date.format("%A").to_string(),
    }
}

#[component]
fn Shown(day: Day) -> impl IntoView {
    let home = home_data();
    let attribution = Signal::derive(move || {
        home.get()
            .and_then(Result::ok)
            .map(|home| home.attribution)
            .unwrap_or_default()
    });
    let child = day.child.clone();
    let path = format!("/children/{}", child.id);
    let (before, after) = (
        day.date.pred_opt(),
        day.date.succ_opt().filter(|date| *date <= day.today),
    );
    let step = |date: NaiveDate, way: &'static str, icon: &'static str, words: &str| {
        view! {
            <a
                class="day-nav__step"
                href=if date == day.today { path.clone() } else { format!("{path}/days/{date}") }
                rel=way
                aria-label=format!("{words}: {}", date.format("%A %-d %B"))
            >
                <Icon name=icon/>
            </a>
        }
    };
    let rest = if day.date == day.today {
        String::new()
    } else {
        format!("/days/{}", day.date)
    };
    view! {
        <header class="page__header">
            <ChildTabs current=child today=day.today rest/>
            <div class="day-nav">
                <h1 class="day-nav__title">
                    {day_name(day.date, day.today)}
                    " "
                    <time class="day-nav__date" datetime=day.date.to_string()>{day.date.format("%A %-d %B").to_string()}</time>
                </h1>
                {before.map(|date| step(date, "prev", "left", "Day before"))}
                {match after {
                    Some(date) => step(date, "next", "right", "Day after").into_any(),
                    None => view! { <span class="day-nav__step" aria-hidden="true"><Icon name="right"/></span> }.into_any(),
                }}
            </div>
        </header>
        {day.child.may_write.then(|| view! { <UndoBanner child=day.child.id.to_string()/> })}
        <div class="today">
            <WhatMatters day=day.clone()/>
            <Meals day=day.clone()/>
            <TheRest day attribution/>
        </div>
    }
}

/// After a deletion: what happened, and the way back.
#[component]
fn UndoBanner(child: String) -> impl IntoView {
    let query = use_query_map();
    let deleted = move || {
        query
            .read()
            .get("deleted")
            .filter(|id| id.parse::<domain::id::MealId>().is_ok())
    };
    move || {
        let child = child.clone();
        deleted().map(|meal| {
            let undo = delete_here(child.clone(), meal.clone(), false);
            view! {
                <div class="banner" role="status">
                    <Icon name="check"/>
                    <p class="banner__text">"Meal deleted."</p>
                    <PostForm function=RestoreMeal::PATH on_send=undo>
                        <input type="hidden" name="child" value=child/>
                        <input type="hidden" name="meal" value=meal/>
                        <button class="button button--quiet" type="submit"><Icon name="undo"/>"Undo"</button>
                    </PostForm>
                </div>
            }
        })
    }
}

#[component]
fn Meals(day: Day) -> impl IntoView {
    let log = if day.date == day.today {
        format!("/children/{}/log", day.child.id)
    } else {
        format!("/children/{}/log?date={}", day.child.id, day.date)
    };
    let count = day.meals.len();
    let (viewer, may_write) = (day.viewer, day.child.may_write);
    view! {
        <section class="section today__meals" aria-labelledby="meals">
            <h2 class="section__title" id="meals">
                "Meals "
                {(count > 0).then(|| view! { <span class="section__aside">{count}</span> })}
            </h2>
            {if count == 0 {
                view! {
                    <div class="empty">
                        <EmptyBowl/>
                        {if may_write {
                            view! {
                                <p class="empty__text">
                                    "Nothing written down for this day yet. A few words are enough: \u{201c}half a banana and 120 ml breast milk\u{201d}."
                                </p>
                                <a class="button button--primary" href=log><Icon name="plus"/>"Log a meal"</a>
                            }
                            .into_any()
                        } else {
                            view! { <p class="empty__text">"Nothing written down for this day yet."</p> }.into_any()
                        }}
                    </div>
                }
                .into_any()
            } else {
                view! {
                    <ol role="list">
                        {day
                            .meals
                            .into_iter()
                            .map(|meal| view! { <MealLine meal viewer may_write/> })
                            .collect_view()}
                    </ol>
                    {may_write.then(|| view! {
                        <p class="meals__more"><a class="button button--wide" href=log><Icon name="plus"/>"Log a meal"</a></p>
                    })}
                }
                .into_any()
            }}
        </section>
    }
}

#[component]
fn MealLine(meal: Meal, viewer: AccountId, may_write: bool) -> impl IntoView {
    let path = format!("/children/{}/meals/{}", meal.child, meal.id);
    let by = (meal.logged_by != viewer && !meal.logged_by_name.is_empty())
        .then(|| format!("Logged by {}", meal.logged_by_name));
    let name = match meal.kind {
        Kind::Food => meal.meal_type.name(),
        Kind::Milk | Kind::Supplement => meal.kind.name(),
    };
    let time = meal.local_time.clone();
    let totals = Totals::of(meal.analysis.items.iter().map(|item| &item.nutrients));
    let foods = if meal.analysis.items.is_empty() {
        meal.raw_input.clone()
    } else {
        meal.analysis
            .items
            .iter()
            .map(|item| format!("{} {}", item.display_name(), domain::meal::weight(item.portion.grams)))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let mut badges: Vec<_> = meal
        .analysis
        .warnings
        .iter()
        .filter(|warning| warning.level > Level::Note)
        .collect();
    badges.sort_by_key(|warning| std::cmp::Reverse(warning.level));
    let mut badges: Vec<_> = badges
        .into_iter()
        .map(|warning| {
            let (class, icon) = match warning.level {
                Level::Allergy => ("badge badge--allergy", "stop"),
                _ => ("badge badge--age", "warning"),
            };
            let food = meal
                .analysis
                .items
                .get(warning.item)
                .map(|item| item.display_name().to_owned())
                .unwrap_or_default();
            let words = match warning.level {
                Level::Allergy => format!("Allergy: {food}"),
                // A way to eat it that is safe is what the warning itself is about.
                _ if warning.rule.starts_with("choking") => format!("Take care: {food}"),
                _ => format!("Not at this age: {food}"),
            };
            (class, icon, words)
        })
        .collect();
    // Two rules may say the same of a food; why, the meal itself says.
    badges.dedup();
    let unread = meal.analysis.not_understood.len();
    view! {
        <li class="meal">
            <time class="meal__time" datetime=format!("{}T{time}", meal.when.date)>{time.clone()}</time>
            <div class="meal__body">
                <h3 class="meal__type">
                    <a class="meal__link" href=path>
                        {name}
                        <span class="visually-hidden">
                            {format!(" at {time}, {}", if may_write { "edit" } else { "look" })}
                        </span>
                    </a>
                </h3>
                <p>{foods}</p>
                {(!meal.analysis.items.is_empty()).then(|| view! {
                    <p class="meal__figures">
                        {format!(
                            "{} \u{b7} iron {}",
                            amount(Nutrient::Calories, totals.get(Nutrient::Calories)),
                            amount(Nutrient::Iron, totals.get(Nutrient::Iron)),
                        )}
                    </p>
                })}
                {by.map(|by| view! { <p class="meal__by">{by}</p> })}
                {(!badges.is_empty() || unread > 0).then(|| view! {
                    <ul class="badges" role="list">
                        {badges
                            .into_iter()
                            .map(|(class, icon, words)| view! {
                                <li class=class><Icon name=icon small=true/>{words}</li>
                            })
                            .collect_view()}
                        {(unread > 0).then(|| view! {
                            <li class="badge">{if unread == 1 { "1 thing not understood".to_owned() } else { format!("{unread} things not understood") }}</li>
                        })}
                    </ul>
                })}
            </div>
            <span class="meal__edit"><Icon name=if may_write { "edit" } else { "right" }/></span>
            {meal.disputed.then(|| view! { <Dispute meal=meal.clone() words=format!("{name} at {time}") may_write/> })}
        </li>
    }
}

/// Of a meal that one deleted and another changed later: what happened, and the parent's word on it.
#[component]
fn Dispute(meal: Meal, words: String, may_write: bool) -> impl IntoView {
    let answer = |function: &'static str, icon: &'static str, verb: &'static str| {
        let (child, id, words) = (meal.child.to_string(), meal.id.to_string(), format!(": {words}"));
        let here = delete_here(child.clone(), id.clone(), function == DeleteMeal::PATH);
        view! {
            <PostForm function on_send=here>
                <input type="hidden" name="child" value=child/>
                <input type="hidden" name="meal" value=id/>
                <button class="button button--quiet" type="submit">
                    <Icon name=icon/>
                    {verb}
                    <span class="visually-hidden">{words}</span>
                </button>
            </PostForm>
        }
    };
    view! {
        <div class="banner meal__dispute">
            <p class="banner__text">"Somebody deleted this meal, and it was changed after that."</p>
            {may_write.then(|| view! {
                {answer(RestoreMeal::PATH, "check", "Keep")}
                {answer(DeleteMeal::PATH, "delete", "Delete")}
            })}
        </div>
    }
}
