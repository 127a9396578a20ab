//! What engines that supervise by themselves share: the process engine and the Docker engine.
//!
//! Each container of each replica is a *unit*: something that the engine's [`Runner`] has started and that
//! outlives the server, and a task here that supervises it: probes, restarts with growing pauses, stops. What
//! should be and what has happened is on disk ([`record`]), so a server that comes back adopts what runs
//! instead of starting it again.

mod backoff;
pub(in crate::engine) mod environment;
mod expand;
mod health;
pub(in crate::engine) mod log_file;
mod log_level;
mod logs;
mod proton;
pub(in crate::engine) mod record;
pub(in crate::engine) mod runner;
mod supervise;
mod unit;

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    runtime::Handle,
    sync::broadcast,
    task::{JoinSet, spawn_blocking},
};

pub(in crate::engine) use self::{proton::parts, unit::Unit};
use self::{
    proton::{Entry, Shared},
    record::{PROBES, PROTON, ProtonRecord, UNIT, UnitRecord, Wanted},
    runner::Runner,
};
use super::{Engine, EngineError, LogPage, LogQuery, Values, attempts::Attempts};
use crate::{
    clock::Clock,
    model::{Capacity, FlightRecord, Millis, Observed, Proton, ProtonId},
};

/// Lines of log that a flight record keeps.
const TAIL: usize = 50;
/// Changes that a slow watcher may leave unread before it has to look at everything.
const UNREAD: usize = 1024;
/// How long the start waits for adopted replicas to be found ready again.
const FIRST_LOOK: Millis = Millis::seconds(3);

/// What every unit needs.
pub(in crate::engine) struct Context<R> {
    pub(in crate::engine) runner: R,
    pub(in crate::engine) clock: Arc<dyn Clock>,
    pub(in crate::engine) values: Arc<dyn Values>,
    /// How long a replica that is restarted, or not needed any more, may take to stop.
    pub(in crate::engine) stop_grace: Millis,
    changes: broadcast::Sender<ProtonId>,
}

impl<R> Context<R> {
    fn tell(&self, proton: &ProtonId) {
        // Nobody may be watching.
        drop(self.changes.send(proton.clone()));
    }
}

/// Runs protons. Dropping it leaves them running, for the next one to adopt.
pub struct Supervised<R: Runner> {
    context: Arc<Context<R>>,
    folder: PathBuf,
    protons: Arc<Protons<R>>,
    /// Held while what should be is changed.
    changing: tokio::sync::Mutex<()>,
    tasks: Mutex<JoinSet<()>>,
    runtime: Handle,
}

struct Protons<R: Runner>(Mutex<HashMap<ProtonId, Arc<Entry<R>>>>);

impl<R: Runner> Protons<R> {
    fn get(&self) -> MutexGuard<'_, HashMap<ProtonId, Arc<Entry<R>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runner> Supervised<R> {
    /// Adopts what still runs and goes on with what was begun. Replicas that were ready when the former
    /// server ended are found ready again before this returns, unless they have ceased to be. Its tasks
    /// live on the runtime that this is called on. Two engines must never share a folder.
    pub(in crate::engine) async fn over(
        folder: PathBuf,
        runner: R,
        clock: Arc<dyn Clock>,
        values: Arc<dyn Values>,
        stop_grace: Millis,
    ) -> Result<Self, EngineError> {
        record::create_folder(&folder).map_err(|error| fail(NO_FOLDER, error))?;
        let (changes, _) = broadcast::channel(UNREAD);
        let engine = Self {
            context: Arc::new(Context { runner, clock, values, stop_grace, changes }),
            folder,
            protons: Arc::new(Protons(Mutex::default())),
            changing: tokio::sync::Mutex::new(()),
            tasks: Mutex::default(),
            runtime: Handle::current(),
        };
        engine.adopt().map_err(|error| fail(NO_FOLDER, error))?;
        let (context, protons) = (Arc::clone(&engine.context), Arc::clone(&engine.protons));
        engine.spawn(async move {
            let all = || protons.get().keys().cloned().collect::<Vec<ProtonId>>();
            let tell = || {
                for proton in all() {
                    context.tell(&proton);
                }
            };
            loop {
                context.runner.sweep(&all()).await;
                tell();
                context.runner.trouble_changes().await;
                tell();
            }
        });
        engine.wait_for_first_look().await;
        Ok(engine)
    }

    pub(in crate::engine) fn context(&self) -> &Context<R> {
        &self.context
    }

    /// It has something of this proton on disk, or is to run it.
    pub(in crate::engine) fn knows(&self, proton: &ProtonId) -> bool {
        self.protons().contains_key(proton) || self.folder(proton).exists()
    }

    fn adopt(&self) -> io::Result<()> {
        for found in std::fs::read_dir(&self.folder)? {
            let folder = found?.path();
            let Some(record) = record::load::<ProtonRecord>(&folder, PROTON) else { continue };
            let id = record.proton.clone();
            let shared = Shared::open(id.clone(), record.workload.clone(), folder.clone());
            let entry = Arc::new(Entry::new(Arc::new(shared), record.clone()));
            let kept = parts(&record.snapshot);
            for (number, name, path) in record::units(&folder) {
                let Some(part) = kept.iter().find(|kept| kept.name == name) else { continue };
                let left: UnitRecord = record::load(&path, UNIT).unwrap_or_default();
                let surplus = number >= record.replicas || record.wanted != Wanted::Running;
                if surplus && left.settled >= left.run {
                    // Nothing of it can be running.
                    continue;
                }
                let unit = Arc::new(Unit::open(&self.context, &entry.shared, number, part));
                let gone = Wanted::Gone { grace: self.context.stop_grace };
                let wanted = match record.wanted {
                    Wanted::Running if surplus => gone,
                    wanted => wanted,
                };
                unit.resume(wanted);
                entry.restore(unit.clone());
                self.supervise(unit);
            }
            // What runs goes on, even if it could not be started any more.
            let runner = &self.context.runner;
            let fatal = entry.units().is_empty().then(|| runner.refusal(&record)).flatten();
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

    fn protons(&self) -> MutexGuard<'_, HashMap<ProtonId, Arc<Entry<R>>>> {
        self.protons.get()
    }

    fn entry(&self, proton: &ProtonId) -> Option<Arc<Entry<R>>> {
        self.protons().get(proton).cloned()
    }

    fn folder(&self, proton: &ProtonId) -> PathBuf {
        self.folder.join(proton.as_str())
    }

    fn supervise(&self, unit: Arc<Unit<R>>) {
        self.spawn(supervise::supervise(unit));
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }

    /// Writes what should be, then begins to make it so.
    async fn want(&self, entry: &Entry<R>, record: ProtonRecord) -> Result<(), EngineError> {
        let (folder, saved) = (entry.shared.folder.clone(), record.clone());
        blocking("can't write what should run", move || proton::save(&folder, &saved)).await?;
        // What runs goes on when more of it is asked for than can be had.
        let begins = record.wanted == Wanted::Running && entry.units().iter().all(|u| u.is_gone());
        let fatal = begins.then(|| self.context.runner.refusal(&record)).flatten();
        for unit in entry.want(&self.context, record, fatal) {
            self.supervise(unit);
        }
        self.context.tell(&entry.shared.id);
        Ok(())
    }
}

#[async_trait::async_trait]
impl<R: Runner> Engine for Supervised<R> {
    fn name(&self) -> &'static str {
        self.context.runner.name()
    }

    fn capacity(&self) -> Capacity {
        self.context.runner.capacity()
    }

    async fn apply(&self, proton: &Proton) -> Result<(), EngineError> {
        let _turn = self.changing.lock().await;
        let record = ProtonRecord {
            proton: proton.id.clone(),
            workload: proton.workload_id.clone(),
            snapshot: proton.snapshot.clone(),
            images: proton.images.clone(),
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
        let runner = &self.context.runner;
        let (images, trouble) = (runner.images(&entry.shared.folder), runner.trouble());
        Ok(Observed { trouble, images, ..entry.observe(self.context.clock.monotonic()).await })
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
        protons.retain(|_, entry| {
            if entry.is_gone() {
                self.context.runner.left(&entry.shared.folder);
            }
            !entry.is_gone()
        });
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
        self.context.runner.left(&folder);
        blocking("can't delete the logs", move || match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    async fn prune(&self, needed: &BTreeSet<String>) -> Result<(), EngineError> {
        self.context.runner.prune(&*self.context.clock, needed).await
    }

    fn watch(&self) -> broadcast::Receiver<ProtonId> {
        self.context.changes.subscribe()
    }
}

const NO_FOLDER: &str = "can't use the data folder";

pub(in crate::engine) fn fail(what: &str, source: io::Error) -> EngineError {
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
