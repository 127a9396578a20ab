//! What to run: the artifact, its container groups and containers (rules.md L2, §5.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{
    ArtifactId, ContainerBuild, ImageBuildConfig, OrgId, RepositoryId, Timestamp, UserId, nulls,
    words,
};

words! {
    /// A draft may be edited in place; a locked artifact is immutable and carries a version.
    #[derive(Default)]
    ArtifactStatus { #[default] Draft = "draft", Locked = "locked" | "registered" }
}

words! {
    #[derive(Default)]
    ArtifactKind { #[default] Service = "service", Nim = "nim", Agent = "agent" }
}

/// One version, or draft, of what a workload runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    pub id: ArtifactId,
    pub org_id: OrgId,
    pub repository_id: RepositoryId,
    pub name: String,
    pub description: String,
    pub kind: ArtifactKind,
    pub state: ArtifactState,
    pub spec: Spec,
    pub creator_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts writes; a write that saw an older number fails as a conflict.
    pub revision: i64,
}

/// Only a locked artifact has a version number, so the two travel together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactState {
    Draft,
    Locked { version: i64 },
}

impl ArtifactState {
    #[must_use]
    pub const fn status(self) -> ArtifactStatus {
        match self {
            Self::Draft => ArtifactStatus::Draft,
            Self::Locked { .. } => ArtifactStatus::Locked,
        }
    }

    #[must_use]
    pub const fn version(self) -> Option<i64> {
        match self {
            Self::Draft => None,
            Self::Locked { version } => Some(version),
        }
    }
}

/// The lineage that holds the versions of an artifact; numbers are never reused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactRepository {
    pub id: RepositoryId,
    pub org_id: OrgId,
    pub name: String,
    pub kind: ArtifactKind,
    pub last_version: i64,
    pub creator_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A field that is accepted from clients that echo it, and dropped (rules.md ).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(d).map(|_| Self)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    pub container_groups: Vec<ContainerGroup>,
    #[serde(default, rename = "type", skip_serializing)]
    pub kind: Ignored,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a2a_enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

words! {
    StorageMode { DedicatedPvc = "dedicatedPvc", NimCache = "nimCache" }
}

/// Where a model server keeps its weights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Storage {
    /// Dedicated when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<StorageMode>,
    /// Of a dedicated volume: a number with `Gi`, `Mi` or `Ti`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pvc_size: Option<String>,
}

impl Spec {
    /// The container that serves: the primary of the first group. Validation makes sure there is one.
    #[must_use]
    pub fn primary(&self) -> Option<&Container> {
        let group = self.container_groups.first()?;
        group.containers.iter().find(|c| c.primary == Some(true)).or(group.containers.first())
    }

    /// Every container, and where in the body of an artifact it stands.
    pub fn containers(&self) -> impl Iterator<Item = (String, &Container)> {
        self.container_groups.iter().enumerate().flat_map(|(g, group)| {
            let at = move |c| format!("spec.containerGroups.{g}.containers.{c}");
            group.containers.iter().enumerate().map(move |(c, container)| (at(c), container))
        })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerGroup {
    #[serde(default = "default_group", deserialize_with = "nulls::group")]
    pub name: String,
    pub containers: Vec<Container>,
}

/// The name a group has when none is given.
#[must_use]
pub fn default_group() -> String {
    "default".to_owned()
}

/// One container. What a client left out stays out, because clients compare what they sent with what
/// they read; only `name`, `primary` and a primary's `port` are filled in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Container {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_vars: Option<Vec<EnvVar>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup_probe: Option<Probe>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness_probe: Option<Probe>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liveness_probe: Option<Probe>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_context: Option<SecurityContext>,
    /// As it was sent; [`Container::source`] reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<ImageBuildConfig>))]
    pub image_build_config: Option<serde_json::Value>,
    /// Set by the server alone: whatever a client sends here is replaced by what is known.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub build: Option<ContainerBuild>,
    #[serde(default, skip_serializing)]
    pub resource_request: Ignored,
}

impl Container {
    /// Where its image comes from, when it is built from source. None as well for a configuration that was
    /// stored before there were rules for it; validation tells of others.
    #[must_use]
    pub fn source(&self) -> Option<ImageBuildConfig> {
        ImageBuildConfig::read(self.image_build_config.as_ref()?).ok()
    }

    /// Its image is the work of a build, and nobody else's to set.
    #[must_use]
    pub const fn is_built(&self) -> bool {
        self.image_build_config.is_some()
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or("main")
    }
}

/// Reads what it can, and nothing from what it can't.
fn lenient<'de, T, D>(d: D) -> Result<Option<T>, D::Error>
where
    T: serde::de::DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    serde_json::Value::deserialize(d).map(|given| T::deserialize(given).ok())
}

/// `source` is written back exactly when and as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum EnvVar {
    Credential(CredentialVar),
    ApiKey(ApiKeyVar),
    Plain(PlainVar),
}

/// Chosen by `source` first, so that a wrong field is told as such and not as "matches no variant".
impl<'de> Deserialize<'de> for EnvVar {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut given = serde_json::Value::deserialize(d)?;
        let source = match given.get_mut("source") {
            None | Some(serde_json::Value::Null) => VarSource::Text,
            Some(word) => {
                let source = VarSource::deserialize(&*word).map_err(D::Error::custom)?;
                *word = source.word().into();
                source
            }
        };
        let read = match source {
            VarSource::Credential => CredentialVar::deserialize(given).map(Self::Credential),
            VarSource::ApiKey => ApiKeyVar::deserialize(given).map(Self::ApiKey),
            VarSource::Text => PlainVar::deserialize(given).map(Self::Plain),
        };
        read.map_err(D::Error::custom)
    }
}

words! {
    /// Where the value of a variable comes from.
    VarSource { Text = "string", Credential = "dr-credential", ApiKey = "api-key" }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlainVar {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<PlainSource>,
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum PlainSource {
    #[serde(rename = "string")]
    Text,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialVar {
    pub source: CredentialSource,
    pub name: String,
    pub dr_credential_id: String,
    pub key: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum CredentialSource {
    #[serde(rename = "dr-credential")]
    Credential,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKeyVar {
    pub source: ApiKeySource,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum ApiKeySource {
    #[serde(rename = "api-key")]
    ApiKey,
}

words! {
    ProbeScheme { Http = "HTTP", Https = "HTTPS" }
}

/// An HTTP probe; a status from 200 to 399 passes. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    pub path: String,
    #[serde(default = "probe_default::port", deserialize_with = "nulls::probe_port")]
    pub port: u16,
    #[serde(default = "probe_default::scheme", deserialize_with = "nulls::probe_scheme")]
    pub scheme: ProbeScheme,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_headers: Option<BTreeMap<String, String>>,
    #[serde(default = "probe_default::thirty", deserialize_with = "nulls::thirty")]
    pub initial_delay_seconds: u32,
    #[serde(default = "probe_default::thirty", deserialize_with = "nulls::thirty")]
    pub period_seconds: u32,
    #[serde(default = "probe_default::thirty", deserialize_with = "nulls::thirty")]
    pub timeout_seconds: u32,
    #[serde(default = "probe_default::three", deserialize_with = "nulls::three")]
    pub failure_threshold: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<u32>,
}

impl Probe {
    /// The longest this probe may take to pass or to give up, in seconds.
    #[must_use]
    pub fn budget_seconds(&self) -> u64 {
        let rounds = u64::from(self.failure_threshold) * u64::from(self.period_seconds.max(1));
        u64::from(self.initial_delay_seconds) + rounds + u64::from(self.timeout_seconds)
    }
}

pub(in crate::model) mod probe_default {
    use super::ProbeScheme;
    pub(in crate::model) const fn port() -> u16 {
        8080
    }
    pub(in crate::model) const fn scheme() -> ProbeScheme {
        ProbeScheme::Http
    }
    pub(in crate::model) const fn thirty() -> u32 {
        30
    }
    pub(in crate::model) const fn three() -> u32 {
        3
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityContext {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_root_filesystem: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<SeccompProfile>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeccompProfile {
    #[serde(rename = "type")]
    pub kind: SeccompKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub localhost_profile: Option<String>,
}

words! {
    SeccompKind {
        RuntimeDefault = "RuntimeDefault", Unconfined = "Unconfined", Localhost = "Localhost",
    }
}
