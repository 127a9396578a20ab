//! The instances of a workload and their replicas (rules.md §5.5, §8).

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    logs,
    model::{
        ArtifactId, ConditionKind, ContainerDetails, ContainerState, Observed, OverallStatus, Page,
        Permission, Proton, ProtonDetails, ProtonId, ProtonRecord, ProtonStatus, ProtonTail,
        Replica, ReplicaCondition, ReplicaDetails, ReplicaPhase, Role, Timestamp, WorkloadId,
        address_text,
    },
    store::Paging,
};

/// Log lines shown with a proton.
const TAIL: usize = 30;

/// Newest first: what lives, and what ran before.
pub async fn list(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    paging: Paging,
) -> Result<Page<ProtonRecord>, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let page = house.store.protons_of(&workload.id, paging).await?;
    let mut creators = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    for proton in page.items {
        items.push(record(house, proton, &mut creators).await?);
    }
    Ok(Page { items, total: page.total })
}

/// A proton as one of those to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: ProtonId,
    pub artifact_id: ArtifactId,
    /// `v3`, or `draft`.
    pub label: String,
    pub role: Option<Role>,
    pub created_at: Timestamp,
}

/// What lives and what ran before, newest first, without looking at any of it.
pub async fn runs(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    paging: Paging,
) -> Result<Vec<Run>, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let page = house.store.protons_of(&workload.id, paging).await?;
    let run = |proton: Proton| Run {
        id: proton.id,
        artifact_id: proton.artifact_id,
        label: proton.snapshot.label,
        role: proton.role,
        created_at: proton.created_at,
    };
    Ok(page.items.into_iter().map(run).collect())
}

pub async fn get(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    id: &ProtonId,
) -> Result<ProtonRecord, Error> {
    let proton = find(house, caller, workload, id).await?;
    record(house, proton, &mut Creators::new(house)).await
}

/// The replicas as the engine sees them now; none while nothing has been reported of them yet.
pub async fn details(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    id: &ProtonId,
) -> Result<Option<ProtonDetails>, Error> {
    let proton = find(house, caller, workload, id).await?;
    let observed = house.engine.observe(&proton.id).await?;
    let early = matches!(proton.status, ProtonStatus::Submitted | ProtonStatus::Unknown);
    if observed.replicas.is_empty() && observed.fatal.is_none() && early {
        return Ok(None);
    }
    Ok(Some(snapshot(house, &proton, &observed)))
}

async fn find(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    id: &ProtonId,
) -> Result<Proton, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let proton = house.store.proton(id).await?;
    proton.filter(|proton| proton.workload_id == workload.id).ok_or(Error::NotFound("proton"))
}

async fn record(
    house: &House,
    proton: Proton,
    creators: &mut Creators<'_>,
) -> Result<ProtonRecord, Error> {
    let log_tail = logs::tail(house, &proton.id, TAIL).await;
    Ok(ProtonRecord {
        endpoint: house.settings.endpoint(&proton.workload_id),
        creator: creators.get(&proton.creator_id).await?,
        id: proton.id,
        name: proton.name,
        workload_id: proton.workload_id,
        artifact_id: proton.artifact_id,
        status: proton.status,
        role: proton.role,
        runtime: proton.snapshot.runtime,
        running_since: proton.running_since,
        status_details: ProtonTail { log_tail: Some(log_tail) },
        message: proton.message,
        created_at: proton.created_at,
        updated_at: proton.updated_at,
    })
}

fn snapshot(house: &House, proton: &Proton, observed: &Observed) -> ProtonDetails {
    let wanted = proton.replicas;
    let ready = observed.replicas.iter().filter(|replica| replica.ready).count();
    let trouble = observed.fatal.as_ref().or(observed.trouble.as_ref()).or(proton.message.as_ref());
    let summary = match trouble {
        Some(trouble) => trouble.clone(),
        None if observed.replicas.is_empty() => "no replicas exist".to_owned(),
        None => {
            let count = format!("{ready} of {wanted} replicas are ready");
            let mut unready = observed.replicas.iter().filter(|replica| !replica.ready);
            match unready.find_map(|replica| replica.message.as_ref()) {
                Some(why) => format!("{count}: {why}"),
                None => count,
            }
        }
    };
    let overall_status = OverallStatus { state: proton.status, summary, last_updated: house.now() };
    let engine = house.engine.name_of(&proton.id).to_owned();
    let engine_reason = house.engine.why_of(&proton.id);
    let image = |name: &str| observed.images.get(name).map(|pin| pin.id.clone());
    let replicas = observed.replicas.iter().map(|one| replica(one, image(&one.image))).collect();
    ProtonDetails { overall_status, engine, engine_reason, replicas }
}

fn replica(seen: &Replica, image_id: Option<String>) -> ReplicaDetails {
    let address = address_text(seen.address);
    let started = seen.started_at.is_some();
    let condition = |kind, met, since| ReplicaCondition { kind, met, value: met, since };
    let readiness_since = seen.ready_changed_at.or(seen.started_at);
    ReplicaDetails {
        name: seen.name.clone(),
        node_address: seen.address.map(|address| address.ip().to_string()).unwrap_or_default(),
        address,
        status: seen.phase,
        started_at: seen.started_at,
        conditions: vec![
            condition(ConditionKind::PodScheduled, seen.address.is_some(), seen.started_at),
            condition(ConditionKind::Initialized, started, seen.started_at),
            condition(ConditionKind::ContainersReady, seen.ready, readiness_since),
            condition(ConditionKind::Ready, seen.ready, readiness_since),
        ],
        containers: vec![ContainerDetails {
            name: seen.container.clone(),
            image: seen.image.clone(),
            image_id,
            ready: seen.ready,
            restart_count: seen.restarts,
            started_at: seen.started_at,
            status: match seen.phase {
                ReplicaPhase::Pending => ContainerState::Waiting,
                ReplicaPhase::Running => ContainerState::Running,
                ReplicaPhase::Succeeded | ReplicaPhase::Failed => ContainerState::Terminated,
                ReplicaPhase::Unknown => ContainerState::Unknown,
            },
            reason: seen.reason.clone(),
            message: seen.message.clone(),
            exit_code: seen.last_exit.as_ref().and_then(|exit| exit.code),
        }],
        cpu_millis: seen.cpu_millis,
        memory_bytes: seen.memory_bytes,
        network: seen.network,
    }
}
