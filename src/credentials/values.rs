//! What a container is given in place of the names in its artifact: fields of credentials, and an API
//! token of its own.
//!
//! A workload has one token, made when a container first asks for it, in the name of the workload's owner,
//! and revoked when the workload is deleted. Its secret is kept sealed, because a replica that starts in a
//! year is to have the same one. Revoked by hand, it is followed by another when the next replica starts.

use std::{collections::BTreeMap, sync::Arc};

use zeroize::Zeroizing;

use super::{about, registry};
use crate::{
    clock::Clock,
    engine::{Given, Login, NoValue, Values},
    error::Error,
    model::{
        ApiToken, Container, Credential, CredentialId, CredentialVar, EnvVar, OrgId, Scope,
        SecretText, Timestamp, TokenId, User, UserId, Wanted, Workload, WorkloadId,
    },
    people::{self, SignedIn},
    random::{Random, hex, id_bytes},
    secrets::Secrets,
    store::{Store, WorkloadToken, Write},
};

/// It looks, and it calls other workloads; whoever breaks into a container must not be able to change any.
const SCOPES: [Scope; 2] = [Scope::Read, Scope::Invoke];

/// Answers from the store.
pub struct StoredValues {
    pub store: Store,
    pub secrets: Arc<Secrets>,
    pub signed_in: Arc<SignedIn>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

#[async_trait::async_trait]
impl Values for StoredValues {
    async fn login(&self, workload: &WorkloadId, image: &str) -> Result<Option<Login>, NoValue> {
        let workload = self.workload(workload).await?;
        self.registry_login(&workload.org_id, &workload.creator_id, image).await
    }

    async fn of(&self, workload: &WorkloadId, container: &Container) -> Result<Given, NoValue> {
        let workload = self.workload(workload).await?;
        let mut given = Given::new();
        for (at, variable) in container.environment_vars.iter().flatten().enumerate() {
            let value = match variable {
                EnvVar::Plain(_) => continue,
                EnvVar::Credential(named) => self.field(&workload.org_id, named).await?,
                EnvVar::ApiKey(_) => self.token(&workload).await?,
            };
            given.insert(at, value);
        }
        Ok(given)
    }
}

impl StoredValues {
    /// What the registry of an image is told when it is asked in the name of this person; none when there is
    /// nothing to tell.
    pub async fn registry_login(
        &self,
        org: &OrgId,
        owner: &UserId,
        image: &str,
    ) -> Result<Option<Login>, NoValue> {
        let kept = self.store.registry_credentials(org).await.map_err(|error| later(&error))?;
        let mut found: Vec<registry::Candidate> = Vec::new();
        for (credential, sealed) in kept {
            let own = credential.creator_id == *owner;
            if !own && !self.is_for_all(&credential).await? {
                continue;
            }
            let plain = self.secrets.open(&about(&credential.id), &sealed).map_err(|why| {
                NoValue(format!("the credential '{}' can't be opened: {why}", credential.name))
            })?;
            let fields: BTreeMap<String, String> =
                serde_json::from_slice(&plain).unwrap_or_default();
            found.extend(registry::Candidate::new(credential.name, own, fields));
        }
        Ok(registry::best(found, image))
    }

    /// What an administrator keeps for a registry serves the whole organisation.
    async fn is_for_all(&self, credential: &Credential) -> Result<bool, NoValue> {
        let user = self.store.user(&credential.creator_id).await.map_err(|error| later(&error))?;
        Ok(user.is_some_and(|user| user.is_active() && user.is_admin()))
    }

    async fn workload(&self, id: &WorkloadId) -> Result<Workload, NoValue> {
        let found = self.store.workload_any(id).await.map_err(|error| later(&error))?;
        found.ok_or_else(|| NoValue("its workload is gone".to_owned()))
    }

    async fn field(&self, org: &OrgId, named: &CredentialVar) -> Result<SecretText, NoValue> {
        let CredentialVar { name, dr_credential_id: id, key, .. } = named;
        let gone = || NoValue(format!("the variable {name} needs credential {id}, which is gone"));
        let id: CredentialId = id.parse().map_err(|_| gone())?;
        let sealed = self.store.credential_secret(org, &id).await.map_err(|error| later(&error))?;
        let plain = self.secrets.open(&about(&id), &sealed.ok_or_else(gone)?).map_err(|why| {
            NoValue(format!(
                "the variable {name} needs credential {id}, which can't be opened: {why}"
            ))
        })?;
        let mut fields: BTreeMap<String, String> =
            serde_json::from_slice(&plain).unwrap_or_default();
        let value = fields.remove(key).ok_or_else(|| {
            NoValue(format!(
                "the variable {name} needs '{key}', which credential {id} does not have"
            ))
        })?;
        Ok(SecretText(value))
    }

    async fn token(&self, workload: &Workload) -> Result<SecretText, NoValue> {
        let kept = self.store.workload_token(&workload.id).await.map_err(|error| later(&error))?;
        if let Some(kept) = kept {
            let good = self.store.token(&kept.org, &kept.token).await;
            if good.map_err(|error| later(&error))?.is_some() {
                return self.opened(&kept);
            }
        }
        self.new_token(&workload.id).await.map_err(|error| later(&error))?
    }

    fn opened(&self, kept: &WorkloadToken) -> Result<SecretText, NoValue> {
        let cant = |why: &dyn std::fmt::Display| {
            NoValue(format!("the API key of its workload can't be opened: {why}"))
        };
        let about = about_token(&kept.workload);
        let plain = self.secrets.open(&about, &kept.secret).map_err(|why| cant(&why))?;
        let text = std::str::from_utf8(&plain).map_err(|why| cant(&why))?;
        Ok(SecretText(text.to_owned()))
    }

    async fn new_token(&self, id: &WorkloadId) -> Result<Result<SecretText, NoValue>, Error> {
        let mut write = self.store.write().await?;
        if let Some(kept) = write.workload_token(id).await? {
            // Another replica may have come first.
            if write.token(&kept.org, &kept.token).await?.is_some() {
                return Ok(self.opened(&kept));
            }
            write.delete_workload_token(id).await?;
        }
        let workload = write.workload_any(id).await?.filter(lives);
        let Some(workload) = workload else {
            return Ok(Err(NoValue("its workload is gone".to_owned())));
        };
        let owner = write.user(&workload.creator_id).await?.filter(User::is_active);
        let Some(owner) = owner else {
            return Ok(Err(NoValue(
                "an API key needs the workload's owner, who is gone".to_owned(),
            )));
        };
        let secret = Zeroizing::new(hex(&*self.random, 32));
        let token = ApiToken {
            id: TokenId::from_bytes(id_bytes(&*self.clock, &*self.random)),
            org_id: workload.org_id.clone(),
            user_id: owner.id,
            name: format!("workload {id}"),
            hash: people::hash(&secret),
            scopes: SCOPES.to_vec(),
            created_at: self.clock.now(),
            expires_at: None,
        };
        write.insert_token(&token).await?;
        let sealed = self.secrets.seal(&*self.random, &about_token(id), secret.as_bytes());
        let kept = WorkloadToken {
            workload: id.clone(),
            org: workload.org_id,
            token: token.id.clone(),
            secret: sealed,
        };
        write.insert_workload_token(kept).await?;
        write.commit().await?;
        self.signed_in.add_token(token);
        Ok(Ok(SecretText(secret.to_string())))
    }
}

/// One that has ended gets no new token: nobody would revoke it.
fn lives(workload: &Workload) -> bool {
    matches!(workload.wanted, Wanted::Running | Wanted::Stopped)
}

/// What the sealed secret of a workload's token is about.
pub(super) fn about_token(workload: &WorkloadId) -> String {
    format!("token of workload {workload}")
}

/// Revokes the token of a workload that is being deleted, if it has one. The caller takes it out of
/// [`SignedIn`] once the transaction is committed.
pub(crate) async fn revoke_token(
    write: &mut Write<'_>,
    workload: &WorkloadId,
    now: Timestamp,
) -> Result<Option<TokenId>, Error> {
    let Some(kept) = write.workload_token(workload).await? else { return Ok(None) };
    write.revoke_token(&kept.org, &kept.token, now).await?;
    write.delete_workload_token(workload).await?;
    Ok(Some(kept.token))
}

/// The cause may name hosts and files; people are told to look into the log of the server.
fn later(error: &dyn std::fmt::Display) -> NoValue {
    tracing::warn!(%error, "the secrets of a container could not be read");
    NoValue("the secrets it needs could not be read from the database".to_owned())
}
