//! Governed deployments (rules.md §17.2, L16): an address, roles and a record of changes around a workload that
//! runs a locked version. What runs is the workload as before; deleting its deployment returns it to the
//! ordinary rules.
//!
//! Known limitation: there are no approval policies yet, so every change goes straight through, and no change
//! request is ever made. Their list and their states are there for what will make them.

mod create;
mod edit;
mod read;

pub use create::create;
pub(crate) use edit::release;
pub use edit::{delete, edit};
pub use read::{changes, get, list};
