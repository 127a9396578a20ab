//! The probe attempts that a flight record keeps: the last ones, and every one that brought a change.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::model::ProbeAttempt;

const KEPT: usize = 50;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempts(VecDeque<Kept>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    attempt: ProbeAttempt,
    /// The first of its kind and replica, or with another status than the one before.
    change: bool,
}

impl Attempts {
    /// Keeps the attempt, and says whether it brought a change. What is dropped for it is the oldest that
    /// brought none, so that a long wait does not push out how it began.
    pub(super) fn push(&mut self, attempt: ProbeAttempt) -> bool {
        let same = |kept: &&Kept| {
            kept.attempt.replica == attempt.replica && kept.attempt.kind == attempt.kind
        };
        let before = self.0.iter().rev().find(same).map(|kept| &kept.attempt);
        let change =
            before.is_none_or(|b| (b.passed, b.status) != (attempt.passed, attempt.status));
        if self.0.len() >= KEPT {
            let dull = self.0.iter().position(|kept| !kept.change).unwrap_or(0);
            self.0.remove(dull);
        }
        self.0.push_back(Kept { attempt, change });
        change
    }

    pub(super) fn list(&self) -> Vec<ProbeAttempt> {
        self.0.iter().map(|kept| kept.attempt.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, KEPT};
    use crate::model::{ProbeAttempt, ProbeKind, Timestamp};

    fn attempt(second: i64, passed: bool) -> ProbeAttempt {
        ProbeAttempt {
            at: Timestamp::from_micros(second * 1_000_000),
            replica: "a".to_owned(),
            kind: ProbeKind::Readiness,
            status: None,
            millis: 1,
            head: None,
            passed,
        }
    }

    #[test]
    fn changes_outlive_a_long_quiet_time() {
        let mut attempts = Attempts::default();
        assert!(attempts.push(attempt(0, false)));
        assert!(!attempts.push(attempt(1, false)));
        assert!(attempts.push(attempt(2, true)));
        for second in 3..1000 {
            assert!(!attempts.push(attempt(second, true)));
        }
        let kept = attempts.list();
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[0], attempt(0, false));
        assert_eq!(kept[1], attempt(2, true));
        assert_eq!(kept[KEPT - 1], attempt(999, true));
    }
}
