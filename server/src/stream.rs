//! The streams that pages follow: server-sent events that say when to look again.
//!
//! What there is to see is said by the page itself, so a stream carries nothing and knows nothing of what its
//! page shows; whatever was missed, the next look has it. Known limitation: a stream speaks up at every pause
//! even if nothing changed, because most of what moves (traffic, usage, time) is no event.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures::stream::{BoxStream, unfold};
use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{Millis, WorkloadId},
};
use serde::Deserialize;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::pages::SessionCookie;

const HEARTBEAT: Duration = Duration::from_secs(15);
/// Seconds between two looks when nothing is said of it.
const CALM: u32 = 5;
/// The longest that a page may want to wait, in seconds.
const LONGEST: u32 = 60;
/// Changes that come together are shown together.
const TOGETHER: Millis = Millis(150);

pub fn router(house: &House, stop: &CancellationToken) -> Router {
    Router::new()
        .route("/live/workloads", get(list))
        .route("/live/workloads/{id}", get(workload))
        .route("/live/pulse", get(pulse))
        .with_state(Source { house: house.clone(), stop: stop.clone() })
}

/// What streams are made from. A stream ends with the server, so that stopping need not wait for pages.
#[derive(Clone)]
struct Source {
    house: House,
    stop: CancellationToken,
}

#[derive(Debug, Deserialize)]
struct Pace {
    /// Seconds between two looks without a reason.
    every: Option<u32>,
}

impl Pace {
    fn pause(&self) -> Millis {
        Millis::seconds(u64::from(self.every.unwrap_or(CALM).clamp(1, LONGEST)))
    }
}

/// One page that follows.
struct Follower {
    house: House,
    stop: CancellationToken,
    cookie: String,
    what: What,
    pause: Millis,
    changes: broadcast::Receiver<WorkloadId>,
}

enum What {
    Workload(WorkloadId),
    Workloads,
    /// Only time.
    Nothing,
}

type Events =
    Sse<axum::response::sse::KeepAliveStream<BoxStream<'static, Result<Event, Infallible>>>>;

async fn workload(
    State(source): State<Source>,
    Extension(cookie): Extension<SessionCookie>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(pace): Query<Pace>,
) -> Result<Events, StatusCode> {
    let id: WorkloadId = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    if let Err(Error::NotFound(_)) = handover::workloads::get(&source.house, &caller, &id).await {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(follow(source, cookie, What::Workload(id), &pace))
}

async fn list(
    State(source): State<Source>,
    Extension(cookie): Extension<SessionCookie>,
    Query(pace): Query<Pace>,
) -> Events {
    follow(source, cookie, What::Workloads, &pace)
}

async fn pulse(
    State(source): State<Source>,
    Extension(cookie): Extension<SessionCookie>,
    Query(pace): Query<Pace>,
) -> Events {
    follow(source, cookie, What::Nothing, &pace)
}

fn follow(
    Source { house, stop }: Source,
    SessionCookie(cookie): SessionCookie,
    what: What,
    pace: &Pace,
) -> Events {
    let changes = house.controller.live().changes();
    let follower = Follower { house, stop, cookie, what, pause: pace.pause(), changes };
    let events = unfold(Some(follower), |follower| async move {
        let mut follower = follower?;
        let goes_on = follower.wait().await;
        let event = Event::default().event("look").data("now");
        (!follower.stop.is_cancelled()).then(|| (Ok(event), goes_on.then_some(follower)))
    });
    Sse::new(Box::pin(events) as BoxStream<'static, _>)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

impl Follower {
    /// Until something changes that this page shows, and not longer than its pause. False when this was the
    /// last time: the page looks, and is told that it is signed out.
    async fn wait(&mut self) -> bool {
        let clock = &self.house.clock;
        let what = &self.what;
        let changes = &mut self.changes;
        let changed = async {
            loop {
                match (changes.recv().await, what) {
                    (Ok(id), What::Workload(mine)) if id != *mine => {}
                    (Ok(_), What::Nothing) => {}
                    (Err(broadcast::error::RecvError::Closed), _) => std::future::pending().await,
                    _ => break,
                }
            }
        };
        tokio::select! {
            () = clock.sleep(self.pause) => {}
            () = self.stop.cancelled() => {}
            () = changed => clock.sleep(TOGETHER).await,
        }
        // Looked up each time: who was signed out must not go on watching.
        self.house.signed_in.caller_of_session(&self.cookie).is_some()
    }
}
