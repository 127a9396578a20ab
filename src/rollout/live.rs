//! What the controller's workers see right now: never stored, shown on pages and in records.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::broadcast;

use crate::{
    model::{Health, Millis, Observed, ProtonId, Receipt, ReplacementId, Timestamp, WorkloadId},
    traffic::ProtonTraffic,
};

/// One look at one workload.
#[derive(Debug, Clone)]
pub struct Look {
    pub at: Timestamp,
    pub observed: HashMap<ProtonId, Observed>,
    pub rollout: Option<RolloutLook>,
}

/// The part of a replacement that is newer than what is stored.
#[derive(Debug, Clone)]
pub struct RolloutLook {
    pub id: ReplacementId,
    /// Monotonic time spent in the present stage.
    pub elapsed: Millis,
    pub receipt: Receipt,
    /// None when there is no candidate any more.
    pub candidate: Option<Health>,
    /// Open on the side that lost the traffic.
    pub open: u64,
}

/// All of them, and the traffic of every proton that this process has routed.
#[derive(Debug)]
pub struct Live {
    looks: RwLock<HashMap<WorkloadId, Arc<Look>>>,
    traffic: RwLock<Counters>,
    changed: broadcast::Sender<WorkloadId>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            looks: RwLock::default(),
            traffic: RwLock::default(),
            changed: broadcast::Sender::new(1024),
        }
    }
}

#[derive(Debug, Default)]
struct Counters {
    of: HashMap<ProtonId, Known>,
    /// The same by whose they are, so that what concerns one workload is found among ten thousand.
    by_workload: HashMap<WorkloadId, Vec<Arc<ProtonTraffic>>>,
}

#[derive(Debug, Clone)]
struct Known {
    workload: WorkloadId,
    traffic: Arc<ProtonTraffic>,
    pace: Pace,
}

/// Requests per second, measured between two looks that are at least a second apart.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    measured_at: Millis,
    begun: u64,
    per_second: f64,
}

impl Pace {
    fn measure(&mut self, begun: u64, mono: Millis) -> f64 {
        let passed = mono.saturating_sub(self.measured_at);
        if passed >= Millis::seconds(1) {
            #[expect(clippy::cast_precision_loss, reason = "counts and times far below 2^52")]
            let rate = (begun.saturating_sub(self.begun)) as f64 * 1000.0 / passed.0 as f64;
            *self = Self { measured_at: mono, begun, per_second: rate };
        }
        self.per_second
    }
}

impl Live {
    pub fn look(&self, id: &WorkloadId) -> Option<Arc<Look>> {
        self.looks.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Says which workload looks different now. A receiver that lags looks at everything.
    pub fn changes(&self) -> broadcast::Receiver<WorkloadId> {
        self.changed.subscribe()
    }

    pub(crate) fn changed(&self, id: &WorkloadId) {
        // Nobody listening is fine.
        let _ = self.changed.send(id.clone());
    }

    pub(super) fn saw(&self, id: &WorkloadId, look: Look) {
        let mut looks = self.looks.write().unwrap_or_else(PoisonError::into_inner);
        looks.insert(id.clone(), Arc::new(look));
    }

    /// The traffic of a proton, counted from zero when it is new to this process.
    pub(super) fn traffic_of(&self, workload: &WorkloadId, id: &ProtonId) -> Arc<ProtonTraffic> {
        let mut all = self.traffic.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.of.get(id) {
            return Arc::clone(&known.traffic);
        }
        let traffic = ProtonTraffic::new(id.clone());
        let (workload, pace) = (workload.clone(), Pace::default());
        all.by_workload.entry(workload.clone()).or_default().push(Arc::clone(&traffic));
        all.of.insert(id.clone(), Known { workload, traffic: Arc::clone(&traffic), pace });
        traffic
    }

    pub fn traffic(&self, id: &ProtonId) -> Option<Arc<ProtonTraffic>> {
        let all = self.traffic.read().unwrap_or_else(PoisonError::into_inner);
        all.of.get(id).map(|known| Arc::clone(&known.traffic))
    }

    /// How many requests each of some workloads is answering, on whichever of its protons.
    pub fn open_of(&self, workloads: &[WorkloadId]) -> HashMap<WorkloadId, u64> {
        let all = self.traffic.read().unwrap_or_else(PoisonError::into_inner);
        let sum = |id| all.by_workload.get(id).map_or(0, |own| open(own));
        workloads.iter().map(|id| (id.clone(), sum(id))).collect()
    }

    /// The same of all that are answering any.
    pub fn busy(&self) -> HashMap<WorkloadId, u64> {
        let all = self.traffic.read().unwrap_or_else(PoisonError::into_inner);
        let sums = all.by_workload.iter().map(|(id, own)| (id, open(own)));
        sums.filter(|(_, open)| *open > 0).map(|(id, open)| (id.clone(), open)).collect()
    }

    /// How many requests per second a proton gets at the moment.
    pub fn requests_per_second(&self, id: &ProtonId, mono: Millis) -> f64 {
        let mut all = self.traffic.write().unwrap_or_else(PoisonError::into_inner);
        all.of.get_mut(id).map_or(0.0, |known| {
            let begun = known.traffic.totals().begun;
            known.pace.measure(begun, mono)
        })
    }

    /// Whose proton it is, when this process has seen it.
    pub fn workload_of(&self, id: &ProtonId) -> Option<WorkloadId> {
        let all = self.traffic.read().unwrap_or_else(PoisonError::into_inner);
        all.of.get(id).map(|known| known.workload.clone())
    }

    /// Every proton this process has routed and not forgotten, for the statistics.
    pub fn all_traffic(&self) -> Vec<(WorkloadId, Arc<ProtonTraffic>)> {
        let all = self.traffic.read().unwrap_or_else(PoisonError::into_inner);
        all.of.values().map(|known| (known.workload.clone(), Arc::clone(&known.traffic))).collect()
    }

    /// Drops the counters of protons that are over. Whoever records statistics calls it after taking the
    /// last counts. One that is not closed stays: it may be newer than the list.
    pub fn keep_only(&self, alive: &HashSet<ProtonId>) {
        let mut all = self.traffic.write().unwrap_or_else(PoisonError::into_inner);
        let Counters { of, by_workload } = &mut *all;
        of.retain(|id, known| alive.contains(id) || !known.traffic.is_closed());
        by_workload.retain(|_, own| {
            own.retain(|traffic| of.contains_key(&traffic.id));
            !own.is_empty()
        });
    }
}

fn open(all: &[Arc<ProtonTraffic>]) -> u64 {
    all.iter().map(|traffic| traffic.open()).sum()
}
