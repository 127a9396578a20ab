//! A request for a workload that is scaled to zero: it waits here, nothing of it read but its head, until a
//! replica is ready.

use std::time::Duration;

use handover::traffic::{Claim, Endpoint, Refusal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::refused::Refused;

/// The right to use a ready replica, waited for no longer than `patience`, nor than the server lives.
pub(super) async fn until_awake(
    endpoint: &Endpoint,
    patience: Duration,
    shutdown: &CancellationToken,
) -> Result<Claim, Refused> {
    let waited = tokio::select! {
        waited = timeout(patience, endpoint.claim_awake()) => waited.ok(),
        () = shutdown.cancelled() => None,
    };
    let claim = waited.unwrap_or_else(|| {
        endpoint.count_refused();
        Err(Refusal::Asleep)
    });
    claim.map_err(Refused::NotServing)
}
