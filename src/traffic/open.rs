//! What is open on a proton, request by request: of what kind it is and since when. A drain is watched by
//! people, and "3 requests" says less than "2 WebSockets and an upload, the oldest 42 s old".
//!
//! The gate decides when a proton may go; this only describes. So it may leave something out, and it must
//! not cost: each request takes a free slot of its thread's shard with one exchange and frees it with one
//! store, and readers look at all slots.
//!
//! Known limitation: when a shard is full, requests beyond it are open but not described.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use super::counters::{SHARDS, shard_of_this_thread};
use crate::model::{Millis, OpenWork};

/// What a request is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Sent, and not answered yet.
    Waiting = 1,
    /// Its body is still coming from the client.
    Upload = 2,
    /// Its answer is on the way to the client.
    Answer = 3,
    /// A connection that has changed its protocol, a WebSocket mostly.
    Socket = 4,
}

const KIND_AT: u32 = 60;
/// Slots of one shard.
const SLOTS: usize = 128;
/// How many slots are tried before a request stays undescribed.
const TRIES: usize = 8;

#[derive(Debug)]
#[repr(align(128))]
struct Shard {
    next: AtomicUsize,
    /// Zero when free; else the kind above [`KIND_AT`], and below it the monotonic millisecond it began in.
    slots: [AtomicU64; SLOTS],
}

/// Everything that is open on one proton.
#[derive(Debug)]
pub(super) struct Open([Shard; SHARDS]);

impl Default for Open {
    fn default() -> Self {
        let shard = || Shard {
            next: AtomicUsize::new(0),
            slots: std::array::from_fn(|_| AtomicU64::new(0)),
        };
        Self(std::array::from_fn(|_| shard()))
    }
}

/// A slot that is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    shard: usize,
    slot: usize,
    since: u64,
}

fn word(kind: Kind, since: u64) -> u64 {
    ((kind as u64) << KIND_AT) | since
}

impl Open {
    /// Takes a slot for a request that is open since `at` (monotonic); none when there is none to be had.
    pub(super) fn enter(&self, kind: Kind, at: Millis) -> Option<Place> {
        let shard = shard_of_this_thread();
        let Shard { next, slots } = &self.0[shard];
        let since = at.0 & ((1 << KIND_AT) - 1);
        let first = next.fetch_add(1, Relaxed);
        (first..first.wrapping_add(TRIES)).map(|slot| slot % SLOTS).find_map(|slot| {
            let free = slots[slot].load(Relaxed) == 0
                && slots[slot].compare_exchange(0, word(kind, since), Relaxed, Relaxed).is_ok();
            free.then_some(Place { shard, slot, since })
        })
    }

    pub(super) fn becomes(&self, place: Place, kind: Kind) {
        self.0[place.shard].slots[place.slot].store(word(kind, place.since), Relaxed);
    }

    /// The body has been sent. Whoever says so may be late: the answer may have begun, or the slot be another's.
    pub(super) fn uploaded(&self, place: Place) {
        let slot = &self.0[place.shard].slots[place.slot];
        let (upload, waiting) = (word(Kind::Upload, place.since), word(Kind::Waiting, place.since));
        // Not an upload any more: nothing to say.
        let _ = slot.compare_exchange(upload, waiting, Relaxed, Relaxed);
    }

    pub(super) fn leave(&self, place: Place) {
        self.0[place.shard].slots[place.slot].store(0, Relaxed);
    }

    /// What is open at `now` (monotonic).
    pub(super) fn now(&self, now: Millis) -> OpenWork {
        let mut work = OpenWork::default();
        for slot in self.0.iter().flat_map(|shard| &shard.slots) {
            let word = slot.load(Relaxed);
            match word >> KIND_AT {
                1 => work.waiting += 1,
                2 => work.uploads += 1,
                3 => work.answers += 1,
                4 => work.sockets += 1,
                _ => continue,
            }
            let age = now.saturating_sub(Millis(word & ((1 << KIND_AT) - 1)));
            work.oldest = work.oldest.max(Some(age));
        }
        work
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Open, SLOTS};
    use crate::model::{Millis, OpenWork};

    #[test]
    fn each_kind_is_counted_and_the_oldest_is_known() {
        let open = Open::default();
        let socket = open.enter(Kind::Waiting, Millis(1_000)).expect("free");
        open.becomes(socket, Kind::Socket);
        let upload = open.enter(Kind::Upload, Millis(5_000)).expect("free");
        let seen = open.now(Millis(43_000));
        let expected = OpenWork {
            sockets: 1,
            uploads: 1,
            oldest: Some(Millis(42_000)),
            ..OpenWork::default()
        };
        assert_eq!(seen, expected);
        open.uploaded(upload);
        assert_eq!((open.now(Millis(0)).uploads, open.now(Millis(0)).waiting), (0, 1));
        open.leave(socket);
        assert_eq!(open.now(Millis(43_000)).oldest, Some(Millis(38_000)));
        open.leave(upload);
        assert_eq!(open.now(Millis(43_000)), OpenWork::default());
    }

    #[test]
    fn a_body_that_ends_late_changes_nothing_of_an_answer() {
        let open = Open::default();
        let place = open.enter(Kind::Upload, Millis(1)).expect("free");
        open.becomes(place, Kind::Answer);
        open.uploaded(place);
        assert_eq!(open.now(Millis(1)).answers, 1);
        open.leave(place);
        open.uploaded(place);
        assert_eq!(open.now(Millis(1)), OpenWork::default());
    }

    #[test]
    fn a_full_shard_refuses_and_takes_again_when_one_has_left() {
        let open = Open::default();
        let places: Vec<_> =
            (0..SLOTS).map(|_| open.enter(Kind::Answer, Millis(0)).expect("free")).collect();
        assert!(open.enter(Kind::Answer, Millis(0)).is_none());
        for place in places {
            open.leave(place);
        }
        assert!(open.enter(Kind::Answer, Millis(0)).is_some());
    }
}
