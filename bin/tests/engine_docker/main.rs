//! The Docker engine with real containers, on the engine that `tests/docker/run` starts. Without one these
//! tests say so and do nothing; in continuous integration that is a failure.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails must stop")]

mod adoption;
mod away;
mod builds;
mod console;
#[path = "../support/form.rs"]
mod form;
#[path = "../engine_process/house.rs"]
#[allow(dead_code, reason = "shared with the tests of the process engine")]
mod house;
mod images;
mod isolation;
mod lifecycle;
#[path = "../support/process.rs"]
mod process;
mod rig;
mod server;
