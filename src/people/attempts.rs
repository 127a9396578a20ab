//! Failed sign-ins, counted in memory. A guesser gets ten tries a minute at one name from one address, and
//! sixty at all names; a person who knows the password is hardly ever in the way of somebody else's guesses,
//! because the address is part of the count.
//!
//! Known limitation: a guesser with many addresses has many counts. A password of twelve characters is what
//! stands against that.

use std::{collections::HashMap, net::IpAddr};

use crate::model::{Millis, Timestamp};

const WINDOW: Millis = Millis::minutes(1);
const PER_NAME: usize = 10;
const PER_ADDRESS: usize = 60;
/// Above this many counts the old ones are thrown away first.
const CROWDED: usize = 10_000;

#[derive(Debug, PartialEq, Eq, Hash)]
enum Of {
    Name(Option<IpAddr>, String),
    Address(Option<IpAddr>),
}

/// Times of failures, newest last.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failures: HashMap<Of, Vec<Timestamp>>,
}

impl Attempts {
    /// Whether one more try is allowed.
    pub(super) fn allowed(&mut self, address: Option<IpAddr>, name: &str, now: Timestamp) -> bool {
        self.recent(&Of::Name(address, name.to_lowercase()), now) < PER_NAME
            && self.recent(&Of::Address(address), now) < PER_ADDRESS
    }

    pub(super) fn failed(&mut self, address: Option<IpAddr>, name: &str, now: Timestamp) {
        if self.failures.len() > CROWDED {
            self.failures.retain(|_, times| times.last().is_some_and(|at| now.since(*at) < WINDOW));
        }
        for of in [Of::Name(address, name.to_lowercase()), Of::Address(address)] {
            self.failures.entry(of).or_default().push(now);
        }
    }

    /// The right password wipes the name's slate.
    pub(super) fn succeeded(&mut self, address: Option<IpAddr>, name: &str) {
        self.failures.remove(&Of::Name(address, name.to_lowercase()));
    }

    fn recent(&mut self, of: &Of, now: Timestamp) -> usize {
        let Some(times) = self.failures.get_mut(of) else { return 0 };
        times.retain(|at| now.since(*at) < WINDOW);
        let count = times.len();
        if count == 0 {
            self.failures.remove(of);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, PER_NAME};
    use crate::model::Timestamp;

    #[test]
    fn ten_failures_lock_one_name_for_a_minute_and_nobody_else() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let (here, there) = (Some([10, 0, 0, 1].into()), Some([10, 0, 0, 2].into()));
        let mut attempts = Attempts::default();
        for _ in 0..PER_NAME {
            assert!(attempts.allowed(here, "admin", at(0)));
            attempts.failed(here, "admin", at(0));
        }
        assert!(!attempts.allowed(here, "Admin", at(59)), "case makes no new name");
        assert!(attempts.allowed(here, "eve", at(59)));
        assert!(attempts.allowed(there, "admin", at(59)));
        assert!(attempts.allowed(here, "admin", at(60)), "a minute later");
        for name in 0..60 {
            attempts.failed(there, &name.to_string(), at(100));
        }
        assert!(!attempts.allowed(there, "somebody", at(101)), "many names from one address");
    }
}
