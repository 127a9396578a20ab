//! How long what was observed is kept: a day for a draft, thirty days for a locked version (rules.md L11).

use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    house::House,
    model::{ArtifactStatus, Millis, Timestamp},
    store::Cutoffs,
};

/// Between two rounds of forgetting.
const INTERVAL: Millis = Millis::hours(1);

/// What was observed of a workload on such an artifact is kept so long.
pub(crate) const fn kept(artifact: ArtifactStatus) -> Millis {
    match artifact {
        ArtifactStatus::Draft => Millis::hours(24),
        ArtifactStatus::Locked => Millis::hours(30 * 24),
    }
}

/// Nothing from before this moment is kept.
pub(crate) fn cutoff(now: Timestamp, artifact: ArtifactStatus) -> Timestamp {
    let micros = i64::try_from(kept(artifact).0.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros().saturating_sub(micros))
}

/// Runs until `stop`. What can't be forgotten now is tried again in the next round.
pub async fn run(house: House, stop: CancellationToken) {
    loop {
        if let Err(error) = forget_stats(&house).await {
            tracing::warn!(%error, "old statistics could not be forgotten now");
        }
        tokio::select! {
            () = house.clock.sleep(INTERVAL) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn cutoffs(house: &House) -> Cutoffs {
    let now = house.now();
    Cutoffs {
        draft: cutoff(now, ArtifactStatus::Draft),
        locked: cutoff(now, ArtifactStatus::Locked),
    }
}

/// One workload in each transaction, so that nobody else waits long for a turn to write.
async fn forget_stats(house: &House) -> Result<(), Error> {
    let before = cutoffs(house);
    for (workload, artifact) in house.store.workloads_with_old_stats(before).await? {
        let until = match artifact {
            ArtifactStatus::Draft => before.draft,
            ArtifactStatus::Locked => before.locked,
        };
        let mut write = house.store.write().await?;
        write.clear_stats(&workload, None, None, Some(until), None).await?;
        write.commit().await?;
    }
    Ok(())
}
