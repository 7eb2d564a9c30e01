//! Who signs in.

mod guessable;

use crate::entitlement::Tier;
use crate::field::{Field, Refusal, required, text};
use crate::id::AccountId;
use crate::measure::Units;
use serde::{Deserialize, Serialize};

/// An e-mail address as it is compared and stored: trimmed, lower case.
///
/// Only what every address has is checked; whether it exists, a mail finds out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// # Errors
    /// Empty, over 254 characters, with spaces, or not of the form `a@b.c`.
    pub fn parse(typed: &str) -> Result<Self, Refusal> {
        let email = required(Field::Email, typed, 254, "your e-mail address")?.to_lowercase();
        let fits = email.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty()
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && (host.contains('.') || host == "localhost")
        });
        if !fits || email.chars().any(char::is_whitespace) {
            return Err(Refusal::new(
                Field::Email,
                "That does not look like an e-mail address. It should read like name@example.org.",
            ));
        }
        Ok(Self(email))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password somebody typed. Never printed, never serialised.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// The fewest characters a new password may have.
    pub const LEAST: usize = 10;

    /// A new password.
    ///
    /// # Errors
    /// Under [`Self::LEAST`] or over 1,000 characters, or among the first that are tried.
    pub fn choose(typed: &str) -> Result<Self, Refusal> {
        let length = typed.chars().count();
        if length < Self::LEAST {
            return Err(Refusal::new(
                Field::Password,
                format!(
                    "Please use {} characters or more. A few words in a row are fine.",
                    Self::LEAST
                ),
            ));
        }
        if length > 1000 {
            return Err(Refusal::new(Field::Password, "Please use 1,000 characters or fewer."));
        }
        Self(typed.to_owned()).unlike(&[])
    }

    /// A new password for the account of `email`.
    ///
    /// # Errors
    /// As for [`Self::choose`]; also made of little more than the address.
    pub fn choose_for(email: &Email, typed: &str) -> Result<Self, Refusal> {
        let mut own: Vec<_> = email
            .as_str()
            .split(|c: char| !c.is_alphanumeric())
            // Shorter ones are part of too many other words.
            .filter(|part| part.chars().count() > 2)
            .collect();
        own.push(email.as_str());
        Self::choose(typed)?.unlike(&own)
    }

    fn unlike(self, own: &[&str]) -> Result<Self, Refusal> {
        if guessable::is_guessable(&self.0, own) {
            return Err(Refusal::new(
                Field::Password,
                "That one is among the first that are tried. A few words that have nothing to do with each other \
                 are easy to keep and hard to guess.",
            ));
        }
        Ok(self)
    }

    /// A password to be compared: any text will do, a wrong one fails later.
    pub fn attempt(typed: &str) -> Self {
        Self(typed.chars().take(1001).collect())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What somebody gives to get an account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub email: Email,
    pub password: Password,
    /// May be empty: a name is asked for, not demanded.
    pub first_name: String,
    pub last_name: String,
    /// IANA name; checked at the edge, which knows the zones.
    pub time_zone: String,
}

impl NewAccount {
    /// # Errors
    /// Every refused field, not only the first.
    pub fn parse(
        email: &str,
        password: &str,
        first_name: &str,
        last_name: &str,
        time_zone: &str,
    ) -> Result<Self, Vec<Refusal>> {
        let email = Email::parse(email);
        let password = match &email {
            Ok(email) => Password::choose_for(email, password),
            Err(_) => Password::choose(password),
        };
        let first_name = text(Field::FirstName, first_name, 100);
        let last_name = text(Field::LastName, last_name, 100);
        let time_zone = required(Field::TimeZone, time_zone, 100, "a time zone");
        match (email, password, first_name, last_name, time_zone) {
            (Ok(email), Ok(password), Ok(first_name), Ok(last_name), Ok(time_zone)) => Ok(Self {
                email,
                password,
                first_name,
                last_name,
                time_zone,
            }),
            (email, password, first_name, last_name, time_zone) => Err([
                email.err(),
                password.err(),
                first_name.err(),
                last_name.err(),
                time_zone.err(),
            ]
            .into_iter()
            .flatten()
            .collect()),
        }
    }
}

/// What to call somebody who may have given no name: the part of the address one would say.
pub fn called<'a>(first_name: &'a str, email: &'a str) -> &'a str {
    if first_name.is_empty() {
        email.split('@').next().unwrap_or_default()
    } else {
        first_name
    }
}

/// The signed-in person, as pages show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub time_zone: String,
    /// What they measure in.
    pub units: Units,
    /// What they may use now; whether it ended or the server gives more is settled.
    pub tier: Tier,
}

/// What goes with an account, and what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belongings {
    pub children: Vec<OwnChild>,
    pub devices: i64,
    pub access_tokens: i64,
    pub own_foods: i64,
    pub conversations: i64,
    /// Children of other families the account was let in to; what it logged there stays there.
    pub others_children: i64,
}

/// A child of one's own, and what was kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnChild {
    pub name: String,
    pub meals: i64,
    /// Measurements, first tastes, plans and reports.
    pub other_records: i64,
    /// Who was let in, and sees nothing any more.
    pub caregivers: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_compared_without_case_or_outer_space() {
        assert_eq!(Email::parse(" Ada@Example.ORG "), Email::parse("ada@example.org"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a b@example.org",
            "a@b@c.org",
            "ada@example",
        ] {
            assert!(Email::parse(typed).is_err(), "{typed:?} passed");
        }
    }

    #[test]
    fn every_refused_field_is_named() {
        let refusals = NewAccount::parse("ada", "short", "", "", "").unwrap_err();
        let fields: Vec<_> = refusals.iter().map(|r| r.field).collect();
        assert_eq!(fields, [Field::Email, Field::Password, Field::TimeZone]);
    }

    #[test]
    fn a_password_is_not_the_address_with_a_year() {
        let email = Email::parse("ada.lovelace@example.org").unwrap();
        for typed in [
            "lovelace2026",
            "Ada.Lovelace",
            "ada.lovelace@example.org",
            "example.org!!",
        ] {
            assert!(Password::choose_for(&email, typed).is_err(), "{typed}");
        }
        assert!(Password::choose_for(&email, "plums and porridge").is_ok());
        assert!(NewAccount::parse("ada.lovelace@example.org", "lovelace2026", "", "", "UTC").is_err());
    }

    #[test]
    fn a_password_does_not_print() {
        assert!(!format!("{:?}", Password::attempt("secret words")).contains("secret"));
    }
}
