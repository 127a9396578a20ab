//! What happened to a workload or an artifact (rules.md L15).

use serde::{Deserialize, Serialize};

use super::{ArtifactId, EventId, OrgId, Timestamp, UserId, WorkloadId, words};

words! {
    EventKind {
        WorkloadCreated = "WorkloadCreated", WorkloadStarted = "WorkloadStarted",
        WorkloadStopped = "WorkloadStopped", WorkloadDeleted = "WorkloadDeleted",
        WorkloadExpired = "WorkloadExpired", StatusChanged = "StatusChanged",
        ReplicaRestarted = "ReplicaRestarted", Scaled = "Scaled",
        ReplacementStarted = "ReplacementStarted", CandidateReady = "CandidateReady",
        TrafficSwitched = "TrafficSwitched", ReplacementCompleted = "ReplacementCompleted",
        ReplacementFailed = "ReplacementFailed", ReplacementCancelled = "ReplacementCancelled",
        ReplacementSteered = "ReplacementSteered",
        SettingsChanged = "SettingsChanged", Promoted = "Promoted", RolesChanged = "RolesChanged",
        StatsCleared = "StatsCleared", MetadataChanged = "MetadataChanged",
        ArtifactCreated = "ArtifactCreated", ArtifactEdited = "ArtifactEdited",
        DeploymentCreated = "DeploymentCreated", DeploymentChanged = "DeploymentChanged",
        DeploymentDeleted = "DeploymentDeleted",
        ArtifactLocked = "ArtifactLocked", ArtifactDeleted = "ArtifactDeleted",
        BuildStarted = "BuildStarted", BuildEnded = "BuildEnded",
    }
}

words! {
    EventLevel { Normal = "Normal", Warning = "Warning" }
}

/// One entry of an organisation's stream. `seq` has no gap and no repetition, and is assigned in the
/// order in which transactions commit, so a watcher that has seen `n` asks for what comes after `n`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub seq: i64,
    pub id: EventId,
    pub org_id: OrgId,
    pub workload_id: Option<WorkloadId>,
    pub artifact_id: Option<ArtifactId>,
    pub kind: EventKind,
    pub level: EventLevel,
    /// A sentence.
    pub message: String,
    pub details: Option<serde_json::Value>,
    /// None when nobody asked for it: a crash, a deadline.
    pub actor_id: Option<UserId>,
    pub at: Timestamp,
}

/// An event before the store has given it its number.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub workload_id: Option<WorkloadId>,
    pub artifact_id: Option<ArtifactId>,
    pub kind: EventKind,
    pub level: EventLevel,
    pub message: String,
    pub details: Option<serde_json::Value>,
    pub actor_id: Option<UserId>,
}

impl NewEvent {
    #[must_use]
    pub fn on_workload(id: &WorkloadId, kind: EventKind, message: impl Into<String>) -> Self {
        Self {
            workload_id: Some(id.clone()),
            artifact_id: None,
            kind,
            level: EventLevel::Normal,
            message: message.into(),
            details: None,
            actor_id: None,
        }
    }

    #[must_use]
    pub fn on_artifact(id: &ArtifactId, kind: EventKind, message: impl Into<String>) -> Self {
        Self {
            workload_id: None,
            artifact_id: Some(id.clone()),
            kind,
            level: EventLevel::Normal,
            message: message.into(),
            details: None,
            actor_id: None,
        }
    }

    #[must_use]
    pub fn by(mut self, actor: &UserId) -> Self {
        self.actor_id = Some(actor.clone());
        self
    }

    #[must_use]
    pub fn warning(mut self) -> Self {
        self.level = EventLevel::Warning;
        self
    }

    #[must_use]
    pub fn with(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }
}
