//! What Handover shows to the network: REST, gateway, sessions, streams, pages and their assets.

use std::process::ExitCode;

pub mod api;
pub mod assets;
pub mod commands;
pub mod csrf;
mod demo;
pub mod gateway;
pub mod pages;
pub mod session;
pub mod stream;

/// Starts the program that the command line asks for.
pub fn main(assets: assets::Assets) -> ExitCode {
    if let Some(code) = commands::hidden(std::env::args_os()) {
        return code;
    }
    let _ = assets.output_name();
    ExitCode::SUCCESS
}
