//! How many replicas a workload has while its settings leave that open (rules.md L13).
//!
//! - [`rules`] reads what was set: bounds and policies.
//! - [`decide()`] is the decision: a pure function from what is seen to the number wanted.
//! - [`meter`] turns single looks into something to decide on, and keeps what must be remembered.
//!
//! The rollout's worker looks, asks, and acts on the answer, as with a replacement.

pub mod decide;
pub mod meter;
pub mod rules;

pub use decide::{Decision, History, ReplicaCpu, Seen, decide};
pub use meter::Meter;
pub use rules::{Metric, Policy, Rules};
