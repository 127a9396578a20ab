//! Use cases of replacements: start one, steer it, read it. The course itself is `rollout`.

mod candidates;
mod preview;
mod ran;
mod read;
mod record;
mod start;
mod steer;

pub(crate) use candidates::runs;
pub use candidates::{Candidate, Runs, candidate, candidates};
pub use preview::{Preview, Side, preview};
pub use ran::{Ran, Sides, ran};
pub(crate) use read::is_readable;
pub use read::{current, get, list};
pub use record::record;
pub(crate) use record::record_by;
pub use start::replace;
pub(crate) use start::{Move, begin, start_budget};
pub use steer::{steer, withdraw};
