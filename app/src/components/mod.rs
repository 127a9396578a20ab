//! What pages and islands are made of. All of it renders on the server; what an island uses renders in the
//! browser too, from the same code.

pub mod chip;
pub mod endpoint;
pub mod events;
pub mod format;
pub mod header;
pub mod history;
pub mod replicas;
pub mod rollout;
pub mod tabs;
pub mod workload_rows;

#[cfg(feature = "ssr")]
pub mod curl;
#[cfg(feature = "ssr")]
pub mod diff;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod notice;
#[cfg(feature = "ssr")]
pub mod pager;
#[cfg(feature = "ssr")]
pub mod spec;
