//! What has to do with a workload (rules.md §9).

use serde::{Deserialize, Serialize};

use super::{Timestamp, UserData, words};

words! {
    RelatedKind {
        Artifact = "artifact",
        Repository = "artifact_repository",
        Proton = "proton",
    }
}

/// One thing that has to do with a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Related {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: RelatedKind,
    /// None when the caller may not see it.
    #[serde(flatten)]
    pub details: Option<RelatedDetails>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RelatedDetails {
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub creator: UserData,
    pub permissions: Vec<String>,
}
