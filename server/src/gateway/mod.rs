//! The way in: one port that serves the console, the API and the endpoint of every workload.
//!
//! A proxy is as fast as the number of times it hands a request from one thread to another, so nothing is
//! handed over here: each core has a thread with a listener of its own ([`front`]), and a request for a
//! workload is read, sent, answered and counted on the thread that accepted it, over that thread's own
//! connections to the replicas ([`pool`]). Pages and API calls go to the main runtime ([`elsewhere`]), so that
//! a heavy page never delays a proxied request.
//!
//! What a request goes through, file by file: [`address`] (whose endpoint), [`admission`] (may it),
//! [`origin`] (is a browser being misused), [`hold`] (until a sleeping workload is awake), [`headers`] (what is passed on), [`proxy`] (send, retry when
//! nothing was sent), [`answer`] (the way back, and what a workload may not say to a browser), then
//! [`relay`] (stream, and count the end) or [`upgrade`].
//!
//! It knows no store: routes and rights are in memory, so a database that is gone never stops traffic.
//!
//! Known limitations: replicas are spoken to in HTTP/1.1 only; an informational answer (1xx) other than 101
//! is not passed on; WebSockets come in over HTTP/1.1 only, not over HTTP/2.

mod address;
mod admission;
mod answer;
mod body;
mod connection;
mod elsewhere;
mod forwarded;
mod front;
mod headers;
mod hold;
mod origin;
mod pool;
mod proxy;
mod refused;
mod relay;
mod sending;
mod upgrade;

use std::{sync::Arc, time::Duration};

use handover::{clock::Clock, random::Random, traffic::Routes};
use http::Uri;

pub use admission::{Admission, Admit, SESSION_COOKIE};
pub use forwarded::{NotANetwork, TrustedProxies};
pub use front::Front;
use origin::Origin;

/// How the gateway is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach the console; its origin may act by session.
    pub public_url: Uri,
    /// A host (with or without port) that endpoints live on, apart from the console.
    pub endpoint_host: Option<String>,
    /// Whose forwarded headers count.
    pub trusted: TrustedProxies,
    /// A client that has not finished the head of its next request by then is cut off, whether it is slow
    /// on purpose or idle.
    pub head_within: Duration,
    /// How long a request waits for a workload that is scaled to zero (rules.md §14).
    pub hold_for: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: Uri::default(),
            endpoint_host: None,
            trusted: TrustedProxies::default(),
            head_within: Duration::from_mins(1),
            hold_for: Duration::from_mins(1),
        }
    }
}

/// What every gateway thread shares.
pub struct Gateway {
    routes: Arc<Routes>,
    admit: Arc<dyn Admit>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    origin: Origin,
    endpoint_host: Option<String>,
    trusted: TrustedProxies,
    head_within: Duration,
    hold_for: Duration,
}

impl Gateway {
    pub fn new(
        routes: Arc<Routes>,
        admit: Arc<dyn Admit>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        settings: Settings,
    ) -> Self {
        Self {
            routes,
            admit,
            clock,
            random,
            origin: Origin::of(&settings.public_url),
            endpoint_host: settings.endpoint_host,
            trusted: settings.trusted,
            head_within: settings.head_within,
            hold_for: settings.hold_for,
        }
    }
}
