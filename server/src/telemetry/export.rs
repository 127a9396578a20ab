//! The way of spans to a collector: OTLP over HTTP, as protobuf.
//!
//! No request waits for it. A span that ended is put into a bounded queue, or dropped when that is full; a thread
//! of the SDK takes batches from there. The thread knows no runtime, so its HTTP requests are made on ours. A
//! collector that does not answer is said once, and again when it does.
//!
//! Known limitation: what happened while the collector could not be reached is lost.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry::Key;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use tokio::{runtime::Handle, time::timeout};

/// What a collector may answer at most.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long it may take for one batch.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Spans can't be sent to where they are wanted.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("'{0}' is not the address of a collector; write it like http://127.0.0.1:4318")]
    Address(String),
    #[error("no trace can be sent: the certificates of this machine can't be read: {0}")]
    Certificates(#[source] std::io::Error),
    #[error("no trace can be sent: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Sends what ends from now on to `collector`, in batches, by requests on `runtime`.
pub(super) fn provider(
    collector: &Uri,
    runtime: Handle,
) -> Result<SdkTracerProvider, TelemetryError> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(TelemetryError::Certificates)?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(OnRuntime { runtime, client })
        .with_endpoint(collector.to_string())
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    let exporter = SaysOnce { exporter, failing: Arc::default() };
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build())
}

/// Who speaks: what `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` say, or else our own name.
fn resource() -> Resource {
    let given = Resource::builder().build();
    let name = given.get(&Key::from_static_str("service.name"));
    let named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    if named { resource.build() } else { resource.with_service_name("handover").build() }
}

/// Makes the exporter's requests on our runtime.
struct OnRuntime {
    runtime: Handle,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for OnRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnRuntime").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let answer = async move {
            let (parts, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        };
        let answered = self.runtime.spawn(async move { timeout(ANSWER_WITHIN, answer).await });
        answered.await??
    }
}

/// Says when the collector stops taking spans, and when it takes them again, but not at each batch.
#[derive(Debug)]
struct SaysOnce<E> {
    exporter: E,
    failing: Arc<AtomicBool>,
}

impl<E: SpanExporter> SpanExporter for SaysOnce<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.exporter.export(batch).await;
        let failed_before = self.failing.swap(sent.is_err(), Relaxed);
        match &sent {
            Err(error) if !failed_before => {
                tracing::warn!(%error, "the collector takes no spans; until it does they are lost");
            }
            Ok(()) if failed_before => tracing::info!("the collector takes spans again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
