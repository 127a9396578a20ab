//! Once a day: stages that nobody has come back to go, and so does every content that no version and no stage
//! needs. A content that has just arrived is needed by nobody yet, so young ones stay.

use std::{collections::HashSet, time::Duration};

use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::on_disk;
use crate::{
    error::Error,
    house::House,
    model::{FileDigest, Millis, Timestamp},
};

const EVERY: Millis = Millis::hours(24);
/// How long a stage is kept, and how long a content may wait for its version.
const PATIENCE: Millis = Millis::hours(24);
/// Versions that are looked at together.
const TOGETHER: u64 = 100;

/// Tidies until it is told to stop. What goes wrong is told to the log, and tried again the next day.
pub async fn tidy(house: House, stop: CancellationToken) {
    let mut next = house.clock.monotonic();
    loop {
        if house.clock.monotonic() >= next {
            match once(&house).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "contents that nobody needs were removed"),
                Err(error) => tracing::warn!(%error, "uploaded files could not be tidied"),
            }
            next = house.clock.monotonic().saturating_add(EVERY);
        }
        let wait = next.saturating_sub(house.clock.monotonic());
        tokio::select! {
            () = house.clock.sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn once(house: &House) -> Result<u64, Error> {
    let mut write = house.store.write().await?;
    let patience = i64::try_from(PATIENCE.0 * 1000).unwrap_or(i64::MAX);
    let before = Timestamp::from_micros(house.now().micros().saturating_sub(patience));
    write.delete_stages_before(before).await?;
    write.commit().await?;
    let mut needed: HashSet<FileDigest> =
        house.store.contents_of_stages().await?.into_iter().collect();
    let mut after = String::new();
    loop {
        let part = house.store.contents_of_versions(&after, TOGETHER).await?;
        let Some((last, _)) = part.last() else { break };
        after = last.to_string();
        needed.extend(part.into_iter().flat_map(|(_, contents)| contents));
    }
    let (contents, age) = (house.files.clone(), Duration::from(PATIENCE));
    let now = Duration::from_micros(u64::try_from(house.now().micros()).unwrap_or_default());
    let now = std::time::SystemTime::UNIX_EPOCH + now;
    let swept = spawn_blocking(move || contents.sweep(now, age, |digest| !needed.contains(digest)));
    swept.await.map_err(super::upload::gone)?.map_err(on_disk)
}
