//! The form with which code is uploaded: what is typed in it besides the files. The page shows it, the server reads
//! it, and after a refusal the session keeps it.

use handover::model::{
    Code, CodeRef, Container, Dockerfile, GeneratedDockerfile, ImageBuildConfig, ProvidedDockerfile,
};
use serde::{Deserialize, Serialize};

use crate::{components::pager::escaped, refusal::Fault};

/// What the session keeps it under.
pub const CODE_FORM: &str = "code";

/// How the image is made, as the form says it.
pub const GENERATED: &str = "generated";
pub const PROVIDED: &str = "provided";

/// Where a Dockerfile is looked for when nobody says.
const DOCKERFILE: &str = "./Dockerfile";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeForm {
    /// By its name.
    pub container: String,
    /// The files are all there is from now on; else they come beside those that are there.
    pub instead: bool,
    /// A zip archive counts as what it contains.
    pub unpacks: bool,
    pub source: String,
    /// Ids of the execution environment and of its version, with a blank between them.
    pub environment: String,
    /// One argument per line.
    pub entrypoint: String,
    /// Of the Dockerfile, in the code.
    pub path: String,
    /// Where files of an earlier try wait.
    pub catalog: String,
    pub stage: String,
}

impl CodeForm {
    /// As it was sent.
    pub fn of(field: impl Fn(&str) -> String) -> Self {
        Self {
            container: field("container"),
            instead: field("how") == "instead",
            unpacks: !field("unpacks").is_empty(),
            source: field("source"),
            environment: field("environment"),
            entrypoint: field("entrypoint"),
            path: field("path"),
            catalog: field("catalog"),
            stage: field("stage"),
        }
    }

    /// As the container is built now. One that is not is suggested the first environment there is.
    pub fn open(container: &Container, environment: Option<&str>) -> Self {
        let form = Self {
            container: container.title().to_owned(),
            unpacks: true,
            source: GENERATED.into(),
            environment: environment.unwrap_or_default().to_owned(),
            path: DOCKERFILE.into(),
            ..Self::default()
        };
        match container.source().map(|source| source.dockerfile) {
            None => form,
            Some(Dockerfile::Provided(ProvidedDockerfile { path })) => {
                Self { source: PROVIDED.into(), path, ..form }
            }
            Some(Dockerfile::Generated(how)) => Self {
                environment: format!(
                    "{} {}",
                    how.execution_environment_id, how.execution_environment_version_id
                ),
                entrypoint: how.entrypoint.join("\n"),
                ..form
            },
        }
    }

    /// How the image is to be made.
    ///
    /// # Errors
    /// With every field that has to be filled.
    pub fn dockerfile(&self) -> Result<Dockerfile, Vec<Fault>> {
        if self.source == PROVIDED {
            let path = if self.path.is_empty() { DOCKERFILE } else { &self.path };
            return Ok(Dockerfile::Provided(ProvidedDockerfile { path: path.to_owned() }));
        }
        let lines = self.entrypoint.lines().map(str::trim).filter(|line| !line.is_empty());
        let entrypoint: Vec<String> = lines.map(Into::into).collect();
        let ids = self.environment.split_once(' ');
        let ids = ids.and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
        let fault =
            |field: &str, message: &str| Fault { field: field.into(), message: message.into() };
        let mut faults = Vec::new();
        if ids.is_none() {
            faults.push(fault("environment", "choose an execution environment"));
        }
        if entrypoint.is_empty() {
            let text = "say what is started, one argument per line, such as ./run.sh";
            faults.push(fault("entrypoint", text));
        }
        match ids {
            Some((execution_environment_id, execution_environment_version_id))
                if faults.is_empty() =>
            {
                Ok(Dockerfile::Generated(GeneratedDockerfile {
                    execution_environment_id,
                    execution_environment_version_id,
                    entrypoint,
                }))
            }
            _ => Err(faults),
        }
    }
}

/// As code was named so far, with another version of it.
pub fn named(before: &ImageBuildConfig, datarobot: Code) -> CodeRef {
    match &before.code_ref {
        Some(before) => CodeRef { datarobot, ..before.clone() },
        None => CodeRef { kind: None, provider: None, datarobot },
    }
}

/// The page about the code of a container.
pub fn address(artifact: &impl ToString, container: &str) -> String {
    let of = if container.is_empty() {
        String::new()
    } else {
        format!("?container={}", escaped(container))
    };
    format!("/artifacts/{}/code{of}", artifact.to_string())
}

#[cfg(test)]
mod tests {
    use super::{CodeForm, PROVIDED};
    use handover::model::Container;
    use serde_json::json;

    fn container(given: serde_json::Value) -> Container {
        serde_json::from_value(given).expect("a container")
    }

    #[test]
    fn a_form_that_is_sent_as_it_was_opened_changes_nothing() {
        let (id, version) = ("68616e646f76657200000001", "68616e646f76657200000101");
        for dockerfile in [
            json!({ "source": "provided", "path": "docker/Dockerfile" }),
            json!({ "source": "generated", "executionEnvironmentId": id,
                "executionEnvironmentVersionId": version, "entrypoint": ["./run", "--port=1 2"] }),
        ] {
            let one = container(json!({ "imageBuildConfig": { "dockerfile": dockerfile } }));
            let read = CodeForm::open(&one, None).dockerfile();
            assert_eq!(read.ok(), one.source().map(|source| source.dockerfile));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let plain = container(json!({ "imageUri": "shop:1" }));
        let fields = |form: &CodeForm| -> Vec<String> {
            form.dockerfile().expect_err("faults").into_iter().map(|fault| fault.field).collect()
        };
        let form = CodeForm::open(&plain, None);
        assert_eq!(fields(&form), ["environment", "entrypoint"]);
        assert_eq!(
            fields(&CodeForm { entrypoint: "./run".into(), ..form.clone() }),
            ["environment"]
        );
        assert!(CodeForm { source: PROVIDED.into(), ..form }.dockerfile().is_ok());
    }
}
