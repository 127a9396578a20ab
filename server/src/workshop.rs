//! What builds images here: the host alone, or its container engine.

use std::sync::Arc;

use clap::Args;
use handover::{
    builds::{BaseImage, Desk, EngineBuilder, Environments, Logins, NativeBuilder, Registry},
    clock::Clock,
    engine::{docker::Workshop, process::LocalImages},
};

use crate::{
    cli::{Length, ServeOptions},
    start::StartError,
};

#[derive(Debug, Clone, Args)]
pub struct BuildOptions {
    /// An image that code can be built on, as NAME=IMAGE; may be given more than once. Needs a container engine.
    #[arg(
        id = "build_environments",
        long = "build-environment",
        value_name = "NAME=IMAGE",
        env = "HANDOVER_BUILD_ENVIRONMENTS",
        value_delimiter = ','
    )]
    pub environments: Vec<BaseImage>,
    /// Where images that were built are pushed, as `host[:port][/path]`; they stay on the engine when not given.
    #[arg(id = "build_registry", long = "build-registry", env = "HANDOVER_BUILD_REGISTRY")]
    pub registry: Option<Registry>,
    /// How long a build may take.
    #[arg(
        id = "build_deadline",
        long = "build-deadline",
        env = "HANDOVER_BUILD_DEADLINE",
        default_value = "1h"
    )]
    pub deadline: Length,
}

/// Where builds are handed in. Without a `workshop` there is no container engine to build on.
pub(crate) fn desk(
    options: &ServeOptions,
    workshop: Option<Workshop>,
    logins: Arc<dyn Logins>,
    clock: Arc<dyn Clock>,
) -> Result<Desk, StartError> {
    let environments = Environments::new(&options.builds.environments)?;
    let images = LocalImages::open(&options.place.data_dir).map_err(StartError::Folder)?;
    images.clean().map_err(StartError::Folder)?;
    let (native, registry) = (NativeBuilder::new(images), options.builds.registry.clone());
    let Some(workshop) = workshop else {
        if !options.builds.environments.is_empty() {
            tracing::warn!("build environments are of no use here: there is no container engine");
        }
        return Ok(Desk::new(native, registry));
    };
    let builder = EngineBuilder {
        workshop,
        native,
        environments,
        registry: registry.clone(),
        logins,
        clock,
        deadline: options.builds.deadline.0,
        unused_for: options.image_unused.0,
    };
    Ok(Desk::new(builder, registry))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use handover::{builds::Registry, model::Millis};

    use crate::cli::Cli;

    #[test]
    fn what_builds_stand_on_is_said_once_for_each_or_with_commas() {
        let parse = |flags: &[&str]| {
            let parsed = Cli::try_parse_from([&["handover"], flags].concat());
            parsed.map(|cli| cli.serve.builds)
        };
        let none = parse(&[]).unwrap();
        assert!(none.environments.is_empty() && none.registry.is_none());
        assert_eq!(none.deadline.0, Millis::hours(1));
        let flag = "--build-environment";
        let single = parse(&[flag, "Python=r.io/python:3", flag, "Node=node:22"]).unwrap();
        let commas = parse(&[flag, "Python=r.io/python:3,Node=node:22"]).unwrap();
        assert_eq!(single.environments, commas.environments);
        assert_eq!(single.environments.len(), 2);
        let pushed = parse(&["--build-registry", "r.io:5000/team"]).unwrap();
        assert_eq!(pushed.registry.as_ref().map(Registry::as_str), Some("r.io:5000/team"));
        assert!(parse(&[flag, "python"]).is_err());
        assert!(parse(&["--build-registry", "https://r.io"]).is_err());
    }
}
