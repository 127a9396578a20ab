//! One client connection on a gateway thread.

use std::{convert::Infallible, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use handover::clock::Clock;
use http::{Request, Response};
use hyper::{body::Incoming, rt::Executor, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{net::TcpStream, runtime::Handle, sync::Notify, task::spawn_local, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Gateway, address, address::Place, body::Outgoing, elsewhere, pool::Pool, refused::Refused,
};
use crate::{
    request_id::{self, RequestIds},
    telemetry::{RequestSpan, Route},
};

/// The largest head of a request, and how much of a body is read ahead.
const BUFFER: usize = 64 * 1024;
const HEAD_LIST: u32 = 64 * 1024;
/// What the path of a request for a workload is an example of.
const ENDPOINT: &str = "/api/v2/endpoints/{kind}/{id}/{path}";
/// How often a silent HTTP/2 client is asked whether it is still there, and how long it may take.
const PING: Duration = Duration::from_secs(20);

/// Spawns on the thread it is called on.
#[derive(Clone, Copy)]
struct Here;

impl<F: Future + 'static> Executor<F> for Here {
    fn execute(&self, task: F) {
        spawn_local(async move {
            task.await;
        });
    }
}

/// What the connections of one thread share.
pub(super) struct Thread {
    gateway: Arc<Gateway>,
    router: Router,
    main: Handle,
    shutdown: CancellationToken,
    http: auto::Builder<Here>,
    pool: Rc<Pool>,
    ids: RequestIds,
}

impl Thread {
    pub(super) fn new(
        gateway: Arc<Gateway>,
        router: Router,
        main: Handle,
        shutdown: CancellationToken,
    ) -> Self {
        let mut http = auto::Builder::new(Here);
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(gateway.head_within)
            .max_buf_size(BUFFER)
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .max_header_list_size(HEAD_LIST);
        let ids = RequestIds::new(&*gateway.random);
        Self { gateway, router, main, shutdown, http, pool: Rc::default(), ids }
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.gateway.clock
    }

    pub(super) fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    pub(super) fn pool(&self) -> &Rc<Pool> {
        &self.pool
    }

    /// Serves one connection until it is closed; when the server stops, until its requests are answered.
    pub(super) async fn serve(self: Rc<Self>, stream: TcpStream, peer: SocketAddr) {
        let first = Notify::new();
        let service = service_fn(|request| {
            first.notify_one();
            Rc::clone(&self).answer(peer, request)
        });
        let connection = self.http.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let spoke = timeout(self.gateway.head_within, async {
            tokio::select! {
                _ended = &mut connection => false,
                () = first.notified() => true,
                () = self.shutdown.cancelled() => true,
            }
        });
        if spoke.await != Ok(true) {
            return;
        }
        tokio::select! {
            _ended = &mut connection => return,
            () = self.shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        // How a client's connection ends is its own affair; what became of its requests is counted.
        let _ended = connection.await;
    }

    async fn answer(
        self: Rc<Self>,
        peer: SocketAddr,
        mut request: Request<Incoming>,
    ) -> Result<Response<Outgoing>, Infallible> {
        let id = self.ids.of(request.headers());
        request.headers_mut().insert(request_id::HEADER, id.header());
        let span = RequestSpan::begin(&request, &id, peer);
        let method = request.method().clone();
        let endpoint_host = self.gateway.endpoint_host.as_deref();
        let place = address::place(request.uri(), request.headers(), endpoint_host);
        let mut answer = match place {
            Place::Endpoint => {
                self.gateway.answer(&self.pool, &self.shutdown, peer, request, &span).await
            }
            Place::WrongHost => Refused::WrongHost.into_response(),
            Place::Elsewhere => {
                request.extensions_mut().insert(ConnectInfo(peer));
                elsewhere::answer(self.router.clone(), &self.main, request, id.clone(), &span).await
            }
        };
        let route = answer.extensions_mut().remove::<Route>();
        let route = route.as_ref().map(Route::as_str);
        let route = if matches!(place, Place::Endpoint) { Some(ENDPOINT) } else { route };
        span.answered(method.as_str(), route, answer.status());
        answer.headers_mut().insert(request_id::HEADER, id.header());
        Ok(answer)
    }
}
