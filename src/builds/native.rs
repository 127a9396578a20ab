//! Images for the process engine: the code as it is, and how to start it. Nothing is installed or compiled.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::{BuildError, BuildLog, Builder, Job, environments};
use crate::{
    engine::process::{Image, LocalImages},
    model::{Dockerfile, GeneratedDockerfile},
};

pub struct NativeBuilder {
    images: Arc<LocalImages>,
}

impl NativeBuilder {
    pub fn new(images: LocalImages) -> Self {
        Self { images: Arc::new(images) }
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
        let generated = match job.dockerfile {
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
        let GeneratedDockerfile { entrypoint, .. } = check(generated)?;
        if job.files.is_empty() {
            return Err(BuildError::Failed("this version of the code has no files".to_owned()));
        }
        let size: u64 = job.files.iter().map(|file| file.size).sum();
        log.info(format!("copying {} files, {size} bytes", job.files.len()));
        let program = entrypoint.first().map(|program| program.trim_start_matches("./"));
        if let Some(file) = job.files.iter().find(|file| Some(file.path.as_str()) == program)
            && !file.executable
        {
            log.warning(format!("{} is the entrypoint, and not executable", file.path));
        }
        let (images, contents) = (self.images.clone(), job.contents);
        let image = Image { entrypoint, files: job.files };
        let made = spawn_blocking(move || images.make(&image, |digest| contents.path(digest)));
        made.await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| BuildError::Trouble(format!("the image can't be written: {error}")))
    }
}

fn check(generated: GeneratedDockerfile) -> Result<GeneratedDockerfile, BuildError> {
    let (id, version) =
        (&generated.execution_environment_id, &generated.execution_environment_version_id);
    if environments::is_host(id, version) {
        return Ok(generated);
    }
    Err(BuildError::Failed(format!(
        "there is no execution environment {id} with version {version} here; \
         GET /api/v2/executionEnvironments/ lists what can be built on"
    )))
}
