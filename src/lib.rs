//! The domain of Handover: what workloads are, and how they are replaced while they serve.
//!
//! - [`model`]: the nouns, plain data, also for the browser. Knows nobody.
//! - [`clock`], [`random`]: time and chance as parameters.
//! - [`store`]: what outlives the process, in SQLite or PostgreSQL.
//! - [`engine`]: what really runs the containers, behind one trait.
//! - [`traffic`]: which replica a request goes to, who still holds one, and what was answered.
//! - [`rollout`]: the heart. How what is becomes what is wanted, without dropping a request.
//! - [`scaling`]: how many replicas there should be.
//! - [`files`]: code that people upload. [`builds`]: how it becomes images.
//! - [`house`]: all of these in one value, which every use case is given.
//! - [`access`]: who asks, and what they may do. [`people`]: how they prove it. [`sharing`]: who may do what with
//!   which entity. [`audit`]: who did what.
//! - Use cases, one door for the API and the console: [`workloads`], [`replacement`], [`settings`],
//!   [`promote`], [`live`], [`artifacts`], [`repositories`], [`protons`], [`events`], [`logs`], [`stats`],
//!   [`otel`], [`tags`], [`related`], [`deployments`]. [`validate`] checks what they are given.
//! - [`bundles`] and [`limits`]: how much a workload may ask for. [`retention`]: how long what was observed is kept.
//! - [`secrets`]: what seals on the disk what must be read again. [`credentials`]: the secrets that containers are given.
//! - [`idempotency`]: what was answered to requests that may come again.
//! - [`error`]: what can go wrong in a use case. [`traced`]: which work is shown on a time line.

#[cfg(feature = "ssr")]
pub mod access;
#[cfg(feature = "ssr")]
pub mod artifacts;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod builds;
#[cfg(feature = "ssr")]
pub mod bundles;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
mod creator;
#[cfg(feature = "ssr")]
pub mod credentials;
#[cfg(feature = "ssr")]
pub mod deployments;
#[cfg(feature = "ssr")]
pub mod engine;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod events;
#[cfg(feature = "ssr")]
pub mod files;
#[cfg(feature = "ssr")]
pub mod house;
#[cfg(feature = "ssr")]
pub mod idempotency;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod logs;
pub mod model;
#[cfg(feature = "ssr")]
pub mod otel;
#[cfg(feature = "ssr")]
pub mod people;
#[cfg(feature = "ssr")]
pub mod promote;
#[cfg(feature = "ssr")]
pub mod protons;
#[cfg(feature = "ssr")]
pub mod random;
#[cfg(feature = "ssr")]
pub mod related;
#[cfg(feature = "ssr")]
pub mod replacement;
#[cfg(feature = "ssr")]
pub mod repositories;
#[cfg(feature = "ssr")]
pub mod retention;
#[cfg(feature = "ssr")]
pub mod rollout;
#[cfg(feature = "ssr")]
pub mod scaling;
#[cfg(feature = "ssr")]
pub mod secrets;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod sharing;
#[cfg(feature = "ssr")]
pub mod stats;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod tags;
#[cfg(feature = "ssr")]
pub mod traced;
#[cfg(feature = "ssr")]
pub mod traffic;
#[cfg(feature = "ssr")]
pub mod usage;
#[cfg(feature = "ssr")]
pub mod validate;
#[cfg(feature = "ssr")]
pub mod workloads;
