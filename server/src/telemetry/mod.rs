//! What the server says of itself: lines of log, and, where a collector is configured, spans of traces
//! ([`span`], [`export`]).
//!
//! The two are apart. Lines of log say what happened, with the name of the request; spans are the work under
//! [`TRACED`], named by the conventions of OpenTelemetry. What is logged while a span is open goes along with it.

mod export;
mod options;
mod span;

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::{runtime::Handle, task::spawn_blocking};
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt::layer,
    layer::SubscriberExt,
    registry,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use handover::traced::TRACED;

pub use export::TelemetryError;
pub use options::TelemetryOptions;
pub(crate) use span::{RequestSpan, Route, routed};

use crate::cli::LogFormat;

/// Keeps spans going out.
#[derive(Debug)]
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// From here on all of this process writes lines of log, and sends spans if `options` say where to.
    ///
    /// # Errors
    /// When the address of the collector can't be used.
    pub(crate) fn start(
        format: LogFormat,
        options: &TelemetryOptions,
    ) -> Result<Self, TelemetryError> {
        let collector = options.collector()?;
        let provider = collector
            .as_ref()
            .map(|collector| export::provider(collector, Handle::current()))
            .transpose()?;
        let wanted =
            EnvFilter::try_from_env("HANDOVER_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
        registry().with(provider.as_ref().map(spans)).with(lines(format, wanted)).init();
        if let Some(collector) = collector {
            tracing::info!(collector = collector.host(), "traces are sent to a collector");
        }
        Ok(Self(provider))
    }

    /// Sends the last spans, for a few seconds at most.
    pub(crate) async fn end(self) {
        let Some(provider) = self.0 else { return };
        if let Ok(Err(error)) = spawn_blocking(move || provider.shutdown()).await {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Writes what is logged, and nothing of what is only for a time line.
fn lines<S>(format: LogFormat, wanted: EnvFilter) -> impl Layer<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let lines = layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // Asked first, so that such a span is known once and for all to be wanted by nobody.
    let logged = filter_fn(|metadata| metadata.target() != TRACED);
    lines.with_filter(logged.with_max_level_hint(LevelFilter::TRACE).and(wanted))
}

/// Takes the spans that are meant for a time line, and what is logged in them.
fn spans<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let wanted = |metadata: &Metadata<'_>| {
        let ours = metadata.is_event() && metadata.target().starts_with("handover");
        *metadata.level() <= Level::INFO && (metadata.target() == TRACED || ours)
    };
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("handover"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(wanted).with_max_level_hint(LevelFilter::INFO))
}
