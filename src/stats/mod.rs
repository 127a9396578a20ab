//! What the gateway counted: recorded, read and cleared (rules.md §5.8, §9, L11).
//!
//! Counters live in memory, in the gateway's hot path; [`record`] moves them to the store every two
//! seconds, and answers are made from the store. An answer may therefore be that much behind.

mod buckets;
mod clear;
mod kept;
mod metrics;
mod overview;
mod read;
mod recent;
mod record;
mod series;
mod whose;

pub(crate) use buckets::Buckets;
pub(crate) use clear::clear_all;
pub use clear::{StatsRange, clear};
pub use kept::{Figures, keep};
pub use overview::{glance, overview};
pub(crate) use read::briefs;
pub use read::{SLOW_MS, Shape, StatsQuery, read};
pub use recent::recent_median;
pub(crate) use record::minute_of;
pub use record::record;
pub use series::{SeriesQuery, series};
pub(crate) use whose::Found;
pub use whose::Of;
