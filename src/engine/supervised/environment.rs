//! The environment of a container, in the order of Kubernetes: a value may refer to what stands before it,
//! to a secret too.

use super::expand::expand;
use crate::{
    engine::Given,
    model::{ApiKeyVar, Container, CredentialVar, EnvVar, WorkloadId},
};

/// Clients call the key this when they name none.
const DEFAULT_KEY_NAME: &str = "DATAROBOT_API_TOKEN";

/// This container can never run here; a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in crate::engine) struct Refused(pub(in crate::engine) String);

/// What a container is told about itself, and can't change.
pub(in crate::engine) struct Own<'a> {
    pub(in crate::engine) workload: &'a WorkloadId,
    pub(in crate::engine) replica: &'a str,
    /// Where it is to listen.
    pub(in crate::engine) port: Option<u16>,
}

/// Names and values, those `inherited` first. A value that is not among those `given` is left empty: whoever
/// starts it has them all, and whoever only asks whether it could start needs none.
pub(in crate::engine) fn environment(
    container: &Container,
    inherited: Vec<(String, String)>,
    own: &Own<'_>,
    given: &Given,
) -> Result<Vec<(String, String)>, Refused> {
    let fixed = [
        ("HOSTNAME", Some(own.replica.to_owned())),
        ("WORKLOAD_ID", Some(own.workload.to_string())),
        ("PORT", own.port.map(|port| port.to_string())),
    ];
    let fixed: Vec<_> =
        fixed.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let mut all: Vec<(String, String)> = inherited.into_iter().chain(fixed.clone()).collect();
    for (at, variable) in container.environment_vars.iter().flatten().enumerate() {
        let known = |name: &str| {
            all.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        // A secret is taken as it is, whatever characters it holds.
        let secret = || given.get(&at).map(|secret| secret.0.clone()).unwrap_or_default();
        let (name, value) = match variable {
            EnvVar::Plain(plain) => (&*plain.name, expand(&plain.value, known)),
            EnvVar::Credential(CredentialVar { name, .. }) => (&**name, secret()),
            EnvVar::ApiKey(ApiKeyVar { name, .. }) => {
                (name.as_deref().unwrap_or(DEFAULT_KEY_NAME), secret())
            }
        };
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(Refused(format!("'{name}' can't be an environment variable.")));
        }
        // Where it listens is not for the artifact to say twice.
        if !fixed.iter().any(|(taken, _)| taken == name) {
            all.retain(|(taken, _)| taken != name);
            all.push((name.to_owned(), value));
        }
    }
    Ok(all)
}

/// The words of an entrypoint, with what they refer to put in.
pub(in crate::engine) fn words(entrypoint: &[String], all: &[(String, String)]) -> Vec<String> {
    let value = |name: &str| {
        all.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    entrypoint.iter().map(|word| expand(word, value)).collect()
}
