//! Credentials: secrets that an artifact names and its containers are given (rules.md §16).

#[cfg(feature = "ssr")]
mod schema;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{CredentialId, OrgId, Timestamp, UserId, words};

words! {
    CredentialKind {
        S3 = "s3", Basic = "basic", ApiToken = "api_token", Bearer = "bearer", OAuth = "oauth",
        Gcp = "gcp", AzureServicePrincipal = "azure_service_principal", Azure = "azure",
        AzureSas = "azure_sas", SnowflakeKeyPair = "snowflake_key_pair_user_account",
        DatabricksAccessToken = "databricks_access_token_account", BoxJwt = "box_jwt",
        ClientIdAndSecret = "client_id_and_secret",
        /// Ours, not of the public API: what a registry of images asks for. No container is given it.
        Registry = "registry",
    }
}

/// One field of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialField {
    pub name: &'static str,
    pub required: bool,
}

const fn must(name: &'static str) -> CredentialField {
    CredentialField { name, required: true }
}

const fn may(name: &'static str) -> CredentialField {
    CredentialField { name, required: false }
}

impl CredentialKind {
    /// What a credential of this type consists of.
    #[must_use]
    pub const fn fields(self) -> &'static [CredentialField] {
        const S3: &[CredentialField] =
            &[must("awsAccessKeyId"), must("awsSecretAccessKey"), may("awsSessionToken")];
        const BASIC: &[CredentialField] = &[must("user"), must("password")];
        const API_TOKEN: &[CredentialField] = &[must("apiToken")];
        const BEARER: &[CredentialField] = &[must("token")];
        const OAUTH: &[CredentialField] = &[must("token"), must("refreshToken")];
        const GCP: &[CredentialField] = &[must("gcpKey")];
        const PRINCIPAL: &[CredentialField] =
            &[must("azureTenantId"), must("clientId"), must("clientSecret")];
        const AZURE: &[CredentialField] = &[must("azureConnectionString")];
        const SAS: &[CredentialField] = &[must("sasToken")];
        const SNOWFLAKE: &[CredentialField] =
            &[must("privateKeyStr"), may("passphrase"), must("user")];
        const DATABRICKS: &[CredentialField] = &[must("databricksAccessToken")];
        const BOX: &[CredentialField] = &[must("enterpriseId"), must("publicKeyId")];
        const CLIENT: &[CredentialField] = &[must("clientId"), must("clientSecret")];
        const REGISTRY: &[CredentialField] = &[must("registry"), must("user"), must("password")];
        match self {
            Self::S3 => S3,
            Self::Basic => BASIC,
            Self::ApiToken => API_TOKEN,
            Self::Bearer => BEARER,
            Self::OAuth => OAUTH,
            Self::Gcp => GCP,
            Self::AzureServicePrincipal => PRINCIPAL,
            Self::Azure => AZURE,
            Self::AzureSas => SAS,
            Self::SnowflakeKeyPair => SNOWFLAKE,
            Self::DatabricksAccessToken => DATABRICKS,
            Self::BoxJwt => BOX,
            Self::ClientIdAndSecret => CLIENT,
            Self::Registry => REGISTRY,
        }
    }
}

/// Text that is never shown, logged or written back.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// A credential without its secrets, which stay sealed in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: CredentialId,
    pub org_id: OrgId,
    /// Unique in its organisation, whatever the case.
    pub name: String,
    pub kind: CredentialKind,
    pub description: String,
    /// Names of the fields that it has.
    pub fields: Vec<String>,
    pub creator_id: UserId,
    pub created_at: Timestamp,
}

/// As clients read it.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRecord {
    pub credential_id: CredentialId,
    pub name: String,
    pub credential_type: CredentialKind,
    pub description: String,
    pub creation_date: Timestamp,
}

impl From<Credential> for CredentialRecord {
    fn from(credential: Credential) -> Self {
        Self {
            credential_id: credential.id,
            name: credential.name,
            credential_type: credential.kind,
            description: credential.description,
            creation_date: credential.created_at,
        }
    }
}

/// What clients send. Which fields there are depends on the type, so they are looked at in the use case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCredential {
    pub name: String,
    pub credential_type: CredentialKind,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(flatten)]
    pub fields: BTreeMap<String, Given>,
}

/// What is absent stays as it is. New values take the place of all that there are.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditCredential {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(flatten)]
    pub fields: BTreeMap<String, Given>,
}

/// The value of a field: text, or an object where keys are handed out as JSON files.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Given(pub serde_json::Value);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
