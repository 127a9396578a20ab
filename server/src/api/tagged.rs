//! `ETag` on workloads and artifacts, and what clients say with it (rules.md ).
//!
//! A tag is the revision and a digest of the answer: `"12.9f3c5a7be1d20468"`. Whether an answer is still the same
//! (`If-None-Match`) is asked of the whole tag, because status and traffic change without anybody's hand.
//! Whether an entity is still the one that somebody means to change (`If-Match`) is asked of its revision
//! alone, in the transaction that changes it: that a request was counted meanwhile is no reason to refuse.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use handover::{
    access::Expected,
    model::{ArtifactRecord, WorkloadRecord, WorkloadView},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder, Required,
        path::{HttpMethod, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use super::{
    error::unexpected,
    refusal::Refusal,
    sketch::{Gives, Sketch},
};

/// What has a revision.
pub(super) trait Revised: Serialize {
    /// None for who may not change it.
    fn revision(&self) -> Option<i64>;
}

impl Revised for WorkloadRecord {
    fn revision(&self) -> Option<i64> {
        Some(self.revision)
    }
}

impl Revised for ArtifactRecord {
    fn revision(&self) -> Option<i64> {
        Some(self.revision)
    }
}

impl Revised for WorkloadView {
    fn revision(&self) -> Option<i64> {
        match self {
            Self::Full(record) => Some(record.revision),
            Self::Reduced(_) => None,
        }
    }
}

/// 200 with the record and its tag.
pub(super) struct Tagged<T>(pub(super) T);

/// The same where it is read: 304 when the client has it already.
pub(super) struct Read<T>(pub(super) T);

impl<T: Revised> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_vec(&self.0) {
            Ok(body) => body,
            Err(error) => return unexpected(error.to_string()),
        };
        let tag = self.0.revision().map(|revision| {
            let digest = Sha256::digest(&body);
            let digest: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
            HeaderValue::try_from(format!("\"{revision}.{digest}\""))
        });
        let json = HeaderValue::from_static("application/json");
        let mut answer = ([(header::CONTENT_TYPE, json)], body).into_response();
        if let Some(Ok(tag)) = tag {
            answer.headers_mut().insert(header::ETAG, tag);
        }
        answer
    }
}

impl<T: Revised> IntoResponse for Read<T> {
    fn into_response(self) -> Response {
        Tagged(self.0).into_response()
    }
}

impl<T: ToSchema> Gives for Tagged<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<T>(200, "As it is now, with an ETag");
    }
}

impl<T: ToSchema> Gives for Read<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<T>(200, "As it is now, with an ETag");
        sketch.gives_nothing(304, "As the client has it");
        precondition(sketch, "If-None-Match", "Answered with 304 while this is its ETag");
    }
}

/// Whatever changes a workload or an artifact takes `If-Match`.
pub(super) fn describe(path: &str, method: &HttpMethod, sketch: &mut Sketch) {
    let changes = !matches!(method, HttpMethod::Get);
    if changes && entity(path).is_some() {
        precondition(sketch, "If-Match", "Done only while this is its ETag, or one of these");
        sketch.refuse(Refusal::PreconditionFailed);
    }
}

fn precondition(sketch: &mut Sketch, name: &str, says: &str) {
    sketch.parameter(
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(says))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .build(),
    );
}

/// The id in a path below workloads or artifacts.
fn entity(path: &str) -> Option<&str> {
    let path = path.strip_prefix("/api/v2/")?;
    let rest = ["workloads/", "artifacts/"].iter().find_map(|kind| path.strip_prefix(kind))?;
    rest.split('/').next().filter(|id| !id.is_empty())
}

/// What a request expects of the entity it is addressed to.
pub(super) fn expected(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Expected> {
    if method.is_safe() || !headers.contains_key(header::IF_MATCH) {
        return None;
    }
    let id = entity(uri.path())?;
    let given: Vec<&str> = tags(headers, &header::IF_MATCH).collect();
    if given.contains(&"*") {
        return None;
    }
    // What is no tag of ours matches nothing; a weak one never does here.
    let revision = |tag: &&str| tag.strip_prefix('"')?.split_once('.')?.0.parse().ok();
    Some(Expected { entity: id.to_owned(), revisions: given.iter().filter_map(revision).collect() })
}

fn tags<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    let given = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).map(str::trim)
}

/// Leaves the body out when the client has it.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let asked = reading && request.headers().contains_key(header::IF_NONE_MATCH);
    let known = if asked { request.headers().clone() } else { HeaderMap::new() };
    let answer = next.run(request).await;
    let Some(tag) = answer.headers().get(header::ETAG).filter(|_| asked) else { return answer };
    let strong =
        |given: &str| given.strip_prefix("W/").unwrap_or(given).as_bytes() == tag.as_bytes();
    let mut known = tags(&known, &header::IF_NONE_MATCH);
    if answer.status() == StatusCode::OK && known.any(|given| given == "*" || strong(given)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag.clone())]).into_response();
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, Method, header};

    use super::expected;

    #[test]
    fn what_is_expected_is_read_from_the_tag_and_the_path() {
        let read = |method: Method, path: &str, tags: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for tag in tags {
                headers.append(header::IF_MATCH, HeaderValue::from_static(tag));
            }
            let found = expected(&method, &path.parse().unwrap(), &headers);
            found.map(|found| (found.entity, found.revisions))
        };
        let path = "/api/v2/workloads/w1/replacement/?x=1";
        let w1 = |revisions: &[i64]| Some(("w1".to_owned(), revisions.to_vec()));
        assert_eq!(read(Method::POST, path, &["\"3.ab\", \"4.cd\"", "\"5.ef\""]), w1(&[3, 4, 5]));
        assert_eq!(read(Method::POST, path, &["W/\"3.ab\"", "nonsense", ""]), w1(&[]));
        assert_eq!(read(Method::POST, path, &["*"]), None);
        assert_eq!(read(Method::POST, path, &[]), None);
        assert_eq!(read(Method::GET, path, &["\"3.ab\""]), None);
        assert_eq!(read(Method::POST, "/api/v2/workloads/", &["\"3.ab\""]), None);
    }
}
