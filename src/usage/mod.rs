//! What replicas use, over time (rules.md §16): how many there are, their cpu and their memory.
//!
//! The engine knows the present only, so [`record`] looks at everything that runs every ten seconds and adds
//! what it saw to the present minute. A mean over a minute is then made of about six looks.
//!
//! Known limitation: what happens between two looks is not seen; a burst of a second may be missed.

mod record;
mod series;

pub use record::record;
pub use series::{UsageBucket, UsageQuery, UsageSeries, series};
