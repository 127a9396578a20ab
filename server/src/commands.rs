//! The hidden subcommands. They are dispatched before anything else is set up, because a shim lives as
//! long as its replica and should weigh nothing, and neither needs configuration.

use std::{ffi::OsString, path::Path, process::ExitCode};

use handover::engine::process::shim;

use crate::demo::demo;

/// Runs `shim <folder>` or `demo [--version <tag>]` when that is what the arguments ask for. Call it first
/// in `main`, before any runtime exists.
pub fn hidden(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let command = arguments.nth(1)?;
    match command.to_str()? {
        "shim" => Some(arguments.next().map_or(ExitCode::FAILURE, |dir| shim(Path::new(&dir)))),
        "demo" => {
            let version = arguments.find(|argument| argument != "--version");
            let version = version.as_deref().and_then(|v| v.to_str()).unwrap_or("latest");
            Some(serve_demo(version))
        }
        _ => None,
    }
}

fn serve_demo(version: &str) -> ExitCode {
    // One thread is plenty for a demo, and a dozen replicas then stay small.
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(demo(version)),
        Err(_) => ExitCode::FAILURE,
    }
}
