//! What waits on this device: what the server would not have, with the reason and three ways out, and what
//! it has not heard of yet. Also the last stop before signing out.

use crate::components::icon::Icon;
use crate::components::layout::{Page, Part};
use crate::offline::live;
use crate::pages::encoded;
use domain::change::Noun;
use domain::replica::Entry;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde_json::Value;

#[component]
pub(crate) fn Unsent() -> impl IntoView {
    let live = live();
    let query = use_query_map();
    let leaving = move || query.read().get("leaving").is_some();
    view! {
        <Page title="On this device" part=Part::More narrow=true>
            {move || {
                let (entries, unread) = (live.waiting.get(), live.unread.get());
                let is_empty = entries.is_empty() && unread.is_empty();
                let lead = if is_empty {
                    "Everything you wrote has reached the server."
                } else {
                    "This is kept on this device only, until it is sent or you decide. It stays when you sign out, hidden, and is sent when you sign in again."
                };
                view! {
                    <header class="page__header">
                        <h1>"On this device"</h1>
                        <p class="page__lead">{lead}</p>
                    </header>
                    {(!is_empty).then(|| view! {
                        <div class="button-row">
                            <button class="button button--primary" type="button" on:click=move |_| send_now()>
                                "Send now"
                            </button>
                            <a class="button" download="tinytummy-unsent.json" href=exported(&entries, &unread)>"Export"</a>
                        </div>
                        <ul class="entries" role="list">
                            {entries.into_iter().map(|entry| view! { <Line entry/> }).collect_view()}
                            {unread.into_iter().map(|(number, _)| view! { <Unread number/> }).collect_view()}
                        </ul>
                    })}
                }
            }}
            {move || leaving().then(|| view! {
                <form method="post" action="/settings" class="entries__leave" on:submit=wiped_first>
                    <input type="hidden" name="_fn" value="/api/account/sign_out"/>
                    <button class="button" type="submit">"Sign out"</button>
                </form>
            })}
        </Page>
    }
}

#[component]
fn Line(entry: Entry) -> impl IntoView {
    let live = live();
    let Noun::Meal { row, fields } = &entry.change.noun;
    let child = entry.change.child;
    let what = match (fields.deleted, &fields.raw_input, &fields.notes) {
        (Some(true), ..) => "A meal deleted".to_owned(),
        (Some(false), ..) => "A meal brought back".to_owned(),
        (None, Some(text), _) => format!("\u{201c}{text}\u{201d}"),
        (None, None, Some(notes)) => format!("Notes: \u{201c}{notes}\u{201d}"),
        (None, None, None) => "A meal changed".to_owned(),
    };
    // One that was never there is logged anew; one that was changed is still there, as it was.
    let mend = match (&fields.raw_input, fields.when, fields.input_method) {
        (Some(text), Some(_), Some(_)) => format!("/children/{child}/log?text={}", encoded(text)),
        _ => format!("/children/{child}/meals/{row}"),
    };
    let date = fields.when.map(|when| when.date.format("%A %-d %B").to_string());
    let number = entry.number;
    let rejected = entry.rejected.map(|reason| reason.to_string());
    let is_rejected = rejected.is_some();
    view! {
        <li class="entry">
            <p class="entry__what">{what}</p>
            {date.map(|date| view! { <p class="fine-print">{date}</p> })}
            <p class="entry__why">
                {match rejected {
                    Some(why) => view! { <Icon name="warning" small=true/>{why} }.into_any(),
                    None => view! { "Waits to be sent." }.into_any(),
                }}
            </p>
            <div class="button-row">
                {is_rejected.then(|| view! { <a class="button" href=mend>"Write it again"</a> })}
                <button class="button button--quiet" type="button" on:click=move |_| discard(live, number)>"Discard"</button>
            </div>
        </li>
    }
}

/// One that another release of the app wrote.
#[component]
fn Unread(number: u64) -> impl IntoView {
    let live = live();
    view! {
        <li class="entry">
            <p class="entry__what">"An entry of another version"</p>
            <p class="entry__why">
                <Icon name="warning" small=true/>
                "This version of TinyTummy cannot read it. It stays here, and is sent once a version that can is installed. \u{201c}Export\u{201d} has its words."
            </p>
            <div class="button-row">
                <button class="button button--quiet" type="button" on:click=move |_| discard(live, number)>"Discard"</button>
            </div>
        </li>
    }
}

/// The entries as a file, for whoever wants to keep them elsewhere.
fn exported(entries: &[Entry], unread: &[(u64, String)]) -> String {
    let mut all: Vec<Value> = entries
        .iter()
        .filter_map(|entry| serde_json::to_value(entry).ok())
        .collect();
    // As it was stored: JSON where it is whole, else a text.
    all.extend(
        unread
            .iter()
            .map(|(_, text)| serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())),
    );
    let json = serde_json::to_string_pretty(&all).unwrap_or_default();
    format!("data:application/json,{}", encoded(&json))
}

/// What this device shows goes before the server hears of it: its answer may get lost.
fn wiped_first(event: leptos::ev::SubmitEvent) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        event.prevent_default();
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
        leptos::task::spawn_local(async move {
            crate::offline::leave().await;
            if let Some(form) = form {
                let _ = form.submit();
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = event;
}

fn send_now() {
    #[cfg(feature = "hydrate")]
    crate::offline::try_now();
}

/// Once they said so twice: nothing brings it back.
fn discard(live: crate::offline::Live, number: u64) {
    #[cfg(feature = "hydrate")]
    {
        let sure = window().confirm_with_message("Discard this entry? It is on this device only.");
        if sure.unwrap_or(false) {
            leptos::task::spawn_local(crate::offline::discard(live, number));
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (live, number);
}
