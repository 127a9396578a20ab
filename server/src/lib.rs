//! What Handover shows to the network: REST, gateway, sessions, streams, pages and their assets.

use std::process::ExitCode;

pub mod api;
pub mod assets;
pub mod csrf;
pub mod gateway;
pub mod pages;
pub mod session;
pub mod stream;

/// Starts the program that the command line asks for.
pub fn main(assets: assets::Assets) -> ExitCode {
    let _ = assets.output_name();
    ExitCode::SUCCESS
}
