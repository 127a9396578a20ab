//! What the gateway counted: recorded, read and cleared (rules.md §5.8, §9, L11).
//!
//! Counters live in memory, in the gateway's hot path; [`record`] moves them to the store every two
//! seconds, and answers are made from the store. An answer may therefore be that much behind.

mod clear;
mod metrics;
mod read;
mod recent;
mod record;
mod retain;

pub use clear::{StatsRange, clear, discard};
pub(crate) use read::briefs;
pub use read::{SLOW_MS, StatsQuery, read};
pub use recent::recent_median;
pub use record::record;
