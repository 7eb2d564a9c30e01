//! What can go wrong, for the doors to act on. The source is kept for the log.

use domain::entitlement::Feature;
use domain::field::Refusal;
use sqlx::error::DatabaseError;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Nobody asks, or the session is over.
    #[error("nobody is signed in")]
    SignedOut,
    /// Not there, or another family's: which of the two is never told.
    #[error("there is no such thing")]
    NotFound,
    /// The asker may see this child but not write for it.
    #[error("this account may only read")]
    ReadOnly,
    /// Only whoever added the child may do that.
    #[error("this account does not own the child")]
    NotOwner,
    /// The family's tier does not include it.
    #[error("the account's tier does not include {0:?}")]
    NeedsPremium(Feature),
    /// What a form got wrong, field by field.
    #[error("refused: {}", .0.iter().map(|refusal| refusal.message.as_str()).collect::<Vec<_>>().join(" "))]
    Refused(Vec<Refusal>),
    /// The password, or the address: which of the two is never told.
    #[error("the e-mail or the password is wrong")]
    WrongPassword,
    /// Too many tries at a password, or at what is like it.
    #[error("too many tries; the next one in {seconds} s")]
    Throttled { seconds: u64 },
    /// The link for a new password was used, is too old, or never was: which is never told.
    #[error("the link is over")]
    LinkOver,
    /// More passwords wait to be hashed than can be soon. Trying again in a moment may work.
    #[error("too many passwords to hash at once")]
    Busy,
    /// The database is away, overloaded or shutting down. Trying again later may work.
    #[error("the database cannot be used at the moment")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of ours.
    #[error("unexpected: {0}")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ServiceError {
    /// A fault of ours that is not the database's.
    pub(crate) fn fault(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unexpected(source.into())
    }
}

impl From<sqlx::Error> for ServiceError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
                Self::Unavailable(error.into())
            }
            sqlx::Error::Database(database) if passes(database.as_ref()) => Self::Unavailable(error.into()),
            _ => Self::Unexpected(error.into()),
        }
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<Feature> for ServiceError {
    fn from(feature: Feature) -> Self {
        Self::NeedsPremium(feature)
    }
}

impl From<Vec<Refusal>> for ServiceError {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}

/// Whether the database's complaint is about its state rather than about what it was asked.
fn passes(error: &dyn DatabaseError) -> bool {
    // Connection trouble (08), out of something (53), stopped or starting (57), an error of the
    // system (58); two writers in each other's way (40, 55P03); a standby (25006).
    error.code().is_some_and(|code| {
        ["08", "53", "57", "58", "40"]
            .iter()
            .any(|class| code.starts_with(class))
            || code == "55P03"
            // The database takes no connections just now.
            || code == "55000"
            || code == "25006"
    })
}

/// Turns the violation of a named constraint into the refusal of a field.
pub(crate) trait OnConstraint<T> {
    /// # Errors
    /// The refusal where `constraint` was violated, the error itself where it was not that.
    fn on_constraint(self, constraint: &str, refusal: impl FnOnce() -> Refusal) -> Result<T, ServiceError>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint(self, constraint: &str, refusal: impl FnOnce() -> Refusal) -> Result<T, ServiceError> {
        self.map_err(|error| match error.as_database_error() {
            Some(database) if database.constraint() == Some(constraint) => refusal().into(),
            _ => error.into(),
        })
    }
}
