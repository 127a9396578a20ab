//! Looks at what runs, and keeps what it saw.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    house::House,
    model::{GroupRuntime, Millis, Observed, Proton, ProtonId, Replica, Timestamp, Usage},
    stats::minute_of,
};

const INTERVAL: Millis = Millis::seconds(10);
/// Engines that ask something far away are asked about so many protons at a time.
const AT_ONCE: usize = 4;
/// Rows written in one transaction, so that nobody else waits long for a turn.
const BATCH: usize = 200;

/// Runs until `stop`.
pub async fn record(house: House, stop: CancellationToken) {
    let mut recorder = Recorder { since: house.now(), restarts: HashMap::new() };
    loop {
        tokio::select! {
            () = house.clock.sleep(INTERVAL) => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = recorder.round(&house).await {
            tracing::warn!(%error, "what replicas use could not be recorded now");
        }
    }
}

#[derive(Debug)]
struct Recorder {
    since: Timestamp,
    /// Restarts of each proton's replicas at the last look.
    restarts: HashMap<ProtonId, u64>,
}

impl Recorder {
    async fn round(&mut self, house: &House) -> Result<(), Error> {
        let live = house.controller.live();
        // Only what this process looks after: on a shared database others record theirs.
        let own: Vec<ProtonId> = house
            .store
            .live_protons()
            .await?
            .into_iter()
            .filter(|(proton, workload)| {
                live.look(workload).is_some_and(|look| look.observed.contains_key(proton))
            })
            .map(|(proton, _)| proton)
            .collect();
        self.restarts.retain(|proton, _| own.contains(proton));
        for batch in own.chunks(BATCH) {
            let protons = house.store.protons_by_id(batch).await?;
            let seen: Vec<(Proton, Observed)> = stream::iter(protons.into_values())
                .map(async |proton| {
                    // What can't be seen now is no use of nothing: it is left out.
                    let observed = house.engine.observe(&proton.id).await.ok()?;
                    Some((proton, observed))
                })
                .buffer_unordered(AT_ONCE)
                .filter_map(async |seen| seen)
                .collect()
                .await;
            let minute = minute_of(house.now());
            let mut write = house.store.write().await?;
            for (proton, observed) in &seen {
                let usage = Usage { at: minute, ..self.usage(proton, observed) };
                write.add_usage(&proton.workload_id, &proton.id, &usage).await?;
            }
            write.commit().await?;
        }
        Ok(())
    }

    /// One look.
    fn usage(&mut self, proton: &Proton, observed: &Observed) -> Usage {
        let total: u64 = observed.replicas.iter().map(|replica| u64::from(replica.restarts)).sum();
        // Of one that is older than this process nobody knows which restarts have been counted.
        let new = proton.created_at >= self.since;
        let before = self.restarts.insert(proton.id.clone(), total);
        let before = before.unwrap_or(if new { 0 } else { total });
        Usage { restarts: total.saturating_sub(before), ..look(proton, observed) }
    }
}

fn look(proton: &Proton, observed: &Observed) -> Usage {
    let group = proton.snapshot.runtime.container_groups.first();
    let wanted = u64::from(proton.replicas);
    let ready = observed.replicas.iter().filter(|replica| replica.ready).count() as u64;
    let mut usage = Usage { looks: 1, ready, wanted, ..Usage::default() };
    if let Some(used) = sum(observed, |replica| replica.cpu_millis) {
        let asked = group.and_then(GroupRuntime::cpu).map_or(0, thousandths);
        (usage.cpu_looks, usage.cpu_used, usage.cpu_asked) = (1, used, asked * wanted);
    }
    if let Some(used) = sum(observed, |replica| replica.memory_bytes) {
        let asked = group.and_then(GroupRuntime::memory).unwrap_or(0);
        (usage.memory_looks, usage.memory_used) = (1, used);
        usage.memory_asked = asked.saturating_mul(wanted);
    }
    usage
}

/// A sum that leaves out what is not known would be too small. No replicas use nothing.
fn sum(observed: &Observed, of: fn(&Replica) -> Option<u64>) -> Option<u64> {
    observed.replicas.iter().map(of).sum()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a validated number of cores"
)]
fn thousandths(cores: f64) -> u64 {
    (cores * 1000.0).round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::{Recorder, look};
    use crate::model::{
        ContainerRuntime, GroupRuntime, Observed, Proton, ProtonStatus, Replica, ReplicaPhase,
        ResourceAllocation, Role, Snapshot, Spec, Timestamp, Usage, WorkloadRuntime,
    };

    fn replica(number: u32, ready: bool, cpu_millis: Option<u64>, restarts: u32) -> Replica {
        Replica {
            name: format!("r-{number}"),
            number,
            address: None,
            phase: ReplicaPhase::Running,
            ready,
            started_at: None,
            ready_changed_at: None,
            restarts,
            reason: None,
            message: None,
            last_exit: None,
            container: "main".into(),
            image: "a:1".into(),
            cpu_millis,
            memory_bytes: Some(100),
            network: None,
        }
    }

    fn proton(created_at: i64) -> Proton {
        let allocation = ResourceAllocation { cpu: Some(0.5), ..ResourceAllocation::default() };
        let container = ContainerRuntime { name: "main".into(), resource_allocation: allocation };
        let group = GroupRuntime { containers: vec![container], ..GroupRuntime::default() };
        let runtime =
            WorkloadRuntime { container_groups: vec![group], ..WorkloadRuntime::default() };
        Proton {
            id: "0123456789abcdef01234567".parse().unwrap(),
            org_id: "0b1f4d9e-6a4f-4f0e-9d6c-3a8a5a1f2c11".parse().unwrap(),
            workload_id: "0123456789abcdef01234567".parse().unwrap(),
            artifact_id: "0123456789abcdef01234567".parse().unwrap(),
            name: "p".into(),
            status: ProtonStatus::Running,
            role: Some(Role::Active),
            snapshot: Snapshot { spec: Spec::default(), runtime, label: "v1".into() },
            images: crate::model::Images::new(),
            replicas: 2,
            running_since: None,
            restarts: 0,
            message: None,
            creator_id: "0123456789abcdef01234567".parse().unwrap(),
            created_at: Timestamp::from_micros(created_at),
            updated_at: Timestamp::from_micros(created_at),
        }
    }

    #[test]
    fn a_look_says_what_all_replicas_use_or_nothing() {
        let seen = |second| Observed {
            replicas: vec![replica(0, true, Some(250), 0), replica(1, false, second, 0)],
            ..Observed::default()
        };
        let both = look(&proton(0), &seen(Some(50)));
        let expected = Usage {
            looks: 1,
            ready: 1,
            wanted: 2,
            cpu_looks: 1,
            cpu_used: 300,
            cpu_asked: 1000,
            memory_looks: 1,
            memory_used: 200,
            ..Usage::default()
        };
        assert_eq!(both, expected, "no memory was asked for");
        let one = look(&proton(0), &seen(None));
        assert_eq!((one.cpu_looks, one.cpu_used, one.memory_used), (0, 0, 200));
        let none = look(&Proton { replicas: 0, ..proton(0) }, &Observed::default());
        assert_eq!((none.looks, none.cpu_looks, none.cpu_used), (1, 1, 0), "scaled to zero");
    }

    #[test]
    fn each_restart_is_counted_once() {
        let mut recorder = Recorder {
            since: Timestamp::from_micros(5),
            restarts: std::collections::HashMap::new(),
        };
        let seen = |restarts| Observed {
            replicas: vec![replica(0, true, None, restarts)],
            ..Observed::default()
        };
        let mut counted =
            |created_at, restarts| recorder.usage(&proton(created_at), &seen(restarts)).restarts;
        assert_eq!([counted(9, 2), counted(9, 2), counted(9, 5), counted(9, 1)], [2, 0, 3, 0]);
        recorder.restarts.clear();
        let old = recorder.usage(&proton(1), &seen(7)).restarts;
        assert_eq!(old, 0, "they were counted before the server started anew");
    }
}
