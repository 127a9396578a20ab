//! One ready replica as the gateway sees it, and the choice between several.

use std::{
    cell::Cell,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::Gate;

/// A replica that takes requests. Its gate is closed when it leaves the ready replicas, and a closed gate
/// with nobody inside proves that stopping the replica cuts no request.
#[derive(Debug)]
pub struct Upstream {
    pub address: SocketAddr,
    gate: Gate,
}

impl Upstream {
    pub(super) fn new(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self { address, gate: Gate::default() })
    }

    /// Requests it holds now.
    pub fn in_flight(&self) -> u64 {
        self.gate.inside()
    }

    /// No longer among the ready replicas; connections to it are not worth keeping.
    pub fn is_gone(&self) -> bool {
        self.gate.is_closed()
    }

    pub(super) fn mark_gone(&self) {
        self.gate.close();
    }

    /// Gone, and no request is left on it.
    pub(super) fn is_idle(&self) -> bool {
        self.gate.is_idle()
    }

    /// False when it is gone. Whoever entered must [`Upstream::leave`].
    pub(super) fn enter(&self) -> bool {
        self.gate.enter().is_some()
    }

    pub(super) fn leave(&self) {
        self.gate.leave();
    }
}

/// The less loaded of two picked by chance. Nearly as even as asking all of them, without every thread
/// choosing the same replica at the same moment.
pub(super) fn less_loaded(among: &[Arc<Upstream>]) -> Option<&Arc<Upstream>> {
    match among {
        [] => None,
        [only] => Some(only),
        many => {
            let (first, second) = two_of(many.len());
            let (a, b) = (&many[first], &many[second]);
            Some(if b.in_flight() < a.in_flight() { b } else { a })
        }
    }
}

/// Two different numbers below `count`, which is at least two.
fn two_of(count: usize) -> (usize, usize) {
    let first = chance() % count;
    let second = (first + 1 + chance() % (count - 1)) % count;
    (first, second)
}

/// A number that spreads load; nobody may depend on it being hard to guess or repeatable.
fn chance() -> usize {
    thread_local! {
        static STATE: Cell<u64> = const { Cell::new(0) };
    }
    static SEED: AtomicU64 = AtomicU64::new(0);
    STATE.with(|state| {
        let mut x = state.get();
        if x == 0 {
            // Threads start apart from one another: odd multiples of the golden ratio.
            x = (SEED.fetch_add(2, Ordering::Relaxed) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        // xorshift64 (Marsaglia)
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        state.set(x);
        usize::try_from(x >> 33).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::{Upstream, less_loaded, two_of};

    #[test]
    fn two_are_never_the_same_and_reach_everyone() {
        let mut seen = [[false; 5]; 5];
        for _ in 0..10_000 {
            let (a, b) = two_of(5);
            seen[a][b] = true;
        }
        for (a, row) in seen.iter().enumerate() {
            for (b, pair) in row.iter().enumerate() {
                assert_eq!(*pair, a != b, "pair {a},{b}");
            }
        }
    }

    #[test]
    fn of_two_replicas_the_idle_one_is_taken() {
        let pair = [1, 2].map(|port| Upstream::new(([127, 0, 0, 1], port).into()));
        assert!(pair[0].enter());
        for _ in 0..100 {
            assert_eq!(less_loaded(&pair).unwrap().address.port(), 2);
        }
    }
}
