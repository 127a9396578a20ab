//! Builds of the whole server on this run's engine: from uploaded code to what answers.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    console::{RUN, provided, rig_of_docker, waits},
    process::wait_for,
    rig::{LOGIN, instance, rig, rig_alone},
};

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
