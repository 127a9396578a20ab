//! All numbers at one moment.

use std::fmt::{self, Debug};

use handover::{
    house::House,
    model::{ReplicaPhase, WorkloadId},
    store::StoreError,
    traffic::{DURATION_BOUNDS, DurationCounts, Totals},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

use super::{
    process::{self, Process},
    requests::{Kind, Requests},
};

/// The traffic of one proton.
#[derive(Debug)]
struct Traffic {
    workload: String,
    proton: String,
    totals: Totals,
    durations: DurationCounts,
    open: u64,
    last_response: Option<f64>,
}

#[derive(Debug)]
pub(super) struct Snapshot {
    requests: Vec<(Kind, DurationCounts)>,
    traffic: Vec<Traffic>,
    /// Workload, whether ready, how many.
    replicas: Vec<(String, &'static str, u64)>,
    restarts: Vec<(String, u64)>,
    /// None when the store can't be asked; the rest is told all the same.
    stored: Option<Stored>,
    adopted: bool,
    process: Process,
}

#[derive(Debug)]
struct Stored {
    workloads: Vec<(String, u64)>,
    ended: Vec<(String, u64)>,
    running: u64,
}

impl Snapshot {
    pub(super) async fn take(house: &House, requests: &Requests) -> Self {
        let live = house.controller.live();
        let traffic = live.all_traffic().into_iter().map(|(workload, traffic)| Traffic {
            workload: workload.to_string(),
            proton: traffic.id.to_string(),
            totals: traffic.totals(),
            durations: traffic.durations(),
            open: traffic.open(),
            last_response: traffic.last_response().map(|at| seconds(at.micros())),
        });
        let mut traffic: Vec<Traffic> = traffic.collect();
        traffic.sort_by(|a, b| (&a.workload, &a.proton).cmp(&(&b.workload, &b.proton)));
        let (mut replicas, mut restarts) = (Vec::new(), Vec::new());
        let mut known: Vec<WorkloadId> =
            house.routes.all().iter().map(|endpoint| endpoint.workload.clone()).collect();
        known.sort();
        for id in known {
            let Some(look) = live.look(&id) else { continue };
            let all = || look.observed.values().flat_map(|observed| &observed.replicas);
            let ready = all().filter(|replica| replica.ready).count() as u64;
            let failed = all().filter(|replica| replica.phase == ReplicaPhase::Failed).count();
            let rest = (all().count() as u64).saturating_sub(ready + failed as u64);
            let states = [("ready", ready), ("failed", failed as u64), ("starting", rest)];
            replicas.extend(states.map(|(state, count)| (id.to_string(), state, count)));
            let count = all().map(|replica| u64::from(replica.restarts)).sum();
            restarts.push((id.to_string(), count));
        }
        let stored = Self::stored(house).await;
        let stored = stored
            .inspect_err(|error| tracing::warn!(%error, "the store did not tell its numbers"))
            .ok();
        let adopted = *house.controller.adopted().borrow();
        Self {
            requests: requests.read(),
            traffic,
            replicas,
            restarts,
            stored,
            adopted,
            process: process::look(),
        }
    }

    async fn stored(house: &House) -> Result<Stored, StoreError> {
        let workloads = house.store.workload_counts().await?;
        let (running, ended) = house
            .store
            .replacement_counts()
            .await?
            .into_iter()
            .partition::<Vec<_>, _>(|(outcome, _)| outcome == "running");
        Ok(Stored { workloads, ended, running: running.iter().map(|(_, count)| count).sum() })
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit in 53 bits")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

type Labels = Vec<(&'static str, String)>;

/// Durations as they were counted.
#[derive(Debug)]
struct Histogram(DurationCounts);

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let DurationCounts { counts, micros } = self.0;
        let bounds = DURATION_BOUNDS.iter().map(|bound| count(*bound) / 1e6);
        let buckets: Vec<_> = bounds.chain([f64::INFINITY]).zip(counts).collect();
        let all = counts.iter().sum();
        encoder.encode_histogram::<NoLabelSet>(count(micros) / 1e6, all, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// Writes families; an empty one is left out.
struct Page<'e>(DescriptorEncoder<'e>);

impl Page<'_> {
    fn counter(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        rows: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let rows = rows.into_iter();
        self.family(name, help, unit, MetricType::Counter, rows, ConstCounter::new)
    }

    fn gauge(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        rows: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let rows = rows.into_iter();
        self.family(name, help, unit, MetricType::Gauge, rows, ConstGauge::new)
    }

    fn durations(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (Labels, DurationCounts)>,
    ) -> fmt::Result {
        let rows = rows.into_iter();
        self.family(name, help, Some(&Unit::Seconds), MetricType::Histogram, rows, Histogram)
    }

    fn family<V, M: EncodeMetric>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        kind: MetricType,
        rows: impl Iterator<Item = (Labels, V)>,
        metric: impl Fn(V) -> M,
    ) -> fmt::Result {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let mut family = self.0.encode_descriptor(name, help, unit, kind)?;
        for (labels, value) in rows {
            if labels.is_empty() {
                metric(value).encode(family)?;
                return Ok(());
            }
            metric(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}

impl Collector for Snapshot {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        let build = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
        page.gauge("handover_build_info", "The version that runs", None, [(build, 1.0)])?;
        let adopted = if self.adopted { 1.0 } else { 0.0 };
        page.gauge(
            "handover_ready",
            "Every workload has been looked at",
            None,
            [(vec![], adopted)],
        )?;
        self.encode_traffic(&mut page)?;
        page.durations(
            "handover_http_request_duration",
            "From a request for the API or the console to the head of its answer",
            self.requests.iter().map(|(Kind { route, method, code }, durations)| {
                let labels = vec![
                    ("method", (*method).to_owned()),
                    ("route", route.clone()),
                    ("code", code.to_string()),
                ];
                (labels, *durations)
            }),
        )?;
        page.gauge(
            "handover_replicas",
            "Replicas by what they are",
            None,
            self.replicas.iter().map(|(workload, state, number)| {
                let state = (*state).to_owned();
                (vec![("workload", workload.clone()), ("state", state)], count(*number))
            }),
        )?;
        page.gauge(
            "handover_replica_restarts",
            "Restarts of the replicas that are there",
            None,
            self.restarts
                .iter()
                .map(|(workload, number)| (vec![("workload", workload.clone())], count(*number))),
        )?;
        if let Some(stored) = &self.stored {
            page.gauge(
                "handover_workloads",
                "Workloads by status",
                None,
                stored
                    .workloads
                    .iter()
                    .map(|(status, number)| (vec![("status", status.clone())], count(*number))),
            )?;
            page.gauge(
                "handover_replacements_running",
                "Replacements that go on now",
                None,
                [(vec![], count(stored.running))],
            )?;
            page.counter(
                "handover_replacements",
                "Replacements that have ended, by how",
                None,
                stored
                    .ended
                    .iter()
                    .map(|(outcome, number)| (vec![("outcome", outcome.clone())], count(*number))),
            )?;
        }
        self.encode_process(&mut page)
    }
}

impl Snapshot {
    fn encode_traffic(&self, page: &mut Page<'_>) -> fmt::Result {
        let labels = |traffic: &Traffic| -> Labels {
            vec![("workload", traffic.workload.clone()), ("proton", traffic.proton.clone())]
        };
        let ended = self.traffic.iter().flat_map(|traffic| {
            let Totals {
                answered, user_errors, server_errors, cut, abandoned, gateway_errors, ..
            } = traffic.totals;
            let good = answered.saturating_sub(user_errors + server_errors);
            let outcomes = [
                ("good", good),
                ("user_error", user_errors),
                ("server_error", server_errors),
                ("cut", cut),
                ("abandoned", abandoned),
                ("unreachable", gateway_errors),
            ];
            outcomes.map(|(outcome, number)| {
                let mut labels = labels(traffic);
                labels.push(("outcome", outcome.to_owned()));
                (labels, count(number))
            })
        });
        page.counter(
            "handover_requests",
            "Requests for workloads that have ended, by how",
            None,
            ended,
        )?;
        page.durations(
            "handover_request_duration",
            "From a request for a workload to the last byte of its answer, of complete answers",
            self.traffic.iter().map(|traffic| (labels(traffic), traffic.durations)),
        )?;
        page.gauge(
            "handover_requests_in_flight",
            "Requests and upgraded connections that are open",
            None,
            self.traffic.iter().map(|traffic| (labels(traffic), count(traffic.open))),
        )?;
        page.gauge(
            "handover_last_response_timestamp",
            "When the latest answer began, since 1970",
            Some(&Unit::Seconds),
            self.traffic
                .iter()
                .filter_map(|traffic| Some((labels(traffic), traffic.last_response?))),
        )
    }

    fn encode_process(&self, page: &mut Page<'_>) -> fmt::Result {
        let one = |value: Option<f64>| value.map(|value| (Labels::new(), value));
        let Process { cpu, resident, virtual_memory, started, open_files, most_files, threads } =
            self.process;
        page.counter("process_cpu", "Processor time used", Some(&Unit::Seconds), one(cpu))?;
        let bytes = Some(&Unit::Bytes);
        page.gauge("process_resident_memory", "Memory in use", bytes, one(resident))?;
        page.gauge("process_virtual_memory", "Address space", bytes, one(virtual_memory))?;
        let since = "When the server started, since 1970";
        page.gauge("process_start_time", since, Some(&Unit::Seconds), one(started))?;
        page.gauge("process_open_fds", "Open files", None, one(open_files))?;
        page.gauge("process_max_fds", "Files that may be open", None, one(most_files))?;
        page.gauge("process_threads", "Threads", None, one(threads))
    }
}
