//! One run of a program: a shim and what it has started.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::process::Signal;
use tokio::task::spawn_blocking;

use super::{
    ports,
    procfs::{self, Stat},
    record::{self, EXIT, ExitRecord},
    sockets::{self, Listener},
    spawn::{self, Alive},
    usage::Meter,
};
use crate::{
    clock::Clock,
    engine::supervised::runner::{Astray, Blame, Ended, Running, Used},
    model::{Millis, Timestamp},
};

/// The reason of a replica that listens elsewhere.
const PORT_IGNORED: &str = "PortIgnored";
/// A program may open another port before the one that counts.
const SETTLED: Millis = Millis::seconds(2);
/// A look at all processes of the host is good for this long.
const TABLE_AGE: Millis = Millis::seconds(1);

/// All processes of the host, as of at most a second ago.
pub(super) struct Table {
    clock: Arc<dyn Clock>,
    last: Mutex<Option<(Millis, Arc<Vec<Stat>>)>>,
}

impl Table {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: Mutex::default() }
    }

    async fn read(&self) -> Arc<Vec<Stat>> {
        let now = self.clock.monotonic();
        let known = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, table)) = known
            && now.saturating_sub(at) < TABLE_AGE
        {
            return table;
        }
        let table = Arc::new(spawn_blocking(procfs::all).await.unwrap_or_default());
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, table.clone()));
        table
    }
}

/// A run whose shim lived when we looked.
pub struct ProcessRun {
    alive: Alive,
    folder: PathBuf,
    table: Arc<Table>,
    meter: Mutex<Meter>,
    /// The listening socket is known to be its own; asked again after each failure.
    own: AtomicBool,
    ever_own: AtomicBool,
    /// A stranger was seen there the last time.
    stranger: AtomicBool,
}

impl ProcessRun {
    pub(super) fn new(alive: Alive, folder: PathBuf, table: Arc<Table>) -> Self {
        Self {
            alive,
            folder,
            table,
            meter: Mutex::default(),
            own: AtomicBool::new(false),
            ever_own: AtomicBool::new(false),
            stranger: AtomicBool::new(false),
        }
    }
}

#[async_trait::async_trait]
impl Running for ProcessRun {
    fn started_at(&self) -> Timestamp {
        self.alive.run.started_at
    }

    fn age(&self) -> Millis {
        self.alive.run.child.age()
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.alive.run.port).into()
    }

    /// Replicas share one host, and each has one port.
    fn probed(&self, _port: u16) -> SocketAddr {
        self.address()
    }

    /// Makes sure that who listens on the port is the replica; if not, says who does.
    async fn astray(&self) -> Option<Astray> {
        if self.own.load(Ordering::Relaxed) {
            return None;
        }
        let run = &self.alive.run;
        let (port, shim, child) = (run.port, run.shim.pid, run.child.pid);
        let listener = spawn_blocking(move || sockets::on_port(port, shim, child));
        let listener = listener.await.unwrap_or(Listener::Nobody { instead: None });
        let is_stranger = listener == Listener::Stranger;
        // Seen twice: a program that has just forked may look like a stranger for a moment.
        let must_move = self.stranger.swap(is_stranger, Ordering::Relaxed) && is_stranger;
        let (text, reason) = match listener {
            Listener::Own => {
                self.own.store(true, Ordering::Relaxed);
                self.ever_own.store(true, Ordering::Relaxed);
                return None;
            }
            Listener::Stranger => (format!("another program listens on port {port}"), None),
            Listener::Nobody { instead: None } => {
                (format!("nothing listens on port {port} yet"), None)
            }
            Listener::Nobody { instead: Some(other) } => {
                let text = format!(
                    "it listens on port {other} instead of $PORT ({port}); replicas share this host, so \
                     each must listen on the port that the variable PORT names"
                );
                (text, (self.age() >= SETTLED).then_some(PORT_IGNORED))
            }
        };
        Some(Astray { text, reason, must_move })
    }

    fn doubt(&self) {
        self.own.store(false, Ordering::Relaxed);
    }

    fn was_robbed(&self) -> bool {
        !self.ever_own.load(Ordering::Relaxed) && !ports::is_free(self.alive.run.port)
    }

    async fn ended(&self) {
        self.alive.ended().await;
    }

    async fn terminate(&self) {
        self.alive.signal(Signal::TERM);
    }

    async fn kill(&self) {
        self.alive.signal(Signal::KILL);
    }

    async fn bury(&self) -> Option<Ended> {
        spawn::bury(&self.alive.run).await;
        ended(&self.folder, self.alive.run.run)
    }

    async fn used(&self, now: Millis) -> Used {
        let table = self.table.read().await;
        let run = &self.alive.run;
        let members: Vec<Stat> =
            procfs::members(&table, run.shim.pid, run.child.pid).copied().collect();
        self.meter.lock().unwrap_or_else(PoisonError::into_inner).read(&members, now)
    }
}

/// What the shim has recorded of the end of run `number`.
pub(super) fn ended(folder: &Path, number: u64) -> Option<Ended> {
    let exit = record::load::<ExitRecord>(folder, EXIT).filter(|exit| exit.run == number)?;
    Some(Ended {
        code: exit.code,
        signal: exit.signal,
        at: Some(exit.at),
        blame: exit.error.map(|text| Blame { reason: "Error", text }),
        innocent: false,
    })
}
