//! Builds of the whole server on this run's engine: from uploaded code to what answers.

use std::ops::{Deref, DerefMut};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::RwLockReadGuard;

use crate::{
    form::{archive, multipart, with_form},
    process::{Handover, TOKEN, wait_for},
    rig::{LOGIN, Rig, instance, rig, rig_alone},
};

/// The program of the images that are built here. It finds its version in its own folder.
const RUN: &str = "#!/bin/sh\ncd \"${0%/*}/..\" && read -r version < version\n\
    exec /handover demo --listen 0.0.0.0 --version \"$version\"\n";

/// A command that waits until somebody releases it. The engine remembers what commands have done, so that no two
/// tests may have the same.
fn waits(name: &str) -> String {
    let rest = "while busybox test ! -e /go; do busybox sleep 0.1; done; echo ends";
    format!("RUN echo {name}; echo begins; {rest}")
}

/// A server that builds on this engine, and leaves nothing there when it ends.
struct Console<'a, G> {
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
async fn rig_of_docker() -> Option<Rig<RwLockReadGuard<'static, ()>>> {
    let rig = rig().await?;
    if rig.is_podman() {
        eprintln!("NOT TESTED: Podman does not show what runs in a build");
        return None;
    }
    Some(rig)
}

impl<G> Rig<G> {
    async fn console(&self, flags: &[&str]) -> Console<'_, G> {
        Console { handover: Some(Handover::on_docker(flags).await), rig: self }
    }

    /// A Dockerfile on the test image.
    fn dockerfile(&self, steps: &str) -> String {
        format!("FROM {}\n{steps}\n", self.image)
    }

    fn has_image(&self, name: &str) -> bool {
        self.try_docker(&["image", "inspect", name]).0.is_some()
    }

    fn has_container(&self, name: &str) -> bool {
        self.try_docker(&["container", "inspect", name]).0.is_some()
    }

    /// Lets a build go on that waits.
    fn release(&self, container: &str) {
        self.docker(&["exec", container, "/bin/busybox", "touch", "/go"]);
    }

    async fn without_container(&self, name: &str) {
        let gone = async || (!self.has_container(name)).then_some(());
        wait_for("what ran in the build to be gone", gone).await;
    }
}

impl<G> Console<'_, G> {
    /// Uploads code, and gives the body of a draft with one container that is built from it.
    async fn draft(&self, files: &[(&str, u32, &str)], dockerfile: &Value) -> Value {
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
    async fn build(&self, files: &[(&str, u32, &str)], dockerfile: Value) -> Build {
        let artifact = self.post("/artifacts/", self.draft(files, &dockerfile).await).await;
        self.again(artifact["id"].as_str().unwrap()).await
    }

    async fn again(&self, artifact: &str) -> Build {
        let handed_in = self.post(&format!("/artifacts/{artifact}/builds/"), json!({})).await;
        let id = handed_in["buildIds"][0].as_str().unwrap().to_owned();
        Build { artifact: artifact.to_owned(), id }
    }

    /// The same with one Dockerfile of these steps and nothing else.
    async fn steps(&self, steps: &str) -> Build {
        let text = self.rig.dockerfile(steps);
        self.build(&[("Dockerfile", 0o644, &text)], provided("./Dockerfile")).await
    }

    async fn status(&self, build: &Build) -> String {
        self.get(&build.path()).await["status"].as_str().unwrap().to_owned()
    }

    async fn log(&self, build: &Build) -> Vec<Value> {
        let url = format!("{}/api/v2{}logs", self.url, build.path());
        let asked = self.client.get(url).bearer_auth(TOKEN).send().await.unwrap();
        let text = asked.error_for_status().unwrap().text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    async fn lines(&self, build: &Build) -> Vec<String> {
        let log = self.log(build).await;
        log.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until its command waits, in another container than this, and says in which.
    async fn waits(&self, build: &Build, before: Option<&str>) -> String {
        wait_for("the build to get to its command", async || {
            running_in(&self.lines(build).await).filter(|found| Some(&**found) != before)
        })
        .await
    }

    /// Waits for its end, which must be this one, and gives what it said.
    async fn ended(&self, build: &Build, status: &str) -> String {
        let over =
            |b: &Value| ["COMPLETED", "FAILED", "CANCELLED"].iter().any(|s| b["status"] == *s);
        let ended = self.until(&build.path(), over).await;
        let said = self.lines(build).await.join("\n");
        assert_eq!(ended["status"], status, "{said}");
        said
    }

    async fn image(&self, build: &Build) -> String {
        let artifact = self.get(&format!("/artifacts/{}/", build.artifact)).await;
        let container = &artifact["spec"]["containerGroups"][0]["containers"][0];
        container["imageUri"].as_str().unwrap().to_owned()
    }

    /// Runs what was built, and gives the version that answers.
    async fn serving(&self, build: &Build) -> String {
        let body = json!({ "name": "built", "artifactId": build.artifact });
        let workload = self.post("/workloads/", body).await;
        let id = workload["id"].as_str().unwrap();
        self.until(&format!("/workloads/{id}/"), |w| w["status"] == "running").await;
        let asked = self.client.get(self.endpoint(id, "")).bearer_auth(TOKEN).send().await;
        let answer = asked.unwrap().error_for_status().unwrap();
        answer.headers()["x-demo-version"].to_str().unwrap().to_owned()
    }

    /// Whether another artifact may name this image.
    async fn takes(&self, image: &str) -> bool {
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
struct Build {
    artifact: String,
    id: String,
}

impl Build {
    fn path(&self) -> String {
        format!("/artifacts/{}/builds/{}/", self.artifact, self.id)
    }

    fn label(&self) -> String {
        format!("label=handover.build={}", self.id)
    }
}

/// The container of a command that has begun to wait.
fn running_in(lines: &[String]) -> Option<String> {
    let begins = lines.iter().rposition(|line| line == "begins")?;
    let line = lines[..begins].iter().rev().find(|line| line.contains("Running in "))?;
    line.split_whitespace().last().map(str::to_owned)
}

fn provided(path: &str) -> Value {
    json!({ "source": "provided", "path": path })
}

#[tokio::test(flavor = "multi_thread")]
async fn code_with_a_dockerfile_is_built_and_answers() {
    let Some(rig) = rig().await else { return };
    let console = rig.console(&[]).await;
    let text = rig.dockerfile(
        "COPY . /srv\n\
         RUN cd /srv && busybox test -x bin/run.sh && ! busybox test -x version && ! busybox test -e secret\n\
         ENTRYPOINT [\"/srv/bin/run.sh\"]",
    );
    let files = [
        (".dockerignore", 0o644, "secret\n"),
        ("bin/run.sh", 0o755, RUN),
        ("build/Dockerfile", 0o644, &*text),
        ("secret", 0o644, "not in the image"),
        ("version", 0o644, "7.1\n"),
    ];
    let build = console.build(&files, provided("./build/Dockerfile")).await;
    let said = console.ended(&build, "COMPLETED").await;
    assert!(said.to_lowercase().contains("step 1/"), "{said}");
    let image = console.image(&build).await;
    assert!(image.starts_with("handover.invalid/") && said.contains(&image), "{image}: {said}");
    assert_eq!(
        rig.docker(&["images", "--filter", &build.label(), "--format", "{{.Tag}}"]),
        build.id
    );
    assert_eq!(console.serving(&build).await, "7.1");
    assert!(!console.takes(&image).await, "it is nobody else's to name");
}

#[tokio::test(flavor = "multi_thread")]
async fn code_without_a_dockerfile_is_built_on_a_named_image() {
    let Some(rig) = rig().await else { return };
    let named = format!("Demo={}", rig.image);
    let console = rig.console(&["--build-environment", &named]).await;
    let page = console.get("/executionEnvironments/").await;
    let names: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Native process", "Demo"]);
    let on = |environment: usize| {
        let environment = &page["data"][environment];
        json!({
            "source": "generated",
            "executionEnvironmentId": environment["id"],
            "executionEnvironmentVersionId": environment["latestSuccessfulVersion"]["id"],
            "entrypoint": ["./bin/run.sh"],
        })
    };
    let files = [
        ("Dockerfile", 0o644, "FROM nowhere:1\n"),
        ("bin/run.sh", 0o755, RUN),
        ("version", 0o644, "7.2\n"),
    ];
    let build = console.build(&files, on(1)).await;
    let said = console.ended(&build, "COMPLETED").await;
    assert!(said.contains(&format!("FROM {}", rig.image)), "{said}");
    let image = console.image(&build).await;
    let of = |format: &str| rig.docker(&["image", "inspect", "--format", format, &image]);
    assert_eq!(of("{{.Config.User}} {{.Config.WorkingDir}}"), "65532:65532 /app");
    assert_eq!(console.serving(&build).await, "7.2");

    // Code for the host goes on being kept for the host.
    let native = console.build(&files, on(0)).await;
    console.ended(&native, "COMPLETED").await;
    assert!(console.image(&native).await.starts_with("handover/local@sha256:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn its_lines_are_seen_while_it_builds_and_its_end_says_why() {
    let Some(rig) = rig_of_docker().await else { return };
    let console = rig.console(&[]).await;
    let build = console.steps(&format!("{}; exit 7", waits("fails"))).await;
    let container = console.waits(&build, None).await;
    assert_eq!(console.status(&build).await, "IN_PROGRESS");
    assert!(!console.lines(&build).await.iter().any(|line| line == "ends"));
    rig.release(&container);
    let said = console.ended(&build, "FAILED").await;
    assert!(said.lines().any(|line| line == "ends"), "{said}");
    let last = console.log(&build).await.pop().unwrap();
    assert_eq!(last["levelname"], "ERROR");
    let why = last["message"].as_str().unwrap();
    assert!(why.starts_with("failed: the command ") && why.ends_with("exit code 7"), "{why}");
    rig.without_container(&container).await;
    assert_eq!(rig.docker(&["images", "-q", "--filter", &build.label()]), "", "there is no image");

    for (steps, why) in [
        ("FORM nowhere", "unknown instruction: FORM"),
        ("COPY nothing /", "COPY failed"),
        ("FROM handover.invalid/nothing:1", "a base image can't be pulled"),
    ] {
        let said = console.ended(&console.steps(steps).await, "FAILED").await;
        assert!(said.contains(why), "{said}");
    }
    let none = console.build(&[("a", 0o644, "b")], provided("./other")).await;
    let said = console.ended(&none, "FAILED").await;
    assert!(said.contains("the code has no file ./other"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_ends_at_the_engine_too() {
    let Some(rig) = rig_of_docker().await else { return };
    let console = rig.console(&[]).await;
    let cancelled = console.steps(&waits("never")).await;
    let container = console.waits(&cancelled, None).await;
    let cancel = format!("{}cancel", cancelled.path());
    let (status, _) = console.call(Method::POST, &cancel, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    rig.without_container(&container).await;
    let said = console.ended(&cancelled, "CANCELLED").await;
    assert!(!said.lines().any(|line| line == "ends"), "{said}");

    let deleted = console.steps(&waits("never more")).await;
    let container = console.waits(&deleted, None).await;
    let artifact = format!("/artifacts/{}/", deleted.artifact);
    let (status, _) = console.call(Method::DELETE, &artifact, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    rig.without_container(&container).await;
    for build in [&cancelled, &deleted] {
        assert_eq!(rig.docker(&["images", "-q", "--filter", &build.label()]), "");
    }
    assert_eq!(console.status(&cancelled).await, "CANCELLED", "and so it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_build_takes_for_ever() {
    let Some(rig) = rig_of_docker().await else { return };
    let console = rig.console(&["--build-deadline", "3s"]).await;
    let late = console.steps(&waits("too long")).await;
    let said = console.ended(&late, "FAILED").await;
    assert!(said.contains("did not end within 3 s"), "{said}");
    let network = format!("network=handover-{}", instance(console.folder()).unwrap());
    wait_for("its container to be gone", async || {
        rig.docker(&["ps", "-aq", "--filter", &network]).is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_the_same_bytes_wherever_it_is_pulled() {
    let Some(rig) = rig().await else { return };
    let registry = format!("{}/team", rig.registry);
    let console = rig.console(&["--build-registry", &registry]).await;
    let text = rig.dockerfile("COPY . /srv\nENTRYPOINT [\"/srv/bin/run.sh\"]");
    let files =
        [("Dockerfile", 0o644, &*text), ("bin/run.sh", 0o755, RUN), ("version", 0o644, "7.3\n")];
    let build = console.build(&files, provided("./Dockerfile")).await;
    let said = console.ended(&build, "COMPLETED").await;
    let image = console.image(&build).await;
    assert!(image.starts_with(&format!("{registry}/{}@sha256:", build.artifact)), "{image}");
    assert!(said.contains(&format!("pushing {registry}/")) && said.contains(&image), "{said}");

    let tagged = format!("{registry}/{}:{}", build.artifact, build.id);
    rig.docker(&["rmi", "--force", &tagged, &image]);
    assert!(!rig.has_image(&image));
    assert_eq!(console.serving(&build).await, "7.3");
    assert!(!console.takes(&tagged).await && !console.takes(&image).await);
    assert!(console.takes(&format!("{registry}/shop:1")).await, "others may be beside it");
    drop(console);

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let console = rig.console(&["--build-registry", &free.to_string()]).await;
    let refused = console.steps("LABEL a=b").await;
    let said = console.ended(&refused, "FAILED").await;
    assert!(said.contains("can't be pushed: the registry can't be reached"), "{said}");
    let tagged = format!("{free}/{}:{}", refused.artifact, refused.id);
    assert!(!rig.has_image(&tagged), "nothing is left under a name that leads nowhere");
}

/// For the base image, for the push, and for the pull of what was pushed.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_registry_is_shown_the_credential_of_who_builds() {
    let Some(rig) = rig().await else { return };
    let base = rig.publish(&rig.closed_registry, "base", "echo base > /which");
    let registry = format!("{}/team", rig.closed_registry);
    let console = rig.console(&["--build-registry", &registry]).await;
    let text = format!("FROM {base}\nCOPY . /srv\nENTRYPOINT [\"/srv/bin/run.sh\"]\n");
    let files =
        [("Dockerfile", 0o644, &*text), ("bin/run.sh", 0o755, RUN), ("version", 0o644, "7.4\n")];
    let refused = console.build(&files, provided("./Dockerfile")).await;
    let said = console.ended(&refused, "FAILED").await;
    assert!(said.contains("a credential of type registry may be missing"), "{said}");

    let open = console.steps("LABEL a=closed").await;
    let said = console.ended(&open, "FAILED").await;
    assert!(said.contains("refuses it: a credential of type registry"), "{said}");

    let (user, password) = LOGIN;
    let credential = json!({
        "name": "our registry", "credentialType": "registry",
        "registry": rig.closed_registry, "user": user, "password": password,
    });
    console.post("/credentials/", credential).await;
    let build = console.again(&refused.artifact).await;
    let said = console.ended(&build, "COMPLETED").await;
    assert!(said.contains("'our registry'") && !said.contains(password), "{said}");
    let image = console.image(&build).await;
    assert!(image.starts_with(&format!("{registry}/{}@sha256:", build.artifact)), "{image}");
    rig.docker(&["rmi", "--force", &format!("{registry}/{}:{}", build.artifact, build.id), &image]);
    assert!(!rig.has_image(&image));
    assert_eq!(console.serving(&build).await, "7.4");
}

/// A server that is killed leaves nothing running, and the next one begins the build again.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_outlives_the_server() {
    let Some(rig) = rig_of_docker().await else { return };
    let mut console = rig.console(&[]).await;
    let build = console.steps(&waits("survives")).await;
    let first = console.waits(&build, None).await;
    console.kill();
    rig.without_container(&first).await;
    console.start_again().await;
    let second = console.waits(&build, Some(&first)).await;
    rig.release(&second);
    let said = console.ended(&build, "COMPLETED").await;
    assert!(said.contains("attempt 2 of 3"), "{said}");
}

/// An engine that ends kills what it runs. That is no fault of the build.
#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_goes_is_waited_for() {
    if rig_of_docker().await.is_none() {
        return;
    }
    let Some(rig) = rig_alone().await else { return };
    let console = rig.console(&[]).await;
    for how in ["stop", "kill"] {
        let build = console.steps(&waits(how)).await;
        let first = console.waits(&build, None).await;
        rig.dockerd(how);
        rig.dockerd("start");
        let second = console.waits(&build, Some(&first)).await;
        rig.release(&second);
        let said = console.ended(&build, "COMPLETED").await;
        assert!(said.contains("attempt 2 of 3"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_engine_do_not_meet() {
    let Some(rig) = rig_of_docker().await else { return };
    let (one, other) = (rig.console(&[]).await, rig.console(&[]).await);
    let steps = waits("meets");
    let (mine, theirs) = (one.steps(&steps).await, other.steps(&steps).await);
    let (my_container, their_container) =
        (one.waits(&mine, None).await, other.waits(&theirs, None).await);
    one.call(Method::POST, &format!("{}cancel", mine.path()), None).await;
    one.ended(&mine, "CANCELLED").await;
    rig.without_container(&my_container).await;
    assert!(rig.has_container(&their_container));
    rig.release(&their_container);
    other.ended(&theirs, "COMPLETED").await;
    // What the command did is known by now, and is not done again.
    let again = one.again(&mine.artifact).await;
    one.ended(&again, "COMPLETED").await;
    let (my_image, their_image) = (one.image(&again).await, other.image(&theirs).await);
    let server = |image: &str| image.split('/').nth(1).unwrap().to_owned();
    assert_ne!(server(&my_image), server(&their_image));
    assert!(rig.has_image(&my_image) && rig.has_image(&their_image));
}

/// What was built and is named no more goes; what a person has made of it stays.
#[tokio::test(flavor = "multi_thread")]
async fn images_that_nothing_names_are_given_up() {
    let Some(rig) = rig().await else { return };
    let mut console = rig.console(&["--image-unused", "0s"]).await;
    let first = console.steps("LABEL made=first").await;
    console.ended(&first, "COMPLETED").await;
    let old = console.image(&first).await;
    rig.docker(&["tag", &old, "handover-test/theirs:1"]);
    let text = rig.dockerfile("LABEL made=second");
    let next = console.draft(&[("Dockerfile", 0o644, &text)], &provided("./Dockerfile")).await;
    let path = format!("/artifacts/{}/", first.artifact);
    let (status, _) =
        console.call(Method::PATCH, &path, Some(json!({ "spec": next["spec"] }))).await;
    assert_eq!(status, StatusCode::OK);
    let second = console.again(&first.artifact).await;
    console.ended(&second, "COMPLETED").await;
    let new = console.image(&second).await;
    assert_ne!(new, old);
    // It looks at each start, and then every hour.
    console.kill();
    console.start_again().await;
    let gone = async || (!rig.has_image(&old)).then_some(());
    wait_for("the first image to be given up", gone).await;
    assert!(rig.has_image(&new) && rig.has_image("handover-test/theirs:1"));
}
