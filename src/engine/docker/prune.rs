//! Removing images that were pulled here and that nothing needs any more.
//!
//! Only the name under which an image was pulled is taken away, and never by force: the engine keeps what has
//! another name, or a container of somebody else.

use std::collections::BTreeSet;

use bollard::{Docker, errors::Error, query_parameters::RemoveImageOptionsBuilder};

use super::{
    image_name::is_same,
    ledger::{ImageLimits, Ledger, Pulled},
    link::{Link, is_away, is_missing, said},
};
use crate::{
    clock::Clock,
    engine::{EngineError, supervised::fail},
    model::Bytes,
};

/// `needed` are ids of images. An engine that is away is asked at another time.
pub(super) async fn prune(
    link: &Link,
    ledger: &Ledger,
    limits: ImageLimits,
    clock: &dyn Clock,
    needed: &BTreeSet<String>,
) -> Result<(), EngineError> {
    let Some(docker) = link.now() else { return Ok(()) };
    let cant = |error: Error| fail("can't prune images", std::io::Error::other(said(&error)));
    // Also what runs that the caller knows nothing of.
    let here = link.own(&docker, true).await.map_err(cant)?;
    let mut needed = needed.clone();
    needed.extend(here.into_iter().filter_map(|container| container.image_id));
    ledger.used(needed.iter().map(String::as_str), clock.now());
    for (id, pulled) in ledger.due(&needed, limits, clock.now()) {
        match remove(&docker, &id, &pulled).await {
            Ok(Removed::Gone) => {
                let bytes = Bytes(pulled.bytes);
                tracing::info!(image = pulled.name, id, %bytes, "removed: nothing needs it");
                ledger.forget(&id);
            }
            Ok(Removed::Theirs) => ledger.forget(&id),
            // Somebody's container is on it.
            Err(Error::DockerResponseServerError { status_code: 409, message }) => {
                tracing::debug!(image = pulled.name, id, message, "an image stays");
            }
            Err(error) if is_away(&error) => return Err(cant(error)),
            // One that can't be removed does not keep the others.
            Err(error) => {
                tracing::warn!(
                    image = pulled.name,
                    id,
                    error = said(&error),
                    "could not be removed"
                );
            }
        }
    }
    Ok(())
}

enum Removed {
    Gone,
    /// It has other names by now, and was not ours alone.
    Theirs,
}

async fn remove(docker: &Docker, id: &str, pulled: &Pulled) -> Result<Removed, Error> {
    let found = match docker.inspect_image(id).await {
        Ok(found) => found,
        Err(error) if is_missing(&error) => return Ok(Removed::Gone),
        Err(error) => return Err(error),
    };
    let tags = found.repo_tags.unwrap_or_default();
    let own = tags.iter().find(|tag| is_same(tag, &pulled.name));
    let name = match own {
        Some(name) => name,
        None if tags.is_empty() => id,
        None => return Ok(Removed::Theirs),
    };
    let options = RemoveImageOptionsBuilder::default().force(false).build();
    match docker.remove_image(name, Some(options), None).await {
        Ok(_) => Ok(Removed::Gone),
        Err(error) if is_missing(&error) => Ok(Removed::Gone),
        Err(error) => Err(error),
    }
}
