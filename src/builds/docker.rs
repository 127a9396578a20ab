//! Which builder makes what where there is a container engine, and how an image comes to be there
//! (docs/decisions/0018).
//!
//! Code with a Dockerfile, and code on an image as its execution environment, become images of the engine. Code
//! on the host as its environment is kept for a process, as it is without an engine. What is made is left under
//! its name on the engine, or pushed to the registry of builds; what was begun and not finished leaves no name
//! behind.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{
    BuildError, BuildLog, Builder, Environments, Job, NativeBuilder, Registry, dockerfile,
    environments::Base,
    names,
    output::Output,
    recipe::{self, Recipe},
};
use crate::{
    clock::Clock,
    engine::{
        Login, NoValue,
        docker::{BuildOrder, Made, Unbuilt, Workshop},
    },
    model::{Dockerfile, Millis, OrgId, UserId},
};

/// Knows what registries ask for.
#[async_trait::async_trait]
pub trait Logins: Send + Sync + 'static {
    /// What is kept for the registry of this image and serves this person; none when it is asked without.
    async fn login(
        &self,
        org: &OrgId,
        person: &UserId,
        image: &str,
    ) -> Result<Option<Login>, NoValue>;
}

/// Builds on a container engine.
pub struct EngineBuilder {
    pub workshop: Workshop,
    /// For code that runs on the host.
    pub native: NativeBuilder,
    pub environments: Environments,
    /// Where images are pushed; they stay on the engine when there is none.
    pub registry: Option<Registry>,
    pub logins: Arc<dyn Logins>,
    pub clock: Arc<dyn Clock>,
    /// How long one image may take.
    pub deadline: Millis,
    /// How long one is kept that nothing names.
    pub unused_for: Millis,
}

#[async_trait::async_trait]
impl Builder for EngineBuilder {
    async fn image(
        &self,
        job: Job,
        log: &BuildLog,
        stop: &CancellationToken,
    ) -> Result<String, BuildError> {
        let recipe = match job.dockerfile.clone() {
            Dockerfile::Provided(provided) => recipe::provided(&job, &provided, log).await?,
            Dockerfile::Generated(generated) => {
                let (id, version) = (
                    &generated.execution_environment_id,
                    &generated.execution_environment_version_id,
                );
                match self.environments.base(id, version).map_err(BuildError::Failed)? {
                    Base::Host => return self.native.keep(job, generated, log).await,
                    Base::Image(image) => recipe::generated(&job, image, &generated, log)?,
                }
            }
        };
        let name =
            names::name(&job.build, job.number, self.workshop.instance(), self.registry.as_ref());
        let made = tokio::select! {
            biased;
            () = stop.cancelled() => Err(BuildError::Stopped),
            () = self.overdue() => Err(BuildError::Failed(format!(
                "it did not end within {}, which is as long as a build may take here", self.deadline
            ))),
            made = self.make(&job, recipe, &name, log) => made,
        };
        if made.is_err() {
            self.workshop.discard(&name).await;
        }
        made
    }

    fn environments(&self) -> &Environments {
        &self.environments
    }

    async fn made(&self) -> Vec<Made> {
        let now = self.clock.now();
        let mut made = self.workshop.made().await;
        made.retain(|image| now.since(image.at) >= self.unused_for);
        made
    }

    async fn discard(&self, name: &str) {
        self.workshop.discard(name).await;
    }
}

impl EngineBuilder {
    /// Ended by whoever drops it.
    async fn make(
        &self,
        job: &Job,
        recipe: Recipe,
        name: &str,
        log: &BuildLog,
    ) -> Result<String, BuildError> {
        let logins = self.logins_for(job, &recipe.text, log).await?;
        log.info(format!("sending the code to the engine: {}", recipe.size));
        let (bytes, reading) = recipe.context.split();
        let order = BuildOrder {
            context: bytes,
            dockerfile: recipe.dockerfile,
            name: name.to_owned(),
            build: job.build.id.clone(),
            logins,
            patience: self.deadline,
        };
        let output = Output::new(log);
        let built = self.workshop.build(order, &|said| output.take(&said)).await;
        output.end();
        if let Err(why) = built {
            // Cut off, the engine does not know the reason.
            if let Some(error) = reading.trouble().await {
                return Err(BuildError::Trouble(format!("the code can't be read: {error}")));
            }
            return Err(why.into());
        }
        let Some(registry) = &self.registry else { return Ok(name.to_owned()) };
        log.info(format!("pushing {name}"));
        let login = self.login(job, name, log).await?;
        if login.is_none() {
            log.info(format!("there is no credential of type registry for {registry}"));
        }
        Ok(self.workshop.push(name, login.as_ref(), &|said| output.take(&said)).await?)
    }

    /// One for each registry that the Dockerfile takes an image from.
    async fn logins_for(
        &self,
        job: &Job,
        text: &str,
        log: &BuildLog,
    ) -> Result<Vec<Login>, BuildError> {
        let mut logins: Vec<Login> = Vec::new();
        for image in dockerfile::images(text) {
            if let Some(login) = self.login(job, &image, log).await?
                && !logins.contains(&login)
            {
                logins.push(login);
            }
        }
        Ok(logins)
    }

    async fn login(
        &self,
        job: &Job,
        image: &str,
        log: &BuildLog,
    ) -> Result<Option<Login>, BuildError> {
        let Job { build, .. } = job;
        let found = self.logins.login(&build.org_id, &build.creator_id, image).await;
        let login = found.map_err(|NoValue(why)| BuildError::Trouble(why))?;
        if let Some(login) = &login {
            log.info(format!("the credential '{}' is for the registry of {image}", login.name));
        }
        Ok(login)
    }

    /// Returns when a build that begins now has taken too long.
    async fn overdue(&self) {
        let end = self.clock.monotonic().saturating_add(self.deadline);
        loop {
            let left = end.saturating_sub(self.clock.monotonic());
            if left == Millis::ZERO {
                return;
            }
            self.clock.sleep(left).await;
        }
    }
}

impl From<Unbuilt> for BuildError {
    fn from(why: Unbuilt) -> Self {
        match why {
            Unbuilt::Away(text) => Self::Trouble(text),
            Unbuilt::Failed(text) => Self::Failed(text),
        }
    }
}
