//! Puts together what clients read as a workload (rules.md §5.1).

use crate::{
    access::permissions,
    creator::Creators,
    error::Error,
    house::House,
    logs,
    model::{
        ArtifactBrief, Condition, Health, Proton, ProtonStatus, Situation, StatusDetails, Workload,
        WorkloadRecord, workload_actions,
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
    let artifact = house
        .store
        .artifact(&workload.org_id, &workload.artifact_id)
        .await?
        .ok_or_else(|| missing("workloads", "artifact_id", &workload.id))?;
    let active = match &workload.active_proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    };
    let status = workload.status(active.as_ref().map(|p| p.status));
    let newest = house.store.latest_replacement(&workload.id).await?;
    let running = newest.as_ref().filter(|r| !r.progress.is_over());
    let situation =
        Situation { wanted: workload.wanted, status, artifact: artifact.state.status(), running };
    let allowed = workload_actions(&situation);
    let readable = match &newest {
        Some(r) if replacement::is_readable(house, workload, active.as_ref(), r).await? => Some(r),
        _ => None,
    };
    let replacement = match readable {
        Some(readable) => Some(replacement::record(house, readable).await?),
        None => None,
    };
    let creator = Creators::new(house).get(&workload.creator_id).await?;
    let request_stats = match detail {
        Detail::Brief => None,
        Detail::Stats | Detail::Full => Some(stats::brief(house, &workload.id).await?),
    };
    let mut status_details = conditions(house, workload, active.as_ref());
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
            id: artifact.id,
            name: artifact.name,
            status: artifact.state.status(),
            kind: artifact.kind,
            version: artifact.state.version(),
            artifact_repository_id: artifact.repository_id,
        },
        proton_id: workload.active_proton.clone(),
        endpoint: house.settings.endpoint(&workload.id),
        runtime: workload.runtime.clone(),
        replacement,
        last_response: request_stats.as_ref().and_then(|s| s.last_request_at),
        request_stats,
        owners: vec![creator.clone()],
        creator,
        tags: Vec::new(),
        permissions: permissions(),
        status_details,
        expires_at: workload.expires_at,
        created_at: workload.created_at,
        updated_at: workload.updated_at,
        allowed,
    })
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
        .map(|seen| seen.health(proton.snapshot.runtime.replicas()));
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
