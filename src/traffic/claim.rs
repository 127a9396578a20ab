//! The right to use one replica of one proton, held until the last byte of the answer.

use std::sync::Arc;

use super::{Outcome, ProtonTraffic, Upstream};
use crate::model::Timestamp;

/// A request in flight. Dropping it ends the claim; when nothing was said about how the request ended, its
/// client has left.
#[derive(Debug)]
#[must_use = "a claim that is dropped protects nothing"]
pub struct Claim {
    proton: Arc<ProtonTraffic>,
    upstream: Arc<Upstream>,
    outcome: Outcome,
    micros: u64,
}

impl Claim {
    /// For one who has entered the gates of both already.
    pub(super) fn entered(proton: Arc<ProtonTraffic>, upstream: Arc<Upstream>) -> Self {
        Self { proton, upstream, outcome: Outcome::Abandoned, micros: 0 }
    }

    pub fn proton(&self) -> &Arc<ProtonTraffic> {
        &self.proton
    }

    pub fn upstream(&self) -> &Arc<Upstream> {
        &self.upstream
    }

    /// Moves to another ready replica, for a request of which nothing has been sent; false when there is
    /// no other.
    pub fn move_on(&mut self) -> bool {
        let Some(other) = self.proton.enter_other(&self.upstream) else { return false };
        self.upstream.leave();
        self.upstream = other;
        true
    }

    /// The head of the answer has arrived.
    pub fn begun(&self, at: Timestamp) {
        self.proton.counters().begun(at);
    }

    /// Says how the request ended and how long it took, to be counted when the claim is dropped.
    pub fn ends_as(&mut self, outcome: Outcome, micros: u64) {
        self.outcome = outcome;
        self.micros = micros;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Counted before leaving: whoever sees the gate idle sees every count.
        self.proton.counters().ended(self.outcome, self.micros);
        self.upstream.leave();
        self.proton.gate().leave();
    }
}
