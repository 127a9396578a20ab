//! From a container to the program that this host starts for it, or the sentence that says why it can't.
//!
//! Known limitation: an image is not unpacked here. Its entrypoint runs when this host has the program;
//! `handover/demo` is the one image that always runs, because it is this very binary.

use std::{
    env,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{expand::expand, record::Launch};
use crate::model::{ApiKeyVar, Container, EnvVar, WorkloadId};

const DEMO: &str = "handover/demo";
/// Taken over from the server when it has them; nothing else is, least of all its own settings.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];
/// Clients call the key this when they name none.
const DEFAULT_KEY_NAME: &str = "DATAROBOT_API_TOKEN";

/// This container can never run here; a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(pub(super) String);

/// What a replica is told about itself.
pub(super) struct Place<'a> {
    pub(super) workload: &'a WorkloadId,
    pub(super) replica: &'a str,
    pub(super) port: u16,
}

/// What to start for `container`; `executable` is this binary.
pub(super) fn launch(
    container: &Container,
    executable: &Path,
    place: &Place<'_>,
    run: u64,
) -> Result<Launch, Refused> {
    let environment = environment(container, place)?;
    let port = place.port;
    let value = |name: &str| {
        environment.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    let image = container.image_uri.as_deref().unwrap_or_default();
    if let Some(tag) = demo_tag(image) {
        let arguments = ["demo", "--version", tag].map(str::to_owned).to_vec();
        return Ok(Launch { run, port, program: executable.to_owned(), arguments, environment });
    }
    let mut words = container.entrypoint.iter().flatten().map(|word| expand(word, value));
    let advice = "The docker engine can run it: start Handover with --engine docker.";
    let Some(program) = words.next() else {
        return Err(Refused(format!(
            "The process engine runs programs of this host and can't unpack the image {image}, which \
             names no entrypoint. {advice}"
        )));
    };
    let arguments = words.collect();
    match find(&program, value("PATH")) {
        Some(program) => Ok(Launch { run, port, program, arguments, environment }),
        None => Err(Refused(format!(
            "The process engine runs programs of this host, and this host has no {program}, the \
             entrypoint of the image {image}. {advice}"
        ))),
    }
}

/// The tag when this is the built-in image.
fn demo_tag(image: &str) -> Option<&str> {
    match image.strip_prefix(DEMO)? {
        "" => Some("latest"),
        rest => rest.strip_prefix(':'),
    }
}

/// In the order of Kubernetes: a value may refer to what stands before it.
fn environment(container: &Container, place: &Place<'_>) -> Result<Vec<(String, String)>, Refused> {
    let own = [
        ("HOSTNAME", place.replica.to_owned()),
        ("WORKLOAD_ID", place.workload.to_string()),
        ("PORT", place.port.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let mut all: Vec<(String, String)> = INHERITED
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)))
        .chain(own.clone())
        .collect();
    for variable in container.environment_vars.iter().flatten() {
        let plain = match variable {
            EnvVar::Plain(plain) => plain,
            EnvVar::Credential(credential) => {
                return Err(unsupported(&credential.name, "a credential"));
            }
            EnvVar::ApiKey(ApiKeyVar { name, .. }) => {
                return Err(unsupported(name.as_deref().unwrap_or(DEFAULT_KEY_NAME), "an API key"));
            }
        };
        if plain.name.is_empty() || plain.name.contains(['=', '\0']) || plain.value.contains('\0') {
            return Err(Refused(format!("'{}' can't be an environment variable.", plain.name)));
        }
        let value = expand(&plain.value, |name| {
            all.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        });
        // Replicas share this host: a declared PORT can't be one port for all of them.
        if !own.iter().any(|(name, _)| *name == plain.name) {
            all.retain(|(name, _)| *name != plain.name);
            all.push((plain.name.clone(), value));
        }
    }
    Ok(all)
}

fn unsupported(name: &str, what: &str) -> Refused {
    Refused(format!(
        "The variable {name} takes its value from {what}, which this engine can't give."
    ))
}

/// The program as a path, if this host has it.
fn find(program: &str, path: Option<&str>) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_absolute() && is_program(path));
    }
    if program.is_empty() {
        return None;
    }
    env::split_paths(path?).map(|folder| folder.join(program)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Launch, Place, launch};
    use crate::model::{ApiKeySource, ApiKeyVar, Container, EnvVar, PlainVar, WorkloadId};

    fn plain(name: &str, value: &str) -> EnvVar {
        EnvVar::Plain(PlainVar { source: None, name: name.to_owned(), value: value.to_owned() })
    }

    fn started(container: &Container) -> Result<Launch, String> {
        let workload = WorkloadId::from_bytes([7; 12]);
        let place = Place { workload: &workload, replica: "r-0", port: 20_007 };
        launch(container, Path::new("/opt/handover"), &place, 1).map_err(|why| why.to_string())
    }

    fn container(image: &str, entrypoint: &[&str], variables: Vec<EnvVar>) -> Container {
        Container {
            image_uri: Some(image.to_owned()),
            entrypoint: Some(entrypoint.iter().map(|word| (*word).to_owned()).collect()),
            environment_vars: Some(variables),
            ..Container::default()
        }
    }

    #[test]
    fn references_reach_what_stands_before_them() {
        let launch = started(&container(
            "tool:1",
            &["sh", "-c", "serve --port=$(PORT) --at=$(URL) --not=$(LATER)"],
            vec![
                plain("URL", "http://$(HOST):$(PORT)"),
                plain("HOST", "h"),
                plain("AGAIN", "$(HOST)"),
                plain("PORT", "8080"),
            ],
        ))
        .unwrap();
        assert!(launch.program.is_absolute() && launch.program.ends_with("sh"), "found in PATH");
        assert_eq!(
            launch.arguments[1],
            "serve --port=20007 --at=http://$(HOST):20007 --not=$(LATER)"
        );
        let value = |name: &str| {
            launch.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
        };
        assert_eq!(value("AGAIN").as_deref(), Some("h"));
        assert_eq!(value("PORT").as_deref(), Some("20007"));
        assert_eq!(value("WORKLOAD_ID").unwrap(), WorkloadId::from_bytes([7; 12]).to_string());
        assert_eq!(value("CARGO_MANIFEST_DIR"), None, "the server's own environment leaks");
    }

    #[test]
    fn the_demo_is_this_binary() {
        let launch = started(&container("handover/demo:v7", &["ignored"], vec![])).unwrap();
        assert_eq!(launch.program, Path::new("/opt/handover"));
        assert_eq!(launch.arguments, ["demo", "--version", "v7"]);
    }

    #[test]
    fn what_can_not_run_says_who_can() {
        for entrypoint in [&["/nowhere/at-all"][..], &["no-such-program-here"], &["./run.sh"], &[]]
        {
            let why = started(&container("shop:2", entrypoint, vec![])).unwrap_err();
            assert!(why.contains("shop:2") && why.contains("--engine docker"), "{why}");
        }
        let key = EnvVar::ApiKey(ApiKeyVar { source: ApiKeySource::ApiKey, name: None });
        let why = started(&container("handover/demo:1", &[], vec![key])).unwrap_err();
        assert!(why.contains("DATAROBOT_API_TOKEN"), "{why}");
    }
}
