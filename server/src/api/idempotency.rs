//! `Idempotency-Key` on every POST (rules.md, after the IETF draft of that name): the same request under
//! the same key is carried out once and answered as often as it is sent.
//!
//! The request is carried out in a task of its own: a client that has lost its connection is just the one
//! that will ask again.
//!
//! Known limitation: a body is read whole before it is compared, so one beyond 1 MiB can't have a key.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use handover::{
    access::Via,
    error::Error,
    house::House,
    idempotency::{self, Begun, Kept, Ticket},
};
use sha2::{Digest, Sha256};
use tracing::Instrument;
use utoipa::openapi::{
    ObjectBuilder, Required,
    path::{ParameterBuilder, ParameterIn},
    schema::Type,
};

use super::{
    BODY_LIMIT,
    auth::Signed,
    error::{ApiError, unexpected},
    refusal::Refusal,
    sketch::Sketch,
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// What is kept of an answer's head; the rest is made anew for each.
const HEADERS: [HeaderName; 4] =
    [header::CONTENT_TYPE, header::LOCATION, header::RETRY_AFTER, header::ETAG];

/// Every POST takes the header.
pub(super) fn describe(sketch: &mut Sketch) {
    let text = ObjectBuilder::new().schema_type(Type::String);
    sketch.parameter(
        ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Carried out once in 24 hours under the same key, best a UUID"))
            .schema(Some(text.min_length(Some(1)).max_length(Some(255))))
            .build(),
    );
    let refusals = [Refusal::BadRequest, Refusal::Conflict, Refusal::Invalid, Refusal::TooLarge];
    for refusal in refusals {
        sketch.refuse(refusal);
    }
}

pub(super) async fn layer(State(house): State<House>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    keyed(house, request, next).await.unwrap_or_else(ApiError::into_response)
}

async fn keyed(house: House, request: Request, next: Next) -> Result<Response, ApiError> {
    let name = only(request.headers())?;
    let (mut parts, body) = request.into_parts();
    // Whoever may not come in is told so, and nothing is kept of it.
    let Signed(caller) = Signed::from_request_parts(&mut parts, &house).await?;
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| ApiError::TooLarge)?;
    // A narrower token of the same person must not be told what was answered to a wider one.
    let via = match &caller.via {
        Via::Token { id, .. } => id.to_string(),
        Via::Session => String::new(),
    };
    let path = parts.uri.path().trim_end_matches('/').as_bytes();
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let mut fingerprint = Sha256::new();
    for part in [via.as_bytes(), path, query, &*body] {
        fingerprint.update(part.len().to_be_bytes());
        fingerprint.update(part);
    }
    match idempotency::begin(&house, &caller, &name, &fingerprint.finalize()).await? {
        Begun::Done(kept) => Ok(again(kept)),
        Begun::Running => {
            let said = "the first request under this Idempotency-Key is still being carried out";
            let refused = ApiError::from(Error::Conflict(said.into()));
            Ok(([(header::RETRY_AFTER, "1")], refused).into_response())
        }
        Begun::New(ticket) => {
            let request = Request::from_parts(parts, Body::from(body));
            let carried_out =
                tokio::spawn(carry_out(house, ticket, request, next).in_current_span());
            Ok(carried_out.await.unwrap_or_else(|died| unexpected(died.to_string())))
        }
    }
}

fn only(headers: &HeaderMap) -> Result<String, ApiError> {
    let mut given = headers.get_all(KEY).iter();
    let (first, second) = (given.next().and_then(|key| key.to_str().ok()), given.next());
    match (first, second) {
        (Some(key), None) => Ok(key.to_owned()),
        _ => {
            Err(Error::BadRequest("one Idempotency-Key of ASCII characters, please".into()).into())
        }
    }
}

async fn carry_out(house: House, ticket: Ticket, request: Request, next: Next) -> Response {
    // A handler that panics has a task of its own, so that the key does not stay in use for ever.
    let handled = tokio::spawn(async move { next.run(request).await }.in_current_span());
    let answer = handled.await.unwrap_or_else(|died| unexpected(died.to_string()));
    let (parts, body) = answer.into_parts();
    let body = match to_bytes(body, usize::MAX).await {
        Ok(body) => body,
        Err(broke) => return unexpected(broke.to_string()),
    };
    let kept = if lasting(parts.status) {
        let headers = HEADERS.iter().filter_map(|name| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        });
        let answer = Kept {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: String::from_utf8(body.to_vec()).ok(),
        };
        idempotency::finish(&house, &ticket, answer).await
    } else {
        idempotency::give_back(&house, &ticket).await
    };
    if let Err(error) = kept {
        // It was carried out, and the caller is told; only its repetition will be refused.
        tracing::warn!(%error, "an answer could not be kept under its Idempotency-Key");
    }
    Response::from_parts(parts, Body::from(body))
}

/// Whether the same request would be answered the same again. Failures of ours, missing rights and too many
/// attempts may pass, and nothing was carried out.
fn lasting(status: StatusCode) -> bool {
    !status.is_server_error()
        && !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS)
}

fn again(kept: Kept) -> Response {
    let too_long = || {
        let said = "this was carried out before; its answer was too long to be kept";
        serde_json::json!({ "detail": said }).to_string()
    };
    let mut answer = Response::new(Body::from(kept.body.unwrap_or_else(too_long)));
    *answer.status_mut() = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    answer
}
