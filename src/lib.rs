//! The domain of Handover: what workloads are, and how they are replaced while they serve.
//!
//! - [`model`]: the nouns, plain data, also for the browser. Knows nobody.
//! - [`clock`], [`random`]: time and chance as parameters.
//! - [`traffic`]: which replica a request goes to, who still holds one, and what was answered.
//! - [`engine`]: what really runs the containers, behind one trait.
//! - [`store`]: what outlives the process, in SQLite or PostgreSQL.

#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod engine;
pub mod model;
#[cfg(feature = "ssr")]
pub mod random;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod traffic;
