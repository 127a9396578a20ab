//! What this server has pulled, and when it was last of use: nothing else is ever pruned.
//!
//! An image that was on the engine before, or that somebody else has pulled or built, is theirs. The list is a
//! file of the data folder; should it be lost, its images stay for people to remove.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::{
    engine::supervised::record,
    model::{Bytes, Millis, Timestamp},
};

/// A file of the data folder.
const FILE: &str = "pulled-images.json";
/// A proton that is being started may not have told anybody yet which image it is on.
const JUST_USED: Millis = Millis::hours(1);

/// On disk the moment of the last use may be so old: a start of many replicas is not to write as many times.
const WRITTEN_EVERY: Millis = Millis::minutes(30);

/// How long, and how many, images are kept that nothing needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageLimits {
    pub unused_for: Millis,
    /// All that were pulled, those that are needed included.
    pub space: Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pulled {
    /// What it was pulled as.
    pub(super) name: String,
    pub(super) bytes: u64,
    used: Timestamp,
}

type Known = BTreeMap<String, Pulled>;

/// By the id of the image.
#[derive(Debug)]
pub(super) struct Ledger {
    folder: PathBuf,
    known: Mutex<Known>,
}

impl Ledger {
    pub(super) fn open(data_dir: &Path) -> Self {
        let known = record::load(data_dir, FILE).unwrap_or_default();
        Self { folder: data_dir.to_owned(), known: Mutex::new(known) }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, known: &Known) {
        if let Err(error) = record::save(&self.folder, FILE, known) {
            tracing::warn!(%error, "which images were pulled could not be written down");
        }
    }

    pub(super) fn pulled(&self, id: &str, name: &str, bytes: u64, now: Timestamp) {
        let mut known = self.known();
        known.insert(id.to_owned(), Pulled { name: name.to_owned(), bytes, used: now });
        self.save(&known);
    }

    /// Those of them that were pulled are of use now.
    pub(super) fn used<'a>(&self, ids: impl IntoIterator<Item = &'a str>, now: Timestamp) {
        let mut known = self.known();
        let mut touched = false;
        for id in ids {
            if let Some(one) = known.get_mut(id) {
                touched |= now.since(one.used) >= WRITTEN_EVERY;
                one.used = now;
            }
        }
        if touched {
            self.save(&known);
        }
    }

    pub(super) fn forget(&self, id: &str) {
        let mut known = self.known();
        if known.remove(id).is_some() {
            self.save(&known);
        }
    }

    /// What may go now, the longest unused first.
    pub(super) fn due(
        &self,
        needed: &BTreeSet<String>,
        limits: ImageLimits,
        now: Timestamp,
    ) -> Vec<(String, Pulled)> {
        due(&self.known(), needed, limits, now)
    }
}

fn due(
    known: &Known,
    needed: &BTreeSet<String>,
    limits: ImageLimits,
    now: Timestamp,
) -> Vec<(String, Pulled)> {
    let mut space: u64 = known.values().map(|one| one.bytes).sum();
    let idle = |one: &Pulled| now.since(one.used);
    let mut unneeded: Vec<_> =
        known.iter().filter(|(id, one)| !needed.contains(*id) && idle(one) >= JUST_USED).collect();
    unneeded.sort_by_key(|(_, one)| one.used);
    unneeded.retain(|(_, one)| {
        let goes = idle(one) >= limits.unused_for || space > limits.space.0;
        if goes {
            space = space.saturating_sub(one.bytes);
        }
        goes
    });
    unneeded.into_iter().map(|(id, one)| (id.clone(), one.clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Bytes, ImageLimits, Known, Millis, Pulled, Timestamp, due};

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn what_is_old_goes_and_what_is_too_much_and_never_what_is_needed() {
        let now = Timestamp::from_micros(1000 * HOUR);
        let image = |bytes, hours_ago: i64| Pulled {
            name: "shop:1".to_owned(),
            bytes,
            used: Timestamp::from_micros((1000 - hours_ago) * HOUR),
        };
        let known: Known = [
            ("needed", image(50, 900)),
            ("ancient", image(10, 500)),
            ("older", image(20, 30)),
            ("old", image(20, 20)),
            ("starting", image(20, 0)),
        ]
        .map(|(id, one)| (id.to_owned(), one))
        .into();
        let needed = BTreeSet::from(["needed".to_owned()]);
        let gone = |hours, space| {
            let limits = ImageLimits { unused_for: Millis::hours(hours), space: Bytes(space) };
            due(&known, &needed, limits, now).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(gone(400, 120), ["ancient"]);
        assert_eq!(gone(25, 120), ["ancient", "older"]);
        assert_eq!(gone(400, 100), ["ancient", "older"], "the longest unused goes first");
        assert_eq!(gone(400, 0), ["ancient", "older", "old"]);
        assert!(gone(2000, 1000).is_empty());
    }
}
