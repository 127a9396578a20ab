//! What can be done with what was counted.

use handover::model::WorkloadId;
use leptos::server;

use crate::refusal::Refusal;

/// Forgets what was counted: `counter` is one of the counters, empty for all; `hours` how far back, empty for
/// everything.
#[server(prefix = "/_fn", endpoint = "clear-statistics")]
pub async fn clear_statistics(
    id: WorkloadId,
    #[server(default)] counter: String,
    #[server(default)] hours: String,
) -> Result<(), Refusal> {
    use crate::context;
    use handover::{
        model::{Counter, Timestamp},
        stats::{self, StatsRange},
    };
    let (house, caller) = context::door()?;
    let counter = match counter.trim() {
        "" => None,
        word => {
            Some(word.parse::<Counter>().map_err(|why| Refusal::at("counter", why.to_string()))?)
        }
    };
    let start = match hours.trim() {
        "" => None,
        text => {
            let hours: u32 =
                text.parse().map_err(|_| Refusal::at("hours", "give a number of hours"))?;
            Some(Timestamp::from_micros(house.now().micros() - i64::from(hours) * 3_600_000_000))
        }
    };
    let range = StatsRange { workload: id.clone(), proton: None, start, end: None, counter };
    stats::clear(&house, &caller, &range).await?;
    let workload = handover::workloads::get(&house, &caller, &id).await?;
    context::say(format!("The statistics of {} were cleared.", workload.name)).await;
    context::go(&format!("/workloads/{id}"));
    Ok(())
}
