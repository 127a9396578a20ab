//! Ids in paths. A text that can't be an id names nothing, so it is answered like any other unknown one.

use std::{convert::Infallible, fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use handover::{
    error::{Error, FieldError},
    model::{
        ArtifactId, BuildId, CatalogId, CatalogVersionId, CredentialId, DeploymentId,
        EnvironmentId, GroupId, OrgId, ProtonId, ReplacementId, RepositoryId, SeriesMetric,
        SessionId, StageId, TagId, TokenId, UserId, WorkloadId,
    },
};

use super::{
    error::ApiError,
    refusal::Refusal,
    sketch::{Sketch, Takes},
};
use utoipa::ToSchema;

/// The id of a resource, taken from the path parameter of its kind.
pub(super) struct Id<T>(pub(super) T);

pub(super) trait InPath: FromStr {
    const PARAMETER: &'static str;
    const NOUN: &'static str;
}

macro_rules! in_path {
    ($($id:ty: $parameter:literal, $noun:literal;)*) => {$(
        impl InPath for $id {
            const PARAMETER: &'static str = $parameter;
            const NOUN: &'static str = $noun;
        }
    )*};
}
in_path! {
    WorkloadId: "id", "workload";
    ArtifactId: "id", "artifact";
    RepositoryId: "id", "artifact repository";
    CredentialId: "id", "credential";
    DeploymentId: "id", "deployment";
    ProtonId: "proton", "proton";
    ReplacementId: "replacement", "replacement";
    UserId: "user", "user";
    GroupId: "group", "group";
    OrgId: "org", "organization";
    TokenId: "tokenId", "token";
    SessionId: "sessionId", "session";
    TagId: "tag", "tag";
    BuildId: "build", "build";
    CatalogId: "catalog", "catalog";
    StageId: "stage", "stage";
    EnvironmentId: "environment", "execution environment";
}

/// The id of a version of uploaded code stands in its own path, and in that of the status of its upload.
impl InPath for CatalogVersionId {
    const PARAMETER: &'static str = "version";
    const NOUN: &'static str = "version of this catalog";
}

/// A word that is part of a path. Other than an id, an unknown one is a mistake that can be told.
pub(super) struct Word<T>(pub(super) T);

pub(super) trait WordInPath: FromStr<Err: Display> {
    const PARAMETER: &'static str;
    const SAYS: &'static str;
}

impl WordInPath for SeriesMetric {
    const PARAMETER: &'static str = "metric";
    const SAYS: &'static str = "Which metric";
}

impl<T: WordInPath + ToSchema> Takes for Word<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.in_path::<T>(T::PARAMETER, T::SAYS.to_owned());
        sketch.refuse(Refusal::Invalid);
    }
}

impl<T: WordInPath, S: Send + Sync> FromRequestParts<S> for Word<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let missing = || ApiError::UseCase(Error::NotFound("path"));
        let parameters =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| missing())?;
        let given = parameters.iter().find(|(name, _)| *name == T::PARAMETER);
        let (_, text) = given.ok_or_else(missing)?;
        text.parse().map(Self).map_err(|unknown: T::Err| {
            let wrong = FieldError::path(T::PARAMETER, unknown.to_string());
            ApiError::UseCase(Error::Invalid(vec![wrong]))
        })
    }
}

/// The id of a trace. None is kept, so whatever it is, it names nothing.
pub(super) struct Trace;

impl Takes for Trace {
    fn describe(sketch: &mut Sketch) {
        sketch.in_path::<String>("trace", "The id of the trace".to_owned());
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Trace {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

impl<T: InPath + ToSchema> Takes for Id<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.in_path::<T>(T::PARAMETER, format!("The id of the {}", T::NOUN));
    }
}

impl<T: InPath, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let missing = || ApiError::UseCase(Error::NotFound(T::NOUN));
        let parameters =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| missing())?;
        let given = parameters.iter().find(|(name, _)| *name == T::PARAMETER);
        given.and_then(|(_, text)| text.parse().ok()).map(Self).ok_or_else(missing)
    }
}

/// The same for what clients check by its shape: a text that can't be an id is a wrong one (422).
pub(super) struct Checked<T>(pub(super) T);

impl<T: InPath + ToSchema> Takes for Checked<T> {
    fn describe(sketch: &mut Sketch) {
        Id::<T>::describe(sketch);
        sketch.refuse(Refusal::Invalid);
    }
}

impl<T: InPath<Err: Display>, S: Send + Sync> FromRequestParts<S> for Checked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let missing = || ApiError::UseCase(Error::NotFound(T::NOUN));
        let parameters =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| missing())?;
        let given = parameters.iter().find(|(name, _)| *name == T::PARAMETER);
        let (name, text) = given.ok_or_else(missing)?;
        text.parse().map(Self).map_err(|why: T::Err| {
            let wrong = FieldError::path(name, why.to_string());
            ApiError::UseCase(Error::Invalid(vec![wrong]))
        })
    }
}
