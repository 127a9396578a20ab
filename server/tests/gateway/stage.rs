//! A running gateway for a test.

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use axum::Router;
use handover::{
    clock::SystemClock,
    model::ProtonId,
    random::SystemRandom,
    traffic::{Endpoint, ProtonTraffic, Routes, Target},
};
use handover_server::gateway::{Admission, Admit, Front, Gateway, Settings};
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(crate) const GOOD: &str = "Bearer good-token";
pub(crate) const SESSION: &str = "handover_session=good-session";
pub(crate) const PATH: &str = "/api/v2/endpoints/workloads/w1";

/// Knows one good token and session, and one that may see nothing.
struct Doorman;

impl Doorman {
    fn answer(key: &str, good: &str, endpoint: Option<&Endpoint>) -> Admission {
        match (key, endpoint) {
            (key, Some(_)) if key == good => Admission::Yes,
            (key, None) if key == good => Admission::Forbidden,
            ("stranger", _) => Admission::Forbidden,
            _ => Admission::Unknown,
        }
    }
}

impl Admit for Doorman {
    fn bearer(&self, token: &str, endpoint: Option<&Endpoint>) -> Admission {
        Self::answer(token, "good-token", endpoint)
    }

    fn session(&self, cookie: &str, endpoint: Option<&Endpoint>) -> Admission {
        Self::answer(cookie, "good-session", endpoint)
    }
}

pub(crate) struct Stage {
    pub(crate) address: SocketAddr,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) serving: JoinHandle<std::io::Result<()>>,
}

impl Stage {
    pub(crate) fn start() -> Self {
        Self::with(Router::new(), Settings::default())
    }

    pub(crate) fn with(pages: Router, settings: Settings) -> Self {
        Self::on(2, pages, settings)
    }

    fn on(threads: usize, pages: Router, settings: Settings) -> Self {
        let routes = Arc::new(Routes::default());
        let endpoint = routes.put("w1".parse().unwrap(), "o1".parse().unwrap(), vec![]);
        let front = Front::bind(([127, 0, 0, 1], 0).into(), NonZeroUsize::new(threads)).unwrap();
        let address = front.address();
        let clock = Arc::new(SystemClock::new());
        let gateway = Arc::new(Gateway::new(
            routes,
            Arc::new(Doorman),
            clock,
            Arc::new(SystemRandom),
            settings,
        ));
        let shutdown = CancellationToken::new();
        let serving =
            tokio::spawn(front.serve(pages, gateway, Handle::current(), shutdown.clone()));
        Self { address, endpoint, shutdown, serving }
    }

    /// A workload with these replicas, all ready.
    pub(crate) fn before(replicas: &[SocketAddr]) -> (Self, Arc<ProtonTraffic>) {
        Self::start().serving(replicas)
    }

    /// The same on one thread: connections to a replica are a thread's own, and which thread a client's next connection
    /// gets is the system's choice.
    pub(crate) fn on_one_thread(replicas: &[SocketAddr]) -> (Self, Arc<ProtonTraffic>) {
        Self::on(1, Router::new(), Settings::default()).serving(replicas)
    }

    fn serving(self, replicas: &[SocketAddr]) -> (Self, Arc<ProtonTraffic>) {
        let proton = proton(1, replicas);
        self.endpoint.switch_to(Target::Serving(Arc::clone(&proton)));
        (self, proton)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{PATH}{path}", self.address)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub(crate) fn proton(number: u8, replicas: &[SocketAddr]) -> Arc<ProtonTraffic> {
    let proton = ProtonTraffic::new(ProtonId::from_bytes([number; 12]));
    proton.set_ready(replicas);
    proton
}

/// Waits until `holds`, and fails when it does not within a minute.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let mut look = tokio::time::interval(Duration::from_millis(2));
    let waiting = async {
        while !holds() {
            look.tick().await;
        }
    };
    within(what, waiting).await;
}

/// What `doing` gives, within a minute: machines that run tests are busy.
pub(crate) async fn within<T>(what: &str, doing: impl Future<Output = T>) -> T {
    let limit = Duration::from_mins(1);
    tokio::time::timeout(limit, doing).await.unwrap_or_else(|_| panic!("not in time: {what}"))
}
