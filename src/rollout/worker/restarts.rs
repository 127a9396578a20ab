//! Which restarts of replicas are news.
//!
//! Each replica counts its own, and one that is scaled in takes its count away and brings it back. So counts
//! are compared replica by replica; at the first look after a start of the server there is only the stored
//! sum to compare with.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Observed, Proton, ProtonId};

/// What was seen when restarts were last told, by the number of the replica.
#[derive(Default)]
pub(super) struct Restarts(HashMap<ProtonId, BTreeMap<u32, u32>>);

impl Restarts {
    /// Restarts that have not been told.
    pub(super) fn fresh(&self, proton: &Proton, observed: &Observed) -> u32 {
        let replicas = observed.replicas.iter();
        match self.0.get(&proton.id) {
            Some(known) => replicas
                .filter_map(|r| Some(r.restarts.saturating_sub(*known.get(&r.number)?)))
                .sum(),
            None => replicas.map(|r| r.restarts).sum::<u32>().saturating_sub(proton.restarts),
        }
    }

    pub(super) fn told(&mut self, proton: &ProtonId, observed: &Observed) {
        let known = self.0.entry(proton.clone()).or_default();
        known.extend(observed.replicas.iter().map(|r| (r.number, r.restarts)));
    }

    pub(super) fn keep_only(&mut self, alive: impl Fn(&ProtonId) -> bool) {
        self.0.retain(|id, _| alive(id));
    }
}

#[cfg(test)]
mod tests {
    use super::Restarts;
    use crate::model::{
        ArtifactId, Observed, Proton, ProtonId, ProtonStatus, Replica, ReplicaPhase, Snapshot,
        Spec, Timestamp, UserId, WorkloadId, WorkloadRuntime,
    };

    fn proton(restarts: u32) -> Proton {
        let (id, at) = ([1; 12], Timestamp::from_micros(0));
        Proton {
            id: ProtonId::from_bytes(id),
            org_id: "o".parse().unwrap(),
            workload_id: WorkloadId::from_bytes(id),
            artifact_id: ArtifactId::from_bytes(id),
            name: "p".into(),
            status: ProtonStatus::Running,
            role: None,
            snapshot: Snapshot {
                spec: Spec::default(),
                runtime: WorkloadRuntime::default(),
                label: "v1".into(),
            },
            images: crate::model::Images::new(),
            replicas: 2,
            running_since: None,
            restarts,
            message: None,
            creator_id: UserId::from_bytes(id),
            created_at: at,
            updated_at: at,
        }
    }

    fn seen(restarts: &[u32]) -> Observed {
        let replicas = restarts.iter().zip(0..).map(|(restarts, number)| Replica {
            name: format!("r-{number}"),
            number,
            address: None,
            phase: ReplicaPhase::Running,
            ready: true,
            started_at: None,
            ready_changed_at: None,
            restarts: *restarts,
            reason: None,
            message: None,
            last_exit: None,
            container: "main".into(),
            image: "a:1".into(),
            cpu_millis: None,
            memory_bytes: None,
            network: None,
        });
        Observed { replicas: replicas.collect(), ..Observed::default() }
    }

    #[test]
    fn a_replica_that_goes_and_comes_back_is_no_news_and_hides_none() {
        let (mut restarts, proton) = (Restarts::default(), proton(3));
        assert_eq!(restarts.fresh(&proton, &seen(&[0, 5])), 2, "two since the server was stopped");
        let mut look = |counts: &[u32]| {
            restarts.told(&proton.id, &seen(&[]));
            let fresh = restarts.fresh(&proton, &seen(counts));
            restarts.told(&proton.id, &seen(counts));
            fresh
        };
        look(&[0, 5]);
        assert_eq!(look(&[0]), 0, "scaled in");
        assert_eq!(look(&[1]), 1, "though the sum is less than it was");
        assert_eq!(look(&[1, 5]), 0, "scaled out");
        assert_eq!(look(&[2, 6]), 2);
    }
}
