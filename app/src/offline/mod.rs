//! What a page needs, from this device first: the family's data is kept here, what is written goes into a
//! queue here, and the server hears of it when it can.
//!
//! On the server, and where a browser keeps nothing, the same functions ask the server.

#[cfg(feature = "hydrate")]
mod device;
#[cfg(feature = "hydrate")]
mod disk;
#[cfg(feature = "hydrate")]
mod driver;
#[cfg(feature = "hydrate")]
mod locks;
#[cfg(feature = "hydrate")]
mod zone;

use chrono::{DateTime, Utc};
use domain::flush::Standing;
use domain::replica::Entry;
use leptos::prelude::*;

/// How many days a page of the history has: a fortnight fits on two screens of a phone.
pub(crate) const DAYS_A_PAGE: usize = 14;

/// How this device stands to the server, for pages to show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    /// Counts up whenever what is kept here has changed.
    pub(crate) changed: RwSignal<u32>,
    pub(crate) standing: RwSignal<Standing>,
    /// What waits for the server, or for the parent.
    pub(crate) waiting: RwSignal<Vec<Entry>>,
    /// What waits and cannot be read by this release: its place and its text.
    pub(crate) unread: RwSignal<Vec<(u64, String)>>,
    /// When the server last told of anything, by this device's clock.
    pub(crate) told_at: RwSignal<Option<DateTime<Utc>>>,
    /// The browser stores nothing for us.
    pub(crate) refused: RwSignal<bool>,
}

pub(crate) fn provide_live() -> Live {
    let live = Live {
        changed: RwSignal::new(0),
        standing: RwSignal::new(Standing::Unknown),
        waiting: RwSignal::new(Vec::new()),
        unread: RwSignal::new(Vec::new()),
        told_at: RwSignal::new(None),
        refused: RwSignal::new(false),
    };
    provide_context(live);
    live
}

pub(crate) fn live() -> Live {
    expect_context()
}

#[cfg(not(feature = "hydrate"))]
pub(crate) use crate::api::{
    account::load_home as home,
    day::{load_day as day, load_history as history},
    meal::load_meal as meal,
};

#[cfg(feature = "hydrate")]
pub(crate) use first::{day, history, home, meal};

/// The same, from this device first.
#[cfg(feature = "hydrate")]
mod first {
    use super::here;
    use crate::api::account::{Home, load_home};
    use crate::api::day::{History, load_day, load_history};
    use crate::api::meal::{MealForm, load_meal};
    use crate::error::AppError;
    use domain::day::Day;
    use send_wrapper::SendWrapper;

    pub(crate) async fn home() -> Result<Home, AppError> {
        first(async { here::device().await?.home().await }, load_home()).await
    }

    pub(crate) async fn day(child: String, date: String) -> Result<Day, AppError> {
        let there = load_day(child.clone(), date.clone());
        first(async move { here::device().await?.day(&child, &date).await }, there).await
    }

    pub(crate) async fn history(child: String, before: String) -> Result<History, AppError> {
        let there = load_history(child.clone(), before.clone());
        first(
            async move { here::device().await?.history(&child, &before).await },
            there,
        )
        .await
    }

    pub(crate) async fn meal(child: String, meal: String, date: String, text: String) -> Result<MealForm, AppError> {
        let there = load_meal(child.clone(), meal.clone(), date.clone(), text.clone());
        let here = async move {
            let device = here::device().await?;
            let foods = crate::browser::table().await;
            device.form(&child, &meal, &date, &text, foods).await
        };
        first(here, there).await
    }

    /// What is kept here, else what the server has. Where the browser keeps no more, what is here may be old:
    /// then the server is asked first, and this device only without a connection.
    fn first<T>(
        here: impl Future<Output = Option<T>>,
        there: impl Future<Output = Result<T, AppError>>,
    ) -> impl Future<Output = Result<T, AppError>> {
        // A browser has one thread; a resource asks for a future that could move to another.
        let here = SendWrapper::new(here);
        async move {
            if here::is_full() {
                return match there.await {
                    Err(away @ (AppError::Offline | AppError::Unavailable)) => here.await.ok_or(away),
                    answer => answer,
                };
            }
            match here.await {
                Some(found) => Ok(found),
                None => there.await,
            }
        }
    }
}

#[cfg(feature = "hydrate")]
pub(crate) use here::{begin, discard, leave, recent, save, set_deleted, try_now};

#[cfg(feature = "hydrate")]
use here::{TABS_LOOK, TABS_NUDGE, is_here, look_again, note_full, tell_tabs};

#[cfg(feature = "hydrate")]
mod here {
    use super::device::{Device, NotWritten, pause};
    use super::disk::Disk;
    use super::{Live, driver, live, locks};
    use crate::api::account::{Home, load_home};
    use crate::api::meal::SaveMeal;
    use crate::browser::table;
    use crate::error::AppError;
    use crate::setting;
    use chrono::NaiveDate;
    use domain::flush::{Event, Standing};
    use domain::food::Table;
    use domain::id::AccountId;
    use domain::replica::Queue;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use std::cell::Cell;
    use std::time::Duration;
    use tokio::sync::OnceCell;
    use wasm_bindgen::JsCast as _;
    use web_sys::BroadcastChannel;

    /// Whose data this device shows: a small setting, so that a page knows before it has opened anything.
    const ACCOUNT: &str = "account";
    /// How many entries wait: `public/device.js` asks before somebody signs out.
    const UNSENT: &str = "unsent";

    thread_local! {
        static DEVICE: &'static OnceCell<Option<&'static Device>> = Box::leak(Box::new(OnceCell::new()));
        static BEGUN: Cell<bool> = const { Cell::new(false) };
        static FULL: Cell<bool> = const { Cell::new(false) };
        static TABS: Option<BroadcastChannel> = BroadcastChannel::new("tinytummy").ok();
    }

    /// What is kept here for whoever was last signed in; `None` where nobody was, or nothing is kept.
    pub(super) async fn device() -> Option<&'static Device> {
        let account: AccountId = setting::load(ACCOUNT)?;
        open(account, false).await
    }

    async fn open(account: AccountId, is_new: bool) -> Option<&'static Device> {
        let cell = DEVICE.with(|cell| *cell);
        let opened = cell
            .get_or_init(|| async move {
                let disk = Disk::open().await.ok()?;
                let device = Device::of(disk, account, is_new).await.ok()?;
                Some(&*Box::leak(Box::new(device)))
            })
            .await;
        opened.filter(|device| device.account == account)
    }

    /// Whether its account is still the one that is signed in here; another tab may have signed out.
    pub(super) fn is_here(device: &Device) -> bool {
        setting::load(ACCOUNT) == Some(device.account)
    }

    pub(super) fn is_full() -> bool {
        FULL.get()
    }

    /// Whether the browser took what was to be kept last.
    pub(super) fn note_full(live: Live, full: bool) {
        if FULL.replace(full) != full {
            live.refused.set(full);
        }
    }

    /// Begins to keep and to send, for the account that `home` says is here.
    pub(crate) fn begin(home: Home) {
        let live = live();
        let Some(account) = home.account.as_ref().map(|account| account.id) else {
            return;
        };
        if BEGUN.replace(true) {
            return;
        }
        spawn_local(async move {
            let is_new = setting::load(ACCOUNT) != Some(account);
            let kept = match open(account, is_new).await {
                Some(device) => device.keep_home(&home).await.ok().map(|()| device),
                None => None,
            };
            let Some(device) = kept.filter(|_| setting::keep(ACCOUNT, account)) else {
                note_full(live, true);
                return;
            };
            // Or Safari throws it all away after a week without a visit.
            if let Ok(asked) = window().navigator().storage().persist() {
                let _ = wasm_bindgen_futures::JsFuture::from(asked).await;
            }
            let differs = driver::keep_heard(device).await;
            if differs {
                tell_tabs(&TABS_LOOK.into());
            }
            live.told_at.set(device.told_at().await);
            listen(live, device);
            count_waiting(live, device).await;
            write_outbox(live, device);
            // The server that drew this page knows nothing of it.
            if differs || live.waiting.with_untracked(|waiting| !waiting.is_empty()) {
                live.changed.update(|changed| *changed += 1);
            }
            driver::begin(device, live);
            // Whoever leads says how things stand, and tries again: perhaps this is the first page after
            // signing in.
            tell_tabs(&TABS_TRY.into());
            // What was kept may be of an older server; a page shows it when it is opened next.
            if let Ok(home) = load_home().await
                && home.account.as_ref().is_some_and(|here| here.id == account)
            {
                let _turn = locks::hold(driver::DISK).await;
                if is_here(device) {
                    let _ = device.keep_home(&home).await;
                }
            }
        });
    }

    /// Other tabs say when they wrote something.
    fn listen(live: Live, device: &'static Device) {
        TABS.with(|tabs| {
            if let Some(tabs) = tabs {
                let heard = move |event: web_sys::MessageEvent| {
                    // How things stand, from the tab that leads.
                    if let Some(text) = event.data().as_string() {
                        if let Ok((standing, told_at)) = serde_json::from_str(&text) {
                            let before = live.standing.get_untracked();
                            live.standing.set(standing);
                            live.told_at.set(told_at);
                            match standing {
                                _ if standing == before => {}
                                // What the tab that leads took away is not to be seen here either.
                                Standing::SignedOut => live.changed.update(|changed| *changed += 1),
                                Standing::OtherAccount => crate::browser::load_again(),
                                _ => {}
                            }
                        }
                        return;
                    }
                    let said = event.data().as_f64();
                    if [TABS_SEND, TABS_LOOK].map(Some).contains(&said) {
                        spawn_local(look_again(live, device));
                    }
                    if [TABS_SEND, TABS_TRY].map(Some).contains(&said) {
                        driver::tell_standing();
                    }
                    match said {
                        Some(TABS_SEND | TABS_NUDGE) => driver::happened(Event::Nudged),
                        Some(TABS_TRY) => driver::happened(Event::Unblocked),
                        _ => {}
                    }
                };
                let heard = wasm_bindgen::closure::Closure::<dyn Fn(web_sys::MessageEvent)>::new(heard);
                tabs.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
            }
        });
    }

    /// What tabs tell each other: look again, and if it is yours to send, send.
    const TABS_SEND: f64 = 1.0;
    /// Look again.
    pub(super) const TABS_LOOK: f64 = 2.0;
    /// If it is yours to send, send, whatever kept you from it.
    const TABS_TRY: f64 = 3.0;
    /// If it is yours to send, send.
    pub(super) const TABS_NUDGE: f64 = 4.0;

    pub(super) fn tell_tabs(what: &wasm_bindgen::JsValue) {
        TABS.with(|tabs| {
            if let Some(tabs) = tabs {
                let _ = tabs.post_message(what);
            }
        });
    }

    /// What is kept here has changed: pages that show it are drawn anew.
    pub(super) async fn look_again(live: Live, device: &'static Device) {
        live.changed.update(|changed| *changed += 1);
        count_waiting(live, device).await;
        write_outbox(live, device);
    }

    /// Looks what waits.
    async fn count_waiting(live: Live, device: &'static Device) {
        let Queue { entries, unread } = device.queue().await.unwrap_or_default();
        setting::keep(UNSENT, entries.len() + unread.len());
        live.waiting.set(entries);
        live.unread.set(unread);
    }

    /// What the worker may send if no page is open by then. On the side: without it nothing is lost, only later.
    fn write_outbox(live: Live, device: &'static Device) {
        let waiting = live.waiting.get_untracked();
        spawn_local(async move {
            let _ = if waiting.iter().any(|entry| entry.rejected.is_none()) {
                let upload = device.upload_of(&waiting).await;
                crate::marker::keep_outbox(&serde_json::to_string(&upload).unwrap_or_default()).await
            } else {
                crate::marker::forget_outbox().await
            };
        });
    }

    /// How long sending waits for the page to be drawn that shows what was written.
    const PAGE_FIRST: Duration = Duration::from_millis(150);

    /// Something was written here: once the parent sees it, the others hear of it.
    fn wrote(live: Live, device: &'static Device) {
        spawn_local(async move {
            count_waiting(live, device).await;
            pause(PAGE_FIRST).await;
            write_outbox(live, device);
            tell_tabs(&TABS_SEND.into());
            driver::happened(Event::Nudged);
        });
    }

    /// Writes here what a page wrote. `None`: this device does not, and the server has to be asked.
    async fn written(
        live: Live,
        write: impl AsyncFnOnce(&'static Device, &'static Table) -> Result<NaiveDate, NotWritten>,
    ) -> Option<Result<NaiveDate, AppError>> {
        let device = device().await?;
        let foods = table().await?;
        let turn = locks::hold(driver::DISK).await;
        let outcome = write(device, foods).await;
        drop(turn);
        match outcome {
            Ok(date) => {
                wrote(live, device);
                Some(Ok(date))
            }
            Err(NotWritten::Refused(error)) => Some(Err(error)),
            Err(NotWritten::NotHere) => None,
            Err(NotWritten::Full) => {
                note_full(live, true);
                None
            }
        }
    }

    /// Saves a meal on this device. Where the page goes on to, it is read anew.
    pub(crate) async fn save(live: Live, sent: &SaveMeal) -> Option<Result<NaiveDate, AppError>> {
        written(live, async |device, foods| device.save(sent, foods).await).await
    }

    /// Takes a meal away on this device, or brings it back.
    pub(crate) async fn set_deleted(
        live: Live,
        child: &str,
        meal: &str,
        deleted: bool,
    ) -> Option<Result<NaiveDate, AppError>> {
        let outcome = written(live, async |device, foods| {
            device.set_deleted(child, meal, deleted, foods).await
        })
        .await;
        // The page may stay the same.
        live.changed.update(|changed| *changed += 1);
        outcome
    }

    /// Gives up what waits, on the parent's word.
    pub(crate) async fn discard(live: Live, number: u64) {
        let Some(device) = device().await else { return };
        let foods = table().await;
        let turn = locks::hold(driver::DISK).await;
        let discarded = device.discard(number, foods).await;
        drop(turn);
        if discarded.is_ok() {
            live.changed.update(|changed| *changed += 1);
            wrote(live, device);
        }
    }

    /// What was logged lately, for a tap.
    pub(crate) async fn recent(child: &str) -> Vec<String> {
        match device().await {
            Some(device) => device.recent(child).await,
            None => Vec::new(),
        }
    }

    /// Shows nothing of the family any more: somebody signs out, or somebody else signed in. What was not
    /// sent stays, and is nobody else's to see.
    pub(crate) async fn leave() {
        crate::marker::forget();
        if let Some(device) = device().await {
            // Before the lock: a reply that is about to be kept is not. Not theirs who signed in meanwhile, in
            // another tab.
            if is_here(device) {
                setting::forget(ACCOUNT);
            }
            let _turn = locks::hold(driver::DISK).await;
            let _ = device.wipe().await;
            // One that was being kept has set it again.
            crate::marker::forget();
        }
    }

    /// Sends what waits at once, where that can be.
    pub(crate) fn try_now() {
        driver::happened(Event::Unblocked);
        tell_tabs(&TABS_TRY.into());
    }
}
