//! The OpenAPI document: what the handlers say of themselves, and what is true of all of them.

use crate::problem::ProblemBody;
use app::request::SESSION_COOKIE;
use axum::http::StatusCode;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "TinyTummy API", description = include_str!("about.md"), contact(), license(name = "MIT OR Apache-2.0")),
    components(schemas(ProblemBody)),
    security(("token" = []), ("session" = [])),
    tags(
        (name = "Account", description = "Who is asking."),
        (name = "Children", description = "The children you can see, and what is known of them."),
        (name = "Foods", description = "The food table, and reading words with it."),
        (name = "Meals", description = "What a child ate and drank."),
        (name = "Days", description = "What a day gave, against what is needed."),
        (name = "Sync", description = "How a phone that was offline catches up."),
    )
)]
struct Document;

/// The document before it has operations.
pub(super) fn begun() -> OpenApi {
    Document::openapi()
}

/// A problem that can come of more than one operation.
struct Common {
    status: StatusCode,
    name: &'static str,
    description: &'static str,
    of: fn(&HttpMethod, &Operation) -> bool,
}

const COMMON: &[Common] = &[
    Common {
        status: StatusCode::BAD_REQUEST,
        name: "BadRequest",
        description: "The query or the body cannot be read (`bad_query`, `bad_json`, `cut_short`).",
        of: |_, operation| operation.request_body.is_some() || has(operation, &ParameterIn::Query),
    },
    Common {
        status: StatusCode::UNAUTHORIZED,
        name: "Unauthorized",
        description: "No token, or one that is over (`unauthorized`).",
        of: |_, _| true,
    },
    Common {
        status: StatusCode::FORBIDDEN,
        name: "Forbidden",
        description: "To be looked at, not to be changed (`read_only`); for the child's owner alone (`not_owner`); or \
                      a session's request that comes from another site (`other_site`).",
        of: |method, _| changes(method),
    },
    Common {
        status: StatusCode::NOT_FOUND,
        name: "NotFound",
        description: "Not there, or not yours to see (`not_found`): which of the two is never told.",
        of: |_, operation| has(operation, &ParameterIn::Path) || operation.operation_id.as_deref() == Some("analyse"),
    },
    Common {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        name: "TooLarge",
        description: "More than 256 kB (`too_large`).",
        of: |method, _| changes(method),
    },
    Common {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        name: "NotJson",
        description: "The body is not declared as JSON (`not_json`).",
        of: |_, operation| operation.request_body.is_some(),
    },
    Common {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        name: "Invalid",
        description: "Some of it cannot be kept (`invalid`); `errors` says which fields, and why.",
        of: |_, operation| operation.request_body.is_some(),
    },
    Common {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        name: "Unexpected",
        description: "A fault of ours (`unexpected`, `broken`). The header x-request-id names it.",
        of: |_, _| true,
    },
    Common {
        status: StatusCode::SERVICE_UNAVAILABLE,
        name: "Unavailable",
        description: "The database is away for a moment (`unavailable`). Send it again.",
        of: |_, _| true,
    },
];

fn changes(method: &HttpMethod) -> bool {
    *method != HttpMethod::Get
}

fn has(operation: &Operation, place: &ParameterIn) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == *place,
        RefOr::Ref(_) => false,
    })
}

/// The document with what is true of every operation.
pub(super) fn finished(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE))),
    );
    for common in COMMON {
        components
            .responses
            .insert(common.name.to_owned(), RefOr::T(common.response()));
    }
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            for common in COMMON {
                if !(common.of)(&method, operation) {
                    continue;
                }
                operation
                    .responses
                    .responses
                    .entry(common.status.as_str().to_owned())
                    .or_insert_with(|| RefOr::Ref(Ref::from_response_name(common.name)));
            }
        }
    }
    document
}

impl Common {
    fn response(&self) -> Response {
        let problem = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        ResponseBuilder::new()
            .description(self.description)
            .content("application/problem+json", problem)
            .build()
    }
}

/// The operations of a path, with their methods.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
