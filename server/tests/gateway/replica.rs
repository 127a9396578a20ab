//! Replicas for tests: an ordinary server, and one that follows a script byte by byte.

use std::{
    fmt::Write,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
    routing::{any, post},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// A server that can be killed like a process: with all its connections, at once.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    /// Connections it has accepted.
    pub(crate) accepted: Arc<AtomicUsize>,
    running: JoinHandle<()>,
}

impl Replica {
    /// Handles every connection by itself.
    pub(crate) async fn scripted<F>(script: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let running = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                connections.spawn(script(stream));
            }
        });
        Self { address, accepted, running }
    }

    pub(crate) async fn serving(router: Router) -> Self {
        Self::scripted(move |stream| {
            let service = TowerToHyperService::new(router.clone());
            async move {
                // Clients and the gateway may leave when they like.
                let _end = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades()
                    .await;
            }
        })
        .await
    }

    /// Says what it was asked (`/…`), sends back what it is sent (`/echo`).
    pub(crate) async fn ordinary(name: &'static str) -> Self {
        let seen = move |request: Request| async move { what_it_saw(name, &request) };
        Self::serving(
            Router::new()
                .route("/echo", post(|body: Body| async move { body.into_response() }))
                .fallback(any(seen)),
        )
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn kill(&self) {
        self.running.abort();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

fn what_it_saw(name: &str, request: &Request) -> Response {
    let mut text = format!("replica: {name}\n{} {}\n", request.method(), request.uri());
    for (header, value) in request.headers() {
        writeln!(text, "{header}: {}", String::from_utf8_lossy(value.as_bytes())).unwrap();
    }
    text.into_response()
}
