//! Governance around a workload in production (rules.md §17.2, L16).

use serde::{Deserialize, Serialize};

use super::{
    ArtifactId, ChangeRequestId, DeploymentId, Importance, OrgId, Timestamp, UserData, UserId,
    WorkloadId, WorkloadStatus, words,
};

words! {
    /// Whether a deployment itself had to be approved, and what came of it.
    ApprovalStatus {
        NotRequired = "not_required",
        Pending = "pending_approval",
        Approved = "approved",
        Rejected = "rejected",
    }
}

/// Wraps one workload: an address, roles and a record of changes of its own. It never widens the roles on
/// the workload itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    pub id: DeploymentId,
    pub org_id: OrgId,
    pub workload_id: WorkloadId,
    pub name: String,
    pub description: String,
    pub importance: Importance,
    pub approval: ApprovalStatus,
    /// Who is to decide about its changes.
    pub approvers: Vec<UserId>,
    pub creator_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts writes; a write that saw an older number fails as a conflict.
    pub revision: i64,
}

/// A deployment as clients read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeploymentRecord {
    pub id: DeploymentId,
    /// The same, for older readers.
    pub deployment_id: DeploymentId,
    pub name: String,
    pub description: String,
    pub workload_id: WorkloadId,
    /// What the workload runs.
    pub artifact_id: ArtifactId,
    /// The status of the workload.
    pub status: WorkloadStatus,
    pub approval_status: ApprovalStatus,
    pub importance: Importance,
    pub endpoint: String,
    pub approvers: Vec<UserData>,
    pub creator: UserData,
    pub permissions: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is left out comes from the workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDeployment {
    pub workload_id: WorkloadId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub importance: Option<Importance>,
    /// Ids or usernames.
    #[serde(default)]
    pub approvers: Option<Vec<String>>,
}

/// A field that is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditDeployment {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub importance: Option<Importance>,
}

words! {
    /// What a change request asks for.
    ChangeKind {
        Replacement = "replacement",
        Settings = "settings",
        Importance = "importance",
        Stop = "stop",
        Delete = "delete",
    }
}

words! {
    /// What became of a change request.
    ChangeStatus {
        Pending = "pending_approval",
        Approved = "approved",
        Applied = "applied",
        Rejected = "rejected",
        Expired = "expired",
        Withdrawn = "withdrawn",
    }
}

/// A change of a governed workload that somebody has to approve first.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRequest {
    pub id: ChangeRequestId,
    pub org_id: OrgId,
    pub deployment_id: DeploymentId,
    pub kind: ChangeKind,
    pub status: ChangeStatus,
    /// The body of the request that an approval carries out.
    pub change: serde_json::Value,
    pub requester_id: UserId,
    pub reviewer_id: Option<UserId>,
    pub comment: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A change request as clients read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeRequestRecord {
    pub id: ChangeRequestId,
    pub deployment_id: DeploymentId,
    #[serde(rename = "type")]
    pub kind: ChangeKind,
    pub status: ChangeStatus,
    pub change: serde_json::Value,
    pub requester: UserData,
    pub reviewer: Option<UserData>,
    pub comment: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
