//! What the clock on the wall shows where a child lives, by the browser's own tables of time zones.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use std::cell::RefCell;
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::js_sys::{Array, Date, Function, Intl, Object, Reflect};

thread_local! {
    /// Making a format takes far longer than using it.
    static FORMATS: RefCell<BTreeMap<String, Function>> = const { RefCell::new(BTreeMap::new()) };
}

/// A format that writes "2026-11-24 18:30:00" as it is in that zone.
fn format(zone: &str) -> Option<Function> {
    if let Some(format) = FORMATS.with_borrow(|formats| formats.get(zone).cloned()) {
        return Some(format);
    }
    let options = Object::new();
    let set = |name: &str, value: &str| Reflect::set(&options, &name.into(), &value.into()).ok();
    for (name, value) in [
        ("timeZone", zone),
        ("hourCycle", "h23"),
        ("year", "numeric"),
        ("month", "2-digit"),
        ("day", "2-digit"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
    ] {
        set(name, value)?;
    }
    // It throws on a zone that this browser does not know.
    let arguments = Array::of2(&"sv-SE".into(), &options);
    let constructor = Reflect::get(
        &Reflect::get(&web_sys::js_sys::global(), &"Intl".into()).ok()?,
        &"DateTimeFormat".into(),
    )
    .ok()?;
    let made = Reflect::construct(constructor.unchecked_ref::<Function>(), &arguments).ok()?;
    let format = made.unchecked_into::<Intl::DateTimeFormat>().format();
    FORMATS.with_borrow_mut(|formats| formats.insert(zone.to_owned(), format.clone()));
    Some(format)
}

/// What the calendar and the clock show there; as UTC has it where the browser does not know the zone.
pub(super) fn local(at: DateTime<Utc>, zone: &str) -> NaiveDateTime {
    let date = Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    let shown = format(zone).and_then(|format| format.call1(&JsValue::UNDEFINED, &date).ok()?.as_string());
    shown
        .and_then(|shown| NaiveDateTime::parse_from_str(&shown, "%Y-%m-%d %H:%M:%S").ok())
        .unwrap_or(at.naive_utc())
}

/// When the clock on the wall showed `shown` there. An hour that comes twice is its first; one that is
/// skipped becomes as much later, as a clock that nobody put forward would say. As the server has it.
pub(super) fn when(shown: NaiveDateTime, zone: &str) -> DateTime<Utc> {
    let offset = |at: DateTime<Utc>| local(at, zone) - at.naive_utc();
    let guess = shown.and_utc();
    let (before, after) = (offset(guess - TimeDelta::days(1)), offset(guess + TimeDelta::days(1)));
    let earliest = guess - before;
    if local(earliest, zone) == shown {
        return earliest;
    }
    let latest = guess - after;
    if local(latest, zone) == shown { latest } else { earliest }
}
