//! One run: a container that was started.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use bollard::{
    errors::Error,
    models::ContainerInspectResponse,
    query_parameters::{KillContainerOptionsBuilder, RemoveContainerOptionsBuilder},
};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    sync::watch,
    task::{AbortHandle, JoinHandle},
};

use super::{
    link::{Life, Link, is_away, is_missing, said},
    logs::Follower,
    reach::Reach,
    usage::Meter,
};
use crate::{
    clock::Clock,
    engine::supervised::{
        Unit,
        runner::{Astray, Blame, Ended, Runner, Running, Used},
    },
    model::{Bytes, Millis, Timestamp},
};

/// A connection that is held for so long leads somewhere.
const HELD: Millis = Millis(100);
/// How long the rest of a log may take to arrive.
pub(super) const LAST_LINES: Millis = Millis::seconds(5);

/// A container that ran when we looked.
pub struct ContainerRun {
    link: Arc<Link>,
    clock: Arc<dyn Clock>,
    id: String,
    label: String,
    started_at: Timestamp,
    reach: Reach,
    port: u16,
    stop_signal: String,
    memory: Option<u64>,
    life: watch::Receiver<Life>,
    /// Of the container whose network it shares.
    first: Option<watch::Receiver<Life>>,
    meter: Arc<Meter>,
    metering: AbortHandle,
    following: Mutex<Option<JoinHandle<()>>>,
}

/// What is known of a container that has just been found or started.
pub(super) struct Begun {
    pub(super) id: String,
    pub(super) life: watch::Receiver<Life>,
    pub(super) first: Option<watch::Receiver<Life>>,
    pub(super) reach: Reach,
    pub(super) started_at: Timestamp,
    pub(super) stop_signal: Option<String>,
}

impl ContainerRun {
    pub(super) fn new<R: Runner>(link: &Arc<Link>, unit: &Unit<R>, begun: Begun) -> Self {
        let clock = &unit.context.clock;
        let follower = Follower {
            link: Arc::clone(link),
            clock: Arc::clone(clock),
            id: begun.id.clone(),
            folder: unit.folder.clone(),
            life: begun.life.clone(),
        };
        let meter = Arc::new(Meter::default());
        let metering = {
            let (link, clock) = (Arc::clone(link), Arc::clone(clock));
            let (meter, id) = (Arc::clone(&meter), begun.id.clone());
            tokio::spawn(async move { meter.watch(&link, &*clock, &id).await }).abort_handle()
        };
        Self {
            link: Arc::clone(link),
            clock: Arc::clone(clock),
            id: begun.id,
            label: unit.label.clone(),
            started_at: begun.started_at,
            reach: begun.reach,
            port: super::container::port(unit).unwrap_or_default(),
            stop_signal: begun.stop_signal.unwrap_or_else(|| "SIGTERM".to_owned()),
            memory: unit.limits.memory,
            life: begun.life,
            first: begun.first,
            meter,
            metering,
            following: Mutex::new(Some(tokio::spawn(follower.follow()))),
        }
    }

    /// Sends a signal, as soon as the engine can be asked. One that has ended needs none.
    async fn signal(&self, signal: &str) {
        let options = KillContainerOptionsBuilder::default().signal(signal).build();
        loop {
            let docker = self.link.docker().await;
            match docker.kill_container(&self.id, Some(options.clone())).await {
                Err(error) if is_away(&error) => self.clock.sleep(Millis(200)).await,
                // Whatever became of the news of its end.
                Err(error) if is_over(&error) => return self.link.mark(&self.id, Life::Ended),
                Err(error) => {
                    tracing::warn!(replica = self.label, error = said(&error), "not signalled");
                    return;
                }
                Ok(()) => return,
            }
            if *self.life.borrow() != Life::Runs {
                return;
            }
        }
    }

    async fn followed(&self) {
        let following = self.following.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(following) = following else { return };
        let stop = following.abort_handle();
        tokio::select! {
            _ = following => {}
            () = self.clock.sleep(LAST_LINES) => stop.abort(),
        }
    }
}

impl Drop for ContainerRun {
    fn drop(&mut self) {
        self.metering.abort();
        if let Some(following) =
            self.following.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            following.abort();
        }
    }
}

#[async_trait::async_trait]
impl Running for ContainerRun {
    fn started_at(&self) -> Timestamp {
        self.started_at
    }

    fn age(&self) -> Millis {
        self.clock.now().since(self.started_at)
    }

    fn address(&self) -> SocketAddr {
        self.reach.at(self.port)
    }

    fn probed(&self, port: u16) -> SocketAddr {
        self.reach.at(port)
    }

    /// What publishes a port accepts connections before the container does, and then drops them.
    async fn astray(&self) -> Option<Astray> {
        let Reach::Published(_) = self.reach else { return None };
        let open = async {
            let mut stream = TcpStream::connect(self.address()).await.ok()?;
            tokio::select! {
                read = stream.read_u8() => read.ok().map(drop),
                () = self.clock.sleep(HELD) => Some(()),
            }
        };
        let text = format!("nothing listens on port {} yet", self.port);
        let astray = Astray { text, reason: None, must_move: false };
        open.await.is_none().then_some(astray)
    }

    async fn ended(&self) {
        let mut life = self.life.clone();
        let over = async {
            let _ = life.wait_for(|life| *life != Life::Runs).await;
        };
        match self.first.clone() {
            // Without the network that it shares it can serve nobody.
            Some(mut first) => tokio::select! {
                () = over => {}
                _ = first.wait_for(|life| *life != Life::Runs) => {}
            },
            None => over.await,
        }
    }

    async fn terminate(&self) {
        self.signal(&self.stop_signal).await;
    }

    async fn kill(&self) {
        self.signal("SIGKILL").await;
    }

    async fn bury(&self) -> Option<Ended> {
        self.metering.abort();
        let lost = *self.life.borrow() == Life::Lost;
        let orphaned = *self.life.borrow() == Life::Runs
            && self.first.as_ref().is_some_and(|first| *first.borrow() != Life::Runs);
        if orphaned {
            self.kill().await;
        }
        let mut ended =
            bury(&self.link, &*self.clock, &self.id, self.memory, self.followed()).await;
        if let Some(ended) = &mut ended {
            if lost {
                *ended = innocent(ended, "it ended while the container engine was away");
            } else if orphaned {
                *ended = innocent(ended, "the first container of its replica ended");
            }
        }
        ended
    }

    async fn used(&self, _now: Millis) -> Used {
        self.meter.last()
    }
}

fn innocent(ended: &Ended, text: &str) -> Ended {
    let blame = Some(Blame { reason: "Restarted", text: text.to_owned() });
    Ended { blame, innocent: true, ..ended.clone() }
}

/// It has ended already.
fn is_over(error: &Error) -> bool {
    is_missing(error) || matches!(error, Error::DockerResponseServerError { status_code: 409, .. })
}

/// Learns how a container ended, lets `logs` come in, and removes it. Waits for an engine that is away, and
/// then what ended with it is not held against anybody.
pub(super) async fn bury(
    link: &Link,
    clock: &dyn Clock,
    id: &str,
    memory: Option<u64>,
    logs: impl Future<Output = ()>,
) -> Option<Ended> {
    let mut was_away = false;
    let found = loop {
        was_away |= link.now().is_none();
        match link.docker().await.inspect_container(id, None).await {
            Ok(found) => break Some(found),
            Err(error) if is_missing(&error) => break None,
            Err(error) => {
                was_away |= is_away(&error);
                clock.sleep(Millis(200)).await;
            }
        }
    };
    logs.await;
    let ended = found.map(|found| ended(&found, memory));
    remove(link, clock, id).await;
    link.forget(id);
    ended.map(
        |ended| {
            if was_away { innocent(&ended, "it ended with the container engine") } else { ended }
        },
    )
}

/// Removes a container, whatever it does.
pub(super) async fn remove(link: &Link, clock: &dyn Clock, id: &str) {
    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
    loop {
        match link.docker().await.remove_container(id, Some(options.clone())).await {
            Err(error) if is_away(&error) => clock.sleep(Millis(200)).await,
            // Somebody else is removing it.
            Err(error) if is_over(&error) => return,
            Err(error) => {
                tracing::warn!(container = id, error = said(&error), "could not be removed");
                return;
            }
            Ok(()) => return,
        }
    }
}

fn ended(found: &ContainerInspectResponse, memory: Option<u64>) -> Ended {
    let state = found.state.clone().unwrap_or_default();
    let code = state.exit_code.and_then(|code| i32::try_from(code).ok());
    // The engine says 128 and the signal; no program that ends by itself should.
    let signal = code.filter(|code| (129..=159).contains(code)).map(|code| code - 128);
    let error = state.error.filter(|error| !error.is_empty());
    let blame = if state.oom_killed == Some(true) {
        let limit = memory.map_or_else(
            || "more memory than there was".to_owned(),
            |bytes| format!("more than its {} of memory", Bytes(bytes)),
        );
        Some(Blame { reason: "OOMKilled", text: format!("was killed because it used {limit}") })
    } else {
        error.map(|error| Blame { reason: "Error", text: error })
    };
    Ended { code, signal, at: state.finished_at.as_deref().and_then(time), blame, innocent: false }
}

/// A time as the engine writes it; none for the one that stands for "never".
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    (at.as_microsecond() > 0).then(|| Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use bollard::models::{ContainerInspectResponse, ContainerState};

    use super::{ended, time};

    #[test]
    fn an_end_says_its_code_its_signal_and_whether_it_was_for_memory() {
        let of = |code, oom| {
            let state = ContainerState {
                exit_code: Some(code),
                oom_killed: Some(oom),
                finished_at: Some("2026-01-31T12:00:00.5Z".to_owned()),
                ..ContainerState::default()
            };
            let found = ContainerInspectResponse { state: Some(state), ..Default::default() };
            ended(&found, Some(64_000_000))
        };
        let plain = of(3, false);
        assert_eq!((plain.code, plain.signal, plain.blame.clone()), (Some(3), None, None));
        assert_eq!(plain.at.map(|at| at.micros() % 1_000_000), Some(500_000));
        assert_eq!(of(143, false).signal, Some(15));
        let oom = of(137, true);
        let blame = oom.blame.unwrap();
        assert_eq!((oom.signal, blame.reason), (Some(9), "OOMKilled"));
        assert_eq!(blame.text, "was killed because it used more than its 64 MB of memory");
        assert_eq!(time("0001-01-01T00:00:00Z"), None);
    }
}
