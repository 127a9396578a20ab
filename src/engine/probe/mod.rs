//! One attempt of a probe: an HTTP request as Kubernetes sends it, or a mere connection. Shared by every
//! engine that has to probe by itself.
//!
//! A probe never follows a redirect, never connects anywhere but to the replica (a declared `host` is only
//! the `Host` header: a probe must not become a way to reach other machines) and never waits for a body
//! that does not end.

mod tls;

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::{
    clock::Clock,
    model::{Millis, Probe, ProbeAttempt, ProbeKind, ProbeScheme},
};

/// As much of the body as the flight record keeps.
const HEAD_BYTES: usize = 256;
/// How long a body may take to show its head once the answer has begun.
const HEAD_WAIT: Millis = Millis(250);

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) status: Option<u16>,
    pub(super) head: Option<String>,
    pub(super) passed: bool,
}

impl Outcome {
    /// No answer came; the text says why.
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self { status: None, head: Some(why.into()), passed: false }
    }
}

/// Runs one attempt and puts it in the form that the flight record keeps.
pub(super) async fn attempt(
    clock: &dyn Clock,
    kind: ProbeKind,
    replica: &str,
    what: impl Future<Output = Outcome>,
) -> ProbeAttempt {
    let (at, begun) = (clock.now(), clock.monotonic());
    let outcome = what.await;
    ProbeAttempt {
        at,
        replica: replica.to_owned(),
        kind,
        status: outcome.status,
        millis: clock.monotonic().saturating_sub(begun).0,
        head: outcome.head,
        passed: outcome.passed,
    }
}

/// Whether the port accepts a connection.
pub(super) async fn connect(clock: &dyn Clock, address: SocketAddr, limit: Millis) -> Outcome {
    match within(clock, limit, TcpStream::connect(address)).await {
        Some(Ok(_)) => Outcome { status: None, head: None, passed: true },
        Some(Err(error)) => Outcome::failed(format!("{address} refuses connections: {error}")),
        None => Outcome::failed(format!("{address} did not accept a connection within {limit}")),
    }
}

/// Sends the probe's request to `address`; a status from 200 to 399 passes.
pub(super) async fn http(clock: &dyn Clock, probe: &Probe, address: SocketAddr) -> Outcome {
    let limit = Millis::seconds(u64::from(probe.timeout_seconds.max(1)));
    let request = match request(probe, address) {
        Ok(request) => request,
        Err(why) => return Outcome::failed(why),
    };
    let exchange = async {
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| format!("{address} refuses connections: {error}"))?;
        match probe.scheme {
            ProbeScheme::Http => Box::pin(exchange(clock, stream, request)).await,
            ProbeScheme::Https => {
                let name = probe.host.as_deref().unwrap_or("localhost");
                Box::pin(async { exchange(clock, tls::wrap(stream, name).await?, request).await })
                    .await
            }
        }
    };
    match within(clock, limit, exchange).await {
        Some(Ok(outcome)) => outcome,
        Some(Err(why)) => Outcome::failed(why),
        None => Outcome::failed(format!("no answer within {limit}")),
    }
}

fn request(probe: &Probe, address: SocketAddr) -> Result<Request<Empty<Bytes>>, String> {
    let slash = if probe.path.starts_with('/') { "" } else { "/" };
    let mut request = Request::get(format!("{slash}{}", probe.path))
        .header(header::USER_AGENT, "handover-probe")
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close")
        .body(Empty::new())
        .map_err(|error| format!("the probe's path can't be asked for: {error}"))?;
    for (name, value) in probe.http_headers.iter().flatten() {
        let bad = || format!("the probe's header {name} is not a valid header");
        let name = HeaderName::try_from(name).map_err(|_| bad())?;
        request.headers_mut().insert(name, HeaderValue::try_from(value).map_err(|_| bad())?);
    }
    if !request.headers().contains_key(header::HOST) {
        let host = probe.host.clone().unwrap_or_else(|| address.to_string());
        let host = HeaderValue::try_from(host).map_err(|_| "the probe's host is not a name")?;
        request.headers_mut().insert(header::HOST, host);
    }
    Ok(request)
}

async fn exchange<S>(
    clock: &dyn Clock,
    stream: S,
    request: Request<Empty<Bytes>>,
) -> Result<Outcome, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| format!("no HTTP: {error}"))?;
    let mut answering = std::pin::pin!(async {
        let answer = sender.send_request(request).await.map_err(|e| format!("no HTTP: {e}"))?;
        let status = answer.status();
        let head = within_or_so_far(clock, answer.into_body()).await;
        let passed = status.is_success() || status.is_redirection();
        Ok(Outcome { status: Some(status.as_u16()), head: readable(&head), passed })
    });
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        outcome = &mut answering => outcome,
        // The connection may end before the answer has been looked at.
        _ = &mut connection => answering.await,
    }
}

/// The first bytes of the body, or what of them came in time.
async fn within_or_so_far(clock: &dyn Clock, mut body: Incoming) -> Vec<u8> {
    let mut head = Vec::new();
    let reading = async {
        while head.len() < HEAD_BYTES {
            let Some(Ok(frame)) = body.frame().await else { break };
            if let Some(data) = frame.data_ref() {
                let room = HEAD_BYTES - head.len();
                head.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
    };
    within(clock, HEAD_WAIT, reading).await;
    head
}

/// Text for people: one line, no control characters.
fn readable(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The result, or none when `limit` of the clock's time passes first.
async fn within<T>(clock: &dyn Clock, limit: Millis, what: impl Future<Output = T>) -> Option<T> {
    let end = clock.monotonic().saturating_add(limit);
    let mut what = std::pin::pin!(what);
    loop {
        let left = end.saturating_sub(clock.monotonic());
        if left == Millis::ZERO {
            return None;
        }
        tokio::select! {
            biased;
            done = &mut what => return Some(done),
            () = clock.sleep(left) => {}
        }
    }
}

#[cfg(test)]
mod tests;
