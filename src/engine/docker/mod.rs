//! The Docker engine: real containers, on any engine of this host that speaks Docker's API.
//!
//! A replica is the containers of its group in one network namespace. The first container, the one that
//! serves, owns it, on a bridge of ours; the others join it, and are started again when it is. Everything is
//! labelled with the id of this server's data folder, so it is found again after a crash, and what others have
//! made is never touched.
//!
//! Known limitations: only sockets of this host. Values of secrets are in the environment of the container,
//! where everybody who may ask the engine can read them.

mod begin;
mod build;
mod choose;
mod container;
mod held;
mod image;
mod image_name;
mod ledger;
mod link;
mod logs;
mod names;
mod progress;
mod prune;
mod pull;
mod push;
mod reach;
mod run;
mod unbuilt;
mod unstarted;
mod usage;
mod user;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bollard::{Docker, errors::Error, models::ContainerInspectResponse};
use tokio::task::AbortHandle;

pub use self::{
    build::{BuildOrder, HERE, Made, Said, Tell, Workshop},
    choose::{Choice, choose},
    held::{Held, former_socket},
    ledger::ImageLimits,
    run::ContainerRun,
    unbuilt::Unbuilt,
};
use self::{
    image::{Image, Images},
    link::{Life, Link, State, is_missing},
    names::{Names, RUN, proton_of},
    reach::Reach,
    run::Begun,
};
use super::{
    EngineError, Given, Values, capacity,
    process::{is_demo, is_local},
    supervised::{
        Supervised, Unit, fail, parts,
        record::{ProtonRecord, SERVING},
        runner::{Ended, Found, Runner, Unstarted},
    },
};
use crate::{
    clock::Clock,
    model::{self, Capacity, Millis, ProtonId, Timestamp},
    random::Random,
};

#[derive(Debug, Clone)]
pub struct DockerConfig {
    /// Everything is kept in its folder `containers`.
    pub data_dir: PathBuf,
    /// Where the engine listens.
    pub socket: PathBuf,
    /// Images may run as root.
    pub allow_root: bool,
    pub images: ImageLimits,
    /// How long a replica that is restarted, or not needed any more, may take to stop.
    pub stop_grace: Millis,
}

/// Runs protons as containers.
pub type DockerEngine = Supervised<Containers>;

/// Where the engine keeps its records, below the data folder.
const FOLDER: &str = "containers";
/// While a container waits for the first of its replica: at first, and at most.
const GLANCES: (Millis, Millis) = (Millis(100), Millis::seconds(1));

impl DockerEngine {
    /// Adopts what still runs, as [`Supervised`] does. An engine that does not answer is waited for, by each
    /// replica, and not by this.
    pub async fn start(
        config: DockerConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        values: Arc<dyn Values>,
    ) -> Result<Self, EngineError> {
        let said = |error| fail("can't use the data folder", error);
        let data_dir = std::path::absolute(&config.data_dir).map_err(said)?;
        let names = Names::open(&data_dir, &*random).map_err(said)?;
        held::remember_socket(&data_dir, &config.socket).map_err(said)?;
        let since = clock.now();
        let host = capacity::of_host();
        let link = Arc::new(Link::new(config.socket, names, Arc::clone(&clock), host));
        let keeper = tokio::spawn(Arc::clone(&link).keep()).abort_handle();
        let containers = Containers {
            link,
            images: Images::open(&data_dir),
            limits: config.images,
            prepared: Mutex::default(),
            unseen: Mutex::default(),
            allow_root: config.allow_root,
            since,
            keeper,
        };
        let folder = data_dir.join(FOLDER);
        Self::over(folder, containers, clock, values, config.stop_grace).await
    }

    /// What makes images on this engine.
    pub fn workshop(&self) -> Workshop {
        let context = self.context();
        Workshop::new(Arc::clone(&context.runner.link), Arc::clone(&context.clock))
    }
}

/// Starts containers.
pub struct Containers {
    link: Arc<Link>,
    images: Images,
    limits: ImageLimits,
    /// By the label of the unit.
    prepared: Mutex<HashMap<String, Image>>,
    /// Labels of units whose last start nobody saw the end of: a container may be there.
    unseen: Mutex<HashSet<String>>,
    allow_root: bool,
    /// Nothing that was made after this was left by a former server.
    since: Timestamp,
    keeper: AbortHandle,
}

impl Drop for Containers {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

#[async_trait::async_trait]
impl Runner for Containers {
    type Run = ContainerRun;

    fn name(&self) -> &'static str {
        "docker"
    }

    fn capacity(&self) -> Capacity {
        self.link.capacity()
    }

    fn refusal(&self, record: &ProtonRecord) -> Option<String> {
        let parts = parts(&record.snapshot);
        if parts.is_empty() {
            return Some("The artifact names no container to run.".to_owned());
        }
        parts.iter().find_map(|part| {
            let title = part.container.title();
            match part.container.image_uri.as_deref() {
                None | Some("") => Some(format!("The container {title} names no image.")),
                Some(image) if is_demo(image) || is_local(image) => Some(format!(
                    "The image {image} runs as a process of this host, and can't share a replica with \
                     containers."
                )),
                Some(_) => container::refusal(part.container),
            }
        })
    }

    fn images(&self, folder: &Path) -> model::Images {
        self.images.of(folder)
    }

    fn trouble(&self) -> Option<String> {
        match &*self.link.state().borrow() {
            State::Here => None,
            State::Away(text) => Some(text.clone()),
        }
    }

    async fn trouble_changes(&self) {
        // The sender lives as long as this does.
        drop(self.link.state().changed().await);
    }

    async fn back(&self) {
        // On its way out it refuses requests while its events still come.
        self.link.pause().await;
        self.link.docker().await;
    }

    async fn sweep(&self, alive: &[ProtonId]) {
        let docker = self.link.docker().await;
        let Ok(found) = self.link.own(&docker, true).await else { return };
        for container in found {
            let made = container.created.unwrap_or(i64::MAX).saturating_mul(1_000_000);
            let known = proton_of(&container).is_some_and(|proton| alive.contains(&proton));
            let old = Timestamp::from_micros(made) < self.since;
            let ours = self.link.names.has_made(&container);
            if let Some(id) = container.id.filter(|_| ours && old && !known) {
                tracing::info!(container = id, "nobody's any more: removed");
                self.link.remove_quietly(&docker, &id).await;
            }
        }
    }

    async fn prune(&self, clock: &dyn Clock, needed: &BTreeSet<String>) -> Result<(), EngineError> {
        prune::prune(&self.link, &self.images.ledger, self.limits, clock, needed).await
    }

    async fn find(&self, unit: &Unit<Self>, number: u64) -> Found<ContainerRun> {
        let clock = &*unit.context.clock;
        let Some(found) = self.look(clock, &self.name_of(unit)).await else {
            return Found::Nothing;
        };
        let id = found.id.clone().unwrap_or_default();
        let state = found.state.clone().unwrap_or_default();
        let started_at = state.started_at.as_deref().and_then(run::time);
        let labels = found.config.as_ref().and_then(|config| config.labels.as_ref());
        let run = labels.and_then(|labels| labels.get(RUN)?.parse::<u64>().ok());
        let (Some(started_at), true) = (started_at, run == Some(number)) else {
            // Made and never started, or of another run.
            run::remove(&self.link, clock, &id).await;
            return Found::Nothing;
        };
        let life = self.link.life(&id);
        // Once more, because it may have ended before anybody listened for that.
        let Some(found) = self.look(clock, &id).await else {
            self.link.forget(&id);
            return Found::Nothing;
        };
        let state = found.state.clone().unwrap_or_default();
        if state.running == Some(true)
            && let Some((reach, first)) = self.reach(unit, &found).await
        {
            let stop_signal = found.config.and_then(|config| config.stop_signal);
            let begun = Begun { id, life, first, reach, started_at, stop_signal };
            return Found::Alive(ContainerRun::new(&self.link, unit, begun));
        }
        let orphaned = state.running == Some(true);
        let logs = logs::Follower {
            link: Arc::clone(&self.link),
            clock: Arc::clone(&unit.context.clock),
            id: id.clone(),
            folder: unit.folder.clone(),
            life: life.clone(),
        };
        self.link.mark(&id, Life::Ended);
        let rest = async {
            if !orphaned {
                tokio::select! {
                    () = logs.follow() => {}
                    () = clock.sleep(run::LAST_LINES) => {}
                }
            }
        };
        let ended = run::bury(&self.link, clock, &id, unit.limits.memory, rest).await;
        let innocent = |ended: Ended| Ended { innocent: orphaned || ended.innocent, ..ended };
        Found::Over { started_at: Some(started_at), ended: ended.map(innocent) }
    }

    async fn prepare(&self, unit: &Unit<Self>) -> Result<(), Unstarted> {
        let image = self.images.ready(&self.link, unit).await?;
        unit.set_busy(None);
        self.prepared().insert(unit.label.clone(), image);
        if !unit.serves {
            let (mut pause, longest) = GLANCES;
            while self.first(unit).await?.is_none() {
                unit.context.clock.sleep(pause).await;
                pause = pause.saturating_add(pause).min(longest);
            }
        }
        Ok(())
    }

    async fn clear(&self, unit: &Unit<Self>) {
        self.prepared().remove(&unit.label);
        let unseen = self.unseen().remove(&unit.label);
        if unseen {
            run::remove(&self.link, &*unit.context.clock, &self.name_of(unit)).await;
        }
    }

    fn left(&self, folder: &Path) {
        self.images.left(folder);
    }

    async fn start(
        &self,
        unit: &Unit<Self>,
        number: u64,
        given: &Given,
    ) -> Result<ContainerRun, Unstarted> {
        self.begin(unit, number, given).await
    }
}

type Lifeline = tokio::sync::watch::Receiver<Life>;

impl Containers {
    fn prepared(&self) -> MutexGuard<'_, HashMap<String, Image>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unseen(&self) -> MutexGuard<'_, HashSet<String>> {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has the name or the id; waits for an engine that is away.
    async fn look(&self, clock: &dyn Clock, name: &str) -> Option<ContainerInspectResponse> {
        loop {
            match self.link.docker().await.inspect_container(name, None).await {
                Ok(found) => return Some(found),
                Err(error) if is_missing(&error) => return None,
                Err(_) => clock.sleep(Millis(200)).await,
            }
        }
    }

    fn name_of(&self, unit: &Unit<Self>) -> String {
        self.link.names.container(&unit.replica(), &unit.name)
    }

    /// The first container of the unit's replica, while it runs.
    async fn first(
        &self,
        unit: &Unit<Self>,
    ) -> Result<Option<ContainerInspectResponse>, Unstarted> {
        let docker = self.link.now().ok_or(Unstarted::Away)?;
        let name = self.link.names.container(&unit.replica(), SERVING);
        running(&docker, &name).await.map_err(|_| Unstarted::Away)
    }

    /// Where a running container is reached, and the life that its network hangs on when that is another's.
    async fn reach(
        &self,
        unit: &Unit<Self>,
        found: &ContainerInspectResponse,
    ) -> Option<(Reach, Option<Lifeline>)> {
        if unit.serves {
            return Some((Reach::of(found, &self.link)?, None));
        }
        let first = self.first(unit).await.ok()??;
        let id = first.id.clone().unwrap_or_default();
        let joined = found.host_config.as_ref().and_then(|host| host.network_mode.clone());
        if joined != Some(format!("container:{id}")) {
            return None;
        }
        Some((Reach::of(&first, &self.link)?, Some(self.link.life(&id))))
    }
}

async fn running(docker: &Docker, name: &str) -> Result<Option<ContainerInspectResponse>, Error> {
    match docker.inspect_container(name, None).await {
        Ok(found) => {
            let runs = found.state.as_ref().and_then(|state| state.running) == Some(true);
            Ok(Some(found).filter(|_| runs))
        }
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
