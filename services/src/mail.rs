//! Sending mail through somebody's SMTP server. A server without one sends none, and says so.

use domain::account::Email;
use lettre::address::AddressError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncTransport as _, Tokio1Executor};
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// How long each step of the conversation may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How the connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, on port 465.
    Tls,
    /// TLS before anything is said, on port 587. A server that does not offer it gets no mail.
    StartTls,
    /// None, on port 25: for a server on the same machine.
    Plain,
}

/// The SMTP server to use.
#[derive(Clone)]
pub struct Settings {
    pub host: String,
    /// `None`: the usual port of `security`.
    pub port: Option<u16>,
    pub security: Security,
    /// User name and password.
    pub credentials: Option<(String, String)>,
    /// Whom the mail is from: `tummy@example.org` or `TinyTummy <tummy@example.org>`.
    pub from: String,
}

/// Without the password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("user", &self.credentials.as_ref().map(|(user, _)| user))
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Why a mail did not go out.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("{0:?} is no address to send mail from; it should read like tummy@example.org")]
    From(String, #[source] AddressError),
    #[error("that address cannot be sent mail to")]
    To(#[source] AddressError),
    #[error("the mail could not be written")]
    Message(#[from] lettre::error::Error),
    #[error("the SMTP server did not take the mail")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

/// Sends mail. Cheap to clone; every mail has a connection of its own.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("from", &self.from.to_string())
            .finish_non_exhaustive()
    }
}

impl Mailer {
    /// Connects to nobody yet.
    ///
    /// # Errors
    /// [`MailError::From`]; [`MailError::Smtp`] when TLS cannot be had on this machine.
    pub fn new(settings: &Settings) -> Result<Self, MailError> {
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|error| MailError::From(settings.from.clone(), error))?;
        let host = settings.host.as_str();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host);
        builder = match settings.security {
            Security::Tls => builder
                .port(465)
                .tls(Tls::Wrapper(TlsParameters::new(host.to_owned())?)),
            Security::StartTls => builder
                .port(587)
                .tls(Tls::Required(TlsParameters::new(host.to_owned())?)),
            Security::Plain => builder.port(25).tls(Tls::None),
        };
        if let Some(port) = settings.port {
            builder = builder.port(port);
        }
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        let transport = builder
            // The machine's own name is seldom one that a mail server can look up.
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from })
    }

    /// Sends a text to one person; the server has taken it when this returns.
    ///
    /// # Errors
    /// See [`MailError`]. The text may hold a secret, so no error repeats it.
    pub async fn send(&self, to: &Email, subject: &str, text: &str) -> Result<(), MailError> {
        let to = Mailbox::new(None, to.as_str().parse().map_err(MailError::To)?);
        let id = format!("<{}@{}>", Uuid::new_v4(), self.from.email.domain());
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(id))
            // RFC 3834: no holiday notice comes back.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())?;
        self.transport.send(message).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(from: &str) -> Settings {
        Settings {
            host: "mail.example.org".to_owned(),
            port: None,
            security: Security::StartTls,
            credentials: Some(("tummy".to_owned(), "hush".to_owned())),
            from: from.to_owned(),
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        assert!(Mailer::new(&settings("tummy@example.org")).is_ok());
        assert!(Mailer::new(&settings("TinyTummy <tummy@example.org>")).is_ok());
        for wrong in ["", "TinyTummy", "a@b@c"] {
            assert!(
                matches!(Mailer::new(&settings(wrong)), Err(MailError::From(..))),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn the_password_does_not_print() {
        let settings = settings("tummy@example.org");
        let mailer = Mailer::new(&settings).unwrap();
        assert!(!format!("{settings:?} {mailer:?}").contains("hush"));
    }
}
