//! One proton in memory: its record, its units, and the probe attempts of its flight record.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    Context,
    procfs::Stat,
    record::{self, PROBES, PROTON, ProtonRecord, SERVING, Wanted},
    unit::Unit,
    usage,
};
use crate::{
    engine::attempts::Attempts,
    model::{
        Container, Millis, Observed, ProbeAttempt, ProbeKind, ProtonId, Replica, ReplicaPhase,
        Spec, WorkloadId,
    },
};

/// What the units of a proton share.
pub(super) struct Shared {
    pub(super) id: ProtonId,
    pub(super) workload: WorkloadId,
    pub(super) folder: PathBuf,
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

pub(super) struct Entry {
    pub(super) shared: Arc<Shared>,
    state: Mutex<State>,
}

struct State {
    record: ProtonRecord,
    fatal: Option<String>,
    units: Vec<Arc<Unit>>,
}

impl Entry {
    pub(super) fn new(shared: Arc<Shared>, record: ProtonRecord) -> Self {
        Self { shared, state: Mutex::new(State { record, fatal: None, units: Vec::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn record(&self) -> ProtonRecord {
        self.state().record.clone()
    }

    pub(super) fn units(&self) -> Vec<Arc<Unit>> {
        self.state().units.clone()
    }

    /// Takes the record as what should be from now on, and gives back the units that need a task.
    pub(super) fn want(
        &self,
        context: &Arc<Context>,
        record: ProtonRecord,
        fatal: Option<String>,
    ) -> Vec<Arc<Unit>> {
        let mut state = self.state();
        let mut start = Vec::new();
        let count = if fatal.is_some() { 0 } else { record.replicas };
        if record.wanted == Wanted::Running {
            for number in 0..count {
                for (name, container, serves) in containers(&record.snapshot.spec) {
                    let known = state.units.iter().any(|unit| unit.is(number, &name));
                    if !known {
                        let unit =
                            Unit::open(context, &self.shared, number, &name, container, serves);
                        state.units.push(Arc::new(unit));
                    }
                }
            }
        }
        for unit in &state.units {
            let surplus = Wanted::Gone { grace: context.config.stop_grace };
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
    pub(super) fn restore(&self, unit: Arc<Unit>) {
        self.state().units.push(unit);
    }

    pub(super) fn is_gone(&self) -> bool {
        let state = self.state();
        state.record.wanted != Wanted::Running && state.units.iter().all(|unit| unit.is_gone())
    }

    pub(super) fn observe(&self, table: &[Stat], now: Millis) -> Observed {
        let state = self.state();
        if state.record.wanted != Wanted::Running && state.units.iter().all(|unit| unit.is_gone()) {
            return Observed::default();
        }
        let mut numbers: Vec<u32> = state.units.iter().map(|unit| unit.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let replicas = numbers
            .into_iter()
            .filter_map(|number| {
                let mut units: Vec<&Unit> = state
                    .units
                    .iter()
                    .filter(|unit| unit.number == number && !unit.is_gone())
                    .map(|unit| &**unit)
                    .collect();
                units.sort_by_key(|unit| !unit.serves);
                together(&units, table, now)
            })
            .collect();
        Observed { replicas, fatal: state.fatal.clone() }
    }

    /// Writes the record of what should be.
    pub(super) fn save(folder: &Path, record: &ProtonRecord) -> std::io::Result<()> {
        record::create_folder(folder)?;
        record::save(folder, PROTON, record)
    }
}

/// The containers of a replica: the folder of each, and whether it is the one that serves.
pub(super) fn containers(spec: &Spec) -> Vec<(String, &Container, bool)> {
    let primary = spec.primary();
    let group = spec.container_groups.first();
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    group
        .iter()
        .flat_map(|group| &group.containers)
        .enumerate()
        .map(|(index, container)| {
            let name = container.name.as_deref().unwrap_or("main");
            let name: String = name.chars().filter(|c| safe(*c)).take(64).collect();
            let serves = primary.is_some_and(|primary| std::ptr::eq(primary, container));
            let folder = if serves { SERVING.to_owned() } else { format!("{index}-{name}") };
            (folder, container, serves)
        })
        .collect()
}

/// One replica out of its containers, the serving one first.
fn together(units: &[&Unit], table: &[Stat], now: Millis) -> Option<Replica> {
    let (first, others) = units.split_first()?;
    let mut replica = first.view(None);
    let mut usage = usage::look(first, table, now);
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
        let more = usage::look(unit, table, now);
        usage = usage::Used {
            cpu_millis: usage.cpu_millis.zip(more.cpu_millis).map(|(a, b)| a + b),
            memory_bytes: usage.memory_bytes.zip(more.memory_bytes).map(|(a, b)| a + b),
        };
    }
    replica.cpu_millis = usage.cpu_millis;
    replica.memory_bytes = usage.memory_bytes;
    Some(replica)
}
