//! The connection to the engine: whether it is there, and which containers have ended.
//!
//! One stream of events tells of ends; nobody polls. When the stream breaks, the engine is away until it
//! answers again, and then every container that is known is looked at once, because nobody saw what happened
//! meanwhile.
//!
//! Known limitation: only sockets of this host. An engine on another machine would run containers whose
//! addresses this host can't reach.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bollard::{
    API_DEFAULT_VERSION, BollardRequest, Docker,
    errors::Error,
    models::SystemInfo,
    query_parameters::{
        EventsOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    },
};
use futures::StreamExt;
use http::HeaderValue;
use tokio::sync::watch;

use super::{
    names::{INSTANCE, Names},
    reach,
};
use crate::{
    clock::Clock,
    model::{Capacity, Millis},
};

/// How long an answer may take to begin, in seconds.
const PATIENCE: u64 = 60;
/// Without an event for so long it is asked whether it is there.
const QUIET: Millis = Millis::seconds(15);
/// How long it may take to say so.
const PING: Millis = Millis::seconds(30);
/// Between two attempts to reach it.
const PAUSE: Millis = Millis(500);
/// Events are asked for from a moment before the look at all containers, so that none falls in between.
const OVERLAP_SECONDS: i64 = 2;

/// Whether it can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Here,
    /// A sentence for people.
    Away(String),
}

/// What is known of a container's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Runs,
    Ended,
    /// It ended while nobody could see how.
    Lost,
}

pub(super) struct Link {
    pub(super) socket: PathBuf,
    pub(super) names: Names,
    clock: Arc<dyn Clock>,
    docker: Mutex<Option<Docker>>,
    state: watch::Sender<State>,
    lives: Mutex<HashMap<String, watch::Sender<Life>>>,
    capacity: Mutex<Capacity>,
    /// Containers are not reached at their own addresses.
    publishes: AtomicBool,
}

impl Link {
    pub(super) fn new(
        socket: PathBuf,
        names: Names,
        clock: Arc<dyn Clock>,
        capacity: Capacity,
    ) -> Self {
        let away = unheard(&socket);
        Self {
            socket,
            names,
            clock,
            docker: Mutex::default(),
            state: watch::Sender::new(State::Away(away)),
            lives: Mutex::default(),
            capacity: Mutex::new(capacity),
            publishes: AtomicBool::new(false),
        }
    }

    /// Keeps the connection for as long as it lives.
    pub(super) async fn keep(self: Arc<Self>) {
        loop {
            let how = match self.begin().await {
                Ok(docker) => format!("does not answer ({})", self.follow(&docker).await),
                Err(error) if is_away(&error) => format!("does not answer ({error})"),
                Err(error) => format!("can't be worked with ({})", said(&error)),
            };
            self.lose(&how);
            self.pause().await;
        }
    }

    async fn begin(&self) -> Result<Docker, Error> {
        let (docker, info) = connect(&self.socket).await?;
        let gateway = self.names.ensure_network(&docker).await?;
        self.publishes.store(!gateway.is_some_and(reach::is_ours), Ordering::Relaxed);
        if let Some(capacity) = capacity(&info) {
            *lock(&self.capacity) = capacity;
        }
        Ok(docker)
    }

    /// Says why it had to stop.
    async fn follow(&self, docker: &Docker) -> String {
        let since = self.clock.now().micros() / 1_000_000 - OVERLAP_SECONDS;
        // Podman, which tells of it as Docker does, filters by a name of its own.
        let filters = HashMap::from([("type", vec!["container"]), ("event", vec!["die", "died"])]);
        let options = EventsOptionsBuilder::default().since(&since.to_string()).filters(&filters);
        let mut events = Box::pin(docker.events(Some(options.build())));
        if let Err(error) = self.look_at_all(docker).await {
            return error.to_string();
        }
        *lock(&self.docker) = Some(docker.clone());
        if self.state.send_replace(State::Here) != State::Here {
            tracing::info!(socket = %self.socket.display(), "the container engine answers");
        }
        let pinging = docker.clone().with_timeout(PING.into());
        loop {
            let event = tokio::select! {
                event = events.next() => event,
                // One that hangs says nothing, and closes nothing either.
                () = self.clock.sleep(QUIET) => match pinging.ping().await {
                    Ok(_) => continue,
                    Err(error) => return error.to_string(),
                },
            };
            match event {
                Some(Ok(event)) => {
                    if let Some(id) = event.actor.and_then(|actor| actor.id) {
                        self.mark(&id, Life::Ended);
                    }
                }
                Some(Err(error)) => return error.to_string(),
                None => return "it closed the connection".to_owned(),
            }
        }
    }

    async fn look_at_all(&self, docker: &Docker) -> Result<(), Error> {
        let running: HashSet<String> =
            self.own(docker, false).await?.into_iter().filter_map(|found| found.id).collect();
        for (id, life) in &*self.lives() {
            if !running.contains(id) {
                life.send_if_modified(|life| {
                    std::mem::replace(life, if *life == Life::Runs { Life::Lost } else { *life })
                        == Life::Runs
                });
            }
        }
        Ok(())
    }

    /// Containers that this server has made; `all` are also those that do not run.
    pub(super) async fn own(
        &self,
        docker: &Docker,
        all: bool,
    ) -> Result<Vec<bollard::models::ContainerSummary>, Error> {
        let label = format!("{INSTANCE}={}", self.names.instance);
        let filters = HashMap::from([("label", vec![label.as_str()])]);
        let options = ListContainersOptionsBuilder::default().all(all).filters(&filters).build();
        docker.list_containers(Some(options)).await
    }

    /// The engine has been found not to be of use.
    fn lose(&self, how: &str) {
        *lock(&self.docker) = None;
        let text = format!(
            "The container engine at {} {how}. What runs goes on, and nothing is started or stopped until it is \
             back.",
            self.socket.display()
        );
        self.state.send_if_modified(|state| {
            // The first reason is the one that tells most.
            let first = *state == State::Here || *state == State::Away(unheard(&self.socket));
            if first {
                tracing::warn!("{text}");
                *state = State::Away(text);
            }
            first
        });
    }

    /// A moment, before it is asked again.
    pub(super) async fn pause(&self) {
        self.clock.sleep(PAUSE).await;
    }

    /// The client, once the engine answers.
    pub(super) async fn docker(&self) -> Docker {
        let mut state = self.state.subscribe();
        loop {
            if let Some(docker) = self.now() {
                return docker;
            }
            // The sender lives as long as this does.
            drop(state.wait_for(|state| *state == State::Here).await);
        }
    }

    /// The client, if the engine answers now.
    pub(super) fn now(&self) -> Option<Docker> {
        lock(&self.docker).clone()
    }

    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Containers are reached at ports that the engine publishes, and not at their own addresses.
    pub(super) fn publishes(&self) -> bool {
        self.publishes.load(Ordering::Relaxed)
    }

    /// Removes a container, if it is there and the engine answers.
    pub(super) async fn remove_quietly(&self, docker: &Docker, id: &str) {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        if let Err(error) = docker.remove_container(id, Some(options)).await
            && !is_missing(&error)
        {
            tracing::warn!(container = id, error = said(&error), "could not be removed");
        }
    }

    pub(super) fn capacity(&self) -> Capacity {
        *lock(&self.capacity)
    }

    fn lives(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<Life>>> {
        lock(&self.lives)
    }

    /// Begins to listen for the end of a container. Called before it may end.
    pub(super) fn life(&self, id: &str) -> watch::Receiver<Life> {
        let mut lives = self.lives();
        let life = lives.entry(id.to_owned()).or_insert_with(|| watch::Sender::new(Life::Runs));
        life.subscribe()
    }

    pub(super) fn mark(&self, id: &str, now: Life) {
        if let Some(life) = self.lives().get(id) {
            life.send_if_modified(|life| {
                *life == Life::Runs && std::mem::replace(life, now) != now
            });
        }
    }

    /// Nobody asks for it any more.
    pub(super) fn forget(&self, id: &str) {
        self.lives().remove(id);
    }
}

/// Reaches an engine that can be worked with.
pub(super) async fn connect(socket: &Path) -> Result<(Docker, SystemInfo), Error> {
    let path = socket.to_string_lossy();
    let docker = Docker::connect_with_unix(&path, PATIENCE, API_DEFAULT_VERSION)?
        .with_request_modifier(url_safe);
    let docker = docker.negotiate_version().await?;
    let info = docker.info().await?;
    Ok((docker, info))
}

/// Engines read credentials in the alphabet of addresses, and the client writes the other: those with a letter in
/// which the two differ would not be understood, and a registry would be asked without any.
pub(super) fn url_safe(mut request: BollardRequest) -> BollardRequest {
    for name in ["X-Registry-Auth", "X-Registry-Config"] {
        if let Some(value) = request.headers_mut().get_mut(name)
            && let Ok(text) = value.to_str()
            && let Ok(mut safe) = HeaderValue::from_str(&text.replace('+', "-").replace('/', "_"))
        {
            safe.set_sensitive(true);
            *value = safe;
        }
    }
    request
}

fn unheard(socket: &Path) -> String {
    format!("The container engine at {} has not answered yet.", socket.display())
}

fn capacity(info: &SystemInfo) -> Option<Capacity> {
    let cpu = i32::try_from(info.ncpu?).ok()?;
    let memory_bytes = u64::try_from(info.mem_total?).ok()?;
    Some(Capacity { cpu: f64::from(cpu), memory_bytes })
}

/// It can't be asked now; other errors are its answers.
pub(super) fn is_away(error: &Error) -> bool {
    !matches!(
        error,
        Error::DockerResponseServerError { .. }
            | Error::DockerStreamError { .. }
            | Error::JsonDataError { .. }
            | Error::JsonSerdeError { .. }
    )
}

/// There is no such thing.
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code: 404, .. })
}

/// What it says of what it can't do, for people.
pub(super) fn said(error: &Error) -> String {
    match error {
        Error::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        Error::DockerStreamError { error } => error.trim().to_owned(),
        other => other.to_string(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use bollard::{BollardRequest, body_full};

    use super::url_safe;

    #[test]
    fn credentials_are_written_in_the_alphabet_that_engines_read() {
        let request: BollardRequest = http::Request::builder()
            .header("X-Registry-Auth", "ab+/cd==")
            .header("Content-Type", "a/b+c")
            .body(body_full(bytes::Bytes::new()))
            .unwrap();
        let request = url_safe(request);
        assert_eq!(request.headers()["x-registry-auth"], "ab-_cd==");
        assert!(request.headers()["x-registry-auth"].is_sensitive());
        assert_eq!(request.headers()["content-type"], "a/b+c");
    }
}
