//! Who has a page open hears at once that somebody wrote for a child; what was written, they ask for.
//!
//! Each server says on one channel of PostgreSQL which children were written for, at most once in a tenth of a
//! second: every commit that notifies takes a lock of the whole cluster. All servers listen, and tell the pages
//! that are open. A word that is lost costs nothing but time: a page asks with its cursor anyway.

use domain::id::ChildId;
use sqlx::postgres::{PgListener, PgPool};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;
use tokio::time::sleep;

const CHANNEL: &str = "tinytummy";
const APART: Duration = Duration::from_millis(100);
/// A notification holds 8,000 bytes; an id takes 37.
const MOST_CHILDREN: usize = 200;
/// How long to wait before listening again to a database that went away.
const AGAIN: Duration = Duration::from_secs(1);

/// Which children were written for; `None` where that is not known, and any may have been.
pub type News = Option<Arc<BTreeSet<ChildId>>>;

/// Says and hears. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Written for since the last word.
    written: Mutex<BTreeSet<ChildId>>,
    rung: Notify,
    /// To the pages that are open here; gone when nobody listens, or the server stops.
    pages: Mutex<Option<broadcast::Sender<News>>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    /// Begins to say and to hear, until [`Self::stop`].
    pub(crate) fn start(&self, pool: &PgPool, listening: &PgPool) {
        let (pages, _) = broadcast::channel(256);
        *locked(&self.0.pages) = Some(pages);
        let (says, hears) = (self.clone(), self.clone());
        let (to, from) = (pool.clone(), listening.clone());
        locked(&self.0.tasks).extend([
            tokio::spawn(async move { says.says(&to).await }),
            tokio::spawn(async move { hears.hears(&from).await }),
        ]);
    }

    /// Ends every stream of news.
    pub fn stop(&self) {
        locked(&self.0.pages).take();
        for task in locked(&self.0.tasks).drain(..) {
            task.abort();
        }
    }

    /// Somebody wrote for these children, and it is committed.
    pub(crate) fn wrote(&self, children: impl IntoIterator<Item = ChildId>) {
        if locked(&self.0.pages).is_none() {
            return;
        }
        locked(&self.0.written).extend(children);
        self.0.rung.notify_one();
    }

    /// What is written from now on; `None` where nobody listens.
    pub fn listen(&self) -> Option<Listener> {
        let news = locked(&self.0.pages).as_ref()?.subscribe();
        Some(Listener(news))
    }

    fn tell(&self, news: News) {
        if let Some(pages) = &*locked(&self.0.pages) {
            // Nobody has a page open.
            let _ = pages.send(news);
        }
    }

    async fn says(&self, pool: &PgPool) {
        loop {
            self.0.rung.notified().await;
            sleep(APART).await;
            let children: Vec<ChildId> = std::mem::take(&mut *locked(&self.0.written)).into_iter().collect();
            for some in children.chunks(MOST_CHILDREN) {
                let ids: Vec<String> = some.iter().map(ToString::to_string).collect();
                let said = sqlx::query!("select pg_notify($1, $2) as \"said: ()\"", CHANNEL, ids.join(","))
                    .execute(pool)
                    .await;
                if let Err(error) = said {
                    tracing::debug!(%error, "nobody was told of a write yet");
                    locked(&self.0.written).extend(some.iter().copied());
                    sleep(AGAIN).await;
                    self.0.rung.notify_one();
                }
            }
        }
    }

    async fn hears(&self, pool: &PgPool) {
        loop {
            match self.hear(pool).await {
                Ok(()) => {}
                Err(error) => tracing::debug!(%error, "writes of other servers are not heard of"),
            }
            sleep(AGAIN).await;
        }
    }

    /// Until the connection is lost.
    async fn hear(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(pool).await?;
        // A database that threw us out may have no room: whoever saves a meal comes first.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        // Something may have been said before.
        self.tell(None);
        while let Some(said) = listener.try_recv().await? {
            let children = said.payload().split(',').filter_map(|id| id.parse().ok()).collect();
            self.tell(Some(Arc::new(children)));
        }
        Ok(())
    }
}

/// Hears what is written from its making on.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<News>);

impl Listener {
    /// The next news; `None` once the server stops.
    pub async fn next(&mut self) -> Option<News> {
        match self.0.recv().await {
            Ok(news) => Some(news),
            // It was slow, and missed some.
            Err(RecvError::Lagged(_)) => Some(None),
            Err(RecvError::Closed) => None,
        }
    }
}
