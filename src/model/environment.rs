//! What code can be built on (rules.md §16).

use serde::{Deserialize, Serialize};

use super::{EnvironmentId, EnvironmentVersionId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentRecord {
    pub id: EnvironmentId,
    pub name: String,
    pub description: String,
    pub programming_language: String,
    pub is_public: bool,
    pub use_cases: Vec<String>,
    pub latest_version: EnvironmentVersionRef,
    pub latest_successful_version: Option<EnvironmentVersionRef>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct EnvironmentVersionRef {
    pub id: EnvironmentVersionId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentVersionRecord {
    pub id: EnvironmentVersionId,
    pub environment_id: EnvironmentId,
    pub label: String,
    pub description: String,
    /// `success`, as of all that can be built on.
    pub build_status: String,
}
