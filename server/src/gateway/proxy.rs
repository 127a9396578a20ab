//! One request for a workload: who asks, where to, and the answer back.
//!
//! A request is sent a second time only when not one byte of it can have reached a replica: the connection
//! was refused, or hyper gives the request back unsent because a kept connection had been closed. Anything
//! else may have been acted on, and only the client knows whether it may be repeated.

use std::{net::SocketAddr, rc::Rc, sync::Arc};

use handover::traffic::{Claim, Endpoint, Outcome, Refusal};
use http::{HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use http_body::Body;
use hyper::{
    body::Incoming,
    upgrade::{self, OnUpgrade},
};
use tokio::task::spawn_local;
use tokio_util::sync::CancellationToken;

use super::{
    Admission, Gateway,
    address::{self, Whose},
    admission::Key,
    answer,
    body::Outgoing,
    forwarded, headers, hold, origin,
    pool::{Leased, Pool},
    refused::Refused,
    relay::{Held, Relay},
    sending::Sending,
    upgrade as upgraded,
};
use crate::{stopwatch::Stopwatch, telemetry::RequestSpan};

impl Gateway {
    /// Answers a request for an endpoint. Runs on a gateway thread, over that thread's `pool`. From `shutdown`
    /// on it waits for no replica any more.
    pub(super) async fn answer(
        &self,
        pool: &Rc<Pool>,
        shutdown: &CancellationToken,
        peer: SocketAddr,
        request: Request<Incoming>,
        span: &RequestSpan,
    ) -> Response<Outgoing> {
        let answer = self.forward(pool, shutdown, peer, request, span).await;
        answer.unwrap_or_else(Refused::into_response)
    }

    async fn forward(
        &self,
        pool: &Rc<Pool>,
        shutdown: &CancellationToken,
        peer: SocketAddr,
        mut request: Request<Incoming>,
        span: &RequestSpan,
    ) -> Result<Response<Outgoing>, Refused> {
        let since = Stopwatch::start();
        let client = upgrade::on(&mut request);
        let (mut parts, body) = request.into_parts();
        let (whose, target) = address::split(&parts.uri).ok_or(Refused::NotFound)?;
        let target = Uri::try_from(target.as_ref()).map_err(|_| Refused::NotFound)?;
        let protocol = headers::upgrade(&parts.headers);

        let endpoint = match whose {
            Whose::Workload(id) => self.routes.get(id),
            Whose::Deployment(id) => self.routes.deployment(id),
        };
        let key = Key::of(&parts.headers);
        let by_session = matches!(key, Key::Session(_));
        let mut endpoint = self.admitted(&key, endpoint)?;
        if by_session {
            self.origin.guard(&parts, protocol.is_some())?;
        }
        let mut claim = match endpoint.claim() {
            Err(Refusal::Asleep) => {
                let claim = hold::until_awake(&endpoint, self.hold_for, shutdown).await?;
                // A key that was taken back meanwhile opens nothing.
                endpoint = self.admitted(&key, Some(endpoint))?;
                claim
            }
            answer => answer.map_err(Refused::NotServing)?,
        };

        span.goes_to(&endpoint.workload, &claim.proton().id);

        let host = address::host(&parts.uri, &parts.headers).map(HeaderValue::from_str);
        if let Some(Ok(host)) = host {
            parts.headers.insert(header::HOST, host);
        }
        headers::strip_hop_by_hop(&mut parts.headers);
        // Answered by us when the body is first read.
        parts.headers.remove(header::EXPECT);
        parts.headers.remove(header::AUTHORIZATION);
        origin::hide_ours(&mut parts.headers);
        let host = parts.headers.get(header::HOST).cloned();
        if host.is_none() {
            // HTTP/1.0 needs no host, but HTTP/1.1, which the replica is spoken to in, does.
            let replica = HeaderValue::try_from(claim.upstream().address.to_string());
            parts.headers.extend(replica.ok().map(|replica| (header::HOST, replica)));
        }
        forwarded::set(&mut parts.headers, peer, host, &self.trusted);
        span.pass_on(&mut parts.headers);
        let changes_protocol = protocol.is_some();
        if let Some(protocol) = protocol {
            headers::set_upgrade(&mut parts.headers, protocol);
        }
        parts.uri = target;
        parts.version = Version::HTTP_11;
        parts.extensions.clear();

        let upload = claim.opened(self.clock.monotonic(), !body.is_end_stream());
        let request = Request::from_parts(parts, Sending::new(body, upload));
        let (claim, connection, response) = send(pool, claim, since, request).await?;
        claim.begun(self.clock.now());
        let (status, span) = (response.status(), span.clone());
        let held = Held { claim, since, status, connection, span };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let client = changes_protocol.then_some(client);
            return switch_protocols(client, response, held, by_session);
        }
        let (mut parts, body) = response.into_parts();
        answer::tame(&mut parts.headers, by_session);
        parts.version = Version::HTTP_11;
        parts.extensions.clear();
        Ok(Response::from_parts(parts, Outgoing::Relayed(Relay::new(body, held))))
    }

    fn admitted(
        &self,
        key: &Key<'_>,
        endpoint: Option<Arc<Endpoint>>,
    ) -> Result<Arc<Endpoint>, Refused> {
        match key.ask(&*self.admit, endpoint.as_deref()) {
            Admission::Yes => endpoint.ok_or(Refused::NotFound),
            Admission::Unknown => Err(Refused::NoKey),
            Admission::Forbidden => Err(Refused::NotFound),
        }
    }
}

/// Sends `request` to the claimed replica, and to one more when nothing was sent to the first.
async fn send(
    pool: &Rc<Pool>,
    mut claim: Claim,
    since: Stopwatch,
    mut request: Request<Sending>,
) -> Result<(Claim, Leased, Response<Incoming>), Refused> {
    let mut kept = pool.take(claim.upstream());
    let mut moved = false;
    loop {
        let leased = match kept.take() {
            Some(leased) => Ok(leased),
            None => pool.connect(claim.upstream()).await,
        };
        let refused = match leased {
            Err(refused) => refused,
            Ok(mut connection) => match connection.sender.try_send_request(request).await {
                Ok(response) => return Ok((claim, connection, response)),
                Err(mut failed) => {
                    let unsent = failed.take_message();
                    let failed = failed.into_error();
                    let Some(unsent) = unsent else {
                        // The client's own body broke off: it has left.
                        if !failed.is_user() {
                            claim.ends_as(Outcome::Unreachable, since.micros());
                        }
                        return Err(Refused::NoAnswer);
                    };
                    request = unsent;
                    if connection.used {
                        // Closed while it was idle. The next one is new.
                        continue;
                    }
                    Refused::NoAnswer
                }
            },
        };
        if moved || !claim.move_on() {
            claim.ends_as(Outcome::Unreachable, since.micros());
            return Err(refused);
        }
        moved = true;
    }
}

/// Passes on that the replica has changed the protocol, and lets the bytes flow. `client` is none when the
/// client had not asked for it.
fn switch_protocols(
    client: Option<OnUpgrade>,
    mut response: Response<Incoming>,
    mut held: Held,
    by_session: bool,
) -> Result<Response<Outgoing>, Refused> {
    let protocol = headers::upgrade(response.headers());
    let (Some(client), Some(protocol)) = (client, protocol) else {
        held.claim.ends_as(Outcome::Unreachable, held.since.micros());
        return Err(Refused::NoAnswer);
    };
    let replica = upgrade::on(&mut response);
    // Counted when the connection closes, as fast as its handshake was.
    held.claim.ends_as(Outcome::Answered(held.status.as_u16()), held.since.micros());
    held.claim.changed_protocol();
    spawn_local(upgraded::run(client, replica, held));
    let (mut parts, _) = response.into_parts();
    answer::tame(&mut parts.headers, by_session);
    headers::set_upgrade(&mut parts.headers, protocol);
    parts.extensions.clear();
    Ok(Response::from_parts(parts, Outgoing::whole("")))
}
