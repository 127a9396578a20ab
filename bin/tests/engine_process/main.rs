//! The process engine with real processes: the binary itself is the shim and the demo.

mod adoption;
mod house;
mod lifecycle;
mod misfits;
