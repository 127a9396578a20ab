//! The lasting identity behind an endpoint, whatever it runs (rules.md L4, L9, L10, L14).

use super::{
    ArtifactId, OrgId, ProtonId, ProtonStatus, Timestamp, UserId, WorkloadId, WorkloadRuntime,
    words,
};

words! {
    /// What clients read as `status`. It speaks of the active proton only; a failing candidate never
    /// shows here. The last five words are accepted as filters and never written.
    WorkloadStatus {
        Unknown = "unknown", Submitted = "submitted", Provisioning = "provisioning",
        Launching = "launching", Running = "running", Stopping = "stopping", Stopped = "stopped",
        Suspended = "suspended", Interrupted = "interrupted", Errored = "errored",
        Terminated = "terminated", Initializing = "initializing", Updating = "updating",
        Warming = "warming", Draining = "draining", Restarting = "restarting", Failed = "failed",
    }
}

words! {
    /// Priority under contention; ascending order starts at `low`.
    Importance { Low = "low", Moderate = "moderate", High = "high", Critical = "critical" }
}

impl Importance {
    /// Position in ascending order.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Low => 0,
            Self::Moderate => 1,
            Self::High => 2,
            Self::Critical => 3,
        }
    }
}

words! {
    /// What people want of a workload. The controller makes it so.
    Wanted {
        Running = "running",
        /// Nothing runs, everything else is kept; may be started again.
        Stopped = "stopped",
        /// The draft deadline passed: as stopped, but for good.
        Terminated = "terminated",
        /// Gone for clients; its protons may still be draining.
        Deleted = "deleted",
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    pub id: WorkloadId,
    pub org_id: OrgId,
    pub name: String,
    pub description: String,
    pub importance: Importance,
    pub wanted: Wanted,
    /// The artifact that runs, or would run on the next start.
    pub artifact_id: ArtifactId,
    /// The runtime of the active proton, or of the next one when stopped.
    pub runtime: WorkloadRuntime,
    /// Set from creation or start until the last replica is gone after a stop.
    pub active_proton: Option<ProtonId>,
    /// When a draft ends unless it is promoted; none for a locked artifact.
    pub expires_at: Option<Timestamp>,
    /// Since when it has been terminated or deleted.
    pub ended_at: Option<Timestamp>,
    pub creator_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts writes; a write that saw an older number fails as a conflict.
    pub revision: i64,
}

impl Workload {
    /// The status clients see, from what is wanted and from the active proton.
    #[must_use]
    pub fn status(&self, active: Option<ProtonStatus>) -> WorkloadStatus {
        match (self.wanted, active) {
            (Wanted::Running, Some(status)) => status.as_workload(),
            (Wanted::Running, None) => WorkloadStatus::Submitted,
            (Wanted::Stopped, Some(ProtonStatus::Stopped | ProtonStatus::Terminated) | None) => {
                WorkloadStatus::Stopped
            }
            (Wanted::Stopped, Some(_)) => WorkloadStatus::Stopping,
            (Wanted::Terminated | Wanted::Deleted, _) => WorkloadStatus::Terminated,
        }
    }
}
