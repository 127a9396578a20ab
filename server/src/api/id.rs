//! Ids in paths. A text that can't be an id names nothing, so it is answered like any other unknown one.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use handover::{
    error::Error,
    model::{ArtifactId, ProtonId, ReplacementId, RepositoryId, WorkloadId},
};

use super::{
    error::ApiError,
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
    ProtonId: "proton", "proton";
    ReplacementId: "replacement", "replacement";
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
