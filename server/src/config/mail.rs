//! Through whom mail is sent, if through anybody.

use super::{ConfigError, MAIL, PublicUrl, secret};
use clap::{Args, ValueEnum};
use services::mail::{Mailer, Security, Settings};
use std::path::PathBuf;

/// The options for mail, as given.
#[derive(Debug, Clone, Args)]
pub struct MailOptions {
    /// The SMTP server that takes our mail; without one, no mail is sent and links are shown to be copied
    ///
    /// Needs TINYTUMMY_MAIL_FROM and PUBLIC_URL.
    #[arg(long, env = "TINYTUMMY_SMTP_HOST", value_name = "HOST", help_heading = MAIL)]
    pub smtp_host: Option<String>,

    /// Its port [default: 587 for starttls, 465 for tls, 25 for none]
    #[arg(long, env = "TINYTUMMY_SMTP_PORT", value_name = "PORT", help_heading = MAIL)]
    pub smtp_port: Option<u16>,

    /// How the connection to it is protected; none only for one on this machine
    #[arg(long, env = "TINYTUMMY_SMTP_SECURITY", value_enum, default_value_t = SmtpSecurity::Starttls, help_heading = MAIL)]
    pub smtp_security: SmtpSecurity,

    /// The user to sign in to it as
    #[arg(long, env = "TINYTUMMY_SMTP_USER", value_name = "NAME", help_heading = MAIL)]
    pub smtp_user: Option<String>,

    /// That user's password
    #[arg(long, env = "TINYTUMMY_SMTP_PASSWORD", hide_env_values = true, value_name = "PASSWORD", help_heading = MAIL)]
    pub smtp_password: Option<String>,

    /// A file that holds TINYTUMMY_SMTP_PASSWORD
    #[arg(long, env = "TINYTUMMY_SMTP_PASSWORD_FILE", value_name = "FILE", help_heading = MAIL)]
    pub smtp_password_file: Option<PathBuf>,

    /// Whom mail comes from, such as tummy@example.org or "TinyTummy <tummy@example.org>"
    #[arg(long, env = "TINYTUMMY_MAIL_FROM", value_name = "ADDRESS", help_heading = MAIL)]
    pub mail_from: Option<String>,
}

/// A [`Security`] as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SmtpSecurity {
    Starttls,
    Tls,
    None,
}

impl MailOptions {
    /// `None` without a host. A link in a mail needs an address that a request cannot forge.
    ///
    /// # Errors
    /// A [`ConfigError`] that says what to change.
    pub fn settle(self, public_url: Option<&PublicUrl>) -> Result<Option<Mailer>, ConfigError> {
        const HOST: &str = "TINYTUMMY_SMTP_HOST";
        const USER: &str = "TINYTUMMY_SMTP_USER";
        const PASSWORD: &str = "TINYTUMMY_SMTP_PASSWORD";
        const FROM: &str = "TINYTUMMY_MAIL_FROM";
        let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let incomplete = |given, missing| Err(ConfigError::MailIncomplete { given, missing });
        let (host, user, from) = (given(self.smtp_host), given(self.smtp_user), given(self.mail_from));
        let password = secret(PASSWORD, self.smtp_password, self.smtp_password_file)?;
        let Some(host) = host else {
            return match (user, from) {
                (Some(_), _) => incomplete(USER, HOST),
                (_, Some(_)) => incomplete(FROM, HOST),
                _ => Ok(None),
            };
        };
        let Some(from) = from else {
            return incomplete(HOST, FROM);
        };
        if public_url.is_none() {
            return incomplete(HOST, "PUBLIC_URL");
        }
        let credentials = match (user, password) {
            (Some(user), Some(password)) => Some((user, password.reveal().to_owned())),
            (Some(_), None) => return incomplete(USER, PASSWORD),
            (None, Some(_)) => return incomplete(PASSWORD, USER),
            (None, None) => None,
        };
        let settings = Settings {
            host,
            port: self.smtp_port,
            security: match self.smtp_security {
                SmtpSecurity::Starttls => Security::StartTls,
                SmtpSecurity::Tls => Security::Tls,
                SmtpSecurity::None => Security::Plain,
            },
            credentials,
            from,
        };
        Mailer::new(&settings).map(Some).map_err(ConfigError::Mail)
    }
}
