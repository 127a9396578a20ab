//! The older vocabulary (rules.md §15): `/console/workloads…` and `/registry/artifacts…` are other paths to the
//! same things, and a locked artifact is called `registered` there. A request in the older words is put into
//! the current ones, answered by the current routes, and its answer is put back; so there is one handler for
//! both, and neither can do what the other can't.
//!
//! Streams of events pass through untranslated: they carry no record of an artifact.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, Uri, header},
    response::{IntoResponse, Response},
    routing::any,
};
use handover::{error::Error, house::House};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use utoipa::openapi::{
    Deprecated,
    path::{Operation, PathItem, Paths},
};

use super::{
    BODY_LIMIT,
    error::{ApiError, unexpected},
};

/// The heading of these paths in the document.
pub(super) const TAG: &str = "Older paths";

/// Pages were this long unless a client said otherwise.
const PAGE: &str = "limit=100";

/// One family of paths: what it was called, and what it is called.
#[derive(Clone, Copy)]
struct Family {
    older: &'static str,
    current: &'static str,
    /// Whether a new thing may come without a name, and is given one.
    names: bool,
}

const FAMILIES: [Family; 2] = [
    Family { older: "/api/v2/console/workloads", current: "/api/v2/workloads", names: true },
    Family { older: "/api/v2/registry/artifacts", current: "/api/v2/artifacts", names: false },
];

/// The current routes, and the older paths to them.
pub(super) fn beside(current: &Router, house: &House) -> Router {
    FAMILIES.into_iter().fold(current.clone(), |router, family| {
        let (current, house) = (current.clone(), house.clone());
        let translated = any(move |request: Request| async move {
            match family.translate(&house, request).await {
                Ok(request) => answer(current, request).await,
                Err(refused) => refused.into_response(),
            }
        });
        router.nest_service(family.older, translated)
    })
}

/// Says of every current path how it was called.
pub(super) fn document(paths: &mut Paths) {
    for Family { older, current, .. } in FAMILIES {
        let below = format!("{current}/");
        let known: Vec<(String, PathItem)> =
            paths.paths.iter().map(|(path, item)| (path.clone(), item.clone())).collect();
        for (path, mut item) in known {
            if !path.starts_with(&below) {
                continue;
            }
            let all =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            all.into_iter().flatten().for_each(deprecate);
            paths.paths.insert(path.replacen(current, older, 1), item);
        }
    }
}

fn deprecate(operation: &mut Operation) {
    operation.deprecated = Some(Deprecated::True);
    operation.tags = Some(vec![TAG.to_owned()]);
    operation.operation_id = operation.operation_id.take().map(|id| format!("older_{id}"));
}

impl Family {
    /// The request in the current words. Its path comes without the family's own part.
    async fn translate(self, house: &House, request: Request) -> Result<Request, ApiError> {
        let (mut parts, mut body) = request.into_parts();
        let collection = parts.uri.path().trim_matches('/').is_empty();
        let mut query = parts.uri.query().unwrap_or_default().to_owned();
        let has_limit = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "limit");
        if parts.method == Method::GET && collection && !has_limit {
            query = if query.is_empty() { PAGE.to_owned() } else { format!("{query}&{PAGE}") };
        }
        let question = if query.is_empty() { String::new() } else { format!("?{query}") };
        let target = format!("{}{}{question}", self.current, parts.uri.path());
        parts.uri = Uri::try_from(target).map_err(|_| ApiError::from(Error::NotFound("path")))?;
        if parts.method == Method::POST && collection && self.names {
            body = named(house, &mut parts.headers, body).await?;
        }
        if parts.method == Method::PUT && !collection {
            let (bytes, whole) = read(body).await?;
            // Here a PUT was for the specification; the rest had a PATCH of its own.
            if whole.as_ref().is_some_and(|body| body.get("name").is_none()) {
                parts.method = Method::PATCH;
            }
            body = bytes.into();
        }
        Ok(Request::from_parts(parts, body))
    }
}

/// The bytes of a body, and the object they are, if they are one.
async fn read(body: Body) -> Result<(axum::body::Bytes, Option<Value>), ApiError> {
    let bytes = to_bytes(body, BODY_LIMIT).await.map_err(|_| ApiError::TooLarge)?;
    let object = serde_json::from_slice(&bytes).ok().filter(Value::is_object);
    Ok((bytes, object))
}

/// The body of a new workload, with a name if it had none. Anything that is wrong with it is said by the
/// handler it goes to.
async fn named(house: &House, headers: &mut HeaderMap, body: Body) -> Result<Body, ApiError> {
    let (bytes, object) = read(body).await?;
    let Some(mut object) = object.filter(|body| body.get("name").is_none_or(Value::is_null)) else {
        return Ok(bytes.into());
    };
    // The same request under the same key must stay the same, or it would not be known again.
    let chance: [u8; 4] = match headers.get("idempotency-key") {
        Some(key) => Sha256::digest(key.as_bytes()).first_chunk().copied().unwrap_or_default(),
        None => house.id().last_chunk().copied().unwrap_or_default(),
    };
    object["name"] = Value::from(format!("workload-{:08x}", u32::from_be_bytes(chance)));
    headers.remove(header::CONTENT_LENGTH);
    Ok(object.to_string().into())
}

async fn answer(current: Router, request: Request) -> Response {
    let answer = match current.oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let is_json = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json || !answer.status().is_success() {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    // An answer of our own is as long as we made it.
    let bytes = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(broken) => return unexpected(broken.to_string()),
    };
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, bytes.into());
    };
    if !put_back(&mut value) {
        return Response::from_parts(parts, bytes.into());
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, value.to_string().into())
}

/// Puts a record, or the records of a page, into the older words. Says whether there was anything to do.
fn put_back(value: &mut Value) -> bool {
    let mut changed = false;
    let mut one = |record: &mut Value| {
        for place in ["/status", "/artifact/status"] {
            if let Some(status) = record.pointer_mut(place).filter(|status| **status == "locked") {
                *status = Value::from("registered");
                changed = true;
            }
        }
    };
    match value.get_mut("data").and_then(Value::as_array_mut) {
        Some(records) => records.iter_mut().for_each(one),
        None => one(value),
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::put_back;

    #[test]
    fn only_the_status_of_an_artifact_is_put_back() {
        let spec = json!({ "containerGroups": [{ "containers": [{ "name": "locked",
            "readinessProbe": { "httpHeaders": { "status": "locked" } } }] }] });
        let mut page = json!({ "data": [
            { "status": "locked", "name": "locked", "spec": spec },
            { "status": "running", "artifact": { "status": "locked" } },
        ] });
        assert!(put_back(&mut page));
        assert_eq!(page["data"][0]["status"], "registered");
        assert_eq!(page["data"][0]["spec"], spec);
        assert_eq!(
            page["data"][1],
            json!({ "status": "running", "artifact": { "status": "registered" } })
        );
        assert!(!put_back(&mut json!({ "status": "draft", "data": null })));
    }
}
