//! Images for the process engine: the code as it is, and how to start it. Nothing is installed or compiled.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::{BuildError, BuildLog, Builder, Environments, Job, builder::size};
use crate::{
    engine::process::{Image, LocalImages},
    model::{Dockerfile, GeneratedDockerfile},
};

/// Builds on the host alone.
pub struct NativeBuilder {
    images: Arc<LocalImages>,
    environments: Environments,
}

impl NativeBuilder {
    pub fn new(images: LocalImages) -> Self {
        Self { images: Arc::new(images), environments: Environments::of_host() }
    }

    /// Keeps the code for a program of this host.
    pub(super) async fn keep(
        &self,
        job: Job,
        generated: GeneratedDockerfile,
        log: &BuildLog,
    ) -> Result<String, BuildError> {
        job.check(&generated, log)?;
        log.info(format!("copying {}", size(&job.files)));
        let (images, contents) = (self.images.clone(), job.contents);
        let image = Image { entrypoint: generated.entrypoint, files: job.files };
        let made = spawn_blocking(move || images.make(&image, |digest| contents.path(digest)));
        made.await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| BuildError::Trouble(format!("the image can't be written: {error}")))
    }
}

#[async_trait::async_trait]
impl Builder for NativeBuilder {
    async fn image(
        &self,
        job: Job,
        log: &BuildLog,
        _: &CancellationToken,
    ) -> Result<String, BuildError> {
        let generated = match job.dockerfile.clone() {
            Dockerfile::Generated(generated) => generated,
            Dockerfile::Provided(provided) => {
                let there = crate::files::relative(&provided.path)
                    .is_ok_and(|path| job.files.iter().any(|file| file.path == path));
                if !there {
                    log.error(format!("the code has no file {}", provided.path));
                }
                return Err(BuildError::Failed(format!(
                    "{} can't be built: this server has no container engine. Install Docker or Podman \
                     for it, or use a generated Dockerfile with the execution environment \
                     'Native process'",
                    provided.path
                )));
            }
        };
        let (id, version) =
            (&generated.execution_environment_id, &generated.execution_environment_version_id);
        self.environments.base(id, version).map_err(BuildError::Failed)?;
        self.keep(job, generated, log).await
    }

    fn environments(&self) -> &Environments {
        &self.environments
    }
}
