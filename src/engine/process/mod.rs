//! The process engine: a container's entrypoint as a process of this host. Nothing to install, so it is
//! what the first five minutes run on.
//!
//! Each container of each replica is a *unit*: a process under a shim ([`shim()`]) that outlives the
//! server, and a task here that supervises it. What should be and what has happened is on disk
//! ([`record`]), so a server that comes back adopts what runs instead of starting it again.
//!
//! Known limitations: Linux only. Nothing is isolated or limited: programs see the whole host and its
//! network, cpu and memory are reported but not enforced. A program that leaves both its process group and
//! its session escapes from being stopped.

mod backoff;
mod capacity;
mod expand;
mod health;
mod image;
mod launch;
mod log_file;
mod log_level;
mod logs;
mod ports;
mod procfs;
mod proton;
mod record;
mod shim;
mod sockets;
mod spawn;
mod supervise;
mod unit;
mod usage;

use std::{
    collections::HashMap,
    io,
    ops::RangeInclusive,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    runtime::Handle,
    sync::broadcast,
    task::{JoinSet, spawn_blocking},
};

pub use self::{
    image::{Image, LocalImages, is_local},
    shim::shim,
};
use self::{
    launch::Place,
    ports::Ports,
    procfs::Stat,
    proton::{Entry, Shared, containers},
    record::{PROBES, PROTON, ProtonRecord, UNIT, UnitRecord, Wanted},
    unit::Unit,
};
use super::{Engine, EngineError, Given, LogPage, LogQuery, Values, attempts::Attempts};
use crate::{
    clock::Clock,
    model::{Capacity, FlightRecord, Millis, Observed, Proton, ProtonId},
    random::Random,
};

/// Lines of log that a flight record keeps.
const TAIL: usize = 50;
/// Changes that a slow watcher may leave unread before it has to look at everything.
const UNREAD: usize = 1024;
/// How long the start waits for adopted replicas to be found ready again.
const FIRST_LOOK: Millis = Millis::seconds(3);
/// A look at all processes of the host is good for this long.
const TABLE_AGE: Millis = Millis::seconds(1);

#[derive(Debug, Clone)]
pub struct ProcessConfig {
    /// Everything is kept in its folder `replicas`.
    pub data_dir: PathBuf,
    /// Each container of each replica gets a port of this range.
    pub replica_ports: RangeInclusive<u16>,
    /// This binary, for its subcommands `shim` and `demo`.
    pub executable: PathBuf,
    /// How long a replica that is restarted, or not needed any more, may take to stop.
    pub stop_grace: Millis,
}

/// What every unit needs.
struct Context {
    config: ProcessConfig,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    values: Arc<dyn Values>,
    ports: Ports,
    images: LocalImages,
    changes: broadcast::Sender<ProtonId>,
}

impl Context {
    fn tell(&self, proton: &ProtonId) {
        // Nobody may be watching.
        drop(self.changes.send(proton.clone()));
    }
}

/// Runs protons as processes. Dropping it leaves them running, for the next one to adopt.
pub struct ProcessEngine {
    context: Arc<Context>,
    folder: PathBuf,
    capacity: Capacity,
    protons: Mutex<HashMap<ProtonId, Arc<Entry>>>,
    /// Held while what should be is changed.
    changing: tokio::sync::Mutex<()>,
    table: Mutex<Option<(Millis, Arc<Vec<Stat>>)>>,
    tasks: Mutex<JoinSet<()>>,
    runtime: Handle,
}

impl ProcessEngine {
    /// Adopts what still runs and goes on with what was begun. Replicas that were ready when the former
    /// server ended are found ready again before this returns, unless they have ceased to be. Its tasks
    /// live on the runtime that this is called on. Two engines must never share a data folder.
    pub async fn start(
        config: ProcessConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        values: Arc<dyn Values>,
    ) -> Result<Self, EngineError> {
        let said = |error| fail("can't use the data folder", error);
        let data_dir = std::path::absolute(&config.data_dir).map_err(said)?;
        let folder = data_dir.join("replicas");
        record::create_folder(&folder).map_err(said)?;
        let images = LocalImages::open(&data_dir).map_err(said)?;
        let ports = Ports::new(config.replica_ports.clone());
        let (changes, _) = broadcast::channel(UNREAD);
        let engine = Self {
            context: Arc::new(Context { config, clock, random, values, ports, images, changes }),
            folder,
            capacity: capacity::of_host(),
            protons: Mutex::default(),
            changing: tokio::sync::Mutex::new(()),
            table: Mutex::default(),
            tasks: Mutex::default(),
            runtime: Handle::current(),
        };
        engine.adopt().map_err(said)?;
        engine.wait_for_first_look().await;
        Ok(engine)
    }

    fn adopt(&self) -> io::Result<()> {
        for found in std::fs::read_dir(&self.folder)? {
            let folder = found?.path();
            let Some(record) = record::load::<ProtonRecord>(&folder, PROTON) else { continue };
            let id = record.proton.clone();
            let shared = Shared::open(id.clone(), record.workload.clone(), folder.clone());
            let entry = Arc::new(Entry::new(Arc::new(shared), record.clone()));
            let kept = containers(&record.snapshot.spec);
            for (number, name, path) in record::units(&folder) {
                let known = kept.iter().find(|(kept, ..)| *kept == name);
                let Some((_, container, serves)) = known else { continue };
                let left: UnitRecord = record::load(&path, UNIT).unwrap_or_default();
                let surplus = number >= record.replicas || record.wanted != Wanted::Running;
                if surplus && left.settled >= left.run {
                    // Nothing of it can be running.
                    continue;
                }
                let unit =
                    Unit::open(&self.context, &entry.shared, number, &name, container, *serves);
                let unit = Arc::new(unit);
                let gone = Wanted::Gone { grace: self.context.config.stop_grace };
                let wanted = match record.wanted {
                    Wanted::Running if surplus => gone,
                    wanted => wanted,
                };
                unit.resume(wanted);
                entry.restore(unit.clone());
                self.supervise(unit);
            }
            // What runs goes on, even if it could not be started any more.
            let fatal = entry.units().is_empty().then(|| self.refusal(&record)).flatten();
            for unit in entry.want(&self.context, record, fatal) {
                self.supervise(unit);
            }
            if !entry.is_gone() {
                self.protons().insert(id, entry);
            }
        }
        Ok(())
    }

    async fn wait_for_first_look(&self) {
        let clock = &self.context.clock;
        let end = clock.monotonic().saturating_add(FIRST_LOOK);
        let settled = || {
            let entries: Vec<_> = self.protons().values().cloned().collect();
            entries.iter().all(|entry| entry.units().iter().all(|unit| unit.is_settled()))
        };
        while !settled() && clock.monotonic() < end {
            clock.sleep(Millis(10)).await;
        }
    }

    fn protons(&self) -> MutexGuard<'_, HashMap<ProtonId, Arc<Entry>>> {
        self.protons.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, proton: &ProtonId) -> Option<Arc<Entry>> {
        self.protons().get(proton).cloned()
    }

    fn folder(&self, proton: &ProtonId) -> PathBuf {
        self.folder.join(proton.as_str())
    }

    fn supervise(&self, unit: Arc<Unit>) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(supervise::supervise(unit), &self.runtime);
    }

    /// Why this proton can never run here.
    fn refusal(&self, record: &ProtonRecord) -> Option<String> {
        let images = &self.context.images;
        let place = Place { workload: &record.workload, replica: "", port: 0, images };
        let containers = containers(&record.snapshot.spec);
        if containers.is_empty() {
            return Some("The artifact names no container to run.".to_owned());
        }
        let (first, last) = self.context.config.replica_ports.clone().into_inner();
        let ports = u64::from(last.saturating_sub(first)) + 1;
        if u64::from(record.replicas) * containers.len() as u64 > ports {
            return Some(format!(
                "{} replicas are more than this host has ports for: the process engine has {ports}.",
                record.replicas
            ));
        }
        containers.iter().find_map(|(_, container, _)| {
            launch::launch(container, &self.context.config.executable, &place, &Given::new())
                .err()
                .map(|refused| refused.to_string())
        })
    }

    /// Writes what should be, then begins to make it so.
    async fn want(&self, entry: &Entry, record: ProtonRecord) -> Result<(), EngineError> {
        let (folder, saved) = (entry.shared.folder.clone(), record.clone());
        blocking("can't write what should run", move || Entry::save(&folder, &saved)).await?;
        // What runs goes on when more of it is asked for than can be had.
        let begins = record.wanted == Wanted::Running && entry.units().iter().all(|u| u.is_gone());
        let fatal = begins.then(|| self.refusal(&record)).flatten();
        for unit in entry.want(&self.context, record, fatal) {
            self.supervise(unit);
        }
        self.context.tell(&entry.shared.id);
        Ok(())
    }

    /// All processes of the host, as of at most a second ago.
    async fn table(&self) -> Arc<Vec<Stat>> {
        let now = self.context.clock.monotonic();
        let known = self.table.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, table)) = known
            && now.saturating_sub(at) < TABLE_AGE
        {
            return table;
        }
        let table = Arc::new(spawn_blocking(procfs::all).await.unwrap_or_default());
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, table.clone()));
        table
    }
}

#[async_trait::async_trait]
impl Engine for ProcessEngine {
    fn name(&self) -> &'static str {
        "process"
    }

    fn capacity(&self) -> Capacity {
        self.capacity
    }

    async fn apply(&self, proton: &Proton) -> Result<(), EngineError> {
        let _turn = self.changing.lock().await;
        let record = ProtonRecord {
            proton: proton.id.clone(),
            workload: proton.workload_id.clone(),
            snapshot: proton.snapshot.clone(),
            replicas: proton.replicas,
            wanted: Wanted::Running,
        };
        let known = self.entry(&proton.id);
        if known.as_ref().is_some_and(|entry| entry.record() == record) {
            return Ok(());
        }
        let entry = known.unwrap_or_else(|| {
            let folder = self.folder(&proton.id);
            let shared = Shared::open(proton.id.clone(), proton.workload_id.clone(), folder);
            Arc::new(Entry::new(Arc::new(shared), record.clone()))
        });
        self.want(&entry, record).await?;
        self.protons().insert(proton.id.clone(), entry);
        Ok(())
    }

    async fn observe(&self, proton: &ProtonId) -> Result<Observed, EngineError> {
        let Some(entry) = self.entry(proton) else { return Ok(Observed::default()) };
        let table = self.table().await;
        Ok(entry.observe(&table, self.context.clock.monotonic()))
    }

    async fn remove(&self, proton: &ProtonId, grace: Millis) -> Result<(), EngineError> {
        let _turn = self.changing.lock().await;
        let Some(entry) = self.entry(proton) else { return Ok(()) };
        let record = ProtonRecord { wanted: Wanted::Gone { grace }, ..entry.record() };
        if entry.record() == record {
            return Ok(());
        }
        self.want(&entry, record).await
    }

    async fn owned(&self) -> Result<Vec<ProtonId>, EngineError> {
        let _turn = self.changing.lock().await;
        let mut protons = self.protons();
        // What is gone needs no memory; its files stay.
        protons.retain(|_, entry| !entry.is_gone());
        Ok(protons.keys().cloned().collect())
    }

    async fn logs(&self, proton: &ProtonId, query: &LogQuery) -> Result<LogPage, EngineError> {
        let (folder, proton, query) = (self.folder(proton), proton.clone(), query.clone());
        blocking("can't read the logs", move || Ok(logs::read(&folder, &proton, &query))).await
    }

    async fn flight_record(&self, proton: &ProtonId) -> Result<FlightRecord, EngineError> {
        let present = self.entry(proton).map(|entry| entry.shared.list());
        let (folder, proton) = (self.folder(proton), proton.clone());
        blocking("can't read the flight record", move || {
            let mut tail = logs::read(&folder, &proton, &LogQuery::last(TAIL)).lines;
            tail.reverse();
            let units: Vec<UnitRecord> = record::units(&folder)
                .into_iter()
                .filter_map(|(_, _, path)| record::load(&path, UNIT))
                .collect();
            let mut exits: Vec<_> = units.iter().flat_map(|unit| unit.exits.clone()).collect();
            exits.sort_by_key(|exit| exit.at);
            Ok(FlightRecord {
                log_tail: tail.into_iter().map(|line| line.message).collect(),
                probes: present.unwrap_or_else(|| {
                    record::load::<Attempts>(&folder, PROBES).unwrap_or_default().list()
                }),
                exits,
                restarts: units.iter().map(|unit| unit.restarts).sum(),
            })
        })
        .await
    }

    async fn kept(&self) -> Result<Vec<ProtonId>, EngineError> {
        let folder = self.folder.clone();
        blocking("can't list the logs", move || {
            let names = std::fs::read_dir(folder)?.filter_map(|found| {
                // What is not named by an id is not ours.
                found.ok()?.file_name().to_str()?.parse().ok()
            });
            Ok(names.collect())
        })
        .await
    }

    async fn forget(&self, proton: &ProtonId) -> Result<(), EngineError> {
        let _turn = self.changing.lock().await;
        if self.entry(proton).is_some_and(|entry| !entry.is_gone()) {
            let error = io::Error::other("some of it still runs");
            return Err(fail(&format!("can't forget proton {proton}"), error));
        }
        self.protons().remove(proton);
        let folder = self.folder(proton);
        blocking("can't delete the logs", move || match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    fn watch(&self) -> broadcast::Receiver<ProtonId> {
        self.context.changes.subscribe()
    }
}

fn fail(what: &str, source: io::Error) -> EngineError {
    EngineError { what: what.to_owned(), source: Box::new(source) }
}

/// Does work on files without holding up other tasks.
async fn blocking<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, EngineError> {
    let done = spawn_blocking(work).await.unwrap_or_else(|gone| Err(io::Error::other(gone)));
    done.map_err(|error| fail(what, error))
}

/// The same for what the supervision must survive: a full disk is told to the log and not to the replica.
async fn on_disk(what: &'static str, work: impl FnOnce() -> io::Result<()> + Send + 'static) {
    if let Err(error) = blocking(what, work).await {
        tracing::warn!(%error, "a record could not be written");
    }
}
