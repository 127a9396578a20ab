//! The streams that pages follow: server-sent events, each the whole of what the page shows, numbered by the
//! newest event in the store that it includes.
//!
//! Because every message is complete, coming back after a lost connection needs nothing but the next one.
//! A page that claims to have seen what the store has not (it was restored), or that slept through very much,
//! is told to load anew: its script may be of another version too.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension, Router,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures::{Stream, stream::unfold};
use handover::{
    access::Caller,
    error::Error,
    house::House,
    live,
    model::{Millis, WorkloadId},
    store::Paging,
    workloads::WithStats,
};
use handover_app::{
    islands::feed::ListLive,
    listing::{PER_PAGE, Wanted},
};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::pages::SessionCookie;

const HEARTBEAT: Duration = Duration::from_secs(15);
/// A rollout counts in seconds; the rest has time.
const BUSY: Millis = Millis::seconds(1);
const CALM: Millis = Millis::seconds(5);
const LIST: Millis = Millis::seconds(3);
/// Changes that come together are shown together.
const TOGETHER: Millis = Millis(150);
/// More events than a page could have slept through without being better loaded anew.
const TOO_FAR: i64 = 10_000;

pub fn router(house: &House, stop: &CancellationToken) -> Router {
    Router::new()
        .route("/live/workloads", get(list))
        .route("/live/workloads/{id}", get(workload))
        .with_state(Source { house: house.clone(), stop: stop.clone() })
}

/// What streams are made from. A stream ends with the server, so that stopping need not wait for pages.
#[derive(Clone)]
struct Source {
    house: House,
    stop: CancellationToken,
}

#[derive(Debug, Default, Deserialize)]
struct Seen {
    after: Option<i64>,
}

/// What the page saw last: the browser says so after a lost connection, the address at first.
fn last_seen(headers: &HeaderMap, query: &Seen) -> Option<i64> {
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    header.and_then(|id| id.parse().ok()).or(query.after)
}

/// One page that follows.
struct Follower {
    house: House,
    stop: CancellationToken,
    cookie: String,
    what: What,
    seen: Option<i64>,
    changes: broadcast::Receiver<WorkloadId>,
    /// How long to wait before looking again without a reason; none before the first look.
    pause: Option<Millis>,
    over: bool,
}

enum What {
    Workload(WorkloadId),
    List(Wanted),
}

async fn workload(
    State(source): State<Source>,
    Extension(SessionCookie(cookie)): Extension<SessionCookie>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(query): Query<Seen>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, axum::http::StatusCode> {
    let not_found = axum::http::StatusCode::NOT_FOUND;
    let id: WorkloadId = id.parse().map_err(|_| not_found)?;
    if let Err(Error::NotFound(_)) = handover::workloads::get(&source.house, &caller, &id).await {
        return Err(not_found);
    }
    Ok(follow(source, cookie, What::Workload(id), last_seen(&headers, &query)))
}

async fn list(
    State(source): State<Source>,
    Extension(SessionCookie(cookie)): Extension<SessionCookie>,
    Query(wanted): Query<Wanted>,
    Query(query): Query<Seen>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    follow(source, cookie, What::List(wanted), last_seen(&headers, &query))
}

fn follow(
    Source { house, stop }: Source,
    cookie: String,
    what: What,
    seen: Option<i64>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = house.controller.live().changes();
    let follower = Follower { house, stop, cookie, what, seen, changes, pause: None, over: false };
    let events = unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

impl Follower {
    /// The next message; none when the session or the server is over, or there is nothing left to follow.
    async fn next(&mut self) -> Option<Event> {
        while !self.over {
            if let Some(pause) = self.pause {
                self.wait(pause).await;
            }
            if self.stop.is_cancelled() {
                return None;
            }
            // Looked up each time: who was signed out must not go on watching.
            let caller = self.house.signed_in.caller_of_session(&self.cookie)?;
            match self.look(&caller).await {
                Ok(event) => return Some(event),
                Err(Error::NotFound(_)) => return Some(self.resync()),
                // The database is busy or gone. The page says how old its view is.
                Err(_) => self.pause = Some(CALM),
            }
        }
        None
    }

    async fn look(&mut self, caller: &Caller) -> Result<Event, Error> {
        match &self.what {
            What::Workload(id) => {
                let view = live::workload(&self.house, caller, id).await?;
                let busy = view.workload.replacement.as_ref().is_some_and(|r| r.stage != "done");
                self.pause = Some(if busy { BUSY } else { CALM });
                Ok(self.message(view.sequence, &view))
            }
            What::List(wanted) => {
                self.pause = Some(LIST);
                let sequence = self.house.store.head(caller.org()).await?;
                let paging = Paging { offset: wanted.offset, limit: PER_PAGE };
                let filter = wanted.filter();
                let page = live::list(&self.house, caller, &filter, paging, WithStats::Yes).await?;
                let view = ListLive { page, observed_at: self.house.now(), sequence };
                Ok(self.message(sequence, &view))
            }
        }
    }

    fn message<T: Serialize>(&mut self, sequence: i64, view: &T) -> Event {
        let gap = self.seen.map(|seen| sequence - seen);
        if gap.is_some_and(|gap| !(0..TOO_FAR).contains(&gap)) {
            return self.resync();
        }
        self.seen = Some(sequence);
        let event = Event::default().id(sequence.to_string()).event("view");
        event.json_data(view).unwrap_or_else(|_| self.resync())
    }

    /// Tells the page to load anew, and ends.
    fn resync(&mut self) -> Event {
        self.over = true;
        Event::default().event("resync").data("load this page anew")
    }

    /// Until something changes that this page shows, and not longer than `pause`.
    async fn wait(&mut self, pause: Millis) {
        let clock = &self.house.clock;
        let what = &self.what;
        let changes = &mut self.changes;
        let changed = async {
            loop {
                match (changes.recv().await, what) {
                    (Ok(id), What::Workload(mine)) if id != *mine => {}
                    (Err(broadcast::error::RecvError::Closed), _) => std::future::pending().await,
                    _ => break,
                }
            }
        };
        tokio::select! {
            () = clock.sleep(pause) => {}
            () = self.stop.cancelled() => {}
            () = changed => clock.sleep(TOGETHER).await,
        }
    }
}
