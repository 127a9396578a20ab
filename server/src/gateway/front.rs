//! The port: one thread per core, each with a listener of its own on it; the kernel spreads the
//! connections. A first bind without that sharing makes sure that nobody else listens there already, so
//! that a second server does not quietly take half of the first one's clients.

use std::{io, net::SocketAddr, num::NonZeroUsize, rc::Rc, sync::Arc, thread, time::Duration};

use axum::Router;
use handover::model::Millis;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Handle},
    sync::oneshot,
    task::LocalSet,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Gateway, connection::Thread};

const BACKLOG: i32 = 1024;
/// How long requests may take to finish when the server stops.
const FINISH_WITHIN: Duration = Duration::from_secs(30);
/// How often idle connections are looked at.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// The rest when no connection can be accepted, mostly for want of file descriptors.
const AFTER_REFUSAL: Millis = Millis(50);

/// A port that is bound and not served yet.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    listeners: Vec<Socket>,
}

impl Front {
    /// Binds `listen` for as many threads, or for one per core. Port 0 takes a free one.
    pub fn bind(listen: SocketAddr, threads: Option<NonZeroUsize>) -> io::Result<Self> {
        let threads = match threads {
            Some(threads) => threads.get(),
            None => thread::available_parallelism().map_or(1, NonZeroUsize::get),
        };
        // The first takes the port for itself alone, and shares it only then: neither with somebody who listens there
        // already, nor with somebody else who has just been given the same free port.
        let first = socket(listen)?;
        first.bind(&listen.into())?;
        first.set_reuse_port(true)?;
        first.listen(BACKLOG)?;
        let address = first.local_addr()?.as_socket();
        let address = address.ok_or_else(|| io::Error::other("not an internet address"))?;
        let shared = |_| {
            let shared = socket(address)?;
            shared.set_reuse_port(true)?;
            shared.bind(&address.into())?;
            shared.listen(BACKLOG)?;
            Ok(shared)
        };
        let more = (1..threads).map(shared).collect::<io::Result<Vec<_>>>()?;
        let listeners = std::iter::once(first).chain(more).collect();
        Ok(Self { address, listeners })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown`, and then until the open requests are answered, but no longer than 30 s.
    /// Requests for workloads are answered on the front's own threads, the rest by `router` on `main`.
    ///
    /// Streams that `router` serves and that never end by themselves should end at `shutdown` too.
    pub async fn serve(
        self,
        router: Router,
        gateway: Arc<Gateway>,
        main: Handle,
        shutdown: CancellationToken,
    ) -> io::Result<()> {
        raise_file_limit();
        let mut running = Vec::new();
        for (number, listener) in self.listeners.into_iter().enumerate() {
            let (ended, ends) = oneshot::channel();
            let (gateway, router) = (Arc::clone(&gateway), router.clone());
            let (main, shutdown) = (main.clone(), shutdown.clone());
            thread::Builder::new().name(format!("gateway-{number}")).spawn(move || {
                let thread = Thread::new(gateway, router, main, shutdown);
                let result = run(listener, &Rc::new(thread));
                // Nobody waits any more only when the whole server is being dropped.
                let _told = ended.send(result);
            })?;
            running.push(ends);
        }
        let all = futures::future::try_join_all(running.into_iter().map(end_of));
        // Without one thread, a part of all connections would get no answer: better to stop.
        all.await.map(drop).inspect_err(|_| shutdown.cancel())
    }
}

/// How a gateway thread ended.
async fn end_of(thread: oneshot::Receiver<io::Result<()>>) -> io::Result<()> {
    thread.await.map_err(|_| io::Error::other("a gateway thread has died"))?
}

/// A proxied connection takes two file descriptors, and the soft limit is often 1024.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "can't raise the limit of open files");
    }
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the old connections to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The life of one gateway thread.
fn run(listener: Socket, thread: &Rc<Thread>) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let open = TaskTracker::new();
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::from_std(listener.into())?;
        tokio::select! {
            () = accept(&listener, thread, &open) => {}
            () = tidy(thread) => {}
            () = thread.shutdown().cancelled() => {}
        }
        // Whoever is in this listener's queue would be reset when it closes.
        while let Some(Ok((stream, peer))) = futures::FutureExt::now_or_never(listener.accept()) {
            open.spawn_local(begin(thread, stream, peer));
        }
        drop(listener);
        open.close();
        if timeout(FINISH_WITHIN, open.wait()).await.is_err() {
            tracing::warn!(open = open.len(), "requests cut off: the server has to stop");
        }
        Ok(())
    })
}

async fn accept(listener: &TcpListener, thread: &Rc<Thread>, open: &TaskTracker) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                open.spawn_local(begin(thread, stream, peer));
            }
            Err(error) => {
                tracing::warn!(%error, "can't accept a connection");
                thread.clock().sleep(AFTER_REFUSAL).await;
            }
        }
    }
}

fn begin(
    thread: &Rc<Thread>,
    stream: TcpStream,
    peer: SocketAddr,
) -> impl Future<Output = ()> + 'static {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the client has left already");
    }
    Rc::clone(thread).serve(stream, peer)
}

async fn tidy(thread: &Thread) {
    let mut due = interval(TIDY_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        thread.pool().tidy();
    }
}
