//! Somebody with a browser of their own: signs up, fills in forms, looks at pages.

use super::client::Answer;
use super::house::House;
use axum::http::header::SET_COOKIE;
use std::collections::BTreeMap;

/// A browser without JavaScript, that keeps its cookies.
#[derive(Debug)]
pub(crate) struct Parent<'a> {
    house: &'a House,
    cookies: BTreeMap<String, String>,
}

impl<'a> Parent<'a> {
    pub(crate) fn new(house: &'a House) -> Self {
        Self {
            house,
            cookies: BTreeMap::new(),
        }
    }

    /// One who has an account; the name is the part before the `@`.
    pub(crate) async fn sign_up(house: &'a House, email: &str) -> Self {
        let mut parent = Self::new(house);
        parent.signs_up(email, "").await;
        parent
    }

    /// Where it leads.
    pub(crate) async fn signs_up(&mut self, email: &str, next: &str) -> String {
        let name = email.split('@').next().unwrap_or_default();
        let fields = [
            ("first_name", name),
            ("email", email),
            ("password", "plums and porridge"),
            ("next", next),
        ];
        self.led_by("/sign-up", "account/sign_up", &fields).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let answer = self
            .house
            .get(path, &[("accept", "text/html"), ("cookie", &self.cookie())])
            .await;
        self.keep(&answer);
        answer
    }

    /// A form posted to its page, meant for a server function.
    pub(crate) async fn post(&mut self, page: &str, function: &str, fields: &[(&str, &str)]) -> Answer {
        let function = format!("/api/{function}");
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("_fn", &function)
            .extend_pairs(fields)
            .finish();
        let answer = self
            .house
            .post(page, &[("cookie", &self.cookie())], body.as_bytes())
            .await;
        self.keep(&answer);
        answer
    }

    /// Where a form that is taken leads.
    pub(crate) async fn led_by(&mut self, page: &str, function: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(page, function, fields).await;
        assert!(answer.status.is_redirection(), "{page}: {}", answer.text());
        answer.header("location").to_owned()
    }

    /// Adds a child of eight months or so; the path of its page.
    pub(crate) async fn adds_a_child(&mut self, name: &str, born: &str) -> String {
        let fields = [
            ("name", name),
            ("date_of_birth", born),
            ("sex", "female"),
            ("time_zone", "UTC"),
        ];
        self.led_by("/new-child", "child/save", &fields).await
    }

    fn cookie(&self) -> String {
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie of ours");
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a name and a value");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The value of the first `attribute` after `mark` in a page.
pub(crate) fn value_after(page: &str, mark: &str, attribute: &str) -> Option<String> {
    let rest = page.split_once(mark)?.1;
    let rest = rest.split_once(&format!("{attribute}=\""))?.1;
    Some(rest.split_once('"')?.0.to_owned())
}
