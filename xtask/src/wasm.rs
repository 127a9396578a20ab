//! The browser's part: the islands as WebAssembly and the script that loads them.

use std::path::PathBuf;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    cargo::{Workspace, run},
    say,
};

const TARGET: &str = "wasm32-unknown-unknown";
/// The optimised profile of the root `Cargo.toml`. A name of its own also lets this build run beside the
/// server's: cargo locks one folder per profile.
const PROFILE: &str = "wasm-release";

/// Builds `app` for the browser and returns the folder that holds the generated files.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    run(workspace.cargo().args([
        "rustc",
        "--package=handover-app",
        "--lib",
        // `app` is an ordinary library to the server; only here is it a module of its own.
        "--crate-type=cdylib",
        "--target",
        TARGET,
        "--profile",
        PROFILE,
        "--no-default-features",
        "--features=hydrate",
    ]))?;
    let module = workspace.target.join(TARGET).join(PROFILE).join("handover_app.wasm");
    let glue = workspace.target.join("wasm-glue");
    if glue.exists() {
        std::fs::remove_dir_all(&glue).with_context(|| format!("empty {}", glue.display()))?;
    }
    say("writing the script that loads the WebAssembly");
    Bindgen::new()
        .input_path(&module)
        .out_name("handover")
        .web(true)?
        .typescript(false)
        .demangle(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The page names the wasm file itself, with the content hash in it.
        .omit_default_module_path(true)
        .generate(&glue)
        .with_context(|| format!("wasm-bindgen on {}", module.display()))?;
    Ok(glue)
}
