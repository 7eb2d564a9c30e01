//! The days behind, newest first.

use crate::api::day::History;
use crate::components::icon::Icon;
use crate::components::layout::{ChildTabs, EmptyBowl, Page, Part};
use crate::components::loaded::{Loaded, WAITING};
use crate::offline::{self, live};
use chrono::{Datelike, NaiveDate};
use domain::child::Child;
use domain::day::DaySummary;
use domain::nutrient::{Nutrient, Total};
use domain::target::{Band, target};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let live = live();
    let which = move || {
        (
            params.read().get("child").unwrap_or_default(),
            query.read().get("before").unwrap_or_default(),
            live.changed.get(),
        )
    };
    let history = Resource::new(which, |(child, before, _)| offline::history(child, before));
    view! {
        <Page title="History" part=Part::History>
            <Loaded resource=history waiting=WAITING shows=|history| view! { <Days history/> }.into_any()/>
        </Page>
    }
}

/// Monday of the week of `date`.
fn monday(date: NaiveDate) -> NaiveDate {
    date - chrono::TimeDelta::days(date.weekday().num_days_from_monday().into())
}

fn week_name(monday_of_week: NaiveDate, today: NaiveDate) -> String {
    match (monday(today) - monday_of_week).num_weeks() {
        0 => "This week".to_owned(),
        1 => "Last week".to_owned(),
        weeks => format!("{weeks} weeks ago"),
    }
}

#[component]
fn Days(history: History) -> impl IntoView {
    let History {
        child,
        today,
        days,
        before,
    } = history;
    let path = format!("/children/{}", child.id);
    let empty = days.is_empty();
    let mut weeks: Vec<(NaiveDate, Vec<DaySummary>)> = Vec::new();
    for day in days {
        match weeks.last_mut() {
            Some((week, days)) if *week == monday(day.date) => days.push(day),
            _ => weeks.push((monday(day.date), vec![day])),
        }
    }
    view! {
        <header class="page__header">
            <ChildTabs current=child.clone() today rest="/history"/>
            <h1>"History"</h1>
            {(!empty).then(|| view! {
                <p class="page__lead">"Each day against the needs of its age. Gaps are fine; the week counts."</p>
            })}
        </header>
        {empty.then(|| view! {
            <div class="empty">
                <EmptyBowl/>
                <p class="empty__text">
                    "Days appear here once a meal is written down. Older days can be filled in at any time."
                </p>
                {child.may_write.then(|| view! {
                    <a class="button button--primary" href=format!("{path}/log")><Icon name="plus"/>"Log a meal"</a>
                })}
            </div>
        })}
        {weeks
            .into_iter()
            .map(|(week, days)| {
                let id = format!("week-{week}");
                let labelled_by = id.clone();
                let until = week + chrono::TimeDelta::days(6);
                view! {
                    <section class="section" aria-labelledby=labelled_by>
                        <h2 class="section__title" id=id>
                            {week_name(week, today)}
                            " "
                            <span class="section__aside">
                                {format!("{} to {}", week.format("%-d %B"), until.format("%-d %B"))}
                            </span>
                        </h2>
                        <ol role="list">
                            {days
                                .into_iter()
                                .map(|day| view! { <DayLine day child=child.clone() today/> })
                                .collect_view()}
                        </ol>
                    </section>
                }
            })
            .collect_view()}
        {before.map(|before| view! {
            <nav class="pager" aria-label="Older days">
                <a class="button button--wide" href=format!("{path}/history?before={before}") rel="next">"Older days"</a>
            </nav>
        })}
    }
}

#[component]
fn DayLine(day: DaySummary, child: Child, today: NaiveDate) -> impl IntoView {
    let band = Band::of(child.profile.date_of_birth, day.date);
    let mark = |nutrient: Nutrient, total: Total| {
        let target = target(nutrient, band, child.profile.sex)?;
        let percent = (total.known / target.amount * 100.0) as u32;
        let least = total.without_figure > 0;
        let shown = match (total.is_unknown(), least) {
            (true, _) => "not known".to_owned(),
            (false, true) => format!("{percent}+ %"),
            (false, false) => format!("{percent} %"),
        };
        let width = percent.min(100);
        Some(view! {
            <div class="day__mark">
                <p><span class="day__mark-name">{nutrient.name()}</span>" "{shown}</p>
                <svg class="bar" aria-hidden="true" focusable="false">
                    {(least && width < 95).then(|| view! {
                        <line class="bar__open" x1=format!("{}%", width + 4) x2="96%" y1="50%" y2="50%"></line>
                    })}
                    <rect class="bar__fill" width=format!("{width}%") height="100%"></rect>
                </svg>
            </div>
        })
    };
    let name = match (today - day.date).num_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => day.date.format("%A %-d").to_string(),
    };
    let meals = if day.meals == 1 {
        "1 meal".to_owned()
    } else {
        format!("{} meals", day.meals)
    };
    view! {
        <li class="day">
            <div>
                <a class="day__link" href=format!("/children/{}/days/{}", child.id, day.date)>
                    <time datetime=day.date.to_string()>{name}</time>
                </a>
                <p class="day__meals">{meals}</p>
            </div>
            {mark(Nutrient::Iron, day.iron)}
            {mark(Nutrient::Calories, day.calories)}
        </li>
    }
}
