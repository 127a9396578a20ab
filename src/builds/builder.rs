//! Who makes images: one trait, so that a container engine can take the place of our own way.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::BuildLog;
use crate::{
    files::Contents,
    model::{Build, Dockerfile, StoredFile},
};

/// One image to make.
#[derive(Debug, Clone)]
pub struct Job {
    pub build: Build,
    pub dockerfile: Dockerfile,
    /// The code, in the order of paths.
    pub files: Vec<StoredFile>,
    /// Where the contents of these files are.
    pub contents: Arc<Contents>,
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
}

/// Where builds are handed in: the builder of this server, and the bell that wakes its worker.
pub struct Desk {
    builder: Box<dyn Builder>,
    bell: Notify,
}

impl Desk {
    pub fn new(builder: impl Builder) -> Self {
        Self { builder: Box::new(builder), bell: Notify::new() }
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
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}
