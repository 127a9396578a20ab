//! Giving up images of builds that are on the container engine and that nothing names any more: those of builds
//! that were followed by others, and of artifacts that are gone.
//!
//! A database that knows none of these builds is that of another folder, and nobody loses an image by such a slip.
//!
//! Known limitation: layers that no image has, which the engine keeps to build more quickly, are its own to prune.

use std::collections::BTreeSet;

use crate::{engine::docker::Made, error::Error, house::House};

/// `needed` are ids of images that protons run, or may go back to.
pub(crate) async fn sweep(house: &House, needed: &BTreeSet<String>) -> Result<(), Error> {
    let made = house.builds.builder().made().await;
    // Asked for after that: one that is on its way to its artifact is among them.
    let unfinished = house.store.unfinished_builds().await?;
    if !knows_any(house, &made).await? {
        return Ok(());
    }
    for made in made {
        let on_its_way = unfinished.iter().any(|build| Some(&build.id) == made.build.as_ref());
        if on_its_way || needed.contains(&made.id) || is_named(house, &made).await? {
            continue;
        }
        // What others have made from such an image has its labels, and is theirs.
        for name in made.names.iter().filter(|name| house.builds.is_built(name)) {
            tracing::info!(image = name, "removed: no artifact names what was built");
            house.builds.builder().discard(name).await;
        }
    }
    Ok(())
}

async fn knows_any(house: &House, made: &[Made]) -> Result<bool, Error> {
    for build in made.iter().filter_map(|made| made.build.as_ref()) {
        if house.store.is_build_known(build).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn is_named(house: &House, made: &Made) -> Result<bool, Error> {
    for name in made.names.iter().chain(&made.digests) {
        if house.store.is_image_named(name).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
