//! The record of one move from one proton to the next (rules.md L6). It is addressable by its id for ever.
//!
//! Two words say where a replacement is: its [`Stage`], and its [`Course`], which says where the road it
//! is on leads. Status, outcome and what people read are computed from the two, never stored beside them.

use serde::{Deserialize, Serialize};

use super::{
    ArtifactId, Exit, Millis, OrgId, ProbeAttempt, ProtonId, ReplacementId, Timestamp, UserId,
    WorkloadId, WorkloadRuntime, words,
};

words! {
    /// The words of the wire. A cancelled replacement reads `errored` with a message, because clients
    /// count every unknown word as still in progress.
    ReplacementStatus {
        Unknown = "unknown", Submitted = "submitted", Initializing = "initializing",
        AwaitingPromotion = "awaiting_promotion", Switching = "switching", Deleting = "deleting",
        CleaningUp = "cleaning_up", Completed = "completed", Errored = "errored",
    }
}

words! {
    ReplacementKind {
        Replace = "replace", Settings = "settings", Promote = "promote", Rollback = "rollback",
    }
}

words! {
    Stage {
        /// Accepted and stored; nothing has been started.
        Submitted = "submitted",
        /// The candidate's replicas come up.
        Starting = "starting",
        /// All replicas were seen ready once; seen ready again, it moves on.
        Ready = "ready",
        /// Stays ready for the warm-up, without live traffic.
        Warming = "warming",
        /// A person asked to wait before the switch.
        Held = "held",
        /// The switch is committed; the gateway is being told.
        Switching = "switching",
        /// The side that lost the traffic finishes what it has.
        Draining = "draining",
        /// The old proton stays warm as the way back.
        Keeping = "keeping",
        /// The proton that is not needed any more is stopped.
        Cleaning = "cleaning",
        Done = "done",
    }
}

impl Stage {
    /// The word of the `stage` field (rules.md §17.4), which has none for "submitted".
    #[must_use]
    pub const fn public_word(self) -> &'static str {
        match self {
            Self::Submitted => Self::Starting.word(),
            other => other.word(),
        }
    }
}

/// Where the road leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "to", content = "why")]
pub enum Course {
    /// To the candidate.
    Forward,
    /// The candidate is given up before it ever had traffic.
    Withdraw(Cause),
    /// Traffic goes back to the old proton after the switch.
    Back(Cause),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "cause", content = "message")]
pub enum Cause {
    /// A person asked.
    Asked,
    /// The candidate failed; the text says how.
    Failed(String),
}

/// Minutes as clients send them (rules.md §5.6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolloutConfig {
    #[serde(default)]
    pub warmup_duration_minutes: u32,
    #[serde(default)]
    pub keep_old_version_minutes: u32,
}

/// Whether the switch may happen by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Gate {
    #[default]
    Open,
    Held,
}

/// What a person asked for and the plan has not acted on yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ask {
    /// Give the candidate up, or go back to the old proton after the switch.
    Withdraw,
    /// Skip the rest of the warm-up and the hold; never readiness.
    SwitchNow,
    /// End the keep window.
    Finish,
}

/// What `rollout::plan` reads and writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    pub stage: Stage,
    pub course: Course,
    /// Wall clock, for people only.
    pub since: Timestamp,
    /// Monotonic time spent in this stage up to the last write.
    pub spent: Millis,
    /// How long this stage may take, in monotonic time. Every stage but `Done` has one.
    pub limit: Millis,
    pub gate: Gate,
    pub ask: Option<Ask>,
    /// Monotonic time the candidate has not been ready before the switch, over all its attempts.
    pub unready: Millis,
    /// How often a candidate that had been ready lost readiness before the switch.
    pub setbacks: u32,
}

/// What the rollout did to traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub served_by_old: u64,
    pub served_by_new: u64,
    /// Requests without a proper answer: 5xx, or cut before the last byte.
    pub failed: u64,
    /// Requests and connections cut because the drain cap was reached.
    pub cut_at_cap: u64,
    pub ready_to_switched_ms: Option<u64>,
}

/// What is known of a candidate, kept as long as its replacement is: for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FlightRecord {
    pub log_tail: Vec<String>,
    pub probes: Vec<ProbeAttempt>,
    pub exits: Vec<Exit>,
    pub restarts: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    pub id: ReplacementId,
    pub org_id: OrgId,
    pub workload_id: WorkloadId,
    pub kind: ReplacementKind,
    /// For people: `v3 → v4`, `settings: 2 → 3 replicas`, `promoted as v1`.
    pub name: String,
    pub candidate_artifact: ArtifactId,
    pub previous_artifact: Option<ArtifactId>,
    /// None for a promotion, and for settings of a stopped workload.
    pub candidate: Option<ProtonId>,
    pub previous: Option<ProtonId>,
    pub config: RolloutConfig,
    /// What the candidate's own probes allow for becoming ready; the start deadline is never shorter.
    pub start_budget: Millis,
    pub runtime: WorkloadRuntime,
    pub previous_runtime: WorkloadRuntime,
    pub progress: Progress,
    /// Anything people should know that the stage does not say.
    pub note: Option<String>,
    pub receipt: Receipt,
    pub flight: FlightRecord,
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub ready_at: Option<Timestamp>,
    pub switched_at: Option<Timestamp>,
    /// When the old proton was gone.
    pub retired_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub revision: i64,
}

words! {
    Outcome {
        Completed = "completed", Failed = "failed", Cancelled = "cancelled",
        RolledBack = "rolled_back",
    }
}

impl Progress {
    /// How it ended; none while it has not.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        if self.stage != Stage::Done {
            return None;
        }
        Some(match &self.course {
            Course::Forward => Outcome::Completed,
            Course::Withdraw(Cause::Asked) => Outcome::Cancelled,
            Course::Back(Cause::Asked) => Outcome::RolledBack,
            Course::Withdraw(Cause::Failed(_)) | Course::Back(Cause::Failed(_)) => Outcome::Failed,
        })
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Done
    }

    #[must_use]
    pub fn status(&self) -> ReplacementStatus {
        match (self.stage, &self.course) {
            (Stage::Done, Course::Forward) => ReplacementStatus::Completed,
            (Stage::Done, _) => ReplacementStatus::Errored,
            (_, Course::Withdraw(_) | Course::Back(_)) => ReplacementStatus::Deleting,
            (Stage::Submitted, _) => ReplacementStatus::Submitted,
            (Stage::Starting, _) => ReplacementStatus::Initializing,
            (Stage::Ready | Stage::Warming | Stage::Held, _) => {
                ReplacementStatus::AwaitingPromotion
            }
            (Stage::Switching, _) => ReplacementStatus::Switching,
            (Stage::Draining | Stage::Keeping | Stage::Cleaning, _) => {
                ReplacementStatus::CleaningUp
            }
        }
    }

    /// Why it failed; none when it has not.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match &self.course {
            Course::Withdraw(Cause::Failed(why)) | Course::Back(Cause::Failed(why)) => Some(why),
            _ => None,
        }
    }
}
