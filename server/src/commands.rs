//! The hidden subcommands. They are dispatched before anything else is set up, because a shim lives as
//! long as its replica and should weigh nothing, and neither needs configuration.

use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    process::ExitCode,
};

use handover::engine::process::shim;

use crate::demo::demo;

/// Runs `shim <folder>` or `demo [--version <tag>] [--listen <address>]` when that is what the arguments ask for. Call it first
/// in `main`, before any runtime exists.
pub fn hidden(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let command = arguments.nth(1)?;
    match command.to_str()? {
        "shim" => Some(arguments.next().map_or(ExitCode::FAILURE, |dir| shim(Path::new(&dir)))),
        "demo" => {
            let words: Vec<_> = arguments.filter_map(|word| word.into_string().ok()).collect();
            let after = |flag: &str| words.iter().skip_while(|word| *word != flag).nth(1);
            let listen = after("--listen").and_then(|address| address.parse().ok());
            let version = after("--version").map_or("latest", String::as_str);
            Some(serve_demo(version, listen.unwrap_or(Ipv4Addr::LOCALHOST.into())))
        }
        _ => None,
    }
}

fn serve_demo(version: &str, listen: IpAddr) -> ExitCode {
    // One thread is plenty for a demo, and a dozen replicas then stay small.
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(demo(version, listen)),
        Err(_) => ExitCode::FAILURE,
    }
}
