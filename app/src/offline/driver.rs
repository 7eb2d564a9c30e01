//! Drives [`Flusher`] with what happens in a browser: the network, other tabs, time.

use super::device::{Device, Told, clock};
use super::{Live, TABS_LOOK, TABS_NUDGE, locks, tell_tabs};
use chrono::{DateTime, Utc};
use domain::flush::{Command, Event, Failure, Flusher, Standing};
use domain::sync::{Reply, Upload};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::JsCast as _;

/// The lock whose holder sends.
const LEADER: &str = "tinytummy-leader";
/// The lock under which the queue and the rows are read and written together.
pub(super) const DISK: &str = "tinytummy-disk";

/// How long a reply may take: a phone with a bad connection is given up on, and tried again.
const PATIENCE: Duration = Duration::from_secs(30);

struct Driver {
    flusher: Flusher,
    device: &'static Device,
    live: Live,
}

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Begins. Once a page.
pub(super) fn begin(device: &'static Device, live: Live) {
    DRIVER.set(Some(Driver {
        flusher: Flusher::default(),
        device,
        live,
    }));
    spawn_local(async {
        let lead = locks::hold(LEADER).await;
        // Until the page is closed.
        std::mem::forget(lead);
        happened(Event::Leads(true));
        hear();
    });
    // They are heard as long as the page is there.
    for (name, online) in [("online", true), ("offline", false)] {
        let handle = window_event_listener_untyped(name, move |_| happened(Event::Online(online)));
        std::mem::forget(handle);
    }
    for name in ["focus", "pageshow", "visibilitychange"] {
        std::mem::forget(window_event_listener_untyped(name, |_| looked_at()));
    }
    if !window().navigator().on_line() {
        happened(Event::Online(false));
    }
}

/// A parent came back to this page. Whoever leads may be a page that nobody sees, and wait.
fn looked_at() {
    happened(Event::Nudged);
    if !leads() {
        tell_tabs(&TABS_NUDGE.into());
    }
}

fn leads() -> bool {
    DRIVER.with_borrow(|driver| driver.as_ref().is_some_and(|driver| driver.flusher.leads()))
}

/// How long until a stream is opened again that the server refused.
const STREAM_AGAIN: Duration = Duration::from_secs(30);

/// Hears at once what others wrote. Where the stream breaks the browser opens it again, and asks; where it
/// is refused, as by a server that starts, the browser gives up.
fn hear() {
    let Ok(stream) = web_sys::EventSource::new("/api/v1/events") else {
        return;
    };
    let nudge = wasm_bindgen::closure::Closure::<dyn Fn()>::new(|| happened(Event::Nudged)).into_js_value();
    for name in ["news", "open"] {
        let _ = stream.add_event_listener_with_callback(name, nudge.unchecked_ref());
    }
    let refused = {
        let stream = stream.clone();
        move || {
            if stream.ready_state() == web_sys::EventSource::CLOSED {
                set_timeout(hear, STREAM_AGAIN);
            }
        }
    };
    let refused = wasm_bindgen::closure::Closure::<dyn Fn()>::new(refused).into_js_value();
    stream.set_onerror(Some(refused.unchecked_ref()));
}

/// Tells the other tabs how things stand: only the one that leads knows.
pub(super) fn tell_standing() {
    let stands = DRIVER.with_borrow(|driver| {
        let driver = driver.as_ref().filter(|driver| driver.flusher.leads())?;
        Some((driver.flusher.standing(), driver.live.told_at.get_untracked()))
    });
    if let Some(text) = stands.and_then(|stands| serde_json::to_string(&stands).ok()) {
        tell_tabs(&text.into());
    }
}

/// Something happened; what follows is done.
pub(super) fn happened(event: Event) {
    let commands = DRIVER.with_borrow_mut(|driver| {
        let Some(driver) = driver else { return Vec::new() };
        let commands = driver.flusher.on(event, clock(), web_sys::js_sys::Math::random());
        let standing = driver.flusher.standing();
        commands
            .into_iter()
            .map(|command| (command, driver.device, driver.live, standing))
            .collect()
    });
    for (command, device, live, standing) in commands {
        run(command, device, live, standing);
    }
}

fn run(command: Command, device: &'static Device, live: Live, standing: Standing) {
    match command {
        Command::Read => spawn_local(async move {
            happened(match device.upload().await {
                Ok(upload) => Event::Read(upload),
                Err(_) => Event::Unreadable,
            });
        }),
        Command::Send(attempt, upload) => {
            set_timeout(move || happened(Event::Failed(attempt, Failure::Unreachable)), PATIENCE);
            spawn_local(async move {
                happened(match send(&upload).await {
                    Ok(reply) => Event::Answered(attempt, reply),
                    Err(failure) => Event::Failed(attempt, failure),
                });
            });
        }
        Command::Keep(sent, reply) => spawn_local(async move {
            match keep(device, &sent, &reply, clock()).await {
                Ok(Told { more, retry, differs }) => {
                    super::note_full(live, false);
                    live.told_at.set(Some(clock()));
                    tell_standing();
                    if differs {
                        super::look_again(live, device).await;
                        tell_tabs(&TABS_LOOK.into());
                    }
                    happened(Event::Kept { more, retry });
                }
                Err(why) => {
                    let full = why == Unkept::Full;
                    if full {
                        super::note_full(live, true);
                    }
                    happened(Event::NotKept { full });
                }
            }
        }),
        Command::WakeAt(timer, at) => {
            let wait = (at - clock()).to_std().unwrap_or_default();
            set_timeout(move || happened(Event::Woke(timer)), wait);
        }
        Command::Show => {
            live.standing.set(standing);
            tell_standing();
            // Whoever sits here may no longer see any of it: it goes. What was not sent stays.
            if matches!(standing, Standing::SignedOut | Standing::OtherAccount) {
                spawn_local(async move {
                    super::leave().await;
                    match standing {
                        // As whoever it is now.
                        Standing::OtherAccount => crate::browser::load_again(),
                        // A page that shows the family asks the server; a half typed meal stays.
                        _ => live.changed.update(|changed| *changed += 1),
                    }
                });
            }
        }
    }
}

/// Why a reply was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unkept {
    /// The browser stores no more.
    Full,
    /// What waits can only be written over what was told with the food table, and it cannot be had now; or
    /// the account is no longer signed in here.
    NotNow,
}

/// What the worker heard while no page was open, as `server/src/pwa/worker.js` writes it down.
#[derive(Deserialize)]
struct Heard {
    /// By this device's clock.
    heard_ms: i64,
    sent: String,
    reply: String,
}

/// Keeps what the worker was told; whether pages show something else now. Where that cannot be, the same is
/// sent and told again.
pub(super) async fn keep_heard(device: &Device) -> bool {
    let heard = async || {
        let heard: Heard = serde_json::from_str(&crate::marker::take_reply().await?).ok()?;
        let (sent, reply): (Upload, Reply) = (
            serde_json::from_str(&heard.sent).ok()?,
            serde_json::from_str(&heard.reply).ok()?,
        );
        let ours = sent.account == device.account && reply.account.id == device.account;
        ours.then_some((sent, reply, DateTime::from_timestamp_millis(heard.heard_ms)?))
    };
    match heard().await {
        // The app was told something since.
        Some((.., at)) if device.told_at().await.is_some_and(|told| told >= at) => false,
        Some((sent, reply, at)) => keep(device, &sent, &reply, at).await.is_ok_and(|told| told.differs),
        None => false,
    }
}

/// `at`: when the reply was here.
async fn keep(device: &Device, sent: &Upload, reply: &Reply, at: DateTime<Utc>) -> Result<Told, Unkept> {
    // Where nothing waits no foods are needed, and reading them takes time.
    let mut foods = None;
    loop {
        let turn = locks::hold(DISK).await;
        // Another tab signed out while this was on its way: what it wiped stays wiped.
        if !super::is_here(device) {
            return Err(Unkept::NotNow);
        }
        let kept = device.keep(sent, reply, at, foods).await;
        if let Some(told) = kept.map_err(|_| Unkept::Full)? {
            // From here on the app opens from this device.
            let _ = crate::marker::remember().await;
            return Ok(told);
        }
        // A meal that is saved meanwhile does not wait for a slow line.
        drop(turn);
        foods = Some(crate::browser::table().await.ok_or(Unkept::NotNow)?);
    }
}

async fn send(upload: &Upload) -> Result<Reply, Failure> {
    let unreachable = |_| Failure::Unreachable;
    let request = gloo_net::http::Request::post("/api/v1/sync")
        .header("Content-Type", "application/json")
        .body(serde_json::to_string(upload).unwrap_or_default())
        .map_err(unreachable)?;
    let answer = request.send().await.map_err(unreachable)?;
    match answer.status() {
        200 => {
            let text = answer.text().await.map_err(unreachable)?;
            serde_json::from_str(&text).map_err(|_| Failure::Trouble)
        }
        401 => Err(Failure::SignedOut),
        409 => Err(Failure::OtherAccount),
        426 => Err(Failure::TooOld),
        429 | 503 => Err(Failure::Busy {
            seconds: answer
                .headers()
                .get("retry-after")
                .and_then(|seconds| seconds.parse().ok()),
        }),
        // What a proxy says while the server behind it is away.
        502 | 504 => Err(Failure::Unreachable),
        _ => Err(Failure::Trouble),
    }
}
