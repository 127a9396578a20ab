//! How long to wait before a replica is started again, and when to say that it never comes up.

use serde::{Deserialize, Serialize};

use crate::model::Millis;

const FIRST: Millis = Millis::seconds(1);
const LONGEST: Millis = Millis::seconds(60);
/// Readiness of this length makes the next wait short again.
const WELL: Millis = Millis::seconds(60);
/// Readiness of this length means that it does come up.
const CAME_UP: Millis = Millis::seconds(10);
/// So many exits in a row without having come up are a crash loop.
const LOOP: u32 = 3;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Backoff {
    /// Exits since it was last well.
    waits: u32,
    /// Exits in a row without having come up.
    pub(super) streak: u32,
}

impl Backoff {
    /// Takes note of an exit after at most `ready` of uninterrupted readiness, and says how long to wait.
    pub(super) fn exited(&mut self, ready: Millis) -> Millis {
        self.streak = if ready >= CAME_UP { 0 } else { self.streak.saturating_add(1) };
        self.waits = if ready >= WELL { 0 } else { self.waits };
        let wait = Millis(FIRST.0 << self.waits.min(6)).min(LONGEST);
        self.waits = self.waits.saturating_add(1);
        wait
    }

    pub(super) fn is_crash_loop(self) -> bool {
        self.streak >= LOOP
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use crate::model::Millis;

    #[test]
    fn waits_double_up_to_a_minute_and_start_anew_after_one_of_readiness() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..8).map(|_| backoff.exited(Millis(0)).0 / 1000).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.exited(Millis::seconds(59)), Millis::seconds(60));
        assert_eq!(backoff.exited(Millis::seconds(60)), Millis::seconds(1));
    }

    #[test]
    fn ten_seconds_of_readiness_break_a_crash_loop() {
        let mut backoff = Backoff::default();
        backoff.exited(Millis(0));
        backoff.exited(Millis(9_999));
        assert!(!backoff.is_crash_loop());
        backoff.exited(Millis(0));
        assert!(backoff.is_crash_loop());
        backoff.exited(Millis(10_000));
        assert!(!backoff.is_crash_loop());
    }
}
