//! Mail, at the wire.

mod support;

use domain::account::Email;
use services::mail::{MailError, Mailer, Security, Settings};
use support::smtp::Sink;

fn mailer(sink: &Sink, security: Security, credentials: Option<(&str, &str)>) -> Mailer {
    Mailer::new(&Settings {
        host: sink.address.ip().to_string(),
        port: Some(sink.address.port()),
        security,
        credentials: credentials.map(|(user, password)| (user.to_owned(), password.to_owned())),
        from: "TinyTummy <tummy@example.org>".to_owned(),
    })
    .expect("a mailer")
}

fn ada() -> Email {
    Email::parse("ada@example.org").expect("an address")
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let mut sink = Sink::start().await;
    let text = "Zdravo Ada,\n\n.a line that begins with a dot\n🍌 and a very long line, longer than any line of a \
                mail may be, so that it has to be folded by whoever sends it and unfolded by whoever reads it: \
                https://tummy.example.org/reset-password?token=0123456789abcdef0123456789abcdef\n";
    mailer(&sink, Security::Plain, None)
        .send(&ada(), "Grüße von TinyTummy", text)
        .await
        .expect("taken");
    let delivery = sink.next().await;
    assert_eq!(delivery.commands[0], "EHLO example.org");
    assert!(
        delivery
            .commands
            .iter()
            .any(|line| line.starts_with("MAIL FROM:<tummy@example.org>"))
    );
    assert!(
        delivery
            .commands
            .iter()
            .any(|line| line.starts_with("RCPT TO:<ada@example.org>"))
    );
    assert_eq!(delivery.header("To"), "ada@example.org");
    assert_eq!(delivery.header("From"), "TinyTummy <tummy@example.org>");
    assert_eq!(delivery.header("Auto-Submitted"), "auto-generated");
    assert!(delivery.header("Message-ID").ends_with("@example.org>"));
    assert_ne!(delivery.header("Date"), "");
    assert!(delivery.header("Subject").is_ascii());
    assert_eq!(delivery.text().trim_end(), text.trim_end());
}

#[tokio::test]
async fn the_user_signs_in_before_mail_is_sent() {
    let mut sink = Sink::start().await;
    mailer(&sink, Security::Plain, Some(("tummy", "hush")))
        .send(&ada(), "x", "y")
        .await
        .expect("taken");
    let delivery = sink.next().await;
    let auth = delivery
        .commands
        .iter()
        .position(|line| line.starts_with("AUTH PLAIN "));
    let mail = delivery.commands.iter().position(|line| line.starts_with("MAIL FROM"));
    assert!(auth.is_some() && auth < mail, "{delivery:?}");
}

#[tokio::test]
async fn a_server_without_tls_gets_no_mail_and_no_password_where_tls_is_wanted() {
    let mut sink = Sink::start().await;
    let sent = mailer(&sink, Security::StartTls, Some(("tummy", "hush")))
        .send(&ada(), "x", "y")
        .await;
    assert!(matches!(sent, Err(MailError::Smtp(_))), "{sent:?}");
    let delivery = sink.next().await;
    assert!(
        !delivery
            .commands
            .iter()
            .any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")),
        "{delivery:?}"
    );
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_no_mail_sent() {
    let sink = Sink::answering("554 no such person").await;
    let sent = mailer(&sink, Security::Plain, None)
        .send(&ada(), "x", "the secret words")
        .await;
    let Err(error) = sent else {
        panic!("not refused");
    };
    assert!(matches!(error, MailError::Smtp(_)));
    assert!(!format!("{error:?}").contains("the secret words"));
}
