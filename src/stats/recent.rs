//! How a proton answers right now, for the live view.

use super::metrics::Sum;
use crate::{
    error::Error,
    house::House,
    model::{Millis, ProtonId, Timestamp, WorkloadId},
};

/// What counts as now.
const RECENT: Millis = Millis::minutes(2);

/// The median answer time of the last minutes in milliseconds; none when there was no answer.
pub async fn recent_median(
    house: &House,
    workload: &WorkloadId,
    proton: &ProtonId,
) -> Result<Option<u64>, Error> {
    let micros = i64::try_from(RECENT.0.saturating_mul(1000)).unwrap_or(i64::MAX);
    let from = Timestamp::from_micros(house.now().micros() - micros);
    let found = house.store.minutes(workload, Some(proton), Some(from), None).await?;
    let mut sum = Sum::default();
    sum.extend(found.iter().map(|(_, minute)| minute));
    Ok((sum.requests > 0).then(|| sum.quantile_ms(0.5)))
}
