//! The lineage of an artifact, as clients read it.

use serde::{Deserialize, Serialize};

use super::{ArtifactKind, RepositoryId, Tag, Timestamp, UserData};

/// rules.md §5.4
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RepositoryRecord {
    pub id: RepositoryId,
    pub name: String,
    /// Taken from its first artifact.
    #[serde(rename = "type")]
    pub kind: ArtifactKind,
    pub last_version_number: i64,
    pub num_artifacts: u64,
    pub creator: UserData,
    pub tags: Vec<Tag>,
    pub permissions: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
