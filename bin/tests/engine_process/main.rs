//! The process engine with real processes: the binary itself is the shim and the demo.

#![allow(clippy::unwrap_used, reason = "a test that fails must stop")]

mod adoption;
mod house;
mod lifecycle;
mod misfits;
mod scaling;
