//! Which replica a request goes to, and who still holds one: the part of a switch that traffic feels.
//!
//! Everything is in memory and without a lock, because the store must never be able to stop traffic:
//! - [`Routes`] finds the [`Endpoint`] of a workload; it points at one [`ProtonTraffic`] and is flipped
//!   atomically.
//! - A request holds a [`Claim`] from its first byte to the last byte of the answer (or to the close of an
//!   upgraded connection). The claim is counted in the proton's [`Gate`], and a gate that is closed and idle
//!   proves that nobody uses the proton any more: only then may it be signalled.
//! - [`Counters`] remember what was answered, for statistics and receipts.
//!
//! The order of a switch is [`Endpoint::switch_to`] first, [`ProtonTraffic::close`] on the old proton after
//! it, and of a switch back [`ProtonTraffic::reopen`] first. Then a request that meets a closed gate finds
//! the open one by looking again.
//!
//! A workload that is scaled to zero holds its requests instead of refusing them:
//! [`Endpoint::claim_awake`] rings for the controller and waits.
//!
//! Known limitation: counts live in this process. After a crash the connections they counted are gone too,
//! so they start at zero, and a receipt adds up what each process saw.

mod claim;
mod counters;
mod durations;
mod endpoint;
mod gate;
mod open;
mod proton;
mod routes;
#[cfg(test)]
mod tests;
mod upstream;
mod waiting;

pub use claim::{Claim, Uploading};
pub use counters::{Counters, Outcome, Totals};
pub use durations::{DURATION_BOUNDS, DurationCounts, Durations};
pub use endpoint::{Endpoint, Refusal, Target};
pub use gate::Gate;
pub use proton::ProtonTraffic;
pub use routes::Routes;
pub use upstream::Upstream;

/// How often a request that meets a closed gate looks again. What is behind a gate is taken out of the way
/// before the gate is closed, so the second look finds an open one unless yet another change has come between.
const LOOKS: usize = 16;
