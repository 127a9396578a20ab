//! Use cases of workloads.

mod deadline;

pub(crate) use deadline::{deadline, next_deadline};
