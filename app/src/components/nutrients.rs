//! Nutrients of a day against their targets, and of one meal.

use super::icon::Icon;
use domain::day::{Day, Standing};
use domain::nutrient::{Nutrient, Total, Totals, round};
use domain::target::SOURCE;
use leptos::prelude::*;

/// A figure without decimals that say nothing: 648, 13.4, 0.27.
pub(crate) fn figure(amount: f64) -> String {
    let decimals = match amount.abs() {
        100.0.. => 0,
        1.0.. => 1,
        _ => 2,
    };
    round(amount, decimals).to_string()
}

fn foods(count: u32) -> String {
    if count == 1 {
        "1 food has".to_owned()
    } else {
        format!("{count} foods have")
    }
}

/// "4.1 mg", "at least 4.1 mg", or "not known": unknown is not zero.
pub(crate) fn amount(nutrient: Nutrient, total: Total) -> String {
    if total.is_unknown() {
        return "not known".to_owned();
    }
    let least = if total.without_figure > 0 { "at least " } else { "" };
    format!("{least}{} {}", figure(total.known), nutrient.unit())
}

/// How full the bowl is drawn: its inside is 64 units high and starts at 76.
fn level(share: f64) -> (String, String) {
    let height = share * 64.0;
    (round(76.0 - height, 1).to_string(), round(height, 1).to_string())
}

/// Iron, the one that most often lacks from six months on, as a bowl that fills.
#[component]
fn Iron(standing: Standing) -> impl IntoView {
    let Standing { total, target, .. } = standing;
    let (top, height) = level(standing.share().unwrap_or_default());
    let of = target.map_or_else(|| "mg".to_owned(), |target| format!("of {} mg", figure(target.amount)));
    let least = total.without_figure > 0;
    let open = top.clone();
    view! {
        <div class="iron">
            <div>
                <h3 class="iron__name">"Iron"</h3>
                {if total.is_unknown() {
                    view! { <p class="iron__amount">"not known yet"</p> }.into_any()
                } else {
                    view! {
                        <p class="iron__amount">
                            <span class="iron__figure">{figure(total.known)}</span>
                            " "
                            {of}
                        </p>
                    }
                    .into_any()
                }}
            </div>
            <svg class="iron__bowl" viewBox="0 0 120 88" aria-hidden="true" focusable="false">
                <rect class="bowl__inside" x="6" y="12" width="108" height="64"></rect>
                <rect class="bowl__level" x="6" y=top width="108" height=height></rect>
                {least.then(|| view! { <line class="bowl__open" x1="8" x2="112" y1=open.clone() y2=open></line> })}
                <path
                    class="bowl__cover"
                    fill-rule="evenodd"
                    d="M0 0h120v88H0Zm8 12c0 40 22 64 52 64s52-24 52-64Z"
                ></path>
                <path class="bowl__edge" d="M4 12h112M8 12c0 40 22 64 52 64s52-24 52-64M44 82h32"></path>
            </svg>
            {least.then(|| view! {
                <p class="iron__note">
                    {format!(
                        "At least {} mg: {} no figure for iron.",
                        figure(total.known),
                        foods(total.without_figure),
                    )}
                </p>
            })}
        </div>
    }
}

/// One nutrient with its bar. Bars are drawn by attributes: the page allows no inline style.
#[component]
fn Bar(standing: Standing, #[prop(optional)] large: bool) -> impl IntoView {
    let Standing {
        nutrient,
        total,
        target,
        above,
    } = standing;
    let unit = nutrient.unit();
    let least = total.without_figure > 0;
    let percent = standing.percent();
    let target_text = target.map(|target| {
        let iu = if nutrient == Nutrient::VitaminD {
            format!(" ({} IU)", figure(target.amount * 40.0))
        } else {
            String::new()
        };
        format!("{} {unit}{iu}", figure(target.amount))
    });
    let shown = match (&target_text, total.is_unknown()) {
        (_, true) => view! { <span class="nutrient__amount">"not known yet"</span> }.into_any(),
        (Some(target), false) => view! {
            <span class="nutrient__amount">
                <span class="nutrient__figure">{least.then_some("at least ")}{figure(total.known)}</span>
                " of "
                {target.clone()}
            </span>
        }
        .into_any(),
        (None, false) => view! {
            <span class="nutrient__amount">
                <span class="nutrient__figure">{least.then_some("at least ")}{figure(total.known)}</span>
                {format!(" {unit}, no target at this age")}
            </span>
        }
        .into_any(),
    };
    let bar = percent.map(|percent| {
        if total.is_unknown() {
            view! {
                <svg class="bar bar--open" aria-hidden="true" focusable="false">
                    <line class="bar__open" x1="1%" x2="99%" y1="50%" y2="50%"></line>
                </svg>
            }
            .into_any()
        } else {
            view! {
                <svg class="bar" aria-hidden="true" focusable="false">
                    {(least && percent < 97).then(|| view! {
                        <line class="bar__open" x1=format!("{}%", percent + 2) x2="99%" y1="50%" y2="50%"></line>
                    })}
                    <rect class="bar__fill" width=format!("{percent}%") height="100%"></rect>
                </svg>
            }
            .into_any()
        }
    });
    let note = if total.is_unknown() {
        Some(match target_text {
            Some(target) => format!("None of the day\u{2019}s foods has a figure. Target: {target}."),
            None => "None of the day\u{2019}s foods has a figure.".to_owned(),
        })
    } else if least {
        Some(format!("{} no figure.", foods(total.without_figure)))
    } else {
        None
    };
    let above = above.map(|limit| {
        let what = if nutrient == Nutrient::VitaminA { " of retinol" } else { "" };
        format!(
            "Above the daily upper limit of {} {unit}{what}. One such day is no cause for worry; mention it at the next check-up if most days are.",
            figure(limit),
        )
    });
    view! {
        <li class=if large { "nutrient nutrient--large" } else { "nutrient" }>
            <span class="nutrient__name">{nutrient.name()}</span>
            {shown}
            {bar}
            {note.map(|note| view! { <p class="nutrient__note">{note}</p> })}
            {above.map(|above| view! { <p class="nutrient__note"><Icon name="info" small=true/>{above}</p> })}
        </li>
    }
}

/// Iron, energy, protein and milk: what matters most at a glance.
#[component]
pub(crate) fn WhatMatters(day: Day) -> impl IntoView {
    let standings = day.standings();
    let of = |nutrient| standings.iter().copied().find(|standing| standing.nutrient == nutrient);
    let milk = day.milk_grams();
    view! {
        <section class="section today__matters" aria-labelledby="matters">
            <h2 class="section__title" id="matters">
                "What matters most "
                <span class="section__aside">{format!("needs at {}", day.band().name())}</span>
            </h2>
            {of(Nutrient::Iron).map(|standing| view! { <Iron standing/> })}
            <ul role="list">
                {[Nutrient::Calories, Nutrient::Protein]
                    .into_iter()
                    .filter_map(of)
                    .map(|standing| view! { <Bar standing large=true/> })
                    .collect_view()}
                {(milk > 0.0).then(|| view! {
                    <li class="nutrient nutrient--large">
                        <span class="nutrient__name">"Milk"</span>
                        <span class="nutrient__amount">
                            <span class="nutrient__figure">{figure(milk)}</span>
                            " g, counted in everything here"
                        </span>
                    </li>
                })}
            </ul>
        </section>
    }
}

/// The other nine, and where the figures come from.
#[component]
pub(crate) fn TheRest(day: Day, #[prop(into)] attribution: Signal<String>) -> impl IntoView {
    let standings = day.standings();
    let group = |nutrients: &'static [Nutrient]| {
        standings
            .iter()
            .copied()
            .filter(|standing| nutrients.contains(&standing.nutrient))
            .map(|standing| view! { <Bar standing/> })
            .collect_view()
    };
    view! {
        <section class="section today__rest" aria-labelledby="rest">
            <h2 class="section__title" id="rest">"The other nine"</h2>
            <h3 class="nutrients__group" id="rest-energy">"Where the energy comes from"</h3>
            <ul role="list" aria-labelledby="rest-energy">
                {group(&[Nutrient::Fat, Nutrient::Carbs, Nutrient::Fiber])}
            </ul>
            <h3 class="nutrients__group" id="rest-minerals">"Minerals and vitamins"</h3>
            <ul role="list" aria-labelledby="rest-minerals">
                {group(&[
                    Nutrient::Calcium,
                    Nutrient::Zinc,
                    Nutrient::VitaminA,
                    Nutrient::VitaminC,
                    Nutrient::VitaminD,
                    Nutrient::Folate,
                ])}
            </ul>
            <p class="fine-print">
                {format!("Needs: {SOURCE}; {}. ", day.band().name())}
                {attribution}
                " One day above or below is no cause for worry; the week counts."
            </p>
        </section>
    }
}

/// What one meal gives, iron first.
#[component]
pub(crate) fn MealSums(totals: Totals) -> impl IntoView {
    let order = std::iter::once(Nutrient::Iron).chain(Nutrient::TWELVE.into_iter().filter(|n| *n != Nutrient::Iron));
    view! {
        <section aria-labelledby="sums">
            <h2 class="section__title" id="sums">"What this meal gives"</h2>
            <dl class="sums">
                {order
                    .map(|nutrient| {
                        let total = totals.get(nutrient);
                        let item = if nutrient == Nutrient::Iron { "sums__item sums__item--first" } else { "sums__item" };
                        let class = if total.is_unknown() {
                            "sums__figure sums__figure--unknown"
                        } else {
                            "sums__figure"
                        };
                        view! {
                            <div class=item>
                                <dt class="sums__name">{nutrient.name()}</dt>
                                <dd class=class>{amount(nutrient, total)}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            <p class="fine-print">
                "\u{201c}At least\u{201d}: some foods have no figure in the food table. Not known is not zero."
            </p>
        </section>
    }
}
