//! The one binary: the server, with every page asset inside.

use std::process::ExitCode;

#[allow(unused_imports, reason = "without assets the table names no single asset")]
use handover_server::assets::{Asset, Assets};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

fn main() -> ExitCode {
    handover_server::main(ASSETS)
}
