//! The engine of this run, and what the tests need of it beside our own.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use handover::{
    clock::{Clock, SystemClock},
    engine::docker::{DockerConfig, DockerEngine, ImageLimits},
    model::{Bytes, Container, Millis},
    random::SystemRandom,
};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::house::{Nothing, plain, probe, the_proton};

/// Held for writing by tests that take the engine away from all others.
static IN_USE: RwLock<()> = RwLock::const_new(());

/// Who may use the closed registry.
pub(crate) const LOGIN: (&str, &str) = ("tester", "let-me-in");

pub(crate) struct Rig<G> {
    pub(crate) socket: PathBuf,
    pub(crate) registry: String,
    /// Wants [`LOGIN`].
    pub(crate) closed_registry: String,
    pub(crate) image: String,
    dockerd: String,
    _turn: G,
}

/// The engine, beside other tests; none where there is no engine.
pub(crate) async fn rig() -> Option<Rig<RwLockReadGuard<'static, ()>>> {
    of_this_run(IN_USE.read().await)
}

/// The engine, for one test alone.
pub(crate) async fn rig_alone() -> Option<Rig<RwLockWriteGuard<'static, ()>>> {
    of_this_run(IN_USE.write().await)
}

fn of_this_run<G>(turn: G) -> Option<Rig<G>> {
    let Ok(socket) = env::var("HANDOVER_TEST_DOCKER") else {
        eprintln!("NOT TESTED: there is no container engine; tests/docker/run starts one");
        assert!(env::var("CI").as_deref() != Ok("true"), "CI is to test with a container engine");
        return None;
    };
    let variable = |name: &str| env::var(name).unwrap();
    Some(Rig {
        socket: socket.trim_start_matches("unix://").into(),
        registry: variable("HANDOVER_TEST_REGISTRY"),
        closed_registry: variable("HANDOVER_TEST_CLOSED_REGISTRY"),
        image: variable("HANDOVER_TEST_IMAGE"),
        dockerd: variable("HANDOVER_TEST_DOCKERD"),
        _turn: turn,
    })
}

impl<G> Rig<G> {
    #[expect(clippy::unused_self, reason = "it is read as what this rig's engine is")]
    pub(crate) fn is_podman(&self) -> bool {
        env::var("HANDOVER_TEST_WITH").as_deref() == Ok("podman")
    }

    pub(crate) fn config(&self, data_dir: &Path) -> DockerConfig {
        DockerConfig {
            data_dir: data_dir.to_owned(),
            socket: self.socket.clone(),
            allow_root: false,
            images: ImageLimits { unused_for: Millis::hours(336), space: Bytes(u64::MAX) },
            stop_grace: Millis::seconds(10),
        }
    }

    pub(crate) async fn engine(&self, data_dir: &Path) -> DockerEngine {
        self.engine_with(self.config(data_dir)).await
    }

    pub(crate) async fn engine_with(&self, config: DockerConfig) -> DockerEngine {
        self.engine_at(config, Arc::new(SystemClock::new())).await
    }

    pub(crate) async fn engine_at(
        &self,
        config: DockerConfig,
        clock: Arc<dyn Clock>,
    ) -> DockerEngine {
        DockerEngine::start(config, clock, Arc::new(SystemRandom), Arc::new(Nothing)).await.unwrap()
    }

    /// The demo as a container.
    pub(crate) fn demo(&self, version: &str, settings: &[(&str, &str)]) -> Container {
        let words = ["/handover", "demo", "--listen", "0.0.0.0", "--version", version];
        Container {
            primary: Some(true),
            port: Some(8080),
            environment_vars: Some(settings.iter().map(|(n, value)| plain(n, value)).collect()),
            readiness_probe: Some(probe("/healthz")),
            ..self.program(&words)
        }
    }

    /// Any program of the test image.
    pub(crate) fn program(&self, words: &[&str]) -> Container {
        Container {
            image_uri: Some(self.image.clone()),
            entrypoint: Some(words.iter().map(|word| (*word).to_owned()).collect()),
            ..Container::default()
        }
    }

    /// Runs Docker's own client; gives what it writes.
    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
        let (text, said) = self.try_docker(arguments);
        text.unwrap_or_else(|| panic!("docker {arguments:?}: {said}"))
    }

    pub(crate) fn try_docker(&self, arguments: &[&str]) -> (Option<String>, String) {
        let output = Command::new("docker")
            .env("DOCKER_HOST", format!("unix://{}", self.socket.display()))
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        let said = text(output.stderr);
        (output.status.success().then(|| text(output.stdout)), said)
    }

    /// A new image out of the test image, changed like this.
    pub(crate) fn image_with(&self, name: &str, script: &str, changes: &[&str]) {
        let container = format!("make-{}", name.replace(['/', ':'], "-"));
        let run = ["run", "--name", &container, "--user", "0", "--network", "none"];
        let words = ["--entrypoint", "/bin/sh", &self.image, "-c", script];
        self.docker(&[&run[..], &words].concat());
        // Made by root, and not for it.
        let changes = [&["USER 65532"], changes].concat().join("\n");
        let (repo, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("container", &container);
        query.append_pair("repo", repo).append_pair("tag", tag).append_pair("changes", &changes);
        self.post(&format!("/commit?{}", query.finish()));
        self.docker(&["rm", "-f", &container]);
    }

    /// A call that Docker's client does not make so that Podman understands it: that wants a body.
    fn post(&self, path: &str) {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--fail-with-body", "--data", "{}"])
            .args(["--header", "Content-Type: application/json", "--unix-socket"])
            .arg(&self.socket)
            .arg(format!("http://engine/v1.41{path}"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{path}: {said} {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// An image of its own in a registry, that is not on the engine; gives its name.
    pub(crate) fn publish(&self, registry: &str, name: &str, script: &str) -> String {
        let local = format!("handover-test/{name}:made");
        let uri = format!("{registry}/{name}:1");
        self.image_with(&local, script, &["ENTRYPOINT []"]);
        self.docker(&["tag", &local, &uri]);
        self.docker(&["push", "--quiet", &uri]);
        self.docker(&["rmi", "--force", &local, &uri]);
        uri
    }

    /// The container of a replica of the test's proton, as the engine of this folder has named it.
    #[expect(clippy::unused_self, reason = "it is read as what this rig's engine has")]
    pub(crate) fn container(&self, data_dir: &Path, replica: u32, name: &str) -> String {
        let text = std::fs::read_to_string(data_dir.join("instance.json")).unwrap();
        let instance: String = serde_json::from_str(&text).unwrap();
        format!("handover-{instance}-{}-{replica}-{name}", the_proton())
    }

    /// What the engine says of a container.
    pub(crate) fn inspect(&self, container: &str, format: &str) -> String {
        self.docker(&["inspect", "--format", format, container])
    }

    /// Takes away what the server or engine of this data folder has left here, by the id in it.
    pub(crate) fn tidy(&self, instance: &str) {
        let label = format!("label=handover.instance={instance}");
        let (found, _) = self.try_docker(&["ps", "-aq", "--filter", &label]);
        for id in found.unwrap_or_default().lines() {
            self.try_docker(&["rm", "-f", id]);
        }
        let (found, _) = self.try_docker(&["network", "ls", "-q", "--filter", &label]);
        for id in found.unwrap_or_default().lines() {
            self.try_docker(&["network", "rm", id]);
        }
    }

    /// Tells the engine itself to `start`, `stop` or be `kill`ed.
    pub(crate) fn dockerd(&self, what: &str) {
        assert!(Command::new(&self.dockerd).arg(what).status().unwrap().success(), "{what}");
    }
}

/// Takes away what a test has left on the engine of this folder.
pub(crate) struct Tidy<'a, G>(pub(crate) &'a Rig<G>, pub(crate) &'a Path);

impl<G> Drop for Tidy<'_, G> {
    fn drop(&mut self) {
        if let Some(instance) = instance(self.1) {
            self.0.tidy(&instance);
        }
    }
}

/// By what an engine knows the server of this data folder.
pub(crate) fn instance(data_dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data_dir.join("instance.json")).ok()?;
    Some(text.trim_matches('"').to_owned())
}
