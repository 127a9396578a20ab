//! Which port a replica gets: one of the range that no other replica has and nobody listens on.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, TcpListener},
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
};

use crate::random::Random;

pub(super) struct Ports {
    range: RangeInclusive<u16>,
    given: Mutex<HashSet<u16>>,
}

impl Ports {
    pub(super) fn new(range: RangeInclusive<u16>) -> Self {
        Self { range, given: Mutex::default() }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        u64::from(self.range.end().saturating_sub(*self.range.start())) + 1
    }

    /// Marks a port that a replica already has; false when another has it by now.
    pub(super) fn keep(&self, port: u16) -> bool {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).insert(port)
    }

    pub(super) fn give_back(&self, port: u16) {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).remove(&port);
    }

    /// A free port, or none when the whole range is in use. It starts looking at a random place, so that a
    /// port that has just been given back is not used again at once, while somebody may still dial it.
    pub(super) fn pick(&self, random: &dyn Random) -> Option<u16> {
        let mut chance = [0; 4];
        random.fill(&mut chance);
        let (first, last) = (u32::from(*self.range.start()), u32::from(*self.range.end()));
        let count = (last + 1).saturating_sub(first);
        let offset = u32::from_le_bytes(chance).checked_rem(count)?;
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        (0..count)
            .filter_map(|n| u16::try_from(first + (offset + n) % count).ok())
            .find(|port| is_free(*port) && given.insert(*port))
    }
}

/// Nobody listens on it now. Somebody may a moment later, which is why readiness asks whose socket it is.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::Ports;
    use crate::random::SystemRandom;

    #[test]
    fn every_port_is_given_once_and_taken_ones_are_skipped() {
        let busy = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = busy.local_addr().unwrap().port();
        let ports = Ports::new(port..=port);
        assert_eq!(ports.pick(&SystemRandom), None);
        drop(busy);
        assert_eq!(ports.pick(&SystemRandom), Some(port));
        assert_eq!(ports.pick(&SystemRandom), None);
        ports.give_back(port);
        assert_eq!(ports.pick(&SystemRandom), Some(port));
    }
}
