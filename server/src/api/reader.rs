//! `/api/v1/docs`: the document as a page. Plain HTML in the app's own look, no script, nothing fetched
//! from elsewhere.

use crate::problem::escape;
use app::request::theme_of;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use utoipa::openapi::OpenApi;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// The page, made once.
#[derive(Debug)]
pub(super) struct Page {
    head: String,
    body: String,
}

impl Page {
    pub(super) fn new(document: &OpenApi, stylesheet: &str) -> Self {
        let document = serde_json::to_value(document).unwrap_or_default();
        let head = format!(
            "<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>API · TinyTummy</title>\
             <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
             <link rel=\"stylesheet\" href=\"{}\">",
            escape(stylesheet)
        );
        Self {
            head,
            body: Writer::default().page(&document),
        }
    }

    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let theme = theme_of(headers).map_or_else(String::new, |theme| format!(" data-theme=\"{theme}\""));
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"{theme}><head>{}</head><body>{}</body></html>",
            self.head, self.body
        );
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (CONTENT_SECURITY_POLICY, POLICY),
        ];
        (headers, page).into_response()
    }
}

/// An operation of the document.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    said: &'a Value,
}

impl Operation<'_> {
    fn text(&self, name: &str) -> &str {
        self.said[name].as_str().unwrap_or_default()
    }
}

#[derive(Default)]
struct Writer(String);

impl Writer {
    fn page(mut self, document: &Value) -> String {
        let operations = operations(document);
        self.0 += "<div class=\"app\"><header class=\"masthead\"><a class=\"brand\" href=\"/\">TinyTummy</a>\
                   <a class=\"button button--quiet\" href=\"/settings/tokens\">Your tokens</a></header>\
                   <main class=\"page api\"><header class=\"page__header\"><h1>API</h1></header><div class=\"stack stack--tight\">";
        self.prose(document["info"]["description"].as_str().unwrap_or_default());
        self.0 += "<p><a href=\"/api/v1/openapi.json\">The same as OpenAPI 3.1</a>, for programs that write programs.</p>\
                   </div><nav class=\"section\" aria-label=\"Contents\">";
        for tag in document["tags"].as_array().into_iter().flatten() {
            let name = tag["name"].as_str().unwrap_or_default();
            let _ = write!(
                self.0,
                "<h2 class=\"api__group\">{}</h2><ul role=\"list\">",
                escape(name)
            );
            for operation in operations.iter().filter(|operation| has_tag(operation, name)) {
                let _ = write!(
                    self.0,
                    "<li><a class=\"api__link\" href=\"#{}\">{}<span>{}</span></a></li>",
                    escape(operation.text("operationId")),
                    method(operation.method),
                    escape(operation.text("summary"))
                );
            }
            self.0 += "</ul>";
        }
        self.0 += "</nav>";
        for tag in document["tags"].as_array().into_iter().flatten() {
            let name = tag["name"].as_str().unwrap_or_default();
            let _ = write!(
                self.0,
                "<section class=\"section\"><h2 class=\"section__title\">{}</h2>",
                escape(name)
            );
            self.prose(tag["description"].as_str().unwrap_or_default());
            for operation in operations.iter().filter(|operation| has_tag(operation, name)) {
                self.operation(document, operation);
            }
            self.0 += "</section>";
        }
        self.0 += "<section class=\"section\"><h2 class=\"section__title\" id=\"shapes\">Shapes</h2>";
        for (name, schema) in entries(&document["components"]["schemas"]) {
            self.shape(name, schema);
        }
        self.0 += "</section></main></div>";
        self.0
    }

    fn operation(&mut self, document: &Value, operation: &Operation<'_>) {
        let _ = write!(
            self.0,
            "<article class=\"api__operation\"><h3 id=\"{}\">{}</h3><p class=\"api__path\">{}<code>{}</code></p>",
            escape(operation.text("operationId")),
            escape(operation.text("summary")),
            method(operation.method),
            escape(operation.path).replace('/', "/<wbr>")
        );
        self.prose(operation.text("description"));
        let parameters = operation.said["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        if !parameters.is_empty() {
            self.0 += "<h4>In the address</h4><dl class=\"api__fields\">";
            for parameter in parameters {
                let required = parameter["required"].as_bool().unwrap_or_default();
                self.field(
                    parameter["name"].as_str().unwrap_or_default(),
                    &parameter["schema"],
                    required,
                    parameter["description"].as_str().unwrap_or_default(),
                );
            }
            self.0 += "</dl>";
        }
        let sent = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        if !sent.is_null() {
            let _ = write!(self.0, "<h4>To send</h4><p>{}, as JSON.</p>", kind(sent));
        }
        self.0 += "<details class=\"disclosure\"><summary>Answers and an example</summary><dl class=\"api__fields\">";
        for (status, answer) in entries(&operation.said["responses"]) {
            let answer = resolved(document, answer);
            let _ = write!(
                self.0,
                "<dt><strong>{}</strong></dt><dd>{}",
                escape(status),
                inline(answer["description"].as_str().unwrap_or_default())
            );
            if let Some((_, content)) = entries(&answer["content"]).next() {
                let _ = write!(self.0, " <span class=\"api__kind\">{}</span>", kind(&content["schema"]));
            }
            self.0 += "</dd>";
        }
        self.0 += "</dl><pre class=\"api__example\" tabindex=\"0\"><code>";
        self.0 += &escape(&example(operation, !sent.is_null()));
        self.0 += "</code></pre></details></article>";
    }

    fn shape(&mut self, name: &str, schema: &Value) {
        let _ = write!(
            self.0,
            "<article class=\"api__operation\"><h3 id=\"{0}\">{0}</h3>",
            escape(name)
        );
        self.prose(schema["description"].as_str().unwrap_or_default());
        if schema["properties"].is_object() {
            self.0 += "<dl class=\"api__fields\">";
            for (field, about) in entries(&schema["properties"]) {
                let required = schema["required"]
                    .as_array()
                    .is_some_and(|required| required.iter().any(|name| name.as_str() == Some(field)));
                self.field(
                    field,
                    about,
                    required,
                    about["description"].as_str().unwrap_or_default(),
                );
            }
            self.0 += "</dl>";
        } else {
            let _ = write!(self.0, "<p class=\"api__kind\">{}</p>", kind(schema));
        }
        self.0 += "</article>";
    }

    fn field(&mut self, name: &str, schema: &Value, required: bool, about: &str) {
        let _ = write!(
            self.0,
            "<dt><code>{}</code> <span class=\"api__kind\">{}{}</span></dt><dd>{}</dd>",
            escape(name),
            kind(schema),
            if required { "" } else { ", may be left out" },
            inline(about)
        );
    }

    /// Paragraphs.
    fn prose(&mut self, text: &str) {
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            let _ = write!(self.0, "<p>{}</p>", inline(paragraph.trim()));
        }
    }
}

/// Text with `code` in it.
fn inline(text: &str) -> String {
    escape(text)
        .split('`')
        .enumerate()
        .map(|(at, part)| {
            if at % 2 == 1 {
                format!("<code>{part}</code>")
            } else {
                part.to_owned()
            }
        })
        .collect()
}

fn method(method: &str) -> String {
    format!(
        "<span class=\"api__method api__method--{method}\">{}</span>",
        method.to_uppercase()
    )
}

/// What a value may be, in words, with a link to its shape.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(kinds) = schema[several].as_array() {
            return kinds.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words
            .iter()
            .map(|word| format!("<code>{}</code>", escape(word.as_str().unwrap_or_default())))
            .collect();
        return words.join(", ");
    }
    let named = |one: &str| match one {
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!("object of {}", kind(&schema["additionalProperties"]))
        }
        "string" => schema["format"]
            .as_str()
            .map_or("text", |format| match format {
                "uuid" => "UUID",
                "date-time" => "time",
                "date" => "date",
                _ => "text",
            })
            .to_owned(),
        other => other.to_owned(),
    };
    let words = match &schema["type"] {
        Value::String(one) => named(one),
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .map(named)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "anything".to_owned(),
    };
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!("{words} from {least} to {most}"),
        _ => words,
    }
}

fn example(operation: &Operation<'_>, sends: bool) -> String {
    let mut command = format!(
        "curl -X {} https://your.tinytummy{} \\\n  -H 'Authorization: Bearer tt_…'",
        operation.method.to_uppercase(),
        operation.path
    );
    if sends {
        let body = match operation.text("operationId") {
            "put_child" => {
                "{\"name\": \"Pip\", \"date_of_birth\": \"2026-03-14\", \"sex\": \"female\",\n       \
                 \"allergies\": [\"milk\"], \"time_zone\": \"Europe/Berlin\"}"
            }
            "change_child" => "{\"allergies\": [\"milk\", \"egg\"]}",
            "analyse" => "{\"text\": \"half a banana and 2 tsp honey\", \"age_months\": 8}",
            "change_meal" => "{\"notes\": \"ate with the spoon\"}",
            _ => {
                "{\"raw_input\": \"half a banana, 60 ml breast milk\",\n       \"eaten_at\": \"2026-11-23T12:30:00+01:00\"}"
            }
        };
        let _ = write!(command, " \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'");
    }
    command
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    entries(&document["paths"])
        .flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter(|method| item[**method].is_object())
                .map(move |method| Operation {
                    method,
                    path,
                    said: &item[*method],
                })
        })
        .collect()
}

fn has_tag(operation: &Operation<'_>, tag: &str) -> bool {
    operation.said["tags"]
        .as_array()
        .is_some_and(|tags| tags.iter().any(|name| name.as_str() == Some(tag)))
}

/// What a reference stands for.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"]
        .as_str()
        .and_then(|place| document.pointer(place.strip_prefix('#')?))
        .unwrap_or(value)
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flat_map(Map::iter)
        .map(|(name, value)| (name.as_str(), value))
}
