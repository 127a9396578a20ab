//! The connections of one gateway thread to replicas, kept open between requests.
//!
//! One that has been idle for long may be closed by the replica at the very moment a request is written to
//! it, and such a request can't be sent again. So idle ones are closed here first, before the shortest
//! keep-alive of common servers (5 s: Node, uvicorn) can.

use std::{
    cell::RefCell, collections::HashMap, io, net::SocketAddr, rc::Rc, sync::Arc, time::Duration,
};

use handover::traffic::Upstream;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::spawn_local, time::timeout};

use super::{refused::Refused, sending::Sending};
use crate::stopwatch::Stopwatch;

const IDLE_FOR: Duration = Duration::from_secs(4);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Idle connections kept per replica.
const KEEP: usize = 256;

#[derive(Default)]
pub(super) struct Pool {
    idle: RefCell<HashMap<SocketAddr, Vec<Idle>>>,
}

struct Idle {
    sender: SendRequest<Sending>,
    upstream: Arc<Upstream>,
    since: Stopwatch,
}

impl Idle {
    fn is_good(&self) -> bool {
        !self.sender.is_closed() && !self.upstream.is_gone() && self.since.elapsed() < IDLE_FOR
    }
}

/// A connection in use. Unless it is given back it is closed.
pub(super) struct Leased {
    pub(super) sender: SendRequest<Sending>,
    /// It has carried a request before, so the replica may have closed it meanwhile.
    pub(super) used: bool,
    upstream: Arc<Upstream>,
    pool: Rc<Pool>,
}

impl Leased {
    pub(super) fn give_back(self) {
        if self.sender.is_closed() || self.upstream.is_gone() {
            return;
        }
        let mut idle = self.pool.idle.borrow_mut();
        let kept = idle.entry(self.upstream.address).or_default();
        if kept.len() < KEEP {
            let Self { sender, upstream, .. } = self;
            kept.push(Idle { sender, upstream, since: Stopwatch::start() });
        }
    }
}

impl Pool {
    /// The most recently used idle connection, if there is one.
    pub(super) fn take(self: &Rc<Self>, upstream: &Arc<Upstream>) -> Option<Leased> {
        let mut idle = self.idle.borrow_mut();
        let kept = idle.get_mut(&upstream.address)?;
        // One that is not ready is still being told the end of its last request.
        let newest = kept.iter().rposition(|idle| idle.is_good() && idle.sender.is_ready())?;
        let Idle { sender, .. } = kept.remove(newest);
        Some(Leased { sender, used: true, upstream: Arc::clone(upstream), pool: Rc::clone(self) })
    }

    pub(super) async fn connect(
        self: &Rc<Self>,
        upstream: &Arc<Upstream>,
    ) -> Result<Leased, Refused> {
        let connecting = async {
            let stream = TcpStream::connect(upstream.address).await?;
            stream.set_nodelay(true)?;
            http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)
        };
        let connected = timeout(CONNECT_WITHIN, connecting).await;
        let (sender, connection) =
            connected.map_err(|_| Refused::ConnectTimeout)?.map_err(Refused::Unreachable)?;
        // Whatever ends the connection is told to the request that uses it.
        spawn_local(connection.with_upgrades());
        Ok(Leased { sender, used: false, upstream: Arc::clone(upstream), pool: Rc::clone(self) })
    }

    /// Closes what has been idle for too long, was closed from the other side, or leads to a replica that
    /// takes no more requests.
    pub(super) fn tidy(&self) {
        self.idle.borrow_mut().retain(|_, kept| {
            kept.retain(Idle::is_good);
            !kept.is_empty()
        });
    }
}
