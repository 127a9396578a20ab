//! Builds Handover: the browser's WebAssembly, the styles, and one binary that carries both.
//!
//! cargo-leptos could do most of this, but it wants tools of its own on the machine; this needs rustup and
//! a C compiler, pins every tool in `Cargo.lock`, and leaves nothing to install. Known limitation: it
//! builds once and stops; there is no watching and no hot reload.

mod assets;
mod cargo;
mod compress;
mod style;
mod wasm;

use std::{
    env,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitCode},
    thread,
};

use anyhow::{Context, Result, bail};

use crate::cargo::{Profile, Workspace};

const USAGE: &str = "\
usage: cargo xtask build  [--debug-server]
       cargo xtask run    [--debug-server] [-- <arguments of handover>]
       cargo xtask assets

  build            build the console's WebAssembly, the styles and the server, and put all of it into one
                   binary: target/release/handover
  run              build, then start it
  assets           only what browsers ask for, in target/assets; any cargo command that builds the binary
                   with HANDOVER_ASSETS set to that folder embeds it
  --debug-server   the same assets inside an unoptimised server, target/debug/handover: quicker to build";

fn main() -> ExitCode {
    match start(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(mut arguments: Vec<String>) -> Result<()> {
    let passed_on = match arguments.iter().position(|argument| argument == "--") {
        Some(dashes) => arguments.split_off(dashes).split_off(1),
        None => Vec::new(),
    };
    let mut profile = Profile::Release;
    let mut command = None;
    for argument in arguments {
        match argument.as_str() {
            "assets" | "build" | "run" if command.is_none() => command = Some(argument),
            "--debug-server" => profile = Profile::Debug,
            "help" | "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            other => bail!("don't know what to do with '{other}'\n{USAGE}"),
        }
    }
    let workspace = Workspace::find()?;
    match command.as_deref() {
        Some("assets") => only_assets(&workspace).map(|_| ()),
        Some("build") => everything(&workspace, profile).map(|_| ()),
        Some("run") => {
            let binary = everything(&workspace, profile)?;
            Err(Command::new(&binary).args(passed_on).exec())
                .with_context(|| format!("start {}", binary.display()))
        }
        _ => bail!("say what to do\n{USAGE}"),
    }
}

fn only_assets(workspace: &Workspace) -> Result<PathBuf> {
    say("building the console's WebAssembly: on two cores about three minutes the first time");
    let css = style::minify(&workspace.root.join("style"))?;
    let glue = wasm::build(workspace)?;
    let folder = assets::write(workspace, &glue, css)?;
    say(&format!("done: {}", folder.display()));
    Ok(folder)
}

/// Builds everything and returns where the binary is. The WebAssembly and the server share no artifacts,
/// so they build side by side; only the last, small package waits for both.
fn everything(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    say(&format!(
        "building the console's WebAssembly and the server ({}): on two cores about {} the first time, \
         half a minute after a small change",
        profile.word(),
        profile.first_time(),
    ));
    let css = style::minify(&workspace.root.join("style"))?;
    let glue = thread::scope(|scope| {
        let server = scope.spawn(|| workspace.build_server(profile));
        let glue = wasm::build(workspace);
        let server = server.join().unwrap_or_else(|_| bail!("the server's build panicked"));
        server.and(glue)
    })?;
    let assets = assets::write(workspace, &glue, css)?;
    let binary = workspace.build_binary(profile, &assets)?;
    say(&format!("done: {}", binary.display()));
    Ok(binary)
}

/// Between the lines of the cargos that we start, ours are told by their first word.
fn say(what: &str) {
    println!("xtask: {what}");
}
