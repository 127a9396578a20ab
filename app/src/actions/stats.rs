//! What can be done with what was counted.

use handover::model::WorkloadId;
use leptos::server;

use crate::refusal::Refusal;

/// Forgets what was counted: `counter` is one of the counters, empty for all; `hours` how far back, empty for
/// everything, or `range` for what lies between `start` and `end`.
#[server(prefix = "/_fn", endpoint = "clear-statistics")]
pub async fn clear_statistics(
    id: WorkloadId,
    #[server(default)] counter: String,
    #[server(default)] hours: String,
    #[server(default)] start: String,
    #[server(default)] end: String,
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
    let moment = |field: &str, text: &str| {
        text.parse::<Timestamp>().map_err(|_| Refusal::at(field, "give a moment, as ISO 8601"))
    };
    let end = match hours.trim() {
        "range" => Some(moment("end", &end)?),
        _ => None,
    };
    let start = match hours.trim() {
        "" => None,
        "range" => Some(moment("start", &start)?),
        text => {
            let hours: u32 =
                text.parse().map_err(|_| Refusal::at("hours", "give a number of hours"))?;
            Some(Timestamp::from_micros(house.now().micros() - i64::from(hours) * 3_600_000_000))
        }
    };
    let range = StatsRange { workload: id.clone(), proton: None, start, end, counter };
    stats::clear(&house, &caller, &range).await?;
    let workload = handover::workloads::get(&house, &caller, &id).await?;
    context::say(format!("The statistics of {} were cleared.", workload.name)).await;
    context::go(&format!("/workloads/{id}"));
    Ok(())
}
