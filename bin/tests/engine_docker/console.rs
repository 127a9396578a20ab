//! What the tests of builds need: a server that builds on this run's engine, and drafts with code.

use std::ops::{Deref, DerefMut};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::RwLockReadGuard;

use crate::{
    form::{archive, multipart, with_form},
    process::{Handover, TOKEN, wait_for},
    rig::{Rig, instance, rig},
};

pub(crate) const RUN: &str = "#!/bin/sh\ncd \"${0%/*}/..\" && read -r version < version\n\
    exec /handover demo --listen 0.0.0.0 --version \"$version\"\n";

/// A command that waits until somebody releases it. The engine remembers what commands have done, so that no two
/// tests may have the same.
pub(crate) fn waits(name: &str) -> String {
    let rest = "while busybox test ! -e /go; do busybox sleep 0.1; done; echo ends";
    format!("RUN echo {name}; echo begins; {rest}")
}

/// A server that builds on this engine, and leaves nothing there when it ends.
pub(crate) struct Console<'a, G> {
    handover: Option<Handover>,
    rig: &'a Rig<G>,
}

impl<G> Deref for Console<'_, G> {
    type Target = Handover;

    fn deref(&self) -> &Handover {
        self.handover.as_ref().unwrap()
    }
}

impl<G> DerefMut for Console<'_, G> {
    fn deref_mut(&mut self) -> &mut Handover {
        self.handover.as_mut().unwrap()
    }
}

impl<G> Drop for Console<'_, G> {
    fn drop(&mut self) {
        let instance = instance(self.folder());
        drop(self.handover.take());
        self.rig.tidy(&instance.unwrap_or_default());
    }
}

/// The engine, when it is one that shows what runs in a build, and ends that when nobody reads any more. Podman does
/// neither (docs/decisions/0018).
pub(crate) async fn rig_of_docker() -> Option<Rig<RwLockReadGuard<'static, ()>>> {
    let rig = rig().await?;
    if rig.is_podman() {
        eprintln!("NOT TESTED: Podman does not show what runs in a build");
        return None;
    }
    Some(rig)
}

impl<G> Rig<G> {
    pub(crate) async fn console(&self, flags: &[&str]) -> Console<'_, G> {
        Console { handover: Some(Handover::on_docker(flags).await), rig: self }
    }

    /// A Dockerfile on the test image.
    pub(crate) fn dockerfile(&self, steps: &str) -> String {
        format!("FROM {}\n{steps}\n", self.image)
    }

    pub(crate) fn has_image(&self, name: &str) -> bool {
        self.try_docker(&["image", "inspect", name]).0.is_some()
    }

    pub(crate) fn has_container(&self, name: &str) -> bool {
        self.try_docker(&["container", "inspect", name]).0.is_some()
    }

    /// Lets a build go on that waits.
    pub(crate) fn release(&self, container: &str) {
        self.docker(&["exec", container, "/bin/busybox", "touch", "/go"]);
    }

    pub(crate) async fn without_container(&self, name: &str) {
        let gone = async || (!self.has_container(name)).then_some(());
        wait_for("what ran in the build to be gone", gone).await;
    }
}

impl<G> Console<'_, G> {
    /// Uploads code, and gives the body of a draft with one container that is built from it.
    pub(crate) async fn draft(&self, files: &[(&str, u32, &str)], dockerfile: &Value) -> Value {
        let body = multipart(&[], "code.zip", &archive(files));
        let url = format!("{}/api/v2/files/fromFile/?useArchiveContents=true", self.url);
        let upload = self.client.request(Method::POST, url).bearer_auth(TOKEN);
        let code = with_form(upload, body).send().await.unwrap().error_for_status().unwrap();
        let code: Value = code.json().await.unwrap();
        let (catalog, version) = (&code["catalogId"], &code["catalogVersionId"]);
        let code = json!({ "datarobot": { "catalogId": catalog, "catalogVersionId": version } });
        let container = json!({
            "imageUri": "placeholder:latest",
            "port": 8080,
            "readinessProbe": { "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1 },
            "imageBuildConfig": { "codeRef": code, "dockerfile": dockerfile },
        });
        json!({ "name": "built", "spec": { "containerGroups": [{ "containers": [container] }] } })
    }

    /// Hands in a build of this code.
    pub(crate) async fn build(&self, files: &[(&str, u32, &str)], dockerfile: Value) -> Build {
        let artifact = self.post("/artifacts/", self.draft(files, &dockerfile).await).await;
        self.again(artifact["id"].as_str().unwrap()).await
    }

    pub(crate) async fn again(&self, artifact: &str) -> Build {
        let handed_in = self.post(&format!("/artifacts/{artifact}/builds/"), json!({})).await;
        let id = handed_in["buildIds"][0].as_str().unwrap().to_owned();
        Build { artifact: artifact.to_owned(), id }
    }

    /// The same with one Dockerfile of these steps and nothing else.
    pub(crate) async fn steps(&self, steps: &str) -> Build {
        let text = self.rig.dockerfile(steps);
        self.build(&[("Dockerfile", 0o644, &text)], provided("./Dockerfile")).await
    }

    pub(crate) async fn status(&self, build: &Build) -> String {
        self.get(&build.path()).await["status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn log(&self, build: &Build) -> Vec<Value> {
        let url = format!("{}/api/v2{}logs", self.url, build.path());
        let asked = self.client.get(url).bearer_auth(TOKEN).send().await.unwrap();
        let text = asked.error_for_status().unwrap().text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) async fn lines(&self, build: &Build) -> Vec<String> {
        let log = self.log(build).await;
        log.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until its command waits, in another container than this, and says in which.
    pub(crate) async fn waits(&self, build: &Build, before: Option<&str>) -> String {
        wait_for("the build to get to its command", async || {
            running_in(&self.lines(build).await).filter(|found| Some(&**found) != before)
        })
        .await
    }

    /// Waits for its end, which must be this one, and gives what it said.
    pub(crate) async fn ended(&self, build: &Build, status: &str) -> String {
        let over =
            |b: &Value| ["COMPLETED", "FAILED", "CANCELLED"].iter().any(|s| b["status"] == *s);
        let ended = self.until(&build.path(), over).await;
        let said = self.lines(build).await.join("\n");
        assert_eq!(ended["status"], status, "{said}");
        said
    }

    pub(crate) async fn image(&self, build: &Build) -> String {
        let artifact = self.get(&format!("/artifacts/{}/", build.artifact)).await;
        let container = &artifact["spec"]["containerGroups"][0]["containers"][0];
        container["imageUri"].as_str().unwrap().to_owned()
    }

    /// Runs what was built, and gives the version that answers.
    pub(crate) async fn serving(&self, build: &Build) -> String {
        let body = json!({ "name": "built", "artifactId": build.artifact });
        let workload = self.post("/workloads/", body).await;
        let id = workload["id"].as_str().unwrap();
        self.until(&format!("/workloads/{id}/"), |w| w["status"] == "running").await;
        let asked = self.client.get(self.endpoint(id, "")).bearer_auth(TOKEN).send().await;
        let answer = asked.unwrap().error_for_status().unwrap();
        answer.headers()["x-demo-version"].to_str().unwrap().to_owned()
    }

    /// Whether another artifact may name this image.
    pub(crate) async fn takes(&self, image: &str) -> bool {
        let spec = json!({ "containerGroups": [{ "containers": [{ "imageUri": image }] }] });
        let body = json!({ "name": "another", "spec": spec });
        let (status, answer) = self.call(Method::POST, "/artifacts/", Some(body)).await;
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            assert!(
                answer["detail"][0]["msg"].as_str().unwrap().contains("not permitted"),
                "{answer}"
            );
        }
        status.is_success()
    }
}

/// A build that was handed in.
pub(crate) struct Build {
    pub(crate) artifact: String,
    pub(crate) id: String,
}

impl Build {
    pub(crate) fn path(&self) -> String {
        format!("/artifacts/{}/builds/{}/", self.artifact, self.id)
    }

    pub(crate) fn label(&self) -> String {
        format!("label=handover.build={}", self.id)
    }
}

/// The container of a command that has begun to wait.
pub(crate) fn running_in(lines: &[String]) -> Option<String> {
    let begins = lines.iter().rposition(|line| line == "begins")?;
    let line = lines[..begins].iter().rev().find(|line| line.contains("Running in "))?;
    line.split_whitespace().last().map(str::to_owned)
}

pub(crate) fn provided(path: &str) -> Value {
    json!({ "source": "provided", "path": path })
}
