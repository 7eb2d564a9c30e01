//! A parent whose browser has no script: forms, posted to a server that may die at any moment.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use uuid::Uuid;

/// Longer than the server takes for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who sends a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A browser without script, which posts the page's own form.
    Form,
    /// The page's script, which calls the server function.
    Script,
    /// A program of the parent's, by the API. It knows the meal's id and none of the change.
    Program,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value.trim())
    }
}

/// One request on a connection of its own. An answer that was cut off is an error: nobody has read it.
pub(crate) fn ask(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    read(&answer).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// The answer, if it came whole.
fn read(bytes: &[u8]) -> Option<Answer> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (head, mut rest) = halves(bytes, b"\r\n\r\n")?;
    let mut answer = Answer {
        status: text(head).split(' ').nth(1)?.parse().ok()?,
        head: text(head),
        body: String::new(),
    };
    if let Ok(length) = answer.header("content-length").parse::<usize>() {
        answer.body = text(rest);
        return (rest.len() == length).then_some(answer);
    }
    // In pieces, each after its length; the last one is empty.
    let mut body = Vec::new();
    loop {
        let (length, pieces) = halves(rest, b"\r\n")?;
        let length = usize::from_str_radix(&text(length), 16).ok()?;
        if length == 0 {
            answer.body = text(&body);
            return Some(answer);
        }
        body.extend_from_slice(pieces.get(..length)?);
        rest = pieces.get(length + 2..)?;
    }
}

fn halves<'a>(bytes: &'a [u8], between: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(between.len()).position(|window| window == between)?;
    Some((&bytes[..at], &bytes[at + between.len()..]))
}

/// A form, as a browser posts it from a page of ours.
fn post(address: &str, path: &str, accept: &str, cookie: &str, form: &[(&str, &str)]) -> io::Result<Answer> {
    let headers = [
        ("Accept", accept),
        ("Cookie", cookie),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    ask(address, "POST", path, &headers, &body)
}

const HTML: &str = "text/html,application/xhtml+xml";

/// A signed-in parent of one child, with a key for a program.
#[derive(Clone, Debug)]
pub(crate) struct Parent {
    cookie: String,
    bearer: String,
    pub(crate) child: Uuid,
    /// The day all meals are on.
    date: String,
}

impl Parent {
    /// Signs up, adds a child, and makes a token.
    pub(crate) fn new(address: &str) -> Self {
        let email = format!("{}@example.org", Uuid::new_v4().simple());
        let form = [
            ("_fn", "/api/account/sign_up"),
            ("email", &email),
            ("password", "seven green bananas"),
            ("first_name", "Anna"),
            ("time_zone", "UTC"),
        ];
        let signed_up = post(address, "/sign-up", HTML, "", &form).expect("an answer");
        assert_eq!(signed_up.status, 303, "{}", signed_up.body);
        let cookie = signed_up.header("set-cookie").split(';').next().unwrap_or_default();
        #[expect(clippy::disallowed_methods, reason = "the server under test reads the same clock")]
        let today = chrono::Utc::now().date_naive();
        let born = (today - chrono::Days::new(250)).to_string();
        let form = [
            ("_fn", "/api/child/save"),
            ("child", ""),
            ("name", "Pip"),
            ("date_of_birth", &born),
            ("sex", "female"),
            ("time_zone", "UTC"),
        ];
        let added = post(address, "/new-child", HTML, cookie, &form).expect("an answer");
        assert_eq!(added.status, 303, "{}", added.body);
        let child = added
            .header("location")
            .rsplit('/')
            .next()
            .and_then(|id| id.parse().ok());
        let token = Uuid::new_v4().to_string();
        let form = [
            ("_fn", "/api/token/make"),
            ("token", &token),
            ("name", "a program"),
            ("reach", "all"),
            ("access", "write"),
            ("lifetime", "month"),
        ];
        let made = post(address, "/settings/tokens", HTML, cookie, &form).expect("an answer");
        let key = made.body.split_once("tt_").and_then(|(_, key)| key.get(..64));
        Self {
            cookie: cookie.to_owned(),
            bearer: format!("Bearer tt_{}", key.expect("a key")),
            child: child.expect("the child's page"),
            date: today.to_string(),
        }
    }

    pub(crate) fn get(&self, address: &str, path: &str) -> io::Result<Answer> {
        ask(address, "GET", path, &[("Accept", HTML), ("Cookie", &self.cookie)], "")
    }

    /// The page of the day that the meals are on.
    pub(crate) fn day(&self) -> String {
        format!("/children/{}/days/{}", self.child, self.date)
    }

    pub(crate) fn send(&self, address: &str, step: &Step, by: By) -> io::Result<Answer> {
        let (child, meal, change) = (self.child.to_string(), step.meal.to_string(), step.change.to_string());
        if by == By::Program {
            let headers = [
                ("Authorization", self.bearer.as_str()),
                ("Content-Type", "application/json"),
            ];
            let body = serde_json::json!({ "raw_input": step.text }).to_string();
            return ask(
                address,
                "PUT",
                &format!("/api/v1/children/{child}/meals/{meal}"),
                &headers,
                &body,
            );
        }
        let function = match step.what {
            What::Delete => "/api/meals/delete",
            What::Log | What::Mend => "/api/meals/save",
        };
        let mut form = vec![
            ("_fn", function),
            ("child", &child),
            ("meal", &meal),
            ("change", &change),
        ];
        if step.what != What::Delete {
            form.extend([
                ("raw_input", step.text.as_str()),
                ("date", &self.date),
                ("time", "00:00"),
            ]);
            form.extend([("kind", "food"), ("meal_type", "snack")]);
        }
        if step.what == What::Mend {
            form.push(("notes", "mended"));
        }
        if by == By::Script {
            return post(address, function, "application/json", &self.cookie, &form);
        }
        let page = match step.what {
            What::Log => format!("/children/{child}/log"),
            What::Mend | What::Delete => format!("/children/{child}/meals/{meal}"),
        };
        post(address, &page, HTML, &self.cookie, &form)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Log,
    Mend,
    Delete,
}

/// One write to a meal, with the ids it keeps however often it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) what: What,
    pub(crate) meal: Uuid,
    pub(crate) change: Uuid,
    pub(crate) text: String,
}

/// The life of a meal: logged, mended, deleted.
pub(crate) fn life(text: &str) -> [Step; 3] {
    let meal = Uuid::new_v4();
    [What::Log, What::Mend, What::Delete].map(|what| Step {
        what,
        meal,
        change: Uuid::new_v4(),
        text: text.to_owned(),
    })
}
