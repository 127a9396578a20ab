//! How long what was observed is kept: a day for a draft, thirty days for a locked version (rules.md L11).
//! That goes for statistics, use of cpu and memory, events, and the logs and flight files of protons that are
//! over. What happened to a workload stays in its history and in the audit trail, whatever is forgotten here.
//!
//! Known limitation: the log files of a proton that still runs are not cut. They are bounded by their size,
//! and lines older than this are not shown.

use std::collections::HashSet;

use tokio_util::sync::CancellationToken;

use crate::{
    builds,
    error::Error,
    house::House,
    model::{ArtifactStatus, Images, Millis, ProtonId, Timestamp},
    store::{Cutoffs, Kept},
};

/// Between two rounds of forgetting.
const INTERVAL: Millis = Millis::hours(1);

/// Protons looked up in one statement.
const BATCH: usize = 500;

/// Of each workload, the newest protons whose images are there when one wants to go back.
const LAST_VERSIONS: u64 = 5;

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
        if let Err(error) = forget_usage(&house).await {
            tracing::warn!(%error, "old figures of use could not be forgotten now");
        }
        if let Err(error) = forget_events(&house).await {
            tracing::warn!(%error, "old events could not be forgotten now");
        }
        if let Err(error) = forget_logs(&house).await {
            tracing::warn!(%error, "logs of former protons could not be deleted now");
        }
        if let Err(error) = forget_images(&house).await {
            tracing::warn!(%error, "images that nothing needs could not be removed now");
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

async fn forget_usage(house: &House) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    write.forget_usage(cutoffs(house)).await?;
    write.commit().await?;
    Ok(())
}

async fn forget_events(house: &House) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    write.forget_events(cutoffs(house)).await?;
    write.commit().await?;
    Ok(())
}

/// Of protons that have been over for long enough. What the database does not know is left alone: a slip of
/// configuration, the wrong database for this folder, must not cost anybody's logs.
async fn forget_logs(house: &House) -> Result<(), Error> {
    let alive: HashSet<ProtonId> = house.engine.owned().await?.into_iter().collect();
    let mut there = house.engine.kept().await?;
    there.retain(|id| !alive.contains(id));
    let now = house.now();
    for batch in there.chunks(BATCH) {
        let known = house.store.kept_protons(batch).await?;
        for proton in known.iter().filter(|proton| is_old(proton, now)) {
            house.engine.forget(&proton.id).await?;
        }
    }
    Ok(())
}

/// Of what runs, is kept as the way back, or is one of the versions that one would go back to.
async fn forget_images(house: &House) -> Result<(), Error> {
    let needed = house.store.images_needed(LAST_VERSIONS).await?;
    let ids = needed.into_iter().flat_map(Images::into_values).map(|pin| pin.id).collect();
    house.engine.prune(&ids).await?;
    builds::sweep(house, &ids).await
}

fn is_old(proton: &Kept, now: Timestamp) -> bool {
    proton.status.is_over() && proton.updated_at < cutoff(now, proton.artifact)
}
