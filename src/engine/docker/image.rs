//! Images: found on the engine, or pulled, and held fast by their id.
//!
//! The first replica of a proton decides which image a name means; that is written down, so every replica
//! after it, and every restart, runs the very same bytes even when the name has come to mean others.
//!
//! What was written down goes on with a locked version: its next proton is told, and runs the same. An image that
//! came from no registry and is gone can't be had again, and then nothing else runs in its place.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use bollard::{Docker, errors::Error, models::ImageInspect};

use super::{
    build::is_from_here,
    image_name::by_digest,
    ledger::Ledger,
    link::{Link, is_away, is_missing, said},
    pull,
};
use crate::{
    engine::supervised::{
        Unit,
        record::{self, PROTON, ProtonRecord},
        runner::{Runner, Unstarted},
    },
    model::{ImagePin, Images as Pins},
};

/// A file of the proton's folder.
const FILE: &str = "images.json";

/// What there is to know of an image before one runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) id: String,
    /// The one it names to run as; empty when it names none.
    pub(super) user: String,
    pub(super) architecture: String,
    pub(super) stop_signal: Option<String>,
}

pub(super) struct Images {
    pub(super) ledger: Ledger,
    /// By the folder of their proton. Held while they are read and written.
    pins: Mutex<HashMap<PathBuf, Pins>>,
}

impl Images {
    pub(super) fn open(data_dir: &Path) -> Self {
        Self { ledger: Ledger::open(data_dir), pins: Mutex::default() }
    }

    /// Makes sure that the unit's image is on the engine.
    pub(super) async fn ready<R: Runner>(
        &self,
        link: &Link,
        unit: &Unit<R>,
    ) -> Result<Image, Unstarted> {
        loop {
            if let Some(image) = self.found(link, unit).await? {
                return Ok(image);
            }
        }
    }

    /// None when another replica has decided meanwhile what the name means.
    async fn found<R: Runner>(
        &self,
        link: &Link,
        unit: &Unit<R>,
    ) -> Result<Option<Image>, Unstarted> {
        let docker = link.docker().await;
        let name = unit.container.image_uri.as_deref().unwrap_or_default();
        let folder = &unit.proton.folder;
        let pin = self.of(folder).remove(name);
        let known = pin.as_ref().map_or(name, |pin| &pin.id);
        let now = || unit.context.clock.now();
        if let Some(found) = inspect(&docker, known).await? {
            self.ledger.used(found.id.as_deref(), now());
            return Ok(self.keep(folder, name, pin.as_ref(), found));
        }
        // By its digest when that is known: the name may mean something else by now.
        let wanted = match &pin {
            None if is_from_here(name) => return Err(unbuilt(name)),
            None => name,
            Some(ImagePin { digest: Some(digest), .. }) => digest,
            Some(ImagePin { id, digest: None }) => return Err(lost(name, id)),
        };
        pull::pull(&docker, unit, wanted).await?;
        let found = inspect(&docker, wanted).await?;
        let found = found.ok_or_else(|| Unstarted::NoImage {
            text: format!("{wanted} was pulled, and is gone again."),
            hopeless: false,
        })?;
        let bytes = found.size.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
        self.ledger.pulled(found.id.as_deref().unwrap_or_default(), wanted, bytes, now());
        Ok(self.keep(folder, name, pin.as_ref(), found))
    }

    /// What is known of a proton's images.
    pub(super) fn of(&self, folder: &Path) -> Pins {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        read(&mut pins, folder).clone()
    }

    /// The proton has no folder any more, or nothing that runs.
    pub(super) fn left(&self, folder: &Path) {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner).remove(folder);
    }

    /// Writes down what the name means, unless somebody has since `before` was read.
    fn keep(
        &self,
        folder: &Path,
        name: &str,
        before: Option<&ImagePin>,
        found: ImageInspect,
    ) -> Option<Image> {
        let id = found.id.unwrap_or_default();
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        let pins = read(&mut pins, folder);
        if pins.get(name) != before {
            return None;
        }
        // Without its tag an image on the engine has lost the digest too.
        let digest = by_digest(found.repo_digests.unwrap_or_default(), name)
            .or_else(|| before.and_then(|pin| pin.digest.clone()));
        let pin = ImagePin { id: id.clone(), digest };
        if pins.get(name) != Some(&pin) {
            pins.insert(name.to_owned(), pin);
            if let Err(error) = record::save(folder, FILE, pins) {
                tracing::warn!(%error, "which image runs could not be written down");
            }
        }
        let config = found.config.unwrap_or_default();
        Some(Image {
            id,
            user: config.user.unwrap_or_default(),
            architecture: found.architecture.unwrap_or_default(),
            stop_signal: config.stop_signal,
        })
    }
}

/// What this proton was told when it was made, and above that what has been found out since.
fn read<'a>(all: &'a mut HashMap<PathBuf, Pins>, folder: &Path) -> &'a mut Pins {
    all.entry(folder.to_owned()).or_insert_with(|| {
        let told = record::load::<ProtonRecord>(folder, PROTON).map(|record| record.images);
        let mut pins = told.unwrap_or_default();
        pins.extend(record::load::<Pins>(folder, FILE).unwrap_or_default());
        pins
    })
}

/// Nothing that bears its name now may run in its place.
fn lost(name: &str, id: &str) -> Unstarted {
    let short = id.strip_prefix("sha256:").unwrap_or(id).chars().take(12).collect::<String>();
    let text = format!(
        "the image that {name} has meant for this version ({short}) is not on the engine any more, and came from \
         no registry. Load it again, or replace this version."
    );
    Unstarted::NoImage { text, hopeless: true }
}

/// No registry has it.
fn unbuilt(name: &str) -> Unstarted {
    let text = format!(
        "the image {name} was built on this engine, and is not there any more. Build it again."
    );
    Unstarted::NoImage { text, hopeless: true }
}

async fn inspect(docker: &Docker, name: &str) -> Result<Option<ImageInspect>, Unstarted> {
    match docker.inspect_image(name).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(unasked(&error, name)),
    }
}

fn unasked(error: &Error, name: &str) -> Unstarted {
    if is_away(error) {
        return Unstarted::Away;
    }
    // It is no name of an image at all.
    let text = format!("The engine can't look for the image {name}: {}.", said(error));
    Unstarted::NoImage { text, hopeless: true }
}
