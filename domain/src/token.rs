//! A personal token: what a program of the family's may reach, and for how long.

use crate::field::{Field, Refusal, required};
use crate::id::ChildId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long a token lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifetime {
    Month,
    Quarter,
    Year,
    UntilRevoked,
}

impl Lifetime {
    pub const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::Year, Self::UntilRevoked];

    pub const fn id(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::UntilRevoked => "until_revoked",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "a year",
            Self::UntilRevoked => "until I revoke it",
        }
    }

    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lifetime| lifetime.id() == id)
    }

    const fn days(self) -> Option<i64> {
        match self {
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::Year => Some(365),
            Self::UntilRevoked => None,
        }
    }
}

/// A token that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for, so that one knows later which to revoke.
    pub name: String,
    /// `None`: every child its maker can see, those added later too.
    pub children: Option<Vec<ChildId>>,
    pub may_write: bool,
    pub expires_at: Option<DateTime<Utc>>,
}

impl NewToken {
    /// Reads a form: `reach` is `all` or `some`, `access` is `read` or `write`, `lifetime` the id
    /// of a [`Lifetime`].
    ///
    /// # Errors
    /// Every refused field, not only the first.
    pub fn parse(
        name: &str,
        reach: &str,
        children: &[String],
        access: &str,
        lifetime: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<Refusal>> {
        let name = required(
            Field::Name,
            name,
            100,
            "what the token is for, such as the kitchen tablet",
        );
        let children = match reach {
            "all" => Ok(None),
            "some" => some(children).map(Some),
            _ => Err(Refusal::new(
                Field::Children,
                "Please choose which children it may reach.",
            )),
        };
        let may_write = match access {
            "read" => Ok(false),
            "write" => Ok(true),
            _ => Err(Refusal::new(
                Field::Access,
                "Please choose whether it may only read, or write too.",
            )),
        };
        let expires_at = Lifetime::from_id(lifetime)
            .map(|lifetime| lifetime.days().map(|days| now + TimeDelta::days(days)))
            .ok_or_else(|| Refusal::new(Field::Lifetime, "Please choose how long it lives."));
        match (name, children, may_write, expires_at) {
            (Ok(name), Ok(children), Ok(may_write), Ok(expires_at)) => Ok(Self {
                name,
                children,
                may_write,
                expires_at,
            }),
            (name, children, may_write, expires_at) => {
                Err([name.err(), children.err(), may_write.err(), expires_at.err()]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }
}

fn some(children: &[String]) -> Result<Vec<ChildId>, Refusal> {
    let refuse = || Refusal::new(Field::Children, "Please choose the children it may reach, one or more.");
    let mut ids = children
        .iter()
        .map(|id| id.parse().map_err(|_| refuse()))
        .collect::<Result<Vec<ChildId>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() { Err(refuse()) } else { Ok(ids) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: &str = "01900000-0000-7000-8000-000000000001";

    fn parse(name: &str, reach: &str, child: &str, access: &str, lifetime: &str) -> Result<NewToken, Vec<Refusal>> {
        NewToken::parse(name, reach, &[child.to_owned()], access, lifetime, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_token_is_for_all_children_or_for_those_chosen() {
        let all = parse("Tablet", "all", CHILD, "read", "until_revoked").unwrap();
        assert_eq!((all.children, all.may_write, all.expires_at), (None, false, None));
        let one = parse("Tablet", "some", CHILD, "write", "month").unwrap();
        assert_eq!(one.children, Some(vec![CHILD.parse().unwrap()]));
        assert_eq!(one.expires_at, Some(DateTime::UNIX_EPOCH + TimeDelta::days(30)));
        assert!(one.may_write);
    }

    #[test]
    fn chosen_children_are_never_none_and_never_all_by_a_slip() {
        assert!(parse("Tablet", "some", "", "read", "month").is_err());
        assert!(parse("Tablet", "", CHILD, "read", "month").is_err());
        assert!(NewToken::parse("Tablet", "some", &[], "read", "month", DateTime::UNIX_EPOCH).is_err());
    }

    #[test]
    fn every_refused_field_is_named() {
        let fields: Vec<_> = parse("", "", "", "", "").unwrap_err().iter().map(|r| r.field).collect();
        assert_eq!(fields, [Field::Name, Field::Children, Field::Access, Field::Lifetime]);
    }
}
