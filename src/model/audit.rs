//! The audit trail: who did what, or tried to (rules.md L15, L16.4).

use serde::{Deserialize, Serialize};

use super::{OrgId, Timestamp, TokenId, UserId, WorkloadId, words};

words! {
    /// What was done, or tried.
    AuditAction {
        WorkloadCreate = "workload.create", WorkloadEdit = "workload.edit",
        WorkloadStart = "workload.start", WorkloadStop = "workload.stop",
        WorkloadDelete = "workload.delete", WorkloadExpire = "workload.expire",
        WorkloadReplace = "workload.replace", WorkloadSteer = "workload.steer",
        /// A replacement has come to its end.
        WorkloadReplaced = "workload.replaced",
        WorkloadSettings = "workload.settings", WorkloadPromote = "workload.promote",
        StatsClear = "workload.clear_stats",
        ArtifactCreate = "artifact.create", ArtifactClone = "artifact.clone",
        ArtifactEdit = "artifact.edit", ArtifactLock = "artifact.lock",
        ArtifactDelete = "artifact.delete",
        RepositoryDelete = "artifact_repository.delete",
        RolesChange = "sharing.change", TagsChange = "tags.change",
        UserCreate = "user.create", UserEdit = "user.edit", PasswordSet = "user.set_password",
        SignInLink = "user.sign_in_link",
        GroupCreate = "group.create", GroupEdit = "group.edit", GroupDelete = "group.delete",
        TokenCreate = "token.create", TokenRevoke = "token.revoke",
        SignIn = "session.sign_in", SessionEnd = "session.end",
        SignOutEverywhere = "session.end_all",
        CredentialCreate = "credential.create", CredentialEdit = "credential.edit",
        CredentialDelete = "credential.delete",
        BuildStart = "build.start", BuildCancel = "build.cancel",
        FilesChange = "files.change",
        DeploymentCreate = "deployment.create", DeploymentEdit = "deployment.edit",
        DeploymentDelete = "deployment.delete",
    }
}

words! {
    /// What it was done to.
    AuditedKind {
        Workload = "workload", Artifact = "artifact", Repository = "artifact_repository",
        Deployment = "deployment", User = "user", Group = "group", Token = "token",
        Credential = "credential", Files = "files",
    }
}

words! {
    AuditOutcome { Done = "done", Refused = "refused" }
}

words! {
    /// How an export is written.
    AuditFormat { Jsonl = "jsonl", Csv = "csv" }
}

/// What it was done to. Without an id it never came into being.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditedEntity {
    #[serde(rename = "type")]
    pub kind: AuditedKind,
    pub id: Option<String>,
}

/// Who did it; nobody when it happened by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditActor {
    pub id: UserId,
    pub username: String,
    /// The token they came with; none for a session of the console.
    pub token_id: Option<TokenId>,
    pub token_name: Option<String>,
}

/// Where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditSource {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// `api`, `console`, or `system` for what happens by itself.
    pub channel: String,
}

/// An entry as it is written, before it has its place in the trail. This text is what the chain of marks
/// protects; nothing of it is ever changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub timestamp: Timestamp,
    pub actor: Option<AuditActor>,
    pub source: AuditSource,
    pub action: AuditAction,
    pub entity: AuditedEntity,
    /// The workloads that it concerns: the entity itself, or those that ran the artifact then.
    pub workload_ids: Vec<WorkloadId>,
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
    pub outcome: AuditOutcome,
    /// Why it was refused.
    pub reason: Option<String>,
    pub request_id: Option<String>,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditRecord {
    /// The place in the organisation's trail, from 1 and without gaps.
    pub id: String,
    pub tenant_id: OrgId,
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// What whoever holds the key says about this entry and all before it.
    pub mark: String,
}
