//! Traces as a collector gets them (rules.md §17.6).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails must stop")]

#[path = "support/process.rs"]
mod process;

use std::{
    net::TcpListener as Deaf,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use futures::{StreamExt, stream};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, Status, span::SpanKind, status::StatusCode as Code},
};
use process::{Handover, TOKEN, artifact};
use prost::Message;
use reqwest::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SENDER: &str = "b7ad6b7169203331";

/// A collector, and what it was sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

impl Collector {
    /// Where it listens.
    async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/traces", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock().unwrap();
        let resources = requests.iter().flat_map(|request| &request.resource_spans);
        resources
            .flat_map(|resource| &resource.scope_spans)
            .flat_map(|scope| scope.spans.clone())
            .collect()
    }

    /// The one span of the request with this name.
    #[track_caller]
    fn request(&self, id: &str) -> Span {
        let is_it = |span: &Span| text(&span.attributes, "handover.request.id") == id;
        let mut found: Vec<_> = self.spans().into_iter().filter(is_it).collect();
        assert_eq!(found.len(), 1, "{id}: {found:#?}");
        found.remove(0)
    }
}

async fn take(State(all): State<Collector>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    all.0.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
}

/// An attribute as text, empty when there is none.
fn text(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|found| found.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => other.map(|other| format!("{other:?}")).unwrap_or_default(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A GET in the trace of its sender, under this name.
async fn ask(server: &Handover, url: String, id: &str) -> (StatusCode, String) {
    let request = server.client.get(url).bearer_auth(TOKEN).header("x-request-id", id);
    let answer =
        request.header("traceparent", format!("00-{TRACE}-{SENDER}-01")).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_span_of_its_senders_trace_on_both_sides_of_the_gateway() {
    let collector = Collector::default();
    let address = collector.listen().await;
    let mut server = Handover::start(&["--otlp-endpoint", &address]).await;
    let workload = server.workload("traced", 1, &[]).await;
    let id = workload["id"].as_str().unwrap();
    let proton = server.get(&format!("/workloads/{id}/protons/")).await["data"][0]["id"].clone();

    let api = |path: &str| format!("{}/api/v2{path}", server.url);
    let (status, _) = ask(&server, api(&format!("/workloads/{id}/")), "read").await;
    assert_eq!(status, StatusCode::OK);
    ask(&server, api(&format!("/console/workloads/{id}")), "older").await;
    ask(&server, api("/workloads/none"), "refused").await;
    ask(&server, format!("{}/sign-in", server.url), "page").await;
    ask(&server, server.endpoint(id, "status/503"), "unwell").await;
    ask(&server, server.endpoint("0123456789abcdef01234567", ""), "nobody").await;
    let (_, told) = ask(&server, server.endpoint(id, "headers"), "through").await;
    let next = server.post("/artifacts/", artifact("traced", "2.0", &[])).await["id"].clone();
    let path = format!("/workloads/{id}/replacement/");
    let replacement = server.post(&path, json!({ "artifactId": next })).await;
    server.settled(id, &replacement).await;
    // Whatever is still in the queue is sent at the end.
    assert!(server.stop().await.success());

    let route = "/api/v2/workloads/{id}/";
    let endpoint = "/api/v2/endpoints/{kind}/{id}/{path}";
    for (name, expected, status, failed) in [
        ("read", route, "200", false),
        ("older", route.trim_end_matches('/'), "200", false),
        ("refused", route.trim_end_matches('/'), "404", false),
        ("page", "/sign-in", "200", false),
        ("unwell", endpoint, "503", true),
        ("nobody", endpoint, "404", false),
        ("through", endpoint, "200", false),
    ] {
        let span = collector.request(name);
        assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.into(), SENDER.into()));
        assert_eq!(span.name, format!("GET {expected}"), "{name}");
        assert_eq!(span.kind, SpanKind::Server as i32);
        let of = |attribute| text(&span.attributes, attribute);
        assert_eq!(
            (of("http.request.method"), of("http.route"), of("http.response.status_code")),
            ("GET".into(), expected.into(), status.into()),
            "{name}"
        );
        assert_eq!(of("client.address"), "127.0.0.1");
        let code = span.status.as_ref().map_or(Code::Unset, Status::code);
        assert_eq!(code == Code::Error, failed, "{name}: {code:?}");
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
    }

    let through = collector.request("through");
    let ours = format!("traceparent: 00-{TRACE}-{}-01", hex(&through.span_id));
    assert!(told.lines().any(|line| line == ours), "{ours} in {told}");
    assert_eq!(text(&through.attributes, "handover.workload.id"), id);
    assert_eq!(text(&through.attributes, "handover.proton.id"), proton);

    let replacement = replacement["id"].as_str().unwrap();
    let steps = collector.spans().into_iter().filter(|span| {
        span.name == "replacement step"
            && text(&span.attributes, "handover.replacement.id") == replacement
    });
    let stages: Vec<_> = steps.map(|step| text(&step.attributes, "handover.stage.to")).collect();
    for stage in ["switching", "draining", "done"] {
        assert!(stages.contains(&stage.to_owned()), "{stages:?}");
    }
    let requests = collector.0.lock().unwrap();
    let resource = requests[0].resource_spans[0].resource.clone().unwrap();
    assert_eq!(text(&resource.attributes, "service.name"), "handover");
}

/// One that refuses connections, and one that takes them and never answers. More is asked than may wait to be
/// sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_dead_harms_nobody() {
    const REQUESTS: usize = 3000;
    let deaf = Deaf::bind("127.0.0.1:0").unwrap();
    let silent = deaf.local_addr().unwrap();
    let refusing = {
        let closed = Deaf::bind("127.0.0.1:0").unwrap();
        closed.local_addr().unwrap()
    };
    for collector in [refusing, silent] {
        let address = format!("http://{collector}");
        let mut server = Handover::start(&["--otlp-endpoint", &address]).await;
        let workload = server.workload("traced", 1, &[]).await;
        let url = server.endpoint(workload["id"].as_str().unwrap(), "");
        let answers = stream::iter(0..REQUESTS)
            .map(|_| server.client.get(&url).bearer_auth(TOKEN).send())
            .buffer_unordered(32);
        let good = answers
            .filter(|answer| {
                let good = answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::OK);
                async move { good }
            })
            .count()
            .await;
        assert_eq!(good, REQUESTS);
        assert!(server.stop().await.success(), "{address}");
    }
}
