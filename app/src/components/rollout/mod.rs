//! The rollout view: two tracks between the endpoint and "done", what it waits for, what it did to traffic,
//! and the ways to steer it.

pub mod card;
pub mod drain;
pub mod drawing;
pub mod flight;
pub mod open;
pub mod past;
pub mod receipt;
pub mod road;
pub mod steady;
pub mod steering;
pub mod story;
pub mod under;
pub mod words;

pub use card::RolloutCard;
pub use open::open_words;
pub use past::Past;
pub use road::is_over;
pub use steady::WayBack;
pub use story::{Tone, failed, old_side, outcome_word, shown, state_words};
