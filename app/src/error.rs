//! What a screen can act on. It crosses the wire, so it says nothing of the inside.

use crate::wire::JsonText;
use domain::entitlement::Feature;
use domain::field::{Field, Refusal};
use domain::throttle::wait_in_words;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    #[error("Please sign in.")]
    SignedOut,
    /// Also "not yours": existence is never revealed.
    #[error("There is nothing here for you to see.")]
    NotFound,
    #[error("You can look at this child's meals, but not change them. Ask the parent who invited you.")]
    ReadOnly,
    #[error("Only the parent who added this child can do that.")]
    NotOwner,
    /// The same words for an unknown address: whether an account exists is nobody's business.
    #[error("That e-mail address and password do not belong together. Please try again.")]
    WrongPassword,
    /// For an address without an account too.
    #[error("That was tried too often. Please wait {} and try again.", wait_in_words(*.seconds))]
    TooManyTries { seconds: u64 },
    #[error("Many people are signing in at this moment. Please try again in a few seconds.")]
    Busy,
    #[error("This link was used already or is too old. Please ask for another one.")]
    LinkOver,
    #[error("This TinyTummy sends no mail. Ask whoever runs it for a link to choose a new password.")]
    NoMail,
    #[error("New accounts are closed on this server. Ask whoever runs it.")]
    SignUpClosed,
    #[error("{}", .0.refusal())]
    NeedsPremium(Feature),
    #[error("{}", .0.first().map_or("Please check the form.", |refusal| refusal.message.as_str()))]
    Invalid(Vec<Refusal>),
    /// Not saved, because the parent asked to see the reading first.
    #[error("This is what we read. Nothing is saved yet.")]
    NotYet,
    /// The request made no sense; only a broken or foreign client sends one.
    #[error("This page is older than the server. Please load it again; what you typed is kept.")]
    Malformed,
    #[error("Our notebook cannot be reached just now. What you typed is still here; try again in a moment.")]
    Unavailable,
    #[error("You seem to be offline. What you typed is still here; try again once you are connected.")]
    Offline,
    #[error("Something went wrong on our side. Please try again. If it stays, mention report {report}.")]
    Unexpected { report: String },
}

impl AppError {
    /// What is wrong with `field`, if this error says so.
    pub fn of(&self, field: Field) -> Option<String> {
        match self {
            Self::Invalid(refusals) => refusals
                .iter()
                .find(|refusal| refusal.field == field)
                .map(|refusal| refusal.message.clone()),
            _ => None,
        }
    }

    /// How many seconds to wait before trying again, where that is known.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyTries { seconds } => Some(*seconds),
            Self::Busy => Some(2),
            _ => None,
        }
    }

    /// The HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Self::SignedOut | Self::WrongPassword => 401,
            Self::NeedsPremium(_) => 402,
            Self::ReadOnly | Self::NotOwner | Self::NoMail | Self::SignUpClosed => 403,
            Self::TooManyTries { .. } => 429,
            Self::LinkOver => 410,
            Self::NotFound => 404,
            Self::NotYet | Self::Invalid(_) => 422,
            Self::Malformed => 400,
            Self::Busy | Self::Unavailable | Self::Offline => 503,
            Self::Unexpected { .. } => 500,
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Invalid(vec![refusal])
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Malformed
            }
            _ => Self::Unexpected {
                report: "none".to_owned(),
            },
        }
    }
}
