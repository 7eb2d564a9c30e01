//! What is counted, for whoever watches over the server: in words from fixed lists, never a name,
//! an address or an id.

use domain::entitlement::Tier;
use domain::meal::InputMethod;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

/// Labels: their names and their values.
pub type Labels<const N: usize> = [(&'static str, &'static str); N];

/// The counts of one [`Database`](crate::Database) since it was opened. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Meals logged, by `input_method` and by the `tier` of who logged them.
    pub meals: Family<Labels<2>, Counter>,
    /// Changes on the write path, by `outcome`: `written`, or `repeated` when one had been applied
    /// before.
    pub changes: Family<Labels<1>, Counter>,
    /// Tries to sign in, by `outcome`.
    pub sign_ins: Family<Labels<1>, Counter>,
    /// Transactions that wait for a connection, or for it to begin them.
    pub waiting: Gauge,
}

/// What a transaction did, if it commits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Change { already: bool },
    Meal(InputMethod, Tier),
}

impl Counts {
    /// Counts a try to sign in.
    pub fn sign_in(&self, outcome: &'static str) {
        self.sign_ins.get_or_create(&[("outcome", outcome)]).inc();
    }

    pub(crate) fn add(&self, counted: &[Count]) {
        for count in counted {
            match count {
                Count::Change { already } => {
                    let outcome = if *already { "repeated" } else { "written" };
                    self.changes.get_or_create(&[("outcome", outcome)]).inc();
                }
                Count::Meal(method, tier) => {
                    let labels = [("input_method", method.id()), ("tier", tier.id())];
                    self.meals.get_or_create(&labels).inc();
                }
            }
        }
    }

    pub(crate) fn wait(&self) -> Waiting {
        self.waiting.inc();
        Waiting(self.waiting.clone())
    }
}

/// One who waits, until it is dropped: a request that is given up waits no longer.
pub(crate) struct Waiting(Gauge);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}
