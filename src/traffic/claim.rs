//! The right to use one replica of one proton, held until the last byte of the answer.

use std::sync::Arc;

use super::{
    Outcome, ProtonTraffic, Upstream,
    open::{Kind, Place},
};
use crate::model::{Millis, Timestamp};

/// A request in flight. Dropping it ends the claim; when nothing was said about how the request ended, its
/// client has left.
#[derive(Debug)]
#[must_use = "a claim that is dropped protects nothing"]
pub struct Claim {
    proton: Arc<ProtonTraffic>,
    upstream: Arc<Upstream>,
    outcome: Outcome,
    micros: u64,
    /// Where it is described; none before [`Claim::opened`], and when there was no room.
    place: Option<Place>,
}

/// A body that is still coming. Dropping it says that its last byte was passed on.
#[derive(Debug)]
#[must_use = "dropping it says that the upload is over"]
pub struct Uploading {
    proton: Arc<ProtonTraffic>,
    place: Place,
}

impl Drop for Uploading {
    fn drop(&mut self) {
        self.proton.work().uploaded(self.place);
    }
}

impl Claim {
    /// For one who has entered the gates of both already.
    pub(super) fn entered(proton: Arc<ProtonTraffic>, upstream: Arc<Upstream>) -> Self {
        Self { proton, upstream, outcome: Outcome::Abandoned, micros: 0, place: None }
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

    /// Describes it to those who watch what is open: since when (monotonic), and whether it has a body that is
    /// still coming; then the end of that is to be told by dropping what is returned.
    pub fn opened(&mut self, at: Millis, uploads: bool) -> Option<Uploading> {
        let kind = if uploads { Kind::Upload } else { Kind::Waiting };
        self.place = self.proton.work().enter(kind, at);
        let place = self.place.filter(|_| uploads)?;
        Some(Uploading { proton: Arc::clone(&self.proton), place })
    }

    /// The head of the answer has arrived.
    pub fn begun(&self, at: Timestamp) {
        self.proton.counters().begun(at);
        self.is_now(Kind::Answer);
    }

    /// The connection has changed its protocol.
    pub fn changed_protocol(&self) {
        self.is_now(Kind::Socket);
    }

    fn is_now(&self, kind: Kind) {
        if let Some(place) = self.place {
            self.proton.work().becomes(place, kind);
        }
    }

    /// Says how the request ended and how long it took, to be counted when the claim is dropped.
    pub fn ends_as(&mut self, outcome: Outcome, micros: u64) {
        self.outcome = outcome;
        self.micros = micros;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.proton.work().leave(place);
        }
        // Counted before leaving: whoever sees the gate idle sees every count.
        self.proton.counters().ended(self.outcome, self.micros);
        self.upstream.leave();
        self.proton.gate().leave();
    }
}
