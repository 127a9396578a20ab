//! All engines of this server as one: the process engine, and Docker where there is one.
//!
//! A proton stays with the engine that made it for as long as anything of it is kept. A new one goes to the
//! preferred engine, unless its images are such that only a process can be made of them: `handover/demo` and
//! what was built for this host.

use std::{collections::BTreeSet, sync::Arc};

use tokio::{sync::broadcast, task::JoinSet};

use super::{
    Engine, EngineError, LogPage, LogQuery,
    docker::DockerEngine,
    process::{ProcessEngine, is_demo, is_local},
};
use crate::model::{Capacity, FlightRecord, Millis, Observed, Proton, ProtonId, Spec};

/// Changes that a slow watcher may leave unread before it has to look at everything.
const UNREAD: usize = 1024;

/// Which engine new protons go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    Process,
    Docker,
}

pub struct Engines {
    process: Arc<ProcessEngine>,
    docker: Option<Arc<DockerEngine>>,
    prefer: Prefer,
    /// Why that one is preferred: a sentence for people.
    why: String,
    changes: broadcast::Sender<ProtonId>,
    /// What passes changes on ends with this.
    _tasks: JoinSet<()>,
}

impl Engines {
    /// Without a Docker engine everything goes to the process engine, which says what it can't run.
    pub fn new(
        process: ProcessEngine,
        docker: Option<DockerEngine>,
        prefer: Prefer,
        why: String,
    ) -> Self {
        let (process, docker) = (Arc::new(process), docker.map(Arc::new));
        let (changes, _) = broadcast::channel(UNREAD);
        let mut tasks = JoinSet::new();
        tasks.spawn(pass_on(Arc::clone(&process) as Arc<dyn Engine>, changes.clone()));
        if let Some(docker) = &docker {
            tasks.spawn(pass_on(Arc::clone(docker) as Arc<dyn Engine>, changes.clone()));
        }
        Self { process, docker, prefer, why, changes, _tasks: tasks }
    }

    fn preferred(&self) -> &dyn Engine {
        match (&self.docker, self.prefer) {
            (Some(docker), Prefer::Docker) => &**docker,
            _ => &*self.process,
        }
    }

    /// The engine that a proton is with.
    fn of(&self, proton: &ProtonId) -> &dyn Engine {
        match &self.docker {
            Some(docker) if docker.knows(proton) => &**docker,
            _ => &*self.process,
        }
    }

    fn all(&self) -> impl Iterator<Item = &dyn Engine> {
        let docker = self.docker.iter().map(|docker| &**docker as &dyn Engine);
        std::iter::once(&*self.process as &dyn Engine).chain(docker)
    }
}

/// Whether only a process can be made of it.
fn is_for_processes(spec: &Spec) -> bool {
    let mut images = spec.containers().filter_map(|(_, container)| container.image_uri.as_deref());
    images.any(|image| is_demo(image) || is_local(image))
}

async fn pass_on(engine: Arc<dyn Engine>, to: broadcast::Sender<ProtonId>) {
    let mut changes = engine.watch();
    loop {
        let changed = match changes.recv().await {
            Ok(proton) => vec![proton],
            // Which ones is not known any more.
            Err(broadcast::error::RecvError::Lagged(_)) => engine.owned().await.unwrap_or_default(),
            Err(broadcast::error::RecvError::Closed) => return,
        };
        for proton in changed {
            // Nobody may be watching.
            drop(to.send(proton));
        }
    }
}

#[async_trait::async_trait]
impl Engine for Engines {
    fn name(&self) -> &'static str {
        self.preferred().name()
    }

    fn name_of(&self, proton: &ProtonId) -> &'static str {
        self.of(proton).name()
    }

    fn why_of(&self, proton: &ProtonId) -> Option<String> {
        let name = self.name_of(proton);
        Some(if name == self.name() {
            self.why.clone()
        } else if name == self.process.name() {
            "The built-in demo and what was built for this host run as processes, whatever engine there \
             is."
                .to_owned()
        } else {
            "It was started there, and stays until it is replaced.".to_owned()
        })
    }

    fn capacity(&self) -> Capacity {
        self.preferred().capacity()
    }

    async fn apply(&self, proton: &Proton) -> Result<(), EngineError> {
        let there = self.docker.as_ref().is_some_and(|docker| docker.knows(&proton.id));
        let new = !there && !self.process.knows(&proton.id);
        let engine = if new && !is_for_processes(&proton.snapshot.spec) {
            self.preferred()
        } else {
            self.of(&proton.id)
        };
        engine.apply(proton).await
    }

    async fn observe(&self, proton: &ProtonId) -> Result<Observed, EngineError> {
        self.of(proton).observe(proton).await
    }

    async fn remove(&self, proton: &ProtonId, grace: Millis) -> Result<(), EngineError> {
        self.of(proton).remove(proton, grace).await
    }

    async fn owned(&self) -> Result<Vec<ProtonId>, EngineError> {
        let mut all = Vec::new();
        for engine in self.all() {
            all.extend(engine.owned().await?);
        }
        Ok(all)
    }

    async fn logs(&self, proton: &ProtonId, query: &LogQuery) -> Result<LogPage, EngineError> {
        self.of(proton).logs(proton, query).await
    }

    async fn kept(&self) -> Result<Vec<ProtonId>, EngineError> {
        let mut all = Vec::new();
        for engine in self.all() {
            all.extend(engine.kept().await?);
        }
        Ok(all)
    }

    async fn forget(&self, proton: &ProtonId) -> Result<(), EngineError> {
        self.of(proton).forget(proton).await
    }

    async fn prune(&self, needed: &BTreeSet<String>) -> Result<(), EngineError> {
        for engine in self.all() {
            engine.prune(needed).await?;
        }
        Ok(())
    }

    async fn flight_record(&self, proton: &ProtonId) -> Result<FlightRecord, EngineError> {
        self.of(proton).flight_record(proton).await
    }

    fn watch(&self) -> broadcast::Receiver<ProtonId> {
        self.changes.subscribe()
    }
}
