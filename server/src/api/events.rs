//! A stream that says when there is something new to ask for.

use super::Api;
use super::asker::Asker;
use super::error::ApiError;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::id::ChildId;
use futures_util::stream::{Stream, unfold};
use services::live::{Listener, News};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

/// What an event holds: a browser passes over one that holds nothing.
const SOMETHING: &str = "sync";

/// A proxy closes what says nothing for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// Hear when something was written for a child
///
/// Server-sent events named `news`, whose data is the word `sync`: something was written for a child that you can
/// see, by anybody on any device, and `POST /api/v1/sync` tells what. Whether you may still see the child is asked
/// anew each time, and the stream ends with your session or your token.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "events",
    tag = "Sync",
    responses((status = 200, description = "Events, for as long as you listen.", content_type = "text/event-stream", body = String))
)]
pub(super) async fn events(
    State(api): State<Api>,
    asker: Asker,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    // Before it is known who asks, so that nothing is missed between the two.
    let listener = api.site.db.live().listen();
    drop(asker.enter(&api.site).await?);
    let listening = listener.map(|listener| Listening { api, asker, listener });
    let stream = unfold(listening, |listening| async move {
        let mut listening = listening?;
        while let Some(news) = listening.listener.next().await {
            if listening.concerns(&news).await? {
                return Some((Ok(Event::default().event("news").data(SOMETHING)), Some(listening)));
            }
        }
        None
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

struct Listening {
    api: Api,
    asker: Asker,
    listener: Listener,
}

impl Listening {
    /// Whether it is news to this asker, as things stand now; `None` where they may ask no more.
    async fn concerns(&self, news: &News) -> Option<bool> {
        let again = self.asker.again();
        let entered = match again.enter(&self.api.site).await {
            Ok(mut tx) => services::children::list(&mut tx).await.map_err(ApiError::from),
            Err(error) => Err(error),
        };
        let theirs: BTreeSet<ChildId> = match entered {
            Ok(children) => children.into_iter().map(|child| child.id).collect(),
            Err(error) if error.is_unauthorized() => return None,
            // The database is away: they will ask when it is back.
            Err(_) => return Some(true),
        };
        Some(news.as_ref().is_none_or(|written| !written.is_disjoint(&theirs)))
    }
}
