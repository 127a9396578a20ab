//! Bodies: JSON into a request of the domain. The content type does not matter, a wrong shape is told with
//! the path of the field, and an object that a client read and sends back may hold fields only the server
//! sets: those named in [`Request::ECHOED`] are dropped before the rest is looked at (rules.md §1).

use axum::{
    body::Bytes,
    extract::{FromRequest, rejection::BytesRejection},
};
use handover::{
    error::{Error, FieldError, Place, Step},
    model::{
        ApplyStage, CloneRequest, CreateWorkload, DeleteFiles, EditAccount, EditArtifact,
        EditCredential, EditDeployment, EditGroup, EditUser, EditWorkload, ExtendRequest,
        NewArtifact, NewCatalog, NewCredential, NewDeployment, NewGroup, NewTag, NewToken, NewUser,
        ReplaceRequest, SettingsRequest, ShareRequest,
    },
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use utoipa::{ToSchema, openapi::Required};

use super::{
    error::ApiError,
    sketch::{Sketch, Takes},
};

/// A body that has to be there.
pub(super) struct Body<T>(pub(super) T);

/// A body that may as well be absent, empty or `null`: then its default is meant.
pub(super) struct Optional<T>(pub(super) T);

/// What can be read from a body.
pub(super) trait Request: DeserializeOwned {
    /// Fields that are dropped; dotted where they are deeper.
    const ECHOED: &'static [&'static str] = &[];
}

impl Request for CreateWorkload {
    const ECHOED: &'static [&'static str] = &[
        "id",
        "createdAt",
        "updatedAt",
        "creator",
        "owners",
        "permissions",
        "tags",
        "status",
        "type",
        "endpoint",
        "protonId",
        "replacement",
        "requestStats",
        "lastResponse",
        "statusDetails",
        "expiresAt",
        "allowed",
        "artifact.id",
        "artifact.createdAt",
        "artifact.updatedAt",
        "artifact.version",
        "artifact.creator",
        "artifact.permissions",
        "artifact.tags",
    ];
}

/// `runtime` and `artifactId` are not among them: they are changed in other ways, and dropping them would
/// look like success.
impl Request for EditWorkload {
    const ECHOED: &'static [&'static str] = &[
        "id",
        "createdAt",
        "updatedAt",
        "creator",
        "owners",
        "permissions",
        "status",
        "type",
        "endpoint",
        "artifact",
        "protonId",
        "replacement",
        "requestStats",
        "lastResponse",
        "statusDetails",
        "expiresAt",
        "allowed",
    ];
}

impl Request for NewArtifact {
    const ECHOED: &'static [&'static str] =
        &["id", "createdAt", "updatedAt", "version", "creator", "permissions", "tags"];
}

impl Request for EditArtifact {
    const ECHOED: &'static [&'static str] = &[
        "id",
        "createdAt",
        "updatedAt",
        "version",
        "creator",
        "permissions",
        "type",
        "artifactRepositoryId",
    ];
}

impl Request for ReplaceRequest {}
impl Request for SettingsRequest {}
impl Request for ExtendRequest {}
impl Request for CloneRequest {}
impl Request for ShareRequest {}
impl Request for NewUser {}
impl Request for EditUser {}
impl Request for EditAccount {}
impl Request for NewGroup {}
impl Request for EditGroup {}
impl Request for NewToken {}
impl Request for NewTag {}
impl Request for NewCredential {}
impl Request for EditCredential {
    const ECHOED: &'static [&'static str] = &["credentialId", "credentialType", "creationDate"];
}
impl Request for ApplyStage {}
impl Request for DeleteFiles {}
impl Request for NewCatalog {}
impl Request for NewDeployment {}

/// `workloadId` is not among them: a deployment stays with its workload.
impl Request for EditDeployment {
    const ECHOED: &'static [&'static str] = &[
        "id",
        "deploymentId",
        "artifactId",
        "status",
        "approvalStatus",
        "endpoint",
        "approvers",
        "creator",
        "permissions",
        "createdAt",
        "updatedAt",
    ];
}

impl<T: Request, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, ApiError> {
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        Ok(Self(read(&bytes)?))
    }
}

impl<T: Request + ToSchema> Takes for Body<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.takes::<T>(Required::True);
    }
}

impl<T: Request + ToSchema> Takes for Optional<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.takes::<T>(Required::False);
    }
}

impl<T: Request + Default, S: Send + Sync> FromRequest<S> for Optional<T> {
    type Rejection = ApiError;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, ApiError> {
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        let text = bytes.trim_ascii();
        Ok(Self(if text.is_empty() || text == b"null" { T::default() } else { read(text)? }))
    }
}

fn unread(rejection: &BytesRejection) -> ApiError {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::TooLarge
    } else {
        ApiError::UseCase(Error::BadRequest("the body could not be read to its end".into()))
    }
}

fn read<T: Request>(bytes: &[u8]) -> Result<T, Error> {
    let text = bytes.trim_ascii();
    let mut value: Value = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(text)
            .map_err(|error| Error::BadRequest(format!("the body is not JSON: {error}")))?
    };
    if value.is_null() {
        let missing = FieldError::body("", "a body is required").code("missing");
        return Err(Error::Invalid(vec![missing]));
    }
    // Serde would read an array as well, one field after the other.
    if !value.is_object() {
        return Err(Error::Invalid(vec![FieldError::body("", "an object is expected")]));
    }
    for path in T::ECHOED {
        forget(&mut value, path);
    }
    serde_path_to_error::deserialize(value).map_err(|error| Error::Invalid(vec![found(&error)]))
}

fn forget(value: &mut Value, path: &str) {
    let Some(object) = value.as_object_mut() else { return };
    match path.split_once('.') {
        Some((first, rest)) => {
            if let Some(inner) = object.get_mut(first) {
                forget(inner, rest);
            }
        }
        None => drop(object.remove(path)),
    }
}

/// Serde says what is wrong in a sentence of its own; the field's name and the kind are read from it.
fn found(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldError {
    let mut path: Vec<Step> = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Field(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    let said = error.inner().to_string();
    let quoted = |prefix| said.strip_prefix(prefix)?.split_once('`').map(|(name, _)| name);
    let last = |path: &[Step], name: &str| path.last() == Some(&Step::Field(name.to_owned()));
    let (name, message, code) = if let Some(name) = quoted("missing field `") {
        (Some(name), "this field is required".to_owned(), "missing")
    } else if let Some(name) = quoted("unknown field `") {
        (Some(name), format!("there is no field '{name}' here"), "extra_forbidden")
    } else {
        (None, said.clone(), "invalid")
    };
    if let Some(name) = name
        && !last(&path, name)
    {
        path.push(Step::Field(name.to_owned()));
    }
    FieldError { place: Place::Body, path, message, code }
}

#[cfg(test)]
mod tests {
    use handover::{
        error::Error,
        model::{CreateWorkload, EditArtifact, NewArtifact},
    };

    use super::{Request, read};

    fn refused<T: Request>(text: &str) -> (String, &'static str) {
        match read::<T>(text.as_bytes()).err() {
            Some(Error::Invalid(fields)) => (fields[0].dotted(), fields[0].code),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        let said = |text| refused::<CreateWorkload>(text);
        assert_eq!(said(r#"{"artifactId": "a"}"#), ("name".into(), "missing"));
        assert_eq!(said(r#"{"name": "a", "colour": 1}"#), ("colour".into(), "extra_forbidden"));
        assert_eq!(said(r#"{"name": 1}"#), ("name".into(), "invalid"));
        assert_eq!(
            said(r#"{"name": "a", "runtime": {"containerGroups": [{"replicaCount": -1}]}}"#),
            ("runtime.containerGroups.0.replicaCount".into(), "invalid")
        );
        assert_eq!(
            said(r#"{"name": "a", "runtime": {"containerGroups": [{"replicas": 1}]}}"#),
            ("runtime.containerGroups.0.replicas".into(), "extra_forbidden")
        );
        assert_eq!(said(""), (String::new(), "missing"));
        assert_eq!(said("null"), (String::new(), "missing"));
        assert_eq!(said(r#"["a", null]"#), (String::new(), "invalid"));
        let text = r#"{"name": "a", "spec": {"containerGroups": [{"containers": [{"environmentVars":
            [{"name": "A", "value": "1"}, {"name": "B"}]}]}]}}"#;
        let at = "spec.containerGroups.0.containers.0.environmentVars.1.value";
        assert_eq!(refused::<NewArtifact>(text), (at.into(), "missing"));
    }

    #[test]
    fn what_is_not_json_is_a_bad_request() {
        let error = read::<CreateWorkload>(b"{\"name\": ").err();
        assert!(matches!(error, Some(Error::BadRequest(_))), "{error:?}");
    }

    #[test]
    fn an_object_that_was_read_can_be_sent_back() {
        let text = r#"{"id": "a", "createdAt": "x", "version": 3, "artifactRepositoryId": "r",
            "creator": {}, "permissions": [], "tags": [], "name": "n"}"#;
        let edit: EditArtifact = read(text.as_bytes()).unwrap();
        assert_eq!(edit.name.as_deref(), Some("n"));
    }
}
