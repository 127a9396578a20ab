//! What clients send. A REST body and a form of the console become the same type before a use case sees
//! them. Unknown fields are refused (rules.md §1); which echoed ones are dropped first is decided where
//! bodies are read, `server/src/api/json.rs`.

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    ArtifactId, ArtifactKind, ArtifactStatus, Importance, NewTag, RepositoryId, RolloutConfig,
    Spec, WorkloadRuntime, nulls::null_is_default, words,
};

words! {
    /// How traffic moves. One way is known.
    #[derive(Default)]
    Strategy { #[default] Rolling = "rolling" }
}

/// Exactly one of `artifact_id` and `artifact` is given; the use case says so when not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateWorkload {
    pub name: String,
    #[serde(default)]
    pub artifact_id: Option<ArtifactId>,
    /// Created as a draft in a repository of its own, in the same step.
    #[serde(default)]
    pub artifact: Option<NewArtifact>,
    #[serde(default)]
    pub runtime: Option<WorkloadRuntime>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub importance: Option<Importance>,
}

/// A field that is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditWorkload {
    #[serde(default)]
    pub name: Option<String>,
    /// `null` clears it, as the empty text does.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub description: Option<Option<String>>,
    #[serde(default)]
    pub importance: Option<Importance>,
    /// All of them: those that are not in it go.
    #[serde(default)]
    pub tags: Option<Vec<NewTag>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceRequest {
    pub artifact_id: ArtifactId,
    #[serde(default, deserialize_with = "null_is_default")]
    pub strategy: Strategy,
    /// Given, even empty, it makes the same locked artifact a redeploy instead of a mistake.
    #[serde(default)]
    pub config: Option<RolloutConfig>,
    #[serde(default)]
    pub runtime: Option<WorkloadRuntime>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsRequest {
    pub runtime: WorkloadRuntime,
}

/// How much longer a wait of a replacement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtendRequest {
    pub minutes: u32,
}

/// Creates an artifact, or replaces everything of a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewArtifact {
    pub name: String,
    pub spec: Spec,
    #[serde(default, deserialize_with = "null_is_default")]
    pub description: String,
    #[serde(default, rename = "type", deserialize_with = "null_is_default")]
    pub kind: ArtifactKind,
    #[serde(default, deserialize_with = "null_is_default")]
    pub status: ArtifactStatus,
    #[serde(default)]
    pub artifact_repository_id: Option<RepositoryId>,
}

/// A field that is absent stays as it is. Fields are applied first, then `status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditArtifact {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub spec: Option<Spec>,
    #[serde(default)]
    pub status: Option<ArtifactStatus>,
    /// All of them: those that are not in it go. Also of a locked artifact.
    #[serde(default)]
    pub tags: Option<Vec<NewTag>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloneRequest {
    pub name: String,
}

/// Tells a field that was given as `null` from one that was not given.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{EditWorkload, ReplaceRequest};

    #[test]
    fn absent_and_null_are_told_apart_where_it_matters() -> Result<(), serde_json::Error> {
        let edit: EditWorkload = serde_json::from_str(r#"{"description": null, "name": null}"#)?;
        assert_eq!((edit.name, edit.description), (None, Some(None)));
        let edit: EditWorkload = serde_json::from_str("{}")?;
        assert_eq!(edit.description, None);
        let replace: ReplaceRequest =
            serde_json::from_str(r#"{"artifactId": "a1", "config": {}}"#)?;
        assert!(replace.config.is_some());
        let replace: ReplaceRequest = serde_json::from_str(r#"{"artifactId": "a1"}"#)?;
        assert!(replace.config.is_none());
        Ok(())
    }
}
