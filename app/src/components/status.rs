//! How fresh a page is, and what waits: one quiet line, louder where the parent has to do something.

use super::icon::Icon;
use crate::offline::live;
use domain::flush::Standing;
use leptos::prelude::*;

/// "3 entries wait".
fn wait(count: usize) -> String {
    match count {
        1 => "1 entry waits".to_owned(),
        count => format!("{count} entries wait"),
    }
}

/// The line, and whether it asks for something.
fn words(standing: Standing, waiting: usize, at: Option<&str>, refused: bool) -> Option<(String, bool)> {
    if refused {
        let why = "This browser stores nothing for TinyTummy: its storage is full or switched off. Without a connection \
                   nothing can be logged.";
        return Some((why.to_owned(), true));
    }
    let as_of = at.map_or_else(String::new, |at| format!(" This is what was known at {at}."));
    match standing {
        Standing::Offline if waiting > 0 => Some((
            format!("No connection. {} on this device and will be sent.", wait(waiting)),
            false,
        )),
        Standing::Offline => Some((format!("No connection.{as_of}"), false)),
        Standing::Trouble if waiting > 0 => Some((
            format!(
                "The server is busy or in trouble. {} on this device and will be sent.",
                wait(waiting)
            ),
            false,
        )),
        Standing::Trouble => Some((format!("The server is busy or in trouble.{as_of}"), false)),
        Standing::SignedOut if waiting > 0 => Some((
            format!("You are signed out. {} here until you sign in again.", wait(waiting)),
            true,
        )),
        Standing::SignedOut => Some(("You are signed out. Sign in to see what is new.".to_owned(), true)),
        Standing::TooOld => Some((
            "This app is older than its server. Close it and open it again; what waits here is kept.".to_owned(),
            true,
        )),
        Standing::DiskFull => Some((
            "This device has no room left. What you see may be old, and nothing more can be kept without a connection."
                .to_owned(),
            true,
        )),
        Standing::Sending | Standing::UpToDate if waiting > 0 => {
            Some((format!("{} to be sent\u{2026}", wait(waiting)), false))
        }
        // Asking: until the answer is there, it is as old as it was.
        Standing::Sending => at.map(|at| (format!("As of {at}\u{2026}"), false)),
        Standing::UpToDate => at.map(|at| (format!("Up to date, {at}"), false)),
        Standing::Unknown | Standing::OtherAccount => None,
    }
}

#[component]
pub(crate) fn Status() -> impl IntoView {
    let live = live();
    let counts = Memo::new(move |_| {
        live.waiting.with(|entries| {
            let rejected = entries.iter().filter(|entry| entry.rejected.is_some()).count();
            (entries.len() - rejected, rejected + live.unread.read().len())
        })
    });
    let line = move || {
        let (waiting, rejected) = counts.get();
        let at = live.told_at.get().map(time_here);
        let said = words(live.standing.get(), waiting, at.as_deref(), live.refused.get());
        let signed_out = live.standing.get() == Standing::SignedOut;
        let line = said.map(|(words, loud)| {
            view! {
                <p class="status__line" class:status__line--loud=loud>
                    {loud.then(|| view! { <Icon name="warning" small=true/> })}
                    <span>
                        {words}
                        {signed_out.then(|| view! { " "<a href="/sign-in" rel="external">"Sign in"</a> })}
                    </span>
                </p>
            }
        });
        let stuck = (rejected > 0).then(|| {
            let words = match rejected {
                1 => "1 entry could not be saved.".to_owned(),
                count => format!("{count} entries could not be saved."),
            };
            view! {
                <p class="status__line status__line--loud">
                    <Icon name="warning" small=true/>
                    <span>{words}" "<a href="/unsent">"See why"</a></span>
                </p>
            }
        });
        view! { {line}{stuck} }
    };
    view! { <div class="status" role="status">{line}</div> }
}

/// `HH:MM` on this device's clock, with the day where it is another.
fn time_here(at: chrono::DateTime<chrono::Utc>) -> String {
    #[cfg(feature = "hydrate")]
    {
        use web_sys::js_sys::Date;
        let date = Date::new(&wasm_bindgen::JsValue::from_f64(at.timestamp_millis() as f64));
        let time = format!("{:02}:{:02}", date.get_hours(), date.get_minutes());
        let today = Date::new_0();
        match (date.get_date(), date.get_month()) == (today.get_date(), today.get_month()) {
            true => time,
            false => {
                let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
                let day = chrono::NaiveDate::from_ymd_opt(year as i32, month, day);
                day.map_or(time.clone(), |day| format!("{time} on {}", day.format("%-d %B")))
            }
        }
    }
    #[cfg(not(feature = "hydrate"))]
    at.format("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_quiet_unless_somebody_has_to_do_something() {
        let loud = |standing, waiting, refused| words(standing, waiting, Some("14:05"), refused).map(|(_, loud)| loud);
        assert_eq!(loud(Standing::UpToDate, 0, false), Some(false));
        let unsent = words(Standing::UpToDate, 1, Some("14:05"), false);
        assert!(
            unsent.is_some_and(|(words, _)| !words.contains("Up to date")),
            "before it begins to send"
        );
        assert_eq!(loud(Standing::Offline, 3, false), Some(false));
        assert_eq!(loud(Standing::Trouble, 3, false), Some(false));
        assert_eq!(loud(Standing::SignedOut, 0, false), Some(true));
        assert_eq!(loud(Standing::UpToDate, 0, true), Some(true));
        assert_eq!(words(Standing::Unknown, 0, None, false), None);
    }

    #[test]
    fn one_entry_waits_and_two_wait() {
        let said = |waiting| words(Standing::Offline, waiting, None, false).map(|(words, _)| words);
        assert!(said(1).is_some_and(|words| words.contains("1 entry waits")));
        assert!(said(2).is_some_and(|words| words.contains("2 entries wait")));
    }
}
