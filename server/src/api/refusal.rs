//! The ways to say no, declared once for all operations, with the bodies that come along (rules.md §3).

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{ContentBuilder, HeaderBuilder, Ref, Response, ResponseBuilder, schema::Type},
};

use super::sketch::Sketch;

/// Why an operation may not be done. Which of them an operation knows follows from what its handler takes;
/// the others are added where it is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    PreconditionFailed,
    TooLarge,
    Invalid,
    TooMany,
    BadGateway,
    Unavailable,
}

impl Refusal {
    pub(super) const ALL: [Self; 11] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::Invalid,
        Self::TooMany,
        Self::BadGateway,
        Self::Unavailable,
    ];

    /// Its name in the document.
    pub(super) fn name(self) -> String {
        format!("{self:?}")
    }

    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::BadRequest => "Not a request that can be read, or one that can't be right",
            Self::Unauthorized => "No token, or one that is unknown, expired or revoked",
            Self::Forbidden => "The caller may see it, but may not do this",
            Self::NotFound => "There is none, or the caller may not see it",
            Self::Conflict => "Its present state does not allow this",
            Self::PreconditionFailed => "It was changed since the client read it",
            Self::TooLarge => "The body is too large",
            Self::Invalid => "A field or parameter is wrong, or this is not allowed in this state",
            Self::TooMany => "Too many requests; Retry-After says when to come back",
            Self::BadGateway => "What runs the containers did not answer",
            Self::Unavailable => "Not now; Retry-After says when to come back",
        }
    }

    /// The answer as the document declares it; its schemas go into the sketch.
    pub(super) fn declare(self, sketch: &mut Sketch) -> Response {
        let schema: Ref = match self {
            Self::Unauthorized => sketch.schema::<Unauthorized>(),
            Self::Invalid => sketch.schema::<Unprocessable>(),
            _ => sketch.schema::<Problem>(),
        };
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let answer =
            ResponseBuilder::new().description(self.says()).content("application/json", content);
        let header = |kind, says: &str| {
            let schema = utoipa::openapi::ObjectBuilder::new().schema_type(kind);
            HeaderBuilder::new().schema(Some(schema)).description(Some(says)).build()
        };
        match self {
            Self::Unauthorized => {
                answer.header("WWW-Authenticate", header(Type::String, "Always Bearer"))
            }
            Self::TooMany | Self::Unavailable => {
                answer.header("Retry-After", header(Type::Integer, "Seconds to wait"))
            }
            _ => answer,
        }
        .build()
    }
}

/// Every refusal but the two that have more to say.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// A sentence for people.
    pub(super) detail: String,
}

/// Both keys, because clients read one or the other.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unauthorized {
    pub(super) detail: String,
    pub(super) message: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unprocessable {
    pub(super) detail: Detail,
}

/// A sentence when the state forbids it; one item for each wrong field or parameter otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Detail {
    Sentence(String),
    Items(Vec<InvalidItem>),
}

/// A wrong field or parameter, in both shapes that clients know.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvalidItem {
    /// `body`, `query` or `path`, then names and positions.
    #[schema(value_type = Vec<Step>)]
    pub(super) loc: Vec<Value>,
    pub(super) msg: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// The same place with dots between the names.
    pub(super) path: String,
    pub(super) message: String,
    pub(super) code: &'static str,
}

/// A name of a field, or a position in a list.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the members of loc")]
enum Step {
    Name(String),
    Position(usize),
}
