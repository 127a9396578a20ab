//! Charts, drawn on the server: axes a person can read, every point with its value and its time in words, and
//! the same numbers as a table.
//!
//! A drawing is as wide as its place. Text must not shrink with it, so positions along the time axis are
//! percentages and only lines, whose thickness does not scale, are stretched. Colours and what appears under
//! the pointer or the keyboard are the stylesheet's (`style/monitoring.css`).
//!
//! Known limitation: buckets are cut in UTC, so one of a day begins at another hour where it is read elsewhere. Its
//! words then say from when to when it is.

pub mod plot;
mod scale;
mod shape;
pub mod spark;
pub mod table;
mod time;
mod unit;

pub use plot::{Chart, Drawing, Kind, Limit, Mark, Point};
pub use spark::Spark;
pub use table::Numbers;
pub use time::{moment, span};
pub use unit::{Unit, decimal};
