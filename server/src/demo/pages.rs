//! What the demo answers. Every answer carries the version and the replica in its headers, so that a test
//! under load can tell who answered.

use std::{convert::Infallible, fmt::Write, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, Request, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{
        Html, IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::{any, get},
};
use futures::{Stream, stream};
use handover::model::Millis;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::{Demo, misbehave::sleep_until, socket};

/// A long stream is a test of patience, not of memory; these bounds keep a typo harmless.
const LONGEST_WAIT_MS: u64 = 600_000;
const MOST_EVENTS: u64 = 100_000;

pub(super) fn router(demo: Arc<Demo>) -> Router {
    Router::new()
        .route("/", get(front).post(front))
        .route("/slow", any(slow))
        .route("/burn", any(burn))
        .route("/stream", get(events))
        .route("/echo", any(echo))
        .route("/headers", any(headers))
        .route("/status/{code}", any(status))
        .route("/ws", any(upgrade))
        .layer(middleware::from_fn_with_state(demo.clone(), late))
        .route("/healthz", get(health))
        .layer(middleware::from_fn_with_state(demo.clone(), signed))
        .with_state(demo)
}

async fn signed(State(demo): State<Arc<Demo>>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    for (name, value) in [("x-demo-version", &demo.version), ("x-demo-replica", &demo.replica)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

async fn late(State(demo): State<Arc<Demo>>, request: Request, next: Next) -> Response {
    pause(&demo, demo.misbehaviour.latency).await;
    next.run(request).await
}

async fn pause(demo: &Demo, length: Millis) {
    sleep_until(&*demo.clock, demo.clock.monotonic().saturating_add(length)).await;
}

async fn front(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    let wants_html = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_html {
        Html(page(&demo)).into_response()
    } else {
        format!("Hello from version {}, replica {}\n", demo.version, demo.replica).into_response()
    }
}

fn page(demo: &Demo) -> String {
    let (version, replica) = (escaped(&demo.version), escaped(&demo.replica));
    // One colour per version: two versions behind one address are told apart at a glance.
    let hue = demo.version.bytes().fold(7_u32, |sum, b| (sum * 31 + u32::from(b)) % 360);
    let up = Millis(demo.clock.monotonic().0 / 1000 * 1000);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Demo {version}</title>\
         <style>:root{{color-scheme:light dark}}body{{margin:0;min-height:100vh;display:grid;\
         place-items:center;font:16px/1.5 system-ui,sans-serif}}main{{padding:2.5rem 3rem;\
         border:1px solid #8884;border-top:6px solid hsl({hue} 65% 45%);border-radius:10px}}\
         h1{{margin:0;font-size:3rem;letter-spacing:-.02em}}p{{margin:.25rem 0 0;opacity:.8}}\
         code{{font-size:.9em}}</style><main><p>Handover demo workload</p><h1>{version}</h1>\
         <p>answered by replica <code>{replica}</code>, up for {up}</p></main></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '<' | '>' | '&' | '"' | '\'' => drop(write!(out, "&#{};", u32::from(c))),
            other => out.push(other),
        }
        out
    })
}

async fn health(State(demo): State<Arc<Demo>>) -> (StatusCode, &'static str) {
    match demo.misbehaviour.unready(demo.clock.monotonic()) {
        None => (StatusCode::OK, "ok"),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, why),
    }
}

#[derive(Deserialize)]
struct Wait {
    ms: Option<u64>,
}

async fn slow(State(demo): State<Arc<Demo>>, Query(wait): Query<Wait>) -> String {
    let length = Millis(wait.ms.unwrap_or(1000).min(LONGEST_WAIT_MS));
    pause(&demo, length).await;
    format!("waited {length}, version {}, replica {}\n", demo.version, demo.replica)
}

/// Keeps one core busy meanwhile.
async fn burn(State(demo): State<Arc<Demo>>, Query(wait): Query<Wait>) -> String {
    let length = Millis(wait.ms.unwrap_or(1000).min(LONGEST_WAIT_MS));
    let (version, replica) = (demo.version.clone(), demo.replica.clone());
    let burned = spawn_blocking(move || {
        let end = demo.clock.monotonic().saturating_add(length);
        while demo.clock.monotonic() < end {
            std::hint::spin_loop();
        }
    });
    match burned.await {
        Ok(()) => format!("burned {length}, version {version}, replica {replica}\n"),
        Err(error) => format!("could not burn: {error}\n"),
    }
}

#[derive(Deserialize)]
struct Series {
    n: Option<u64>,
    ms: Option<u64>,
}

/// `n` events, one each `ms` milliseconds, and an event `end` that proves that nothing was cut.
async fn events(
    State(demo): State<Arc<Demo>>,
    Query(series): Query<Series>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let count = series.n.unwrap_or(10).min(MOST_EVENTS);
    let gap = Millis(series.ms.unwrap_or(1000).min(LONGEST_WAIT_MS));
    Sse::new(stream::unfold((demo, 0), move |(demo, sent)| async move {
        let event = match sent {
            _ if sent > count => return None,
            _ if sent == count => Event::default().event("end").data(count.to_string()),
            _ => {
                if sent > 0 {
                    pause(&demo, gap).await;
                }
                let data = format!("{} of {count} from version {}", sent + 1, demo.version);
                Event::default().id((sent + 1).to_string()).data(data)
            }
        };
        Some((Ok(event), (demo, sent + 1)))
    }))
}

/// Sends the body back while it arrives.
async fn echo(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut answer = Response::new(Body::new(body));
    if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
        answer.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    answer
}

/// What arrived of the head of the request, one header in a line.
async fn headers(headers: HeaderMap) -> String {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
    };
    headers.iter().map(line).collect()
}

async fn status(State(demo): State<Arc<Demo>>, Path(code): Path<u16>) -> Response {
    match StatusCode::from_u16(code) {
        Ok(code) if !code.is_informational() => {
            (code, format!("{code} from version {}\n", demo.version)).into_response()
        }
        _ => (StatusCode::BAD_REQUEST, "give a status from 200 to 999\n").into_response(),
    }
}

async fn upgrade(State(demo): State<Arc<Demo>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| socket::echo(socket, demo))
}
