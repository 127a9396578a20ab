//! What the live part of a workload's page shows: everything at one moment, so that a page that missed
//! some of it is right again with the next.

use std::sync::Arc;

use crate::{
    access::Caller,
    error::Error,
    house::House,
    model::{
        ArtifactStatus, EventRecord, FlightRecord, Observed, Proton, Receipt, Replacement,
        ReplacementRecord, Role, Track, WorkloadId, WorkloadLive, WorkloadRecord,
    },
    replacement::{self, Runs},
    rollout::live::Look,
    stats,
    store::{EventFilter, Paging},
    workloads,
};

/// Newest entries of history and events on the page; the rest is on pages of their own.
const RECENT: u64 = 10;

pub async fn workload(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<WorkloadLive, Error> {
    // Before everything else, so that whatever comes after it shows up in the stream.
    let sequence = house.store.head(caller.org()).await?;
    let mut record = workloads::get(house, caller, id).await?;
    let recent = Paging { offset: 0, limit: RECENT };
    let history = replacement::list(house, caller, id, recent).await?;
    let filter = EventFilter { workload_id: Some(id.clone()), ..EventFilter::default() };
    let events = house.store.events(caller.org(), &filter, recent).await?;
    let newest = house.store.latest_replacement(id).await?;
    let running = newest.filter(|r| !r.progress.is_over());
    if let (Some(running), Some(shown)) = (&running, &mut record.replacement) {
        shown.flight_record = so_far(house, running).await?;
    }
    let look = house.controller.live().look(id);
    let mut tracks = Vec::new();
    let all = house.store.protons_of(id, Paging { offset: 0, limit: 20 }).await?;
    let active = all.items.iter().find(|proton| proton.role == Some(Role::Active));
    let serves_older_draft = match active {
        Some(proton) => is_older_draft(house, &record, proton).await?,
        None => false,
    };
    for proton in all.items.into_iter().filter(|p| !p.status.is_over()) {
        let median_ms = stats::recent_median(house, id, &proton.id).await?;
        tracks.push(track(house, running.as_ref(), look.as_ref(), proton, median_ms));
    }
    tracks.sort_by_key(|t| match t.role {
        Some(Role::Active) => 0,
        Some(Role::Candidate) => 1,
        None => 2,
    });
    Ok(WorkloadLive {
        workload: record,
        tracks,
        serves_older_draft,
        history: history.items.into_iter().enumerate().map(brief).collect(),
        events: events.items.into_iter().map(EventRecord::from).collect(),
        observed_at: look.map_or_else(|| house.now(), |look| look.at),
        sequence,
    })
}

/// Locking names what is stored, and restarts nothing.
async fn is_older_draft(
    house: &House,
    record: &WorkloadRecord,
    active: &Proton,
) -> Result<bool, Error> {
    let locked = record.artifact.status == ArtifactStatus::Locked;
    // Most were never a draft, and need no reading.
    let was_draft = active.snapshot.label.starts_with("draft");
    if !locked || !was_draft || active.artifact_id != record.artifact.id {
        return Ok(false);
    }
    let stored = house.store.artifacts_by_id(std::slice::from_ref(&record.artifact.id)).await?;
    let stored = stored.get(&record.artifact.id);
    Ok(stored.is_some_and(|artifact| replacement::runs(artifact, Some(active)) == Runs::Older))
}

/// The flight record of a candidate that has no traffic yet: whoever decides whether to wait for it wants to see how
/// it fares. It is stored only when the candidate is given up.
async fn so_far(house: &House, running: &Replacement) -> Result<FlightRecord, Error> {
    match &running.candidate {
        Some(candidate) if running.switched_at.is_none() => {
            Ok(house.engine.flight_record(candidate).await.unwrap_or_default())
        }
        _ => Ok(running.flight.clone()),
    }
}

/// Only the newest entry is looked at closely. The flight records of the others, sent every second, would be
/// most of the stream; each has a page of its own.
fn brief((age, mut entry): (usize, ReplacementRecord)) -> ReplacementRecord {
    if age > 0 {
        entry.flight_record = FlightRecord::default();
    }
    entry
}

fn track(
    house: &House,
    running: Option<&Replacement>,
    look: Option<&Arc<Look>>,
    proton: Proton,
    median_ms: Option<u64>,
) -> Track {
    let traffic = house.controller.live().traffic(&proton.id);
    let totals = traffic.as_ref().map(|t| t.totals()).unwrap_or_default();
    let receipt = look
        .and_then(|look| look.rollout.as_ref())
        .map_or_else(Receipt::default, |rollout| rollout.receipt);
    let served = match running {
        Some(r) if r.candidate.as_ref() == Some(&proton.id) => receipt.served_by_new,
        Some(r) if r.previous.as_ref() == Some(&proton.id) => receipt.served_by_old,
        _ => totals.answered,
    };
    let live = house.controller.live();
    let observed = look.and_then(|look| look.observed.get(&proton.id));
    Track {
        label: proton.snapshot.label,
        role: proton.role,
        status: proton.status,
        // Also of replicas that serve on while nobody can ask their engine.
        message: observed.and_then(|seen| seen.trouble.clone()).or(proton.message),
        replicas: observed.map_or_else(Vec::new, |Observed { replicas, .. }| replicas.clone()),
        replicas_wanted: proton.replicas,
        open: traffic.as_ref().map_or(0, |t| t.open()),
        open_work: traffic
            .as_ref()
            .map(|t| t.open_work(house.clock.monotonic()))
            .unwrap_or_default(),
        requests_per_second: live.requests_per_second(&proton.id, house.clock.monotonic()),
        served,
        failed: totals.failed(),
        median_ms,
        proton_id: proton.id,
    }
}

/// The caller's workloads, as the list page shows them.
pub use workloads::list;
