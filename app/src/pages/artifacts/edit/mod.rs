//! The editor of a draft: a form and the JSON beside each other, kept in step.
//!
//! The page answers its own POST: with scripts it is sent at every pause in typing and the answer is put around
//! the cursor, without them by a button. Nothing is stored until it is saved.

pub mod conflict;
pub mod controls;
pub mod draft;
pub mod form;
pub mod locate;
pub mod page;
pub mod place;
pub mod present;
pub mod pretty;
pub mod save;
pub mod sides;
pub mod table;
#[cfg(test)]
mod tests;
pub mod text;
pub mod typed;
pub mod write;

pub use page::{EditPage, NewPage};
