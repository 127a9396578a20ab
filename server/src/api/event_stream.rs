//! Events as they happen, as server-sent events (rules.md §17.3): for one workload, or for all that the caller
//! may view.
//!
//! Every message carries its number, so a client that lost the connection goes on after the last one it saw.
//! One that was away for very long, or has seen what the store has not (it was restored), is told `resync`:
//! read anew, then go on from the number that comes with it.
//!
//! Whether the caller may still come in and look is asked before each batch, and at least every few seconds.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Method},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{
    StreamExt,
    stream::{iter, unfold},
};
use handover::{
    error::Error,
    events::{self, Watched},
    house::House,
    model::{EventRecord, Millis, WorkloadId},
};
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::{ObjectBuilder, schema::Type};

use super::{
    auth::{Signed, caller_of},
    error::Answer,
    id::Id,
    parameter::number,
    query::Query,
    route::{Routes, get},
    sketch::{Gives, Sketch},
};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is looked again without a reason: other servers' commits are not told to this one.
const PAUSE: Millis = Millis::seconds(5);
/// Events read at once.
const BATCH: u64 = 200;

/// Cancelled when the server stops, so that stopping need not wait for those who follow.
#[derive(Debug, Clone)]
pub(super) struct Stop(pub(super) CancellationToken);

pub(super) fn routes() -> Routes {
    let after = || {
        let says = "Begins after the event of this number; Last-Event-ID outranks it";
        number("after", 0, i64::MAX as u64, 0, says)
    };
    let says = "Each message is an event as the list shows it, under its number. A message named start says \
        where it begins when nothing was asked for, one named resync that too much was missed.";
    let all = get("/api/v2/events/stream", "Follow all events", all);
    let one =
        get("/api/v2/workloads/{id}/events/stream", "Follow a workload's events", of_workload);
    Routes::of("Observation")
        .with(all.says(says).query([after()]))
        .with(one.says(says).query([after()]))
}

/// An answer that goes on.
struct EventStream(Response);

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Gives for EventStream {
    fn describe(sketch: &mut Sketch) {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let event = ObjectBuilder::new()
            .description(Some("One of the events that follow each other"))
            .property("id", text().description(Some("The number of the event")))
            .property(
                "event",
                text().description(Some("start or resync; an event of the list has none")),
            )
            .property("data", text().description(Some("The record of the event, as JSON")))
            .required("data");
        sketch.gives_schema(200, "Server-sent events", "text/event-stream", event);
    }
}

async fn all(
    State(house): State<House>,
    _: Signed,
    Extension(Stop(stop)): Extension<Stop>,
    headers: HeaderMap,
    query: Query,
) -> Answer<EventStream> {
    begin(house, stop, headers, query, Watched::All).await
}

async fn of_workload(
    State(house): State<House>,
    _: Signed,
    Extension(Stop(stop)): Extension<Stop>,
    headers: HeaderMap,
    Id(id): Id<WorkloadId>,
    query: Query,
) -> Answer<EventStream> {
    begin(house, stop, headers, query, Watched::Workload(id)).await
}

/// One client that follows.
struct Follower {
    house: House,
    stop: CancellationToken,
    /// Shown again before each batch.
    headers: HeaderMap,
    what: Watched,
    /// Number of the last event it was told, or that was passed over.
    seen: i64,
    changes: watch::Receiver<i64>,
    /// There may be more to read at once.
    hurry: bool,
    over: bool,
}

async fn begin(
    house: House,
    stop: CancellationToken,
    headers: HeaderMap,
    mut query: Query,
    what: Watched,
) -> Answer<EventStream> {
    let after: Option<i64> = query.one("after");
    query.done()?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let caller = caller_of(&headers, &Method::GET, &house).ok_or(Error::Unauthorized)?;
    let changes = house.store.changes();
    // Refused here, where a status can still say so.
    let head = events::head(&house, &caller, &what).await?;
    let seen = last.or(after);
    let follower = Follower {
        house,
        stop,
        headers,
        what,
        seen: seen.unwrap_or(head),
        changes,
        hurry: true,
        over: false,
    };
    // Whoever has seen nothing is told from where it follows.
    let first = seen.is_none().then(|| marked("start", head, "what happens from here on"));
    let events = unfold(follower, |mut follower| async move {
        let batch = follower.next().await?;
        Some((iter(batch), follower))
    });
    let events = iter(first).chain(events.flatten()).map(Ok::<_, Infallible>);
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    Ok(EventStream(events.into_response()))
}

impl Follower {
    /// The next messages; none when the caller or the server has gone, or there is nothing left to follow.
    async fn next(&mut self) -> Option<Vec<Event>> {
        while !self.over {
            if !self.hurry {
                tokio::select! {
                    changed = self.changes.changed() => changed.ok()?,
                    () = self.house.clock.sleep(PAUSE) => {}
                    () = self.stop.cancelled() => {}
                }
            }
            self.hurry = false;
            if self.stop.is_cancelled() {
                return None;
            }
            let caller = caller_of(&self.headers, &Method::GET, &self.house)?;
            match events::after(&self.house, &caller, &self.what, self.seen, BATCH).await {
                Ok(events::After::TooFar { head }) => {
                    self.over = true;
                    return Some(vec![marked("resync", head, "read anew, then follow from here")]);
                }
                Ok(events::After::Batch { events, upto, more }) => {
                    self.seen = upto;
                    self.hurry = more;
                    if !events.is_empty() {
                        return Some(events.iter().filter_map(message).collect());
                    }
                }
                // It was deleted, or may not be viewed any more.
                Err(Error::NotFound(_) | Error::Forbidden(_)) => return None,
                // The database is busy or gone: later.
                Err(error) => {
                    tracing::debug!(%error, "no events for now");
                    self.house.clock.sleep(PAUSE).await;
                }
            }
        }
        None
    }
}

fn message(event: &EventRecord) -> Option<Event> {
    Event::default().id(event.sequence.to_string()).json_data(event).ok()
}

fn marked(name: &str, number: i64, said: &str) -> Event {
    let data = json!({ "sequence": number, "message": said });
    Event::default().id(number.to_string()).event(name).data(data.to_string())
}
