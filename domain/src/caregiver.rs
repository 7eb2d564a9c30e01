//! Whom a parent lets in to a child, and where an invitation stands.

use crate::id::LinkId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long an invitation can be answered.
pub const INVITATION_LIFE: TimeDelta = TimeDelta::days(7);

/// The most invitations a parent sends in a day: each may become a mail to somebody who did not ask
/// for it.
pub const MOST_INVITATIONS_A_DAY: i64 = 20;

words! {
    /// What a caregiver may do.
    Role {
        Reader "reader" "May look",
        Writer "writer" "May look and log",
    }
}

impl Role {
    pub const fn may_write(self) -> bool {
        matches!(self, Self::Writer)
    }

    pub const fn of(may_write: bool) -> Self {
        if may_write { Self::Writer } else { Self::Reader }
    }
}

words! {
    /// A link as it is stored.
    Status {
        Pending "pending" "Invited",
        Accepted "accepted" "Looks after",
        Declined "declined" "Declined",
        Revoked "revoked" "Ended",
    }
}

words! {
    /// A link as it stands at a moment: an invitation also runs out.
    Standing {
        Invited "invited" "Not answered yet",
        Expired "expired" "Ran out unanswered",
        Active "active" "Has access",
        Declined "declined" "Declined",
        Ended "ended" "Has no access any more",
    }
}

impl Status {
    pub fn standing(self, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Standing {
        match self {
            Self::Pending if expires_at <= now => Standing::Expired,
            Self::Pending => Standing::Invited,
            Self::Accepted => Standing::Active,
            Self::Declined => Standing::Declined,
            Self::Revoked => Standing::Ended,
        }
    }
}

impl Standing {
    /// Whether there is still something to take away.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Invited | Self::Active)
    }
}

/// A link as the child's owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub id: LinkId,
    /// The address that was invited.
    pub email: String,
    /// The caregiver's own name; empty until accepted, and where none was given.
    pub name: String,
    pub role: Role,
    pub standing: Standing,
    pub invited_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// An invitation as whoever holds its link sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The only address that may answer it.
    pub email: String,
    /// The child's name and the inviting parent's, as they were then.
    pub child_name: String,
    pub invited_by: String,
    pub role: Role,
    pub expires_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unanswered_invitation_runs_out_and_an_answered_one_does_not() {
        let end: DateTime<Utc> = "2026-11-30T12:00:00Z".parse().unwrap();
        let before = end - TimeDelta::milliseconds(1);
        assert_eq!(Status::Pending.standing(end, before), Standing::Invited);
        assert_eq!(Status::Pending.standing(end, end), Standing::Expired);
        assert_eq!(Status::Accepted.standing(end, end), Standing::Active);
    }
}
