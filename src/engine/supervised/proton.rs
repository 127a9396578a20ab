//! One proton in memory: its record, its units, and the probe attempts of its flight record.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    Context,
    record::{self, PROBES, PROTON, ProtonRecord, SERVING, Wanted},
    runner::Runner,
    unit::{Limits, Unit},
};
use crate::{
    engine::attempts::Attempts,
    model::{
        Container, Millis, Observed, ProbeAttempt, ProbeKind, ProtonId, Replica, ReplicaPhase,
        Snapshot, WorkloadId,
    },
};

/// What the units of a proton share.
pub(in crate::engine) struct Shared {
    pub(in crate::engine) id: ProtonId,
    pub(in crate::engine) workload: WorkloadId,
    pub(in crate::engine) folder: PathBuf,
    attempts: Mutex<Attempts>,
    /// When the attempts were last written. Held while writing, so that an older list never wins.
    written: tokio::sync::Mutex<Option<Millis>>,
}

/// A passing attempt may be lost with the server when it is younger than this; a change never is.
const WRITE_EVERY: Millis = Millis::seconds(30);

impl Shared {
    pub(super) fn open(id: ProtonId, workload: WorkloadId, folder: PathBuf) -> Self {
        let attempts = record::load(&folder, PROBES).unwrap_or_default();
        Self {
            id,
            workload,
            folder,
            attempts: Mutex::new(attempts),
            written: tokio::sync::Mutex::default(),
        }
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn list(&self) -> Vec<ProbeAttempt> {
        self.attempts().list()
    }

    pub(super) fn last(&self, label: &str, kind: ProbeKind) -> Option<ProbeAttempt> {
        let all = self.list();
        all.into_iter().rev().find(|attempt| attempt.replica == label && attempt.kind == kind)
    }

    pub(super) async fn note(&self, attempt: ProbeAttempt, now: Millis) {
        let change = self.attempts().push(attempt);
        let mut written = self.written.lock().await;
        let due = written.is_none_or(|last| now >= last.saturating_add(WRITE_EVERY));
        if change || due {
            *written = Some(now);
            self.write().await;
        }
    }

    /// Writes what has not been written yet, before the proton is left alone for good.
    pub(super) async fn flush(&self) {
        let _turn = self.written.lock().await;
        self.write().await;
    }

    async fn write(&self) {
        let (folder, attempts) = (self.folder.clone(), self.attempts().clone());
        super::on_disk("write the probe attempts", move || {
            record::save(&folder, PROBES, &attempts)
        })
        .await;
    }
}

pub(super) struct Entry<R: Runner> {
    pub(super) shared: Arc<Shared>,
    state: Mutex<State<R>>,
}

struct State<R: Runner> {
    record: ProtonRecord,
    fatal: Option<String>,
    units: Vec<Arc<Unit<R>>>,
}

impl<R: Runner> Entry<R> {
    pub(super) fn new(shared: Arc<Shared>, record: ProtonRecord) -> Self {
        Self { shared, state: Mutex::new(State { record, fatal: None, units: Vec::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn record(&self) -> ProtonRecord {
        self.state().record.clone()
    }

    pub(super) fn units(&self) -> Vec<Arc<Unit<R>>> {
        self.state().units.clone()
    }

    /// Takes the record as what should be from now on, and gives back the units that need a task.
    pub(super) fn want(
        &self,
        context: &Arc<Context<R>>,
        record: ProtonRecord,
        fatal: Option<String>,
    ) -> Vec<Arc<Unit<R>>> {
        let mut state = self.state();
        let mut start = Vec::new();
        let count = if fatal.is_some() { 0 } else { record.replicas };
        if record.wanted == Wanted::Running {
            for number in 0..count {
                for part in parts(&record.snapshot) {
                    let known = state.units.iter().any(|unit| unit.is(number, &part.name));
                    if !known {
                        let unit = Unit::open(context, &self.shared, number, &part);
                        state.units.push(Arc::new(unit));
                    }
                }
            }
        }
        for unit in &state.units {
            let surplus = Wanted::Gone { grace: context.stop_grace };
            let wanted = match record.wanted {
                Wanted::Running if unit.number >= count => surplus,
                wanted => wanted,
            };
            if unit.want(wanted) {
                start.push(unit.clone());
            }
        }
        state.record = record;
        state.fatal = fatal;
        start
    }

    /// Puts a unit that is on disk back into memory.
    pub(super) fn restore(&self, unit: Arc<Unit<R>>) {
        self.state().units.push(unit);
    }

    pub(super) fn is_gone(&self) -> bool {
        let state = self.state();
        state.record.wanted != Wanted::Running && state.units.iter().all(|unit| unit.is_gone())
    }

    pub(super) async fn observe(&self, now: Millis) -> Observed {
        if self.is_gone() {
            return Observed::default();
        }
        let (units, fatal) = {
            let state = self.state();
            (state.units.clone(), state.fatal.clone())
        };
        let mut numbers: Vec<u32> = units.iter().map(|unit| unit.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut replicas = Vec::with_capacity(numbers.len());
        for number in numbers {
            let mut of_it: Vec<&Unit<R>> = units
                .iter()
                .filter(|unit| unit.number == number && !unit.is_gone())
                .map(|unit| &**unit)
                .collect();
            of_it.sort_by_key(|unit| !unit.serves);
            replicas.extend(together(&of_it, now).await);
        }
        Observed { replicas, fatal, ..Observed::default() }
    }
}

/// Writes the record of what should be.
pub(super) fn save(folder: &Path, record: &ProtonRecord) -> std::io::Result<()> {
    record::create_folder(folder)?;
    record::save(folder, PROTON, record)
}

/// One container of each replica.
pub(in crate::engine) struct Part<'a> {
    /// The name of its folder.
    pub(in crate::engine) name: String,
    pub(in crate::engine) container: &'a Container,
    /// It is the one that gets the requests.
    pub(in crate::engine) serves: bool,
    pub(in crate::engine) limits: Limits,
    /// Every container of the replica, itself among them.
    pub(in crate::engine) siblings: Arc<[Container]>,
}

/// The containers of a replica.
pub(in crate::engine) fn parts(snapshot: &Snapshot) -> Vec<Part<'_>> {
    let primary = snapshot.spec.primary();
    let group = snapshot.spec.container_groups.first();
    let siblings: Arc<[Container]> =
        group.map(|group| group.containers.clone()).unwrap_or_default().into();
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    group
        .iter()
        .flat_map(|group| &group.containers)
        .enumerate()
        .map(|(index, container)| {
            let name: String = container.title().chars().filter(|c| safe(*c)).take(64).collect();
            let serves = primary.is_some_and(|primary| std::ptr::eq(primary, container));
            let name = if serves { SERVING.to_owned() } else { format!("{index}-{name}") };
            let (limits, siblings) = (limits(snapshot, container), Arc::clone(&siblings));
            Part { name, container, serves, limits, siblings }
        })
        .collect()
}

/// What a container may use: what the runtime says of it, or else of its whole group.
fn limits(snapshot: &Snapshot, container: &Container) -> Limits {
    let Some(group) = snapshot.runtime.container_groups.first() else { return Limits::default() };
    let of_group = Limits { cpu: group.cpu(), memory: group.memory() };
    if group.resolved_bundle.is_some() {
        return of_group;
    }
    let own = group.containers.iter().find(|own| own.name == container.title());
    own.map_or_else(Limits::default, |own| Limits {
        cpu: own.resource_allocation.cpu,
        memory: own.resource_allocation.memory.map(|bytes| bytes.0),
    })
}

/// One replica out of its containers, the serving one first.
async fn together<R: Runner>(units: &[&Unit<R>], now: Millis) -> Option<Replica> {
    let (first, others) = units.split_first()?;
    let mut replica = first.view(None);
    let mut used = first.used(now).await;
    for unit in others {
        let helper = unit.view(Some(unit.container.name.as_deref().unwrap_or("a container")));
        replica.ready &= helper.ready;
        replica.restarts += helper.restarts;
        replica.ready_changed_at = replica.ready_changed_at.max(helper.ready_changed_at);
        if helper.phase == ReplicaPhase::Failed {
            replica.phase = ReplicaPhase::Failed;
        }
        if replica.reason.is_none() {
            (replica.reason, replica.message) = (helper.reason, helper.message);
        }
        if replica.last_exit.is_none() {
            replica.last_exit = helper.last_exit;
        }
        used = used.and(unit.used(now).await);
    }
    (replica.cpu_millis, replica.memory_bytes) = (used.cpu_millis, used.memory_bytes);
    replica.network = used.network;
    Some(replica)
}
