//! An SMTP server that takes every mail and shows it to the test.

use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What it was told, line by line, and the mail after DATA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) commands: Vec<String>,
    /// Headers and text as they came, with the dots unstuffed.
    pub(crate) mail: String,
}

impl Delivery {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.mail
            .lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_default()
    }

    /// The text, with a quoted-printable transfer encoding undone.
    pub(crate) fn text(&self) -> String {
        let text = self
            .mail
            .split_once("\r\n\r\n")
            .map(|(_, text)| text)
            .unwrap_or_default();
        if self.header("Content-Transfer-Encoding") != "quoted-printable" {
            return text.replace("\r\n", "\n");
        }
        let mut bytes = Vec::new();
        let joined = text.replace("=\r\n", "");
        let mut rest = joined.as_bytes();
        while let [first, tail @ ..] = rest {
            let coded = (*first == b'=')
                .then(|| std::str::from_utf8(tail.get(..2)?).ok())
                .flatten()
                .and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(coded.unwrap_or(*first));
            rest = if coded.is_some() { &tail[2..] } else { tail };
        }
        String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
    }
}

#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    deliveries: UnboundedReceiver<Delivery>,
}

impl Sink {
    /// Takes everything, and a name and a password when they are offered.
    pub(crate) async fn start() -> Self {
        Self::answering("250 taken").await
    }

    /// Says `verdict` to every mail.
    pub(crate) async fn answering(verdict: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, deliveries) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, verdict, sender.clone()));
            }
        });
        Self { address, deliveries }
    }

    /// The next conversation, once it is over.
    pub(crate) async fn next(&mut self) -> Delivery {
        self.deliveries
            .recv()
            .await
            .expect("the sink listens as long as it is there")
    }

    /// Whether nobody has called since.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.deliveries.try_recv().is_err()
    }
}

async fn converse(stream: TcpStream, verdict: &str, sender: UnboundedSender<Delivery>) {
    let mut delivery = Delivery::default();
    // A client that hangs up in the middle ends the conversation as well.
    let _ = listen(stream, verdict, &mut delivery).await;
    let _ = sender.send(delivery);
}

async fn listen(stream: TcpStream, verdict: &str, delivery: &mut Delivery) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 sink ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split(' ').next().unwrap_or_default() {
            "EHLO" => "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
            "AUTH" => "235 welcome".to_owned(),
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    delivery.mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                    delivery.mail.push_str("\r\n");
                }
                verdict.to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        delivery.commands.push(line);
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
