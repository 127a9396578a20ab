//! From a container to the program that this host starts for it, or the sentence that says why it can't.
//!
//! Known limitation: an image of a registry is not unpacked here. Its entrypoint runs when this host has the
//! program. `handover/demo` always runs, because it is this very binary, and so does `handover/local@…`, which
//! a build on this host has made.

use std::{
    env,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    image::{LocalImages, inside},
    record::Order,
};
pub(super) use crate::engine::supervised::environment::Refused;
use crate::{
    engine::{
        Given,
        supervised::environment::{self, Own},
    },
    model::{Container, WorkloadId},
};

const DEMO: &str = "handover/demo";
/// Taken over from the server when it has them; nothing else is, least of all its own settings.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];
/// What a replica is told about itself.
pub(super) struct Place<'a> {
    pub(super) workload: &'a WorkloadId,
    pub(super) replica: &'a str,
    pub(super) port: u16,
    pub(super) images: &'a LocalImages,
}

/// What to start for `container`; `executable` is this binary. A value that is not among those `given` is
/// left empty: whoever starts it has them all, and whoever only asks whether it could start needs none.
pub(super) fn launch(
    container: &Container,
    executable: &Path,
    place: &Place<'_>,
    given: &Given,
) -> Result<Order, Refused> {
    let environment = environment(container, place, given)?;
    let value = |name: &str| {
        environment.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    let image = container.image_uri.as_deref().unwrap_or_default();
    if let Some(tag) = demo_tag(image) {
        let arguments = ["demo", "--version", tag].map(str::to_owned).to_vec();
        let program = executable.to_owned();
        return Ok(Order { program, arguments, environment, folder: None });
    }
    let local = place.images.find(image)?;
    let own = container.entrypoint.as_ref().filter(|words| !words.is_empty());
    let entrypoint = own.or(local.as_ref().map(|local| &local.entrypoint));
    let entrypoint = entrypoint.map(Vec::as_slice).unwrap_or_default();
    let mut words = environment::words(entrypoint, &environment).into_iter();
    if let Some(local) = &local {
        let program = words.next().unwrap_or_default();
        let arguments = words.collect();
        let Some(program) = find_in(&local.root, &program, value("PATH")) else {
            return Err(Refused(format!(
                "The entrypoint {program} is neither a program of the image {image} nor one of this host; \
                 a file of the image has to be executable."
            )));
        };
        let folder = Some(local.root.clone());
        return Ok(Order { program, arguments, environment, folder });
    }
    let advice = "The docker engine can run it: start Handover with --engine docker.";
    let Some(program) = words.next() else {
        return Err(Refused(format!(
            "The process engine runs programs of this host and can't unpack the image {image}, which \
             names no entrypoint. {advice}"
        )));
    };
    let arguments = words.collect();
    match find(&program, value("PATH")) {
        Some(program) => Ok(Order { program, arguments, environment, folder: None }),
        None => Err(Refused(format!(
            "The process engine runs programs of this host, and this host has no {program}, the \
             entrypoint of the image {image}. {advice}"
        ))),
    }
}

/// Whether this names the built-in image.
pub(in crate::engine) fn is_demo(image: &str) -> bool {
    demo_tag(image).is_some()
}

/// The tag when this is the built-in image.
fn demo_tag(image: &str) -> Option<&str> {
    match image.strip_prefix(DEMO)? {
        "" => Some("latest"),
        rest => rest.strip_prefix(':'),
    }
}

fn environment(
    container: &Container,
    place: &Place<'_>,
    given: &Given,
) -> Result<Vec<(String, String)>, Refused> {
    let inherited = INHERITED
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)))
        .collect();
    // Replicas share this host: a declared PORT can't be one port for all of them.
    let own = Own { workload: place.workload, replica: place.replica, port: Some(place.port) };
    environment::environment(container, inherited, &own, given)
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

/// A program of a local image: by its path there, or a program of this host. A bare name is first looked for
/// in `PATH`, as a container's would be.
fn find_in(root: &Path, program: &str, path: Option<&str>) -> Option<PathBuf> {
    let own = || inside(root, program).filter(|path| is_program(path));
    find(program, path).or_else(own)
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{LocalImages, Order, Place, launch};
    use crate::{
        engine::{Given, process::image::Image},
        model::{
            ApiKeySource, ApiKeyVar, Container, CredentialSource, CredentialVar, EnvVar,
            FileDigest, PlainVar, SecretText, StoredFile, WorkloadId,
        },
    };

    fn plain(name: &str, value: &str) -> EnvVar {
        EnvVar::Plain(PlainVar { source: None, name: name.to_owned(), value: value.to_owned() })
    }

    fn started(container: &Container) -> Result<Order, String> {
        started_with(container, &Given::new())
    }

    fn started_with(container: &Container, given: &Given) -> Result<Order, String> {
        let data = tempfile::tempdir().unwrap();
        started_on(&LocalImages::open(data.path()).unwrap(), container, given)
    }

    fn started_on(
        images: &LocalImages,
        container: &Container,
        given: &Given,
    ) -> Result<Order, String> {
        let workload = WorkloadId::from_bytes([7; 12]);
        let place = Place { workload: &workload, replica: "r-0", port: 20_007, images };
        launch(container, Path::new("/opt/handover"), &place, given).map_err(|why| why.to_string())
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
    fn a_local_image_runs_in_its_folder() {
        let data = tempfile::tempdir().unwrap();
        let images = LocalImages::open(data.path()).unwrap();
        let content = data.path().join("content");
        std::fs::write(&content, "exec true").unwrap();
        let file = |path: &str, executable| {
            let digest = FileDigest::from_bytes(&[7; 32]);
            StoredFile { path: path.into(), digest, size: 9, executable }
        };
        let files = vec![file("note.sh", false), file("run.sh", true)];
        let image = Image { entrypoint: vec!["./run.sh".into(), "$(PORT)".into()], files };
        let uri = images.make(&image, |_| content.clone()).unwrap();
        let started = |entrypoint: &[&str]| {
            let launched =
                started_on(&images, &container(&uri, entrypoint, vec![]), &Given::new())?;
            let root = launched.folder.clone().unwrap();
            assert!(root.ends_with("root"), "the image is the working directory");
            let program = launched.program.strip_prefix(&root).unwrap_or(&launched.program);
            Ok::<_, String>((program.to_owned(), launched.arguments))
        };
        let own = || (Path::new("run.sh").to_owned(), vec!["20007".to_owned()]);
        assert_eq!(started(&[]), Ok(own()), "its own entrypoint");
        assert_eq!(started(&["run.sh", "20007"]), Ok(own()));
        let (program, arguments) = started(&["sh", "note.sh"]).unwrap();
        assert!(program.is_absolute() && program.ends_with("sh"), "a program of this host");
        assert_eq!(arguments, ["note.sh"]);
        for missing in ["./note.sh", "../root/run.sh", "./none"] {
            assert!(started(&[missing]).unwrap_err().contains(missing));
        }
    }

    #[test]
    fn what_can_not_run_says_who_can() {
        for entrypoint in [&["/nowhere/at-all"][..], &["no-such-program-here"], &["./run.sh"], &[]]
        {
            let why = started(&container("shop:2", entrypoint, vec![])).unwrap_err();
            assert!(why.contains("shop:2") && why.contains("--engine docker"), "{why}");
        }
    }

    #[test]
    fn secrets_are_put_in_as_they_are_and_may_be_referred_to() {
        let credential = CredentialVar {
            source: CredentialSource::Credential,
            name: "PASSWORD".to_owned(),
            dr_credential_id: "c".to_owned(),
            key: "password".to_owned(),
        };
        let variables = vec![
            EnvVar::ApiKey(ApiKeyVar { source: ApiKeySource::ApiKey, name: None }),
            EnvVar::Credential(credential),
            plain("URL", "db://me:$(PASSWORD)@h"),
        ];
        let given = [(0, "key"), (1, "pa$(PORT)$$")];
        let given = given.map(|(at, text)| (at, SecretText(text.to_owned()))).into();
        let order = started_with(&container("handover/demo:1", &[], variables), &given).unwrap();
        let value = |name: &str| {
            order.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
        };
        assert_eq!(value("DATAROBOT_API_TOKEN"), Some("key"));
        assert_eq!(value("PASSWORD"), Some("pa$(PORT)$$"));
        assert_eq!(value("URL"), Some("db://me:pa$(PORT)$$@h"));
        assert!(!format!("{order:?}").contains("pa$"));
    }
}
