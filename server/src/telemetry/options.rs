//! Where spans go. The variables are those that every OpenTelemetry client reads; the SDK itself reads the rest
//! of them: headers, sampler, resource, sizes of batches.

use clap::Args;
use http::Uri;

use super::TelemetryError;

/// Where spans are posted, below the address of a collector.
const TRACES: &str = "/v1/traces";

#[derive(Debug, Clone, Default, Args)]
pub struct TelemetryOptions {
    /// A collector of traces that speaks OTLP over HTTP, `http://127.0.0.1:4318`; without one no trace is kept.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true)]
    pub otlp_endpoint: Option<String>,
    /// The same as the whole address that spans are posted to; it goes before the other.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", hide_env_values = true)]
    pub otlp_traces_endpoint: Option<String>,
}

impl TelemetryOptions {
    /// The address that spans are posted to, if they are wanted. An empty address counts as none.
    pub(super) fn collector(&self) -> Result<Option<Uri>, TelemetryError> {
        let given = |option: &Option<String>| option.clone().filter(|text| !text.trim().is_empty());
        let below = |base: String| format!("{}{TRACES}", base.trim().trim_end_matches('/'));
        let Some(address) =
            given(&self.otlp_traces_endpoint).or_else(|| given(&self.otlp_endpoint).map(below))
        else {
            return Ok(None);
        };
        let wrong = || TelemetryError::Address(address.clone());
        let uri: Uri = address.trim().parse().map_err(|_| wrong())?;
        let speaks_http = matches!(uri.scheme_str(), Some("http" | "https"));
        if speaks_http && uri.host().is_some() { Ok(Some(uri)) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::TelemetryOptions;

    fn collector(base: &str, traces: &str) -> Result<Option<String>, String> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let options =
            TelemetryOptions { otlp_endpoint: given(base), otlp_traces_endpoint: given(traces) };
        let found = options.collector().map_err(|error| error.to_string())?;
        Ok(found.map(|uri| uri.to_string()))
    }

    #[test]
    fn spans_go_where_every_client_would_send_them() {
        for (base, traces, expected) in [
            ("", "", None),
            (" ", "", None),
            ("http://c:4318", "", Some("http://c:4318/v1/traces")),
            ("https://c/otlp/", "", Some("https://c/otlp/v1/traces")),
            ("", "http://c/all", Some("http://c/all")),
            ("http://c:4318", "http://d/all/", Some("http://d/all/")),
        ] {
            let expected = expected.map(str::to_owned);
            assert_eq!(collector(base, traces), Ok(expected), "{base} {traces}");
        }
        for wrong in ["c:4318", "grpc://c:4317", "http://", "ftp://c"] {
            assert!(collector(wrong, "").unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
