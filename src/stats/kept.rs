//! Sums over many workloads, kept for a while. Two weeks of ten thousand workloads are 140,000 rows, which is
//! too much to add up again each time somebody looks at a list that follows what happens.
//!
//! Whoever asks for figures of a certain age gets those at once, however old, and sets off the next sum when
//! they are older: only the very first look has to wait. Clearing statistics forgets them.
//!
//! Known limitation: another server on the same database does not hear of what was cleared here, and shows
//! its sums for as long as [`AGE`].

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    error::Error,
    house::House,
    model::{Millis, Minute, OrgId, Timestamp},
    store::{Viewer, WorkloadFilter},
};

/// From this age on sums are made anew.
const AGE: Millis = Millis::seconds(15);
/// From this age on they are too old to be shown meanwhile.
const TOO_OLD: Millis = Millis::minutes(10);
/// The most lookers whose sums are kept.
const MOST: usize = 1000;

/// What was added up: the period before, and the present one.
type Sums = [Minute; 2];

/// Through whose eyes, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    org: OrgId,
    viewer: Option<Viewer>,
    from: Timestamp,
}

struct Kept {
    sums: Sums,
    at: Timestamp,
    /// Somebody is making them anew.
    busy: bool,
}

/// The sums that lists show above their rows.
#[derive(Default)]
pub struct Figures {
    all: Mutex<HashMap<Key, Kept>>,
}

impl Figures {
    fn all(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was added up for an organisation.
    pub(super) fn forget(&self, org: &OrgId) {
        self.all().retain(|key, _| key.org != *org);
    }

    fn keep(&self, key: Key, sums: &Sums, at: Timestamp) {
        let mut all = self.all();
        if all.len() >= MOST {
            all.retain(|_, kept| at.since(kept.at) < AGE);
        }
        if all.len() < MOST {
            all.insert(key, Kept { sums: sums.clone(), at, busy: false });
        }
    }

    /// What is known, and whether the caller should make it anew.
    fn known(&self, key: &Key, now: Timestamp) -> Option<(Sums, bool)> {
        let mut all = self.all();
        let kept = all.get_mut(key).filter(|kept| now.since(kept.at) < TOO_OLD)?;
        let stale = now.since(kept.at) >= AGE && !kept.busy;
        kept.busy |= stale;
        Some((kept.sums.clone(), stale))
    }

    fn let_go(&self, key: &Key) {
        if let Some(kept) = self.all().get_mut(key) {
            kept.busy = false;
        }
    }
}

/// The traffic of everything that `viewer` sees, from one day to before another, and since then.
pub(super) async fn traffic(
    house: &House,
    org: &OrgId,
    viewer: Option<Viewer>,
    from: Timestamp,
    middle: Timestamp,
) -> Result<Sums, Error> {
    let key = Key { org: org.clone(), viewer, from };
    let Some((sums, stale)) = house.figures.known(&key, house.now()) else {
        return add_up(house, key, middle).await;
    };
    if stale {
        let house = house.clone();
        tokio::spawn(async move {
            if let Err(why) = add_up(&house, key.clone(), middle).await {
                tracing::warn!(error = &why as &dyn std::error::Error, "traffic was not added up");
                house.figures.let_go(&key);
            }
        });
    }
    Ok(sums)
}

async fn add_up(house: &House, key: Key, middle: Timestamp) -> Result<Sums, Error> {
    let filter = WorkloadFilter { viewer: key.viewer.clone(), ..WorkloadFilter::default() };
    // Before reading, so that what comes meanwhile makes them older, not newer, than they are.
    let at = house.now();
    let sums = house.store.traffic(&key.org, &filter, key.from, middle).await?;
    house.figures.keep(key, &sums, at);
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::{AGE, Figures, Key, TOO_OLD};
    use crate::model::{Millis, Minute, Timestamp};

    #[test]
    fn old_sums_are_shown_while_one_looker_makes_new_ones() {
        let org = |n: u8| format!("0b1f4d9e-6a4f-4f0e-9d6c-3a8a5a1f2c{n:02}").parse().unwrap();
        let start = Timestamp::from_micros(0);
        let key = |n| Key { org: org(n), viewer: None, from: start };
        let sums = [start, start].map(Minute::empty);
        let figures = Figures::default();
        assert!(figures.known(&key(1), start).is_none());
        figures.keep(key(1), &sums, start);
        figures.keep(key(2), &sums, start);
        let stale = |n, at| figures.known(&key(n), at).map(|(_, stale)| stale);
        assert_eq!(stale(1, start + Millis(AGE.0 - 1)), Some(false));
        assert_eq!(stale(1, start + AGE), Some(true), "the first one makes them anew");
        assert_eq!(stale(1, start + AGE), Some(false), "and the second need not");
        figures.let_go(&key(1));
        assert_eq!(stale(1, start + AGE), Some(true), "after a failure somebody tries again");
        assert_eq!(stale(1, start + TOO_OLD), None);
        figures.forget(&org(1));
        assert_eq!(stale(1, start), None);
        assert_eq!(stale(2, start), Some(false), "another organisation's stay");
    }
}
