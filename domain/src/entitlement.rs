//! What a family may use: tiers, when they end, and what each includes.
//!
//! Signing in, logging, warnings and every other word on safety, export and deletion are no
//! features: nothing here can withhold them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What an account is entitled to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    #[default]
    Free,
    Premium,
}

impl Tier {
    /// As the database and the configuration have it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Premium => "premium",
        }
    }

    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Free, Self::Premium].into_iter().find(|tier| tier.id() == id)
    }

    pub const fn includes(self, feature: Feature) -> bool {
        match (self, feature) {
            (Self::Premium, _) => true,
            (
                Self::Free,
                Feature::MoreChildren
                | Feature::Plans
                | Feature::Reports
                | Feature::Assistant
                | Feature::Caregivers
                | Feature::LongAnalytics,
            ) => false,
        }
    }

    /// # Errors
    /// The feature, where this tier does not include it.
    pub const fn require(self, feature: Feature) -> Result<(), Feature> {
        if self.includes(feature) { Ok(()) } else { Err(feature) }
    }

    /// Whether a family that has `children` of its own may add another. Those it has it keeps,
    /// whatever becomes of its tier.
    ///
    /// # Errors
    /// [`Feature::MoreChildren`].
    pub const fn allows_another_child(self, children: usize) -> Result<(), Feature> {
        if children < FREE_CHILDREN {
            Ok(())
        } else {
            self.require(Feature::MoreChildren)
        }
    }
}

/// Children of one's own that every tier includes.
pub const FREE_CHILDREN: usize = 1;

/// What not every tier includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    MoreChildren,
    Plans,
    Reports,
    Assistant,
    Caregivers,
    LongAnalytics,
}

impl Feature {
    /// Why it is not to be had, and what stays, as a parent reads it.
    pub const fn refusal(self) -> &'static str {
        match self {
            Self::MoreChildren => {
                "The free plan has room for one child of your own. Nothing changes for the child you have; \
                 for another one, ask whoever runs this TinyTummy about premium."
            }
            Self::Plans => {
                "Meal plans belong to premium. Logging, safety and totals stay as they are; \
                 ask whoever runs this TinyTummy about premium."
            }
            Self::Reports => {
                "Reports belong to premium. Your data can be exported as ever; \
                 ask whoever runs this TinyTummy about premium."
            }
            Self::Assistant => {
                "The assistant belongs to premium. Safety warnings stay as they are; \
                 ask whoever runs this TinyTummy about premium."
            }
            Self::Caregivers => {
                "Inviting caregivers belongs to premium. Whoever you have let in already stays; \
                 ask whoever runs this TinyTummy about premium."
            }
            Self::LongAnalytics => {
                "The long view belongs to premium. Every day you logged can still be opened and exported; \
                 ask whoever runs this TinyTummy about premium."
            }
        }
    }
}

/// What was agreed with an account, as it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    pub tier: Tier,
    /// The first instant at which it is over; `None` for never.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Subscription {
    /// The tier at `now`: the agreed one until it ends, and never less than the server's `default`.
    pub fn tier_at(self, now: DateTime<Utc>, default: Tier) -> Tier {
        let over = self.expires_at.is_some_and(|end| end <= now);
        if over { default } else { self.tier.max(default) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn premium_until(expires_at: Option<DateTime<Utc>>) -> Subscription {
        Subscription {
            tier: Tier::Premium,
            expires_at,
        }
    }

    #[test]
    fn premium_ends_at_its_end_and_not_before() {
        let end = premium_until(Some(now()));
        assert_eq!(
            end.tier_at(now() - TimeDelta::milliseconds(1), Tier::Free),
            Tier::Premium
        );
        assert_eq!(end.tier_at(now(), Tier::Free), Tier::Free);
        assert_eq!(premium_until(None).tier_at(now(), Tier::Free), Tier::Premium);
    }

    #[test]
    fn nobody_has_less_than_the_server_gives_to_all() {
        let over = premium_until(Some(now() - TimeDelta::days(1)));
        for subscription in [Subscription::default(), over] {
            assert_eq!(subscription.tier_at(now(), Tier::Premium), Tier::Premium);
            assert_eq!(subscription.tier_at(now(), Tier::Free), Tier::Free);
        }
    }

    #[test]
    fn the_free_tier_has_room_for_one_child() {
        assert_eq!(Tier::Free.allows_another_child(0), Ok(()));
        assert_eq!(Tier::Free.allows_another_child(1), Err(Feature::MoreChildren));
        assert_eq!(Tier::Free.allows_another_child(3), Err(Feature::MoreChildren));
        assert_eq!(Tier::Premium.allows_another_child(3), Ok(()));
    }

    #[test]
    fn a_tier_survives_its_name_and_no_other_name_is_one() {
        for tier in [Tier::Free, Tier::Premium] {
            assert_eq!(Tier::from_id(tier.id()), Some(tier));
        }
        assert_eq!(Tier::from_id("Premium "), None);
    }
}
