//! The console: pages rendered on the server, islands where something is live.
//!
//! - `pages`: one file per screen; they read through the use cases and render HTML.
//! - `components`: what pages are made of.
//! - `actions`: server functions, one per thing a person can do, each over the use case that its REST
//!   call uses. Every one is reached by an ordinary form, so everything works with scripts off.
//! - [`islands`]: what the browser adds to pages that ask for it by attributes. Nothing else is built for it,
//!   so a page costs a browser nothing to load but its HTML.

#![recursion_limit = "512"]

pub mod format;
pub mod islands;

#[cfg(feature = "ssr")]
pub mod actions;
#[cfg(feature = "ssr")]
pub mod code;
#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod invoke;
#[cfg(feature = "ssr")]
pub mod listing;
#[cfg(feature = "ssr")]
pub mod logs;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod reference;
pub mod refusal;
#[cfg(feature = "ssr")]
pub mod serve;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod tried;
#[cfg(feature = "ssr")]
pub mod zone;

#[cfg(feature = "ssr")]
pub use shell::Assets;

/// Called by the page once the wasm is there.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
