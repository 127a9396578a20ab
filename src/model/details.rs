//! A proton's replicas as `statusDetails` shows them (rules.md §5.5), also for older readers, which look
//! for `value` where newer ones look for `met`.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Network, ProtonStatus, ReplicaPhase, Timestamp, words};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProtonDetails {
    pub overall_status: OverallStatus,
    /// What runs it: `process` or `docker`.
    pub engine: String,
    /// Why that one: a sentence.
    pub engine_reason: Option<String>,
    pub replicas: Vec<ReplicaDetails>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OverallStatus {
    pub state: ProtonStatus,
    /// A sentence.
    pub summary: String,
    pub last_updated: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplicaDetails {
    pub name: String,
    /// Where one can call it, as `host:port`; empty before it has started.
    pub address: String,
    pub node_address: String,
    pub status: ReplicaPhase,
    pub started_at: Option<Timestamp>,
    pub conditions: Vec<ReplicaCondition>,
    pub containers: Vec<ContainerDetails>,
    /// Share of one core used since the last look, in thousandths.
    pub cpu_millis: Option<u64>,
    /// Resident memory in bytes.
    pub memory_bytes: Option<u64>,
    /// What went over its network since the last look; none where nobody counts it.
    pub network: Option<Network>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ReplicaCondition {
    #[serde(rename = "type")]
    pub kind: ConditionKind,
    pub met: bool,
    pub value: bool,
    pub since: Option<Timestamp>,
}

words! {
    ConditionKind {
        PodScheduled = "PodScheduled", Initialized = "Initialized",
        ContainersReady = "ContainersReady", Ready = "Ready",
    }
}

words! {
    ContainerState {
        Running = "running", Waiting = "waiting", Terminated = "terminated", Unknown = "unknown",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContainerDetails {
    pub name: String,
    pub image: String,
    /// The digest by which the engine holds what that name means here; none where nobody pins it.
    pub image_id: Option<String>,
    pub ready: bool,
    pub restart_count: u32,
    pub started_at: Option<Timestamp>,
    pub status: ContainerState,
    pub reason: Option<String>,
    pub message: Option<String>,
    pub exit_code: Option<i32>,
}

/// An address as clients read it: never null.
#[must_use]
pub fn address_text(address: Option<SocketAddr>) -> String {
    address.map(|address| address.to_string()).unwrap_or_default()
}
