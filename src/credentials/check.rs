//! May this artifact name these credentials? Asked of whoever writes it and of whoever runs it.

use crate::{
    access::Caller,
    error::{Error, FieldError},
    model::{CredentialKind, CredentialVar, EnvVar, Spec},
    store::Write,
};

use super::may_use;

/// Every credential that `spec` names exists, is one that the caller may use, and has the field that is
/// asked for. Wrong ones are told by their path in `spec`.
pub(crate) async fn usable(
    write: &mut Write<'_>,
    caller: &Caller,
    spec: &Spec,
) -> Result<(), Error> {
    check(write, caller, spec, &Spec::default()).await
}

/// The same for an edit: what the artifact named `before` may stay, whoever edits it.
pub(crate) async fn usable_where_new(
    write: &mut Write<'_>,
    caller: &Caller,
    spec: &Spec,
    before: &Spec,
) -> Result<(), Error> {
    check(write, caller, spec, before).await
}

async fn check(
    write: &mut Write<'_>,
    caller: &Caller,
    spec: &Spec,
    before: &Spec,
) -> Result<(), Error> {
    let mut wrong = Vec::new();
    for (path, variable) in named(spec) {
        let known = named(before).any(|(_, kept)| {
            (&kept.dr_credential_id, &kept.key) == (&variable.dr_credential_id, &variable.key)
        });
        if known {
            continue;
        }
        let id = &variable.dr_credential_id;
        let found = match id.parse() {
            Ok(id) => write.credential(caller.org(), &id).await?,
            Err(_) => None,
        };
        let Some(credential) = found.filter(|found| may_use(caller, found)) else {
            let text = format!("there is no credential {id}, or you may not use it");
            wrong.push(FieldError::body(&format!("{path}.drCredentialId"), text));
            continue;
        };
        if credential.kind == CredentialKind::Registry {
            let text = format!(
                "the credential '{}' is for a registry and for no container",
                credential.name
            );
            wrong.push(FieldError::body(&format!("{path}.drCredentialId"), text));
            continue;
        }
        if !credential.fields.contains(&variable.key) {
            let text = format!(
                "the credential '{}' has no '{}'; it has {}",
                credential.name,
                variable.key,
                credential.fields.join(", ")
            );
            wrong.push(FieldError::body(&format!("{path}.key"), text));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// Each variable that takes its value from a credential, with its path in the body.
fn named(spec: &Spec) -> impl Iterator<Item = (String, &CredentialVar)> {
    spec.container_groups.iter().enumerate().flat_map(|(g, group)| {
        group.containers.iter().enumerate().flat_map(move |(c, container)| {
            let variables = container.environment_vars.iter().flatten().enumerate();
            variables.filter_map(move |(v, variable)| match variable {
                EnvVar::Credential(named) => {
                    let at = format!("spec.containerGroups.{g}.containers.{c}.environmentVars.{v}");
                    Some((at, named))
                }
                EnvVar::Plain(_) | EnvVar::ApiKey(_) => None,
            })
        })
    })
}
