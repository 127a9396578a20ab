//! Who makes images: one trait, for the host's own way and for that of a container engine.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{BuildLog, Environments, Registry, names};
use crate::{
    engine::docker::Made,
    files::Contents,
    model::{Build, Bytes, Dockerfile, GeneratedDockerfile, StoredFile},
};

/// One image to make.
#[derive(Debug, Clone)]
pub struct Job {
    pub build: Build,
    /// Which of the build's images it is.
    pub number: usize,
    pub dockerfile: Dockerfile,
    /// The code, in the order of paths.
    pub files: Vec<StoredFile>,
    /// Where the contents of these files are.
    pub contents: Arc<Contents>,
}

impl Job {
    /// Says what is wrong with code that is to be started by this, where that is known beforehand.
    pub(super) fn check(
        &self,
        generated: &GeneratedDockerfile,
        log: &BuildLog,
    ) -> Result<(), BuildError> {
        if self.files.is_empty() {
            return Err(BuildError::Failed("this version of the code has no files".to_owned()));
        }
        let program = generated.entrypoint.first().map(|program| program.trim_start_matches("./"));
        if let Some(file) = self.files.iter().find(|file| Some(file.path.as_str()) == program)
            && !file.executable
        {
            log.warning(format!("{} is the entrypoint, and not executable", file.path));
        }
        Ok(())
    }
}

/// How much these files are, for people.
pub(super) fn size(files: &[StoredFile]) -> String {
    let bytes = files.iter().map(|file| file.size).sum();
    let s = if files.len() == 1 { "" } else { "s" };
    format!("{} file{s}, {}", files.len(), Bytes(bytes))
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// It can't be built, now or later: a sentence for its author. The build fails.
    #[error("{0}")]
    Failed(String),
    /// This server could not do it now. The build is tried again.
    #[error("{0}")]
    Trouble(String),
    /// The builder was told to stop, and nothing is left of what it did.
    #[error("stopped")]
    Stopped,
}

#[async_trait::async_trait]
pub trait Builder: Send + Sync + 'static {
    /// Makes the image and says what it is called. May be called again for the same job after a crash, and
    /// gives up soon when `stop` is cancelled.
    async fn image(
        &self,
        job: Job,
        log: &BuildLog,
        stop: &CancellationToken,
    ) -> Result<String, BuildError>;

    /// What it can build on.
    fn environments(&self) -> &Environments;

    /// Images that it has made on a container engine, long enough ago to be given up when nothing names them.
    async fn made(&self) -> Vec<Made> {
        Vec::new()
    }

    /// Takes a name from an image, and the image away when that was its last.
    async fn discard(&self, _name: &str) {}
}

/// Where builds are handed in: the builder of this server, and the bell that wakes its worker.
pub struct Desk {
    builder: Box<dyn Builder>,
    registry: Option<Registry>,
    bell: Notify,
}

impl Desk {
    /// `registry` is where images of builds are pushed, by whatever builder.
    pub fn new(builder: impl Builder, registry: Option<Registry>) -> Self {
        Self { builder: Box::new(builder), registry, bell: Notify::new() }
    }

    /// Makes the worker look at what is there.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(super) fn builder(&self) -> &dyn Builder {
        &*self.builder
    }

    pub(super) fn environments(&self) -> &Environments {
        self.builder.environments()
    }

    /// Whether this names an image that only a build can have made.
    pub(super) fn is_built(&self, image: &str) -> bool {
        names::is_built(image, self.registry.as_ref())
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}
