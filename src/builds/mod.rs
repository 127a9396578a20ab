//! Builds: from uploaded code to an image that a container runs (rules.md §12, L2).
//!
//! A build is a row that says how far it has come, and a task that works on every row that is not at its
//! end ([`work`]). Nothing is handed over in memory, so a build outlives the server: the next one takes up what
//! it finds. How an image is really made is behind [`Builder`]; the engine that runs here brings its own.
//!
//! What a build knows is written into the artifact in the transaction of every step: each container shows its
//! newest build, and its image appears together with `COMPLETED`. Clients write specs too, from what they
//! have read a while ago; [`settle`] puts right what such a write says of builds.

mod builder;
mod cancel;
pub mod environments;
mod log;
mod native;
mod progress;
mod read;
mod settle;
mod start;
mod worker;

pub use builder::{BuildError, Builder, Desk, Job};
pub use cancel::cancel;
pub use log::BuildLog;
pub use native::NativeBuilder;
pub use read::{get, list, log};
pub use start::start;
pub use worker::work;

pub(crate) use settle::settle;
