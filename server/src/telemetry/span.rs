//! The span of one request, from its head to the last byte of its answer, whether it is for a workload, the API
//! or the console.
//!
//! A request that comes with a `traceparent` belongs to the trace of whoever sent it, and what is sent on to a
//! workload says the same of our span, so that the two sides of the gateway are one trace. Where no trace is
//! kept the header passes through as any other.
//!
//! Known limitation: a stream of events or a WebSocket is one span, which is sent when it ends.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use handover::{model::ProtonId, model::WorkloadId, traced::TRACED};
use http::{HeaderMap, StatusCode, header};
use opentelemetry::{Context, propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::{metrics::Requests, request_id::RequestId, stopwatch::Stopwatch};

/// Which of our routes answered, as it stands in the document: `/api/v2/workloads/{id}/`.
#[derive(Debug, Clone)]
pub(crate) struct Route(MatchedPath);

impl Route {
    pub(crate) fn as_str(&self) -> &str {
        let path = self.0.as_str();
        // The routes of today answer older paths too, and the router then puts both together.
        path.rfind("/api/v2/").map_or(path, |at| &path[at..])
    }
}

/// Leaves the route beside the answer, and counts how long it took.
pub(crate) async fn routed(
    State(requests): State<Arc<Requests>>,
    request: Request,
    next: Next,
) -> Response {
    let since = Stopwatch::start();
    let route = request.extensions().get::<MatchedPath>().cloned().map(Route);
    let method = request.method().clone();
    let mut answer = next.run(request).await;
    requests.add(&method, route.as_ref(), answer.status(), since.micros());
    if let Some(route) = route {
        answer.extensions_mut().insert(route);
    }
    answer
}

/// Ends when the last copy is dropped. Where no trace is kept it is empty, and everything here does nothing.
#[derive(Debug, Clone)]
pub(crate) struct RequestSpan(Span);

impl RequestSpan {
    pub(crate) fn begin<B>(request: &http::Request<B>, id: &RequestId, peer: SocketAddr) -> Self {
        let headers = request.headers();
        let span = tracing::info_span!(
            target: TRACED,
            parent: None,
            "request",
            otel.kind = "server",
            otel.name = request.method().as_str(),
            otel.status_code = Empty,
            http.request.method = request.method().as_str(),
            http.response.status_code = Empty,
            http.route = Empty,
            url.path = request.uri().path(),
            client.address = %peer.ip(),
            user_agent.original = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()),
            handover.request.id = id.as_str(),
            handover.workload.id = Empty,
            handover.proton.id = Empty,
        );
        if !span.is_disabled() {
            let sender = HeaderExtractor(headers);
            let sender =
                TraceContextPropagator::new().extract_with_context(&Context::new(), &sender);
            // It can only fail where no trace is kept.
            let _joined = span.set_parent(sender);
        }
        Self(span)
    }

    /// The span itself, for work in it.
    pub(crate) fn span(&self) -> &Span {
        &self.0
    }

    /// Makes it the parent of what the receiver of these headers does.
    pub(crate) fn pass_on(&self, headers: &mut HeaderMap) {
        if !self.0.is_disabled() {
            let ours = self.0.context();
            TraceContextPropagator::new().inject_context(&ours, &mut HeaderInjector(headers));
        }
    }

    /// Says who answers for a workload.
    pub(crate) fn goes_to(&self, workload: &WorkloadId, proton: &ProtonId) {
        self.0.record("handover.workload.id", workload.as_str());
        self.0.record("handover.proton.id", proton.as_str());
    }

    /// The head of the answer is there. `route` is what the path is an example of.
    pub(crate) fn answered(&self, method: &str, route: Option<&str>, status: StatusCode) {
        if self.0.is_disabled() {
            return;
        }
        if let Some(route) = route {
            self.0.record("http.route", route);
            // A record of `otel.name` is not heard once the span has been passed on.
            self.0.context().span().update_name(format!("{method} {route}"));
        }
        self.0.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.failed();
        }
    }

    /// It went wrong, whatever the status says.
    pub(crate) fn failed(&self) {
        self.0.record("otel.status_code", "ERROR");
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use handover::random::SystemRandom;
    use http::{HeaderMap, Request, StatusCode};
    use opentelemetry::{
        Key,
        trace::{SpanId, SpanKind, Status, TraceId},
    };
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
    use tracing::subscriber::with_default;
    use tracing_subscriber::{EnvFilter, layer::SubscriberExt, registry};

    use super::RequestSpan;
    use crate::{
        cli::LogFormat,
        request_id::RequestIds,
        telemetry::{lines, spans},
    };

    const SENDER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn begin(headers: &[(&str, &str)]) -> RequestSpan {
        let mut request = Request::get("/api/v2/workloads/w-42?link=secret");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        let id = RequestIds::new(&SystemRandom).of(request.headers());
        RequestSpan::begin(&request, &id, SocketAddr::from((Ipv4Addr::LOCALHOST, 9)))
    }

    fn kept(work: impl FnOnce()) -> Vec<SpanData> {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        with_default(registry().with(spans(&provider)), work);
        exporter.get_finished_spans().unwrap()
    }

    fn attribute(span: &SpanData, name: &'static str) -> Option<String> {
        let name = Key::from_static_str(name);
        let found = span.attributes.iter().find(|attribute| attribute.key == name);
        found.map(|attribute| attribute.value.to_string())
    }

    #[test]
    fn a_span_joins_the_trace_of_the_sender_and_is_passed_on() {
        let mut sent_on = HeaderMap::new();
        let all = kept(|| {
            let span = begin(&[("traceparent", SENDER), ("x-request-id", "shop-17")]);
            sent_on.insert("traceparent", SENDER.parse().unwrap());
            span.pass_on(&mut sent_on);
            span.answered("GET", Some("/api/v2/workloads/{id}/"), StatusCode::BAD_GATEWAY);
            span.span().in_scope(|| tracing::warn!("the replica hung up"));
            drop(tracing::info_span!("a span of the log"));
        });
        let [span] = all.as_slice() else { panic!("{all:#?}") };
        let trace = TraceId::from_hex("0af7651916cd43dd8448eb211c80319c").unwrap();
        assert_eq!(span.span_context.trace_id(), trace);
        assert_eq!(span.parent_span_id, SpanId::from_hex("b7ad6b7169203331").unwrap());
        assert_eq!(
            sent_on["traceparent"],
            format!("00-{trace}-{}-01", span.span_context.span_id()),
            "the workload's span is a child of ours"
        );
        assert_eq!(
            (&*span.name, &span.span_kind),
            ("GET /api/v2/workloads/{id}/", &SpanKind::Server)
        );
        assert_eq!(span.status, Status::error(""));
        for (name, value) in [
            ("http.route", "/api/v2/workloads/{id}/"),
            ("http.response.status_code", "502"),
            ("handover.request.id", "shop-17"),
            ("url.path", "/api/v2/workloads/w-42"),
        ] {
            assert_eq!(attribute(span, name).as_deref(), Some(value), "{name}");
        }
        assert!(!format!("{span:?}").contains("secret"), "a query may hold secrets");
        assert_eq!(span.events[0].name, "the replica hung up");
    }

    #[test]
    fn what_is_not_a_trace_begins_a_new_one() {
        for wrong in ["", "00-0-0-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"] {
            let all = kept(|| drop(begin(&[("traceparent", wrong)])));
            assert_eq!(all[0].parent_span_id, SpanId::INVALID, "{wrong}");
            assert_ne!(all[0].span_context.trace_id(), TraceId::INVALID, "{wrong}");
        }
    }

    #[test]
    fn a_sender_that_keeps_no_trace_is_followed() {
        let unsampled = SENDER.replace("-01", "-00");
        let mut sent_on = HeaderMap::new();
        let all = kept(|| begin(&[("traceparent", &unsampled)]).pass_on(&mut sent_on));
        assert!(all.is_empty(), "{all:#?}");
        assert!(sent_on["traceparent"].to_str().unwrap().ends_with("-00"));
    }

    #[test]
    fn without_a_collector_there_is_no_span_and_headers_stay_as_they_are() {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", SENDER.parse().unwrap());
        let everything = EnvFilter::new("trace");
        with_default(registry().with(lines(LogFormat::Text, everything)), || {
            let span = begin(&[("traceparent", SENDER)]);
            assert!(span.span().is_disabled());
            span.pass_on(&mut headers);
            span.answered("GET", Some("/"), StatusCode::OK);
        });
        assert_eq!(headers["traceparent"], SENDER);
    }
}
