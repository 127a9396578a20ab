//! Cpu, memory and network of a container, from the engine's accounts of it.

use std::sync::{Mutex, PoisonError};

use bollard::{
    models::{ContainerMemoryStats, ContainerNetworkStats, ContainerStatsResponse},
    query_parameters::StatsOptionsBuilder,
};

use super::link::Link;
use crate::{
    clock::Clock,
    engine::supervised::runner::Used,
    model::{Millis, Network},
};

/// Between two looks.
const EVERY: Millis = Millis::seconds(5);
/// Before the second look, so that the first page does not wait long for a number.
const FIRST: Millis = Millis::seconds(1);

/// The last look at a container.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Seen>);

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// When, and the nanoseconds of cpu by then.
    cpu: Option<(Millis, u64)>,
    /// When, and the bytes received and sent by then.
    network: Option<(Millis, [u64; 2])>,
    used: Used,
}

impl Meter {
    pub(super) fn last(&self) -> Used {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).used
    }

    /// Looks until it is dropped.
    pub(super) async fn watch(&self, link: &Link, clock: &dyn Clock, id: &str) {
        let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
        loop {
            if let Some(docker) = link.now() {
                let mut answers = Box::pin(docker.stats(id, Some(options.clone())));
                if let Some(Ok(stats)) = futures::StreamExt::next(&mut answers).await {
                    self.note(&stats, clock.monotonic());
                }
            }
            let first = self.last().cpu_millis.is_none();
            clock.sleep(if first { FIRST } else { EVERY }).await;
        }
    }

    fn note(&self, stats: &ContainerStatsResponse, now: Millis) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cpu = stats.cpu_stats.as_ref().and_then(|cpu| cpu.cpu_usage.as_ref()?.total_usage);
        if let Some(nanos) = cpu {
            if let Some((at, before)) = seen.cpu {
                let passed = now.saturating_sub(at).0.max(1);
                // Nanoseconds in milliseconds are millionths; thousandths are asked for.
                seen.used.cpu_millis = Some(nanos.saturating_sub(before) / 1000 / passed);
            }
            seen.cpu = Some((now, nanos));
        }
        if let Some(bytes) = network(stats) {
            if let Some((at, before)) = seen.network {
                let passed = now.saturating_sub(at).0.max(1);
                let rate = |n: usize| bytes[n].saturating_sub(before[n]) * 1000 / passed;
                seen.used.network =
                    Some(Network { received_per_second: rate(0), sent_per_second: rate(1) });
            }
            seen.network = Some((now, bytes));
        }
        seen.used.memory_bytes = stats.memory_stats.as_ref().and_then(resident);
    }
}

/// Bytes received and sent so far; none for a container without a network of its own.
fn network(stats: &ContainerStatsResponse) -> Option<[u64; 2]> {
    let each = stats.networks.as_ref().filter(|each| !each.is_empty())?.values();
    let sum = |[received, sent]: [u64; 2], one: &ContainerNetworkStats| {
        [received + one.rx_bytes.unwrap_or(0), sent + one.tx_bytes.unwrap_or(0)]
    };
    Some(each.fold([0, 0], sum))
}

/// Without the files that the kernel keeps in memory and can drop.
fn resident(memory: &ContainerMemoryStats) -> Option<u64> {
    let files = memory.stats.as_ref().and_then(|stats| {
        // The older and the newer accounts of control groups name it differently.
        stats.get("total_inactive_file").or_else(|| stats.get("inactive_file")).copied()
    });
    Some(memory.usage?.saturating_sub(files.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use bollard::models::{
        ContainerCpuStats, ContainerCpuUsage, ContainerMemoryStats, ContainerNetworkStats,
        ContainerStatsResponse,
    };

    use super::Meter;
    use crate::{
        engine::supervised::runner::Used,
        model::{Millis, Network},
    };

    #[test]
    fn cpu_and_network_are_since_the_last_look_and_memory_leaves_out_files() {
        let card = |received| ContainerNetworkStats {
            rx_bytes: Some(received),
            tx_bytes: Some(2 * received),
            ..ContainerNetworkStats::default()
        };
        let stats = |nanos, received| ContainerStatsResponse {
            networks: Some([("eth0".to_owned(), card(received))].into()),
            cpu_stats: Some(ContainerCpuStats {
                cpu_usage: Some(ContainerCpuUsage {
                    total_usage: Some(nanos),
                    ..ContainerCpuUsage::default()
                }),
                ..ContainerCpuStats::default()
            }),
            memory_stats: Some(ContainerMemoryStats {
                usage: Some(5000),
                stats: Some([("inactive_file".to_owned(), 1000)].into()),
                ..ContainerMemoryStats::default()
            }),
            ..ContainerStatsResponse::default()
        };
        let meter = Meter::default();
        meter.note(&stats(1_000_000_000, 500), Millis(1000));
        assert_eq!(meter.last(), Used { memory_bytes: Some(4000), ..Used::default() });
        meter.note(&stats(2_000_000_000, 4500), Millis(3000));
        assert_eq!(meter.last().cpu_millis, Some(500));
        let network = Network { received_per_second: 2000, sent_per_second: 4000 };
        assert_eq!(meter.last().network, Some(network));
    }
}
