//! For whoever comes by: what this is, and the way in.

use super::trouble::Trouble;
use crate::components::layout::OpenPage;
use crate::components::nutrients::figure;
use crate::components::warnings::Warnings;
use crate::root::home_data;
use domain::analysis::{Eater, analyse};
use domain::nutrient::{Nutrient, Totals};
use domain::target::{Band, target};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let home = home_data();
    view! {
        <Suspense>
            {move || home.get().map(|home| match home {
                Ok(home) if home.account.is_some() => view! { <Redirect path="/today"/> }.into_any(),
                Ok(home) => view! { <Visitor attribution=home.attribution sign_up_open=home.sign_up_open/> }.into_any(),
                Err(error) => view! { <OpenPage title="" narrow=true><Trouble error/></OpenPage> }.into_any(),
            })}
        </Suspense>
    }
}

#[component]
fn Visitor(attribution: String, sign_up_open: bool) -> impl IntoView {
    let deleted = use_query_map()
        .read_untracked()
        .get("account")
        .is_some_and(|what| what == "deleted");
    view! {
        <OpenPage title="">
            {deleted.then(|| view! {
                <div class="banner" role="status">
                    <p class="banner__text">"Your account and everything in it is deleted. Take care."</p>
                </div>
            })}
            <div class="welcome">
                <div>
                    <h1 class="welcome__title">"Did my baby get enough?"</h1>
                    <p class="welcome__lead">
                        "Write down what your child ate, in your own words. TinyTummy tells you what it gave, and what to look out for. From birth to three."
                    </p>
                    <div class="button-row">
                        {if sign_up_open {
                            view! {
                                <a class="button button--primary" href="/sign-up">"Start the first meal"</a>
                                <a class="button button--quiet" href="/sign-in">"I have an account"</a>
                            }
                            .into_any()
                        } else {
                            view! { <a class="button button--primary" href="/sign-in">"Sign in"</a> }.into_any()
                        }}
                    </div>
                </div>
                <Sample/>
                <section class="promises" aria-label="What it does">
                    <div class="promises__item">
                        <h2>"Enough of what matters"</h2>
                        <p class="promises__text">
                            "Twelve nutrients against the needs of the age, iron first. What is not known is called not known, never zero."
                        </p>
                    </div>
                    <div class="promises__item">
                        <h2>"Safe at this age"</h2>
                        <p class="promises__text">
                            "Honey, whole nuts, your child\u{2019}s allergies: clear warnings, each with its source. Rules decide them, no guessing machine."
                        </p>
                    </div>
                    <div class="promises__item">
                        <h2>"Yours"</h2>
                        <p class="promises__text">
                            "No ads, nothing sold, no other company asked. You can run it on your own machine."
                        </p>
                    </div>
                </section>
            </div>
            <p class="fine-print">
                {attribution}
                " TinyTummy informs; it does not replace your pediatrician."
            </p>
        </OpenPage>
    }
}

/// What the app would make of these words: read here and now, so that nothing is promised that it
/// does not keep.
#[component]
fn Sample() -> impl IntoView {
    const WORDS: &str = "half a banana, 2 tbsp baby oatmeal and a little honey";
    const MONTHS: u32 = 8;
    let eater = Eater {
        // Eight months, of a year of 365 days.
        age_days: Some(i64::from(MONTHS) * 365 / 12),
        ..Eater::default()
    };
    let analysis = analyse(WORDS, crate::request::site().foods, &eater);
    let iron = Totals::of(analysis.items.iter().map(|item| &item.nutrients)).get(Nutrient::Iron);
    // Iron's target is one for girls and boys at this age.
    let needed = target(Nutrient::Iron, Band::ToTwelveMonths, domain::child::Sex::Female);
    let lines = analysis
        .items
        .iter()
        .map(|item| {
            view! {
                <li class="leaf__line">
                    <span>{item.display_name().to_owned()}" "<span class="leaf__how">{item.portion.amount.clone()}</span></span>
                    <span>{domain::meal::weight(item.portion.grams)}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <figure class="leaf" aria-labelledby="leaf">
            <figcaption class="leaf__caption" id="leaf">"You write"</figcaption>
            <p class="leaf__words">{format!("\u{201c}{WORDS}\u{201d}")}</p>
            <p class="leaf__caption">{format!("TinyTummy reads, for a child of {MONTHS} months")}</p>
            <ul class="leaf__list" role="list">
                {lines}
                {needed.map(|needed| view! {
                    <li class="leaf__line">
                        <strong>"Iron"</strong>
                        <span><strong>{figure(iron.known)}</strong>{format!(" of {} mg", figure(needed.amount))}</span>
                    </li>
                })}
            </ul>
            <Warnings analysis/>
        </figure>
    }
}
