//! Puts together what clients read as a workload (rules.md §5.1).

use std::collections::HashMap;

use crate::{
    creator::Creators,
    error::Error,
    house::House,
    logs,
    model::{
        Artifact, ArtifactBrief, ArtifactId, Condition, EntityKind, Health, Proton, ProtonId,
        ProtonStatus, Replacement, RequestStats, Situation, StatusDetails, Tag, Timestamp,
        Workload, WorkloadId, WorkloadRecord, workload_actions,
    },
    replacement, stats,
    store::StoreError,
};

/// How much of it is wanted; more costs more reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    Brief,
    Stats,
    /// With statistics and the last log lines.
    Full,
}

/// Lines of log on a record.
const TAIL: usize = 30;

pub async fn of(
    house: &House,
    workload: &Workload,
    detail: Detail,
) -> Result<WorkloadRecord, Error> {
    let one = page(house, std::slice::from_ref(workload), detail).await?;
    one.into_iter().next().ok_or_else(|| missing("workloads", "id", &workload.id))
}

/// The records of a page, in its order. What they are made of is read for the whole page at once, so that a
/// long page costs no more statements than a short one.
pub async fn page(
    house: &House,
    workloads: &[Workload],
    detail: Detail,
) -> Result<Vec<WorkloadRecord>, Error> {
    let mut parts = Parts::read(house, workloads, detail).await?;
    let mut records = Vec::with_capacity(workloads.len());
    for workload in workloads {
        records.push(parts.record(house, workload, detail).await?);
    }
    Ok(records)
}

/// What the records of one page are made of.
struct Parts<'h> {
    artifacts: HashMap<ArtifactId, Artifact>,
    protons: HashMap<ProtonId, Proton>,
    newest: HashMap<WorkloadId, Replacement>,
    promoted: HashMap<WorkloadId, Timestamp>,
    stats: HashMap<WorkloadId, RequestStats>,
    tags: HashMap<String, Vec<Tag>>,
    people: Creators<'h>,
}

impl<'h> Parts<'h> {
    async fn read(house: &'h House, workloads: &[Workload], detail: Detail) -> Result<Self, Error> {
        let store = &house.store;
        let ids: Vec<_> = workloads.iter().map(|w| w.id.clone()).collect();
        let artifacts: Vec<_> = workloads.iter().map(|w| w.artifact_id.clone()).collect();
        let protons: Vec<_> = workloads.iter().filter_map(|w| w.active_proton.clone()).collect();
        let newest = store.latest_replacements(&ids).await?;
        let people = workloads.iter().map(|w| &w.creator_id);
        let people = Creators::of(house, people.chain(newest.values().map(|r| &r.user_id))).await?;
        Ok(Self {
            artifacts: store.artifacts_by_id(&artifacts).await?,
            protons: store.protons_by_id(&protons).await?,
            promoted: store.last_promotions(&ids).await?,
            newest,
            stats: match detail {
                Detail::Brief => HashMap::new(),
                Detail::Stats | Detail::Full => stats::briefs(house, workloads).await?,
            },
            tags: store
                .tags_among(EntityKind::Workload, ids.iter().map(WorkloadId::as_str))
                .await?,
            people,
        })
    }

    async fn record(
        &mut self,
        house: &House,
        workload: &Workload,
        detail: Detail,
    ) -> Result<WorkloadRecord, Error> {
        let artifact = self
            .artifacts
            .get(&workload.artifact_id)
            .ok_or_else(|| missing("workloads", "artifact_id", &workload.id))?;
        let active = workload.active_proton.as_ref().and_then(|id| self.protons.get(id));
        let status = workload.status(active.map(|p| p.status));
        let newest = self.newest.get(&workload.id);
        let running = newest.filter(|r| !r.progress.is_over());
        let situation = Situation {
            wanted: workload.wanted,
            status,
            artifact: artifact.state.status(),
            running,
        };
        let allowed = workload_actions(&situation);
        let promoted = self.promoted.get(&workload.id).copied();
        let replacement = match newest {
            Some(r) if replacement::is_readable(house.now(), active, promoted, r) => {
                Some(replacement::record_by(house, r, self.people.get(&r.user_id).await?))
            }
            _ => None,
        };
        let creator = self.people.get(&workload.creator_id).await?;
        let request_stats = self.stats.get(&workload.id).cloned();
        let mut status_details = conditions(house, workload, active);
        if detail == Detail::Full {
            let told = match running.and_then(|r| r.candidate.as_ref()) {
                Some(candidate) => Some(candidate),
                None => workload.active_proton.as_ref(),
            };
            if let Some(proton) = told {
                status_details.log_tail = logs::tail(house, proton, TAIL).await;
            }
        }
        Ok(WorkloadRecord {
            id: workload.id.clone(),
            name: workload.name.clone(),
            description: workload.description.clone(),
            status,
            importance: workload.importance,
            kind: artifact.kind,
            artifact_id: artifact.id.clone(),
            artifact: ArtifactBrief {
                id: artifact.id.clone(),
                name: artifact.name.clone(),
                status: artifact.state.status(),
                kind: artifact.kind,
                version: artifact.state.version(),
                artifact_repository_id: artifact.repository_id.clone(),
            },
            proton_id: workload.active_proton.clone(),
            endpoint: house.settings.endpoint(&workload.id),
            runtime: workload.runtime.clone(),
            replacement,
            last_response: request_stats.as_ref().and_then(|s| s.last_request_at),
            request_stats,
            // Who reads it decides about these: see `seen`.
            owners: Vec::new(),
            permissions: Vec::new(),
            creator,
            tags: self.tags.get(workload.id.as_str()).cloned().unwrap_or_default(),
            status_details,
            expires_at: workload.expires_at,
            created_at: workload.created_at,
            updated_at: workload.updated_at,
            allowed,
            revision: workload.revision,
        })
    }
}

/// A row that points to another that is not there.
pub(crate) fn missing(table: &'static str, column: &'static str, id: impl ToString) -> Error {
    Error::Store(StoreError::Corrupt { table, column, id: id.to_string() })
}

fn conditions(house: &House, workload: &Workload, active: Option<&Proton>) -> StatusDetails {
    let mut details = StatusDetails::default();
    let Some(proton) = active else { return details };
    let look = house.controller.live().look(&workload.id);
    let health = look
        .as_ref()
        .and_then(|look| look.observed.get(&proton.id))
        .map(|seen| seen.health(proton.replicas));
    details.conditions.push(Condition {
        kind: "Ready".into(),
        name: "all replicas are ready".into(),
        value: health == Some(Health::Ready),
    });
    if proton.status == ProtonStatus::Errored {
        details.conditions.push(Condition {
            kind: "Failed".into(),
            name: proton.message.clone().unwrap_or_else(|| "it keeps failing".into()),
            value: true,
        });
    }
    details
}
