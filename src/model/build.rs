//! From uploaded code to an image (rules.md §12).

use serde::{Deserialize, Serialize, de::Error as _};
use serde_json::Value;

use super::{
    ArtifactId, BuildId, CatalogId, CatalogVersionId, EnvironmentId, EnvironmentVersionId, OrgId,
    Timestamp, UserData, UserId, nulls::null_is_default, words,
};

words! {
    /// `Pending → InProgress → Built → Completed`, or the way out to `Failed` or `Cancelled` from any but the
    /// last. `Built`: the images exist. `Completed`: the artifact names them.
    BuildStatus {
        Pending = "PENDING", InProgress = "IN_PROGRESS", Built = "BUILT",
        Completed = "COMPLETED", Failed = "FAILED", Cancelled = "CANCELLED",
    }
}

impl BuildStatus {
    /// Nothing more comes after it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// How the image of a container is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageBuildConfig {
    /// None until code has been uploaded.
    #[serde(default)]
    pub code_ref: Option<CodeRef>,
    #[serde(default, deserialize_with = "null_is_default")]
    pub dockerfile: Dockerfile,
}

impl ImageBuildConfig {
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(given: &Value) -> Result<Self, String> {
        Self::deserialize(given).map_err(|error| error.to_string())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CodeRef {
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CodeHost>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<CodeHost>,
    pub datarobot: Code,
}

words! {
    /// Where code is kept. One place is known, our own.
    CodeHost { Own = "datarobot" }
}

/// One version of uploaded code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Code {
    pub catalog_id: CatalogId,
    pub catalog_version_id: CatalogVersionId,
}

/// What the image is made from, besides the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "source", rename_all = "lowercase")]
pub enum Dockerfile {
    /// A file of the code itself.
    Provided(ProvidedDockerfile),
    /// The code on top of an execution environment.
    Generated(GeneratedDockerfile),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvidedDockerfile {
    #[serde(default = "dockerfile_path")]
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GeneratedDockerfile {
    pub execution_environment_id: EnvironmentId,
    pub execution_environment_version_id: EnvironmentVersionId,
    pub entrypoint: Vec<String>,
}

fn dockerfile_path() -> String {
    "./Dockerfile".to_owned()
}

impl Default for Dockerfile {
    fn default() -> Self {
        Self::Provided(ProvidedDockerfile { path: dockerfile_path() })
    }
}

/// One shape for both, because what a client leaves out of it stays out.
#[cfg(feature = "ssr")]
impl utoipa::PartialSchema for Dockerfile {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let source = text().enum_values(Some(["provided", "generated"]));
        let words = ArrayBuilder::new().items(text()).min_items(Some(1));
        ObjectBuilder::new()
            .property("source", source.default(Some("provided".into())))
            .property("path", text().description(Some("When provided; ./Dockerfile by default")))
            .property("executionEnvironmentId", EnvironmentId::schema())
            .property("executionEnvironmentVersionId", EnvironmentVersionId::schema())
            .property("entrypoint", words.description(Some("When generated")))
            .into()
    }
}

#[cfg(feature = "ssr")]
impl utoipa::ToSchema for Dockerfile {}

/// Chosen by `source` first, so that a wrong field is told as such.
impl<'de> Deserialize<'de> for Dockerfile {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut given = serde_json::Map::deserialize(d)?;
        let source = given.remove("source").unwrap_or_else(|| "provided".into());
        let rest = Value::Object(given);
        let read = match source.as_str() {
            Some("provided") => ProvidedDockerfile::deserialize(rest).map(Self::Provided),
            Some("generated") => GeneratedDockerfile::deserialize(rest).map(Self::Generated),
            _ => return Err(D::Error::custom("dockerfile.source: one of provided, generated")),
        };
        read.map_err(|error| D::Error::custom(format!("dockerfile: {error}")))
    }
}

/// What a container shows of its newest build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContainerBuild {
    pub artifact_image_build_id: BuildId,
    pub created_at: Timestamp,
    pub status: BuildStatus,
}

/// The work of making images from one version of code, for every container that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    pub id: BuildId,
    pub org_id: OrgId,
    pub artifact_id: ArtifactId,
    pub name: String,
    pub code: Code,
    pub targets: Vec<BuildTarget>,
    pub status: BuildStatus,
    /// How often somebody began to work on it.
    pub attempts: i64,
    pub creator_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One image of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildTarget {
    pub dockerfile: Dockerfile,
    /// Known once it is built.
    pub image: Option<String>,
}

impl Build {
    /// The image of a container that is built like this, once it is there.
    #[must_use]
    pub fn image_for(&self, source: &ImageBuildConfig) -> Option<&str> {
        self.target(source)?.image.as_deref()
    }

    /// The part of this build that makes the image of such a container.
    #[must_use]
    pub fn target(&self, source: &ImageBuildConfig) -> Option<&BuildTarget> {
        let code = source.code_ref.as_ref().map(|code| &code.datarobot);
        let same = |target: &&BuildTarget| target.dockerfile == source.dockerfile;
        self.targets.iter().filter(|_| code == Some(&self.code)).find(same)
    }

    /// What a container of this build shows.
    #[must_use]
    pub fn brief(&self) -> ContainerBuild {
        ContainerBuild {
            artifact_image_build_id: self.id.clone(),
            created_at: self.created_at,
            status: self.status,
        }
    }
}

words! {
    /// How serious a line of a build's log is.
    BuildLevel { Info = "INFO", Warning = "WARNING", Failure = "ERROR" }
}

/// One line of the log of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildLine {
    pub at: Timestamp,
    pub level: BuildLevel,
    pub message: String,
}

/// rules.md §12
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BuildRecord {
    pub id: BuildId,
    pub name: String,
    pub artifact_id: ArtifactId,
    pub status: BuildStatus,
    pub creator: UserData,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Dockerfile, ImageBuildConfig};

    #[test]
    fn a_configuration_is_read_in_every_shape_that_clients_send() {
        let read = |given| ImageBuildConfig::read(&given);
        let code = json!({ "datarobot": { "catalogId": "c1", "catalogVersionId": "v1" } });
        let bare = read(json!({ "codeRef": code })).unwrap();
        let full = read(json!({
            "codeRef": { "type": "datarobot", "provider": "datarobot", "datarobot": code["datarobot"] },
            "dockerfile": { "source": "provided", "path": "./Dockerfile" },
        }))
        .unwrap();
        assert_eq!(bare.dockerfile, full.dockerfile);
        assert_eq!(bare.code_ref.unwrap().datarobot, full.code_ref.unwrap().datarobot);
        assert_eq!(read(json!({ "codeRef": null })).unwrap().code_ref, None);
        let generated = json!({ "source": "generated", "executionEnvironmentId": "e",
            "executionEnvironmentVersionId": "v", "entrypoint": ["./run"] });
        let config = read(json!({ "dockerfile": generated })).unwrap();
        assert!(matches!(config.dockerfile, Dockerfile::Generated(_)));
        assert_eq!(serde_json::to_value(&config.dockerfile).unwrap(), generated);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let said = |given| ImageBuildConfig::read(&given).unwrap_err();
        assert!(said(json!({ "dockerfile": { "source": "magic" } })).contains("dockerfile.source"));
        let missing = said(json!({ "dockerfile": { "source": "generated", "entrypoint": ["a"] } }));
        assert!(missing.contains("executionEnvironmentId"), "{missing}");
        assert!(said(json!({ "dockerFile": {} })).contains("dockerFile"));
    }
}
