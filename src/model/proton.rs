//! One running instance of an artifact with one runtime (rules.md L5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ArtifactId, OrgId, ProtonId, Spec, Timestamp, UserId, WorkloadId, WorkloadRuntime,
    WorkloadStatus, words,
};

words! {
    ProtonStatus {
        Unknown = "unknown", Submitted = "submitted", Initializing = "initializing",
        Provisioning = "provisioning", Launching = "launching", Running = "running",
        /// Candidate: ready, no live traffic yet.
        Warming = "warming",
        /// Former active: no new requests, finishing those in flight.
        Draining = "draining",
        Stopping = "stopping", Stopped = "stopped", Errored = "errored", Terminated = "terminated",
    }
}

impl ProtonStatus {
    #[must_use]
    pub const fn as_workload(self) -> WorkloadStatus {
        match self {
            Self::Unknown => WorkloadStatus::Unknown,
            Self::Submitted => WorkloadStatus::Submitted,
            Self::Initializing | Self::Provisioning => WorkloadStatus::Provisioning,
            Self::Launching => WorkloadStatus::Launching,
            Self::Running | Self::Warming | Self::Draining => WorkloadStatus::Running,
            Self::Stopping => WorkloadStatus::Stopping,
            Self::Stopped => WorkloadStatus::Stopped,
            Self::Errored => WorkloadStatus::Errored,
            Self::Terminated => WorkloadStatus::Terminated,
        }
    }

    /// Nothing of it runs any more, and nothing will.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Terminated)
    }
}

words! {
    /// A former active that drains or is kept has no role.
    Role { Active = "active", Candidate = "candidate" }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Proton {
    pub id: ProtonId,
    pub org_id: OrgId,
    pub workload_id: WorkloadId,
    pub artifact_id: ArtifactId,
    pub name: String,
    pub status: ProtonStatus,
    pub role: Option<Role>,
    /// Copied at creation: a later edit of the draft never changes what runs.
    pub snapshot: Snapshot,
    /// What the names of its images mean; one that is not here is decided when the first replica starts.
    pub images: Images,
    /// How many replicas are wanted now: what the runtime says, or what scaling has made of it.
    pub replicas: u32,
    /// First moment at which all replicas were ready.
    pub running_since: Option<Timestamp>,
    /// Restarts of its replicas that have been told as events.
    pub restarts: u32,
    /// Why it is errored, for people.
    pub message: Option<String>,
    pub creator_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// By the name that the artifact has for it.
pub type Images = BTreeMap<String, ImagePin>;

/// What the name of an image has been found to mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImagePin {
    /// The id that the engine knows it by: the digest of its configuration.
    pub id: String,
    /// `name@sha256:…`, by which a registry gives the same again; none for one that came from no registry.
    pub digest: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    pub spec: Spec,
    pub runtime: WorkloadRuntime,
    /// The artifact's name and version at that moment, for history and labels.
    pub label: String,
}
