//! The process engine: a container's entrypoint as a process of this host. Nothing to install, so it is
//! what the first five minutes run on.
//!
//! Each container of each replica is a process under a shim ([`shim()`]) that outlives the server and keeps
//! its log and its end.
//!
//! Known limitations: Linux only. Nothing is isolated or limited: programs see the whole host and its
//! network, cpu and memory are reported but not enforced. A program that leaves both its process group and
//! its session escapes from being stopped. A program that serves its probes on a second port can't be probed
//! there, because a replica is given one port.

mod image;
mod launch;
mod ports;
mod procfs;
mod record;
mod run;
mod shim;
mod sockets;
mod spawn;
mod usage;

use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) use self::launch::is_demo;
pub use self::{
    image::{Image, LocalImages, is_local},
    shim::shim,
};
use self::{
    launch::Place,
    ports::Ports,
    record::{RUN, Run},
    run::{ProcessRun, Table},
    spawn::Left,
};
use super::{
    EngineError, Given, Values, capacity,
    supervised::{
        Supervised, Unit, fail, parts,
        record::{ProtonRecord, UnitRecord},
        runner::{Blame, Found, Runner, Unstarted},
    },
};
use crate::{
    clock::Clock,
    model::{Capacity, Millis},
    random::Random,
};

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

/// Runs protons as processes.
pub type ProcessEngine = Supervised<Processes>;

impl ProcessEngine {
    /// Adopts what still runs, as [`Supervised`] does.
    pub async fn start(
        config: ProcessConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        values: Arc<dyn Values>,
    ) -> Result<Self, EngineError> {
        let said = |error| fail("can't use the data folder", error);
        let data_dir = std::path::absolute(&config.data_dir).map_err(said)?;
        let processes = Processes {
            ports: Ports::new(config.replica_ports),
            images: LocalImages::open(&data_dir).map_err(said)?,
            executable: config.executable,
            capacity: capacity::of_host(),
            table: Arc::new(Table::new(Arc::clone(&clock))),
            random,
        };
        Self::over(data_dir.join("replicas"), processes, clock, values, config.stop_grace).await
    }
}

/// Starts programs of this host.
pub struct Processes {
    ports: Ports,
    images: LocalImages,
    executable: PathBuf,
    capacity: Capacity,
    table: Arc<Table>,
    random: Arc<dyn Random>,
}

#[async_trait::async_trait]
impl Runner for Processes {
    type Run = ProcessRun;

    fn name(&self) -> &'static str {
        "process"
    }

    fn capacity(&self) -> Capacity {
        self.capacity
    }

    fn refusal(&self, record: &ProtonRecord) -> Option<String> {
        let images = &self.images;
        let place = Place { workload: &record.workload, replica: "", port: 0, images };
        let parts = parts(&record.snapshot);
        if parts.is_empty() {
            return Some("The artifact names no container to run.".to_owned());
        }
        let ports = self.ports.count();
        if u64::from(record.replicas) * parts.len() as u64 > ports {
            return Some(format!(
                "{} replicas are more than this host has ports for: the process engine has {ports}.",
                record.replicas
            ));
        }
        parts.iter().find_map(|part| {
            launch::launch(part.container, &self.executable, &place, &Given::new())
                .err()
                .map(|refused| refused.to_string())
        })
    }

    fn reopen(&self, folder: &Path, record: &mut UnitRecord) {
        // Should the unit's record be lost, the shim's still leads to what runs.
        if let Some(run) = record::load::<Run>(folder, RUN).filter(|run| run.run > record.run) {
            (record.run, record.port) = (run.run, Some(run.port));
        }
        record.port = record.port.filter(|port| self.ports.keep(*port));
    }

    fn reserve(&self, record: &mut UnitRecord) -> Result<(), String> {
        if record.port.is_some_and(ports::is_free) {
            return Ok(());
        }
        let new = self.ports.pick(&*self.random).ok_or("found no free port for it")?;
        if let Some(old) = record.port.replace(new) {
            self.ports.give_back(old);
        }
        Ok(())
    }

    fn release(&self, record: &mut UnitRecord) {
        if let Some(port) = record.port.take() {
            self.ports.give_back(port);
        }
    }

    async fn find(&self, unit: &Unit<Self>, number: u64) -> Found<ProcessRun> {
        let folder = &unit.folder;
        if let Left::Alive(alive) = spawn::find(&*unit.context.clock, folder, number).await {
            return Found::Alive(self.run(unit, alive));
        }
        let run = record::load::<Run>(folder, RUN).filter(|run| run.run == number);
        let ended = run::ended(folder, number);
        if run.is_none() && ended.is_none() {
            // The server ended before the shim began.
            return Found::Nothing;
        }
        if let Some(run) = &run {
            spawn::bury(run).await;
        }
        Found::Over { started_at: run.map(|run| run.started_at), ended }
    }

    async fn start(
        &self,
        unit: &Unit<Self>,
        number: u64,
        given: &Given,
    ) -> Result<ProcessRun, Unstarted> {
        let failed = |text: String| Unstarted::Failed(Blame { reason: "Error", text });
        let record = unit.record();
        let port = record.port.ok_or_else(|| failed("has no port".to_owned()))?;
        let replica = unit.replica();
        let images = &self.images;
        let place = Place { workload: &unit.proton.workload, replica: &replica, port, images };
        let order = launch::launch(&unit.container, &self.executable, &place, given)
            .map_err(|refused| failed(refused.to_string()))?;
        let launch = record::Launch { run: number, port };
        let clock = &*unit.context.clock;
        let alive = spawn::spawn(clock, &self.executable, &unit.folder, launch, &order).await;
        Ok(self.run(unit, alive.map_err(failed)?))
    }
}

impl Processes {
    fn run(&self, unit: &Unit<Self>, alive: spawn::Alive) -> ProcessRun {
        ProcessRun::new(alive, unit.folder.clone(), Arc::clone(&self.table))
    }
}
