//! Which workloads a list or a sum is about, and in which order, as SQL. Their status is computed, never stored: here
//! to filter and sort by it, in [`Workload::status`](crate::model::Workload::status) to show it; a test holds the two
//! together.

use super::{
    Viewer,
    cell::key,
    list::{Conditions, ordered},
    tag::TagFilter,
};
use crate::model::{
    ArtifactId, ArtifactKind, ArtifactStatus, EntityKind, Importance, OrgId, RepositoryId, UserId,
    WorkloadId, WorkloadStatus,
};

/// The twin of [`Workload::status`](crate::model::Workload::status).
pub(super) const STATUS: &str = "CASE \
    WHEN w.wanted IN ('terminated', 'deleted') THEN 'terminated' \
    WHEN w.wanted = 'stopped' THEN \
        CASE WHEN p.status IS NULL OR p.status IN ('stopped', 'terminated') \
            THEN 'stopped' ELSE 'stopping' END \
    WHEN p.status IS NULL THEN 'submitted' \
    WHEN p.status IN ('initializing', 'provisioning') THEN 'provisioning' \
    WHEN p.status IN ('running', 'warming', 'draining') THEN 'running' \
    ELSE p.status END";

/// With all that a condition or a column may refer to. Where less is needed, [`WorkloadFilter::tables`] is quicker:
/// SQLite searches the other tables for each row that it counts, asked for or not.
pub(super) const TABLES: &str = "workloads w LEFT JOIN protons p ON p.id = w.active_proton \
    LEFT JOIN artifacts a ON a.id = w.artifact_id";
const WITH_PROTONS: &str = "workloads w LEFT JOIN protons p ON p.id = w.active_proton";
const WITH_ARTIFACTS: &str = "workloads w LEFT JOIN artifacts a ON a.id = w.artifact_id";
const ALONE: &str = "workloads w";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WorkloadKey {
    Name,
    #[default]
    CreatedAt,
    UpdatedAt,
    Status,
    Importance,
    /// When it last answered a request; those that never did come before all others.
    LastResponse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkloadOrder {
    pub key: WorkloadKey,
    pub descending: bool,
}

/// Newest first.
impl Default for WorkloadOrder {
    fn default() -> Self {
        Self { key: WorkloadKey::default(), descending: true }
    }
}

impl WorkloadOrder {
    /// What stands after `ORDER BY`.
    pub(super) fn by(self) -> String {
        let by = match self.key {
            WorkloadKey::Name => "w.name_key",
            WorkloadKey::CreatedAt => "w.created_at",
            WorkloadKey::UpdatedAt => "w.updated_at",
            WorkloadKey::Status => STATUS,
            WorkloadKey::Importance => "w.importance_rank",
            // The databases don't agree where NULL comes.
            WorkloadKey::LastResponse => "COALESCE(w.last_response_at, 0)",
        };
        ordered(by, "w.id", self.descending)
    }
}

/// Which workloads are wanted, and in which order; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct WorkloadFilter {
    pub created_by: Option<UserId>,
    pub ids: Vec<WorkloadId>,
    /// Called exactly this, whatever the case.
    pub name: Option<String>,
    /// In name, description or id, whatever the case.
    pub search: Option<String>,
    pub status: Vec<WorkloadStatus>,
    pub artifact_status: Vec<ArtifactStatus>,
    pub importance: Vec<Importance>,
    /// The type of the artifact it runs.
    pub kind: Vec<ArtifactKind>,
    /// Where it was told to run; any of these.
    pub enclaves: Vec<String>,
    pub tags: TagFilter,
    pub artifact_id: Option<ArtifactId>,
    /// The repository of the artifact it runs.
    pub repository_id: Option<RepositoryId>,
    /// Through whose eyes; none sees the whole organisation.
    pub viewer: Option<Viewer>,
    /// Without what this one sees.
    pub unseen_by: Option<Viewer>,
    pub order: WorkloadOrder,
}

impl WorkloadFilter {
    /// What the conditions and the order refer to.
    pub(super) fn tables(&self) -> &'static str {
        let protons = !self.status.is_empty() || self.order.key == WorkloadKey::Status;
        let artifacts = !self.artifact_status.is_empty()
            || !self.kind.is_empty()
            || self.repository_id.is_some();
        match (protons, artifacts) {
            (true, true) => TABLES,
            (true, false) => WITH_PROTONS,
            (false, true) => WITH_ARTIFACTS,
            (false, false) => ALONE,
        }
    }

    /// What lists and sums are made of; deleted ones are in neither.
    pub(super) fn conditions(&self, org: &OrgId) -> Conditions {
        let mut wanted = Conditions::of("w.org_id", org);
        wanted.always("w.wanted <> 'deleted'");
        wanted.when("w.creator_id =", self.created_by.as_ref());
        wanted.when("w.artifact_id =", self.artifact_id.as_ref());
        wanted.when("a.repository_id =", self.repository_id.as_ref());
        wanted.any("w.id", &self.ids);
        wanted.when("w.name_key =", self.name.as_deref().map(key));
        wanted.any(STATUS, self.status.iter().map(|status| status.word()));
        wanted.any("a.status", self.artifact_status.iter().map(|status| status.word()));
        wanted.any("a.kind", self.kind.iter().map(|kind| kind.word()));
        wanted.holding("w.runtime", &in_enclaves(&self.enclaves));
        wanted.tagged(org, EntityKind::Workload, "w.id", &self.tags);
        wanted.any("w.importance", self.importance.iter().map(|importance| importance.word()));
        wanted.search("w.search_text", self.search.as_deref());
        wanted.granted(EntityKind::Workload, "w.id", self.viewer.as_ref());
        wanted.not_granted(EntityKind::Workload, "w.id", self.unseen_by.as_ref());
        wanted
    }
}

/// How a stored runtime that names the enclave reads. Quotes within a JSON text are escaped, so no other
/// field of it can hold this.
fn in_enclaves(names: &[String]) -> Vec<String> {
    let list = |name: &String| serde_json::Value::from(vec![name.as_str()]);
    names.iter().map(|name| format!("\"enclaves\":{}", list(name))).collect()
}
