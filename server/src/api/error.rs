//! Every error of a use case as HTTP, in this one place (rules.md §3).

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use handover::error::{Error, FieldError, Place, Step};
use serde_json::{Value, json};

use super::refusal::{Detail, InvalidItem, Problem, Unauthorized, Unprocessable};

/// What a handler answers.
pub(super) type Answer<T> = Result<T, ApiError>;

#[derive(Debug)]
pub(crate) enum ApiError {
    UseCase(Error),
    WrongMethod(Method),
    TooLarge,
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::UseCase(error)
    }
}

impl ApiError {
    pub(super) fn wrong_method(method: &Method) -> Self {
        Self::WrongMethod(method.clone())
    }
}

/// Marks an answer whose cause is in the log only; [`super::failures`] gives it a name to look for there.
#[derive(Debug, Clone)]
pub(super) struct Unexpected(pub(super) String);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::UseCase(error) => of(error),
            Self::WrongMethod(method) => detail(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("{method} is not allowed here; the Allow header says what is"),
            ),
            Self::TooLarge => {
                detail(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB")
            }
        }
    }
}

fn of(error: Error) -> Response {
    let text = error.to_string();
    match error {
        Error::Unauthorized => {
            let body = Json(Unauthorized { detail: text.clone(), message: text });
            let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
            (StatusCode::UNAUTHORIZED, challenge, body).into_response()
        }
        Error::Changed => detail(StatusCode::PRECONDITION_FAILED, text),
        Error::Forbidden(_) => {
            // Some clients read the one, some the other.
            let body = Json(json!({ "message": text, "detail": text }));
            (StatusCode::FORBIDDEN, body).into_response()
        }
        Error::NotFound(_) => detail(StatusCode::NOT_FOUND, text),
        Error::BadRequest(_) => detail(StatusCode::BAD_REQUEST, text),
        Error::Conflict(_) => detail(StatusCode::CONFLICT, text),
        Error::Refused(_) => {
            let detail = Detail::Sentence(text);
            (StatusCode::UNPROCESSABLE_ENTITY, Json(Unprocessable { detail })).into_response()
        }
        Error::Invalid(fields) => {
            let detail = Detail::Items(fields.iter().map(item).collect());
            (StatusCode::UNPROCESSABLE_ENTITY, Json(Unprocessable { detail })).into_response()
        }
        Error::TooMany => later(StatusCode::TOO_MANY_REQUESTS, "60", text),
        Error::Store(cause) if cause.is_passing() => {
            tracing::warn!(error = ?cause, "the store did not answer a request");
            later(StatusCode::SERVICE_UNAVAILABLE, "1", text)
        }
        Error::Store(cause) => unexpected(format!("{cause:?}")),
        Error::TooLarge(_) => detail(StatusCode::PAYLOAD_TOO_LARGE, text),
        Error::Disk(cause) => {
            tracing::warn!(error = ?cause, "the disk did not serve a request");
            later(StatusCode::SERVICE_UNAVAILABLE, "5", text)
        }
        Error::Engine(cause) => {
            tracing::warn!(error = ?cause, "the engine did not answer a request");
            detail(StatusCode::BAD_GATEWAY, text)
        }
    }
}

fn detail(status: StatusCode, text: impl Into<String>) -> Response {
    (status, Json(Problem { detail: text.into() })).into_response()
}

fn later(status: StatusCode, seconds: &'static str, text: String) -> Response {
    let retry = [(header::RETRY_AFTER, HeaderValue::from_static(seconds))];
    (retry, detail(status, text)).into_response()
}

pub(super) fn unexpected(cause: String) -> Response {
    let mut answer = detail(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here");
    answer.extensions_mut().insert(Unexpected(cause));
    answer
}

fn item(field: &FieldError) -> InvalidItem {
    let place = match field.place {
        Place::Body => "body",
        Place::Query => "query",
        Place::Path => "path",
    };
    let step = |step: &Step| match step {
        Step::Field(name) => json!(name),
        Step::Index(index) => json!(index),
    };
    let loc: Vec<Value> =
        std::iter::once(json!(place)).chain(field.path.iter().map(step)).collect();
    InvalidItem {
        loc,
        msg: field.message.clone(),
        kind: field.code,
        path: field.dotted(),
        message: field.message.clone(),
        code: field.code,
    }
}
