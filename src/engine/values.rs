//! Values that a container is given and that its artifact only names, and what a registry asks for before it
//! gives an image: they are asked for each time one is needed, so that no engine has to keep a secret.

use std::collections::BTreeMap;

use crate::model::{Container, EnvVar, SecretText, WorkloadId};

/// By the position of the variable in `environment_vars`.
pub type Given = BTreeMap<usize, SecretText>;

/// A value that can't be had now. A sentence for people, without anything secret in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoValue(pub String);

/// With what an image is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// What people call the credential.
    pub name: String,
    /// The registry, as it stands in names of images.
    pub host: String,
    pub user: String,
    pub password: SecretText,
}

/// Knows the values of credentials and API keys.
#[async_trait::async_trait]
pub trait Values: Send + Sync + 'static {
    /// What is kept for the registry of this image, for this workload; none when the registry is asked without.
    async fn login(&self, workload: &WorkloadId, image: &str) -> Result<Option<Login>, NoValue>;

    /// A value for each variable of `container` whose own is not in the artifact.
    async fn of(&self, workload: &WorkloadId, container: &Container) -> Result<Given, NoValue>;
}

/// Whether any value has to be asked for.
pub(super) fn names_any(container: &Container) -> bool {
    let variables = container.environment_vars.iter().flatten();
    variables.into_iter().any(|variable| !matches!(variable, EnvVar::Plain(_)))
}
