//! Events in the order in which they happened, for those who follow (rules.md §17.3).

use std::collections::HashMap;

use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{ArtifactId, Event, EventRecord, Permission, WorkloadId},
};

/// More events than anybody should have slept through without reading everything anew.
const TOO_FAR: i64 = 10_000;

/// Whose events are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    Workload(WorkloadId),
    /// Everything that the caller may view.
    All,
}

/// What came after a number.
#[derive(Debug, Clone, PartialEq)]
pub enum After {
    Batch {
        events: Vec<EventRecord>,
        /// Where to go on; further than the last event, when others' were passed over.
        upto: i64,
        more: bool,
    },
    /// Too many to be told one by one, or some of them are forgotten, or the number has not been given out.
    TooFar { head: i64 },
}

/// The number of the newest event, for whoever may follow.
///
/// # Errors
/// As for reading the workload.
pub async fn head(house: &House, caller: &Caller, what: &Watched) -> Result<i64, Error> {
    may_follow(house, caller, what).await?;
    Ok(house.store.head(caller.org()).await?)
}

/// Up to `limit` events after number `seen`, oldest first.
///
/// # Errors
/// As for reading the workload.
pub async fn after(
    house: &House,
    caller: &Caller,
    what: &Watched,
    seen: i64,
    limit: u64,
) -> Result<After, Error> {
    may_follow(house, caller, what).await?;
    // Read first: what commits in between is told next time.
    let head = house.store.head(caller.org()).await?;
    let gap = head.saturating_sub(seen);
    let kept = house.store.oldest_event(caller.org()).await?;
    let forgotten = gap > 0 && kept.is_none_or(|oldest| seen.saturating_add(1) < oldest);
    if !(0..=TOO_FAR).contains(&gap) || forgotten {
        return Ok(After::TooFar { head });
    }
    let workload = match what {
        Watched::Workload(id) => Some(id),
        Watched::All => None,
    };
    let found = house.store.events_between(caller.org(), workload, seen, head, limit).await?;
    let more = found.len() as u64 == limit;
    let upto = if more { found.last().map_or(head, |event| event.seq) } else { head };
    let mut known = Known::default();
    let mut events = Vec::with_capacity(found.len());
    for event in found {
        if workload.is_some() || known.may_see(house, caller, &event).await? {
            events.push(event.into());
        }
    }
    Ok(After::Batch { events, upto, more })
}

async fn may_follow(house: &House, caller: &Caller, what: &Watched) -> Result<(), Error> {
    match what {
        Watched::Workload(id) => {
            access::workload(house, caller, id, Permission::View).await.map(drop)
        }
        Watched::All => access::need(caller.ceiling(), Permission::View, "event"),
    }
}

/// What was found out for one batch.
#[derive(Default)]
struct Known {
    workloads: HashMap<WorkloadId, bool>,
    artifacts: HashMap<ArtifactId, bool>,
}

impl Known {
    /// Whoever did it may see that it is done, also when what it was done to is gone.
    async fn may_see(
        &mut self,
        house: &House,
        caller: &Caller,
        event: &Event,
    ) -> Result<bool, Error> {
        if caller.user.is_admin() || event.actor_id.as_ref() == Some(caller.id()) {
            return Ok(true);
        }
        if let Some(id) = &event.workload_id {
            if let Some(known) = self.workloads.get(id) {
                return Ok(*known);
            }
            let found = access::workload(house, caller, id, Permission::View).await;
            let may = passes(found)?;
            self.workloads.insert(id.clone(), may);
            return Ok(may);
        }
        let Some(id) = &event.artifact_id else { return Ok(false) };
        if let Some(known) = self.artifacts.get(id) {
            return Ok(*known);
        }
        let may = passes(access::artifact(house, caller, id, Permission::View).await)?;
        self.artifacts.insert(id.clone(), may);
        Ok(may)
    }
}

fn passes<T>(found: Result<T, Error>) -> Result<bool, Error> {
    match found {
        Ok(_) => Ok(true),
        Err(Error::NotFound(_) | Error::Forbidden(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
