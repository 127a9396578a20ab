//! The inner cargo calls, each in an environment that is the same whoever started us.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Read at compile time by some crate (`option_env!`, build scripts). Cargo sets the last two for *us*;
/// if they leaked, `cargo build` and `cargo xtask build` would rebuild each other's work, and a stray
/// `LEPTOS_OUTPUT_NAME` would change the name of the wasm file that pages ask for.
const LEAKING: [&str; 4] = ["LEPTOS_", "SERVER_FN_", "CARGO_PKG_", "CARGO_MANIFEST_"];

#[derive(Clone, Copy)]
pub(crate) enum Profile {
    Debug,
    Release,
}

impl Profile {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    pub(crate) fn first_time(self) -> &'static str {
        match self {
            Self::Debug => "five minutes",
            Self::Release => "eight minutes",
        }
    }

    fn flag(self) -> &'static str {
        match self {
            Self::Debug => "--profile=dev",
            Self::Release => "--release",
        }
    }
}

pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The target folder is where this program lies, whatever variable or setting put it there.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in a folder of the workspace")?;
        let program = env::current_exe().context("find this program")?;
        let target = program
            .ancestors()
            .nth(2)
            .context("this program lies in target/<profile>/: start it with cargo xtask")?;
        Ok(Self { root: root.to_owned(), target: target.to_owned() })
    }

    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for (name, _) in env::vars_os().filter(|(name, _)| leaks(name)) {
            command.env_remove(name);
        }
        // Two cargos write to one terminal: their progress bars would overwrite each other.
        command.env("CARGO_TERM_PROGRESS_WHEN", "never");
        command.env_remove("HANDOVER_ASSETS").current_dir(&self.root);
        command
    }

    /// Everything of the server but the assets.
    pub(crate) fn build_server(&self, profile: Profile) -> Result<()> {
        run(self.cargo().args(["build", profile.flag(), "--package=handover-server"]))
    }

    pub(crate) fn build_binary(&self, profile: Profile, assets: &Path) -> Result<PathBuf> {
        run(self
            .cargo()
            .args(["build", profile.flag(), "--package=handover-bin"])
            .env("HANDOVER_ASSETS", assets))?;
        Ok(self.target.join(profile.word()).join("handover"))
    }
}

pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("start {command:?}"))?;
    if status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    bail!("cargo {}: {status}", arguments.join(" "))
}

fn leaks(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| LEAKING.iter().any(|prefix| name.starts_with(prefix)))
}
