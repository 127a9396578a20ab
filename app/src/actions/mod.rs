//! Server functions: one per thing a person can do, thin over the use case that its REST call uses.
//!
//! Each has an address of its own, so that a form reaches it with scripts off. A success redirects (POST,
//! redirect, GET); a refusal goes back to the page it came from, which shows it in place. Long forms are kept
//! in the session meanwhile, so that nothing typed is lost.

mod account;
mod artifact;
mod bulk;
mod code;
mod create;
mod credential;
mod deployment;
mod endpoint;
mod overview;
mod people;
mod rollout;
mod settings;
mod share;
mod stats;
mod team;
mod workload;

pub use account::*;
pub use artifact::*;
pub use bulk::*;
pub use code::*;
pub use create::*;
pub use credential::*;
pub use deployment::*;
pub use endpoint::*;
pub use overview::*;
pub use people::*;
pub use rollout::*;
pub use settings::*;
pub use share::*;
pub use stats::*;
pub use team::*;
pub use workload::*;
