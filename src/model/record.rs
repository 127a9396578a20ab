//! Records as clients read them: what the store holds, put together for one answer. REST returns them,
//! pages show them, the live stream carries them; they are computed in one place, the use cases.

use serde::{Deserialize, Serialize};

use super::{
    Allowed, ArtifactId, ArtifactKind, ArtifactStatus, Event, FlightRecord, Importance, Millis,
    OrgId, ProtonId, ProtonStatus, Receipt, ReplacementId, ReplacementKind, ReplacementStatus,
    Replica, RepositoryId, RequestStats, Role, RolloutConfig, Spec, Tag, Timestamp, UserData,
    UserId, WorkloadId, WorkloadRuntime, WorkloadStatus,
};

/// rules.md §5.1
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WorkloadRecord {
    pub id: WorkloadId,
    pub name: String,
    pub description: String,
    pub status: WorkloadStatus,
    pub importance: Importance,
    #[serde(rename = "type")]
    pub kind: ArtifactKind,
    pub artifact_id: ArtifactId,
    pub artifact: ArtifactBrief,
    pub proton_id: Option<ProtonId>,
    pub endpoint: String,
    pub runtime: WorkloadRuntime,
    pub replacement: Option<ReplacementRecord>,
    pub request_stats: Option<RequestStats>,
    pub last_response: Option<Timestamp>,
    pub creator: UserData,
    pub owners: Vec<UserData>,
    pub tags: Vec<Tag>,
    pub permissions: Vec<String>,
    pub status_details: StatusDetails,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What the caller may do now, and why not.
    pub allowed: Vec<Allowed>,
    /// For the head of an answer, never in its body.
    #[serde(skip)]
    pub revision: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ArtifactBrief {
    pub id: ArtifactId,
    pub name: String,
    pub status: ArtifactStatus,
    #[serde(rename = "type")]
    pub kind: ArtifactKind,
    pub version: Option<i64>,
    pub artifact_repository_id: RepositoryId,
}

/// A workload as far as its reader may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum WorkloadView {
    Full(Box<WorkloadRecord>),
    /// For somebody who may only call it (rules.md §4).
    Reduced(WorkloadBrief),
}

/// What somebody may know who may only call it: these fields and no others, which tells it from the full record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkloadBrief {
    pub id: WorkloadId,
    pub name: String,
    pub status: WorkloadStatus,
    pub importance: Importance,
    #[serde(rename = "type")]
    pub kind: ArtifactKind,
    pub artifact: ArtifactName,
    pub endpoint: String,
    pub permissions: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ArtifactName {
    pub id: ArtifactId,
    pub name: String,
}

impl From<WorkloadRecord> for WorkloadBrief {
    fn from(record: WorkloadRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            status: record.status,
            importance: record.importance,
            kind: record.kind,
            artifact: ArtifactName { id: record.artifact.id, name: record.artifact.name },
            endpoint: record.endpoint,
            permissions: record.permissions,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// The last lines and the conditions of the active or candidate proton. Never null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StatusDetails {
    pub log_tail: Vec<String>,
    pub conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub value: bool,
}

/// rules.md §5.6, with the additions of §17.4
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplacementRecord {
    pub id: ReplacementId,
    pub name: String,
    pub workload_id: WorkloadId,
    #[serde(rename = "type")]
    pub kind: ReplacementKind,
    pub status: ReplacementStatus,
    pub strategy: String,
    pub config: RolloutConfig,
    pub runtime: WorkloadRuntime,
    pub candidate_artifact_id: ArtifactId,
    pub artifact_id: ArtifactId,
    pub previous_artifact_id: Option<ArtifactId>,
    pub candidate_proton_ids: Vec<ProtonId>,
    pub previous_proton_ids: Option<Vec<ProtonId>>,
    pub message: Option<String>,
    pub reason: Option<String>,
    pub cancelled: bool,
    pub rolled_back: bool,
    pub stage: String,
    pub stage_since: Timestamp,
    /// When this stage ends by itself if nothing else happens; none when it is over.
    pub stage_until: Option<Timestamp>,
    /// A sentence: what it waits for.
    pub waiting_for: Option<String>,
    /// A sentence: what comes next.
    pub next: Option<String>,
    pub receipt: Receipt,
    pub flight_record: FlightRecord,
    pub allowed: Vec<Allowed>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub started_at: Timestamp,
    pub ready_at: Option<Timestamp>,
    pub switched_at: Option<Timestamp>,
    pub deployed_at: Option<Timestamp>,
    pub retired_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub is_deleted: bool,
    pub user_id: UserId,
    pub user: UserData,
    pub tenant_id: OrgId,
}

/// rules.md §5.3
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ArtifactRecord {
    pub id: ArtifactId,
    pub name: String,
    pub description: String,
    #[serde(rename = "type")]
    pub kind: ArtifactKind,
    pub status: ArtifactStatus,
    pub version: Option<i64>,
    pub artifact_repository_id: RepositoryId,
    pub spec: Spec,
    pub creator: UserData,
    pub tags: Vec<Tag>,
    pub permissions: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// For the head of an answer, never in its body.
    #[serde(skip)]
    pub revision: i64,
}

/// rules.md §5.5
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProtonRecord {
    pub id: ProtonId,
    pub name: String,
    pub workload_id: WorkloadId,
    pub artifact_id: ArtifactId,
    pub status: ProtonStatus,
    pub role: Option<Role>,
    pub endpoint: String,
    pub runtime: WorkloadRuntime,
    pub running_since: Option<Timestamp>,
    pub status_details: ProtonTail,
    pub message: Option<String>,
    pub creator: UserData,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProtonTail {
    pub log_tail: Option<Vec<String>>,
}

/// rules.md §5.7: what current and older clients read, in one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventRecord {
    pub id: String,
    pub workload_id: Option<WorkloadId>,
    pub artifact_id: Option<ArtifactId>,
    pub event_type: String,
    #[serde(rename = "type")]
    pub level: String,
    pub reason: String,
    pub message: String,
    pub timestamp: Timestamp,
    pub actor_id: Option<UserId>,
    pub details: Option<serde_json::Value>,
    /// Position in the organisation's stream.
    pub sequence: i64,
}

impl From<Event> for EventRecord {
    fn from(event: Event) -> Self {
        Self {
            id: event.id.to_string(),
            workload_id: event.workload_id,
            artifact_id: event.artifact_id,
            event_type: event.kind.word().to_owned(),
            level: event.level.word().to_owned(),
            reason: event.kind.word().to_owned(),
            message: event.message,
            timestamp: event.at,
            actor_id: event.actor_id,
            details: event.details,
            sequence: event.seq,
        }
    }
}

/// The requests that are open on a proton, by what they are busy with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenWork {
    /// Connections that have changed their protocol, WebSockets mostly.
    pub sockets: u64,
    /// Bodies that are still coming.
    pub uploads: u64,
    /// Answers on their way to their clients.
    pub answers: u64,
    /// Requests that wait for the head of their answer.
    pub waiting: u64,
    /// The age of the oldest of them; none when nothing is open.
    pub oldest: Option<Millis>,
}

/// One side of the live rollout view: a proton and the traffic on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    pub proton_id: ProtonId,
    /// `v3`, or `draft`.
    pub label: String,
    pub role: Option<Role>,
    pub status: ProtonStatus,
    pub message: Option<String>,
    pub replicas: Vec<Replica>,
    pub replicas_wanted: u32,
    /// Requests open now, and answered since the rollout began.
    pub open: u64,
    /// What those are.
    pub open_work: OpenWork,
    pub requests_per_second: f64,
    pub served: u64,
    pub failed: u64,
    pub median_ms: Option<u64>,
}

impl Track {
    /// How many of the wanted replicas are ready.
    #[must_use]
    pub fn ready(&self) -> usize {
        let wanted = self.replicas.iter().filter(|replica| replica.number < self.replicas_wanted);
        wanted.filter(|replica| replica.ready).count()
    }
}

/// Everything the live part of a workload's page shows; one of these per tick of its stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadLive {
    pub workload: WorkloadRecord,
    /// The active proton first; then the candidate, or the old proton on its way out.
    pub tracks: Vec<Track>,
    /// What serves is a draft from before it was edited and locked as what the workload is on now (rules.md L8).
    pub serves_older_draft: bool,
    /// Newest first.
    pub history: Vec<ReplacementRecord>,
    pub events: Vec<EventRecord>,
    /// When the server looked.
    pub observed_at: Timestamp,
    /// The number of the newest event this includes.
    pub sequence: i64,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub total: u64,
}

impl<T> Page<T> {
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), total: 0 }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), total: self.total }
    }
}
