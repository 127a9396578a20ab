//! `/artifacts/{id}/builds` and `/executionEnvironments`: images from uploaded code.

use handover::model::{BuildId, BuildStatus, BuildTarget, Dockerfile};
use serde_json::{Value, json};

use crate::{
    server::{Server, id},
    upload::{multipart, program},
};

/// A draft whose one container is built on the host's own environment.
async fn draft(server: &Server) -> String {
    let environments = server.get("/executionEnvironments/?limit=100").await.is(200);
    let environment = &environments["data"][0];
    let dockerfile = json!({
        "source": "generated",
        "executionEnvironmentId": environment["id"],
        "executionEnvironmentVersionId": environment["latestSuccessfulVersion"]["id"],
        "entrypoint": ["./run.sh"],
    });
    draft_with(server, dockerfile).await
}

async fn draft_with(server: &Server, dockerfile: Value) -> String {
    let container = json!({
        "imageUri": "placeholder:latest",
        "port": 8080,
        "readinessProbe": { "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1 },
        "imageBuildConfig": { "dockerfile": dockerfile },
    });
    let spec = json!({ "containerGroups": [{ "containers": [container] }] });
    id(&server.post("/artifacts/", json!({ "name": "built", "spec": spec })).await.is(201))
}

/// Sets the code of the container in the spec as it is read, as clients do.
async fn set_code(server: &Server, artifact: &str, code: &Value) -> Value {
    let path = format!("/artifacts/{artifact}/");
    let mut spec = server.get(&path).await.is(200)["spec"].take();
    let stale = spec.clone();
    let (catalog, version) = (&code["catalogId"], &code["catalogVersionId"]);
    let code = json!({ "datarobot": { "catalogId": catalog, "catalogVersionId": version } });
    spec["containerGroups"][0]["containers"][0]["imageBuildConfig"]["codeRef"] = code;
    let patched = server.patch(&path, json!({ "spec": spec })).await.is(200);
    assert_eq!(
        container(&patched)["imageBuildConfig"],
        container(&json!({ "spec": spec }))["imageBuildConfig"]
    );
    stale
}

fn container(artifact: &Value) -> &Value {
    &artifact["spec"]["containerGroups"][0]["containers"][0]
}

/// Hands in a build and waits for its end.
async fn build(server: &Server, artifact: &str) -> Value {
    let handed_in = server.post(&format!("/artifacts/{artifact}/builds/"), json!({})).await.is(202);
    let ids = handed_in["buildIds"].as_array().unwrap();
    assert_eq!(ids.len(), 1);
    ended(server, artifact, ids[0].as_str().unwrap()).await
}

async fn ended(server: &Server, artifact: &str, build: &str) -> Value {
    let path = format!("/artifacts/{artifact}/builds/{build}/");
    let over = |b: &Value| ["COMPLETED", "FAILED", "CANCELLED"].iter().any(|s| b["status"] == *s);
    server.until(&path, over).await
}

async fn log(server: &Server, artifact: &str, build: &Value) -> Vec<Value> {
    let path = format!("/artifacts/{artifact}/builds/{}/logs", id(build));
    match server.get(&path).await.is(200) {
        Value::String(lines) => lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect(),
        one => vec![one],
    }
}

#[track_caller]
fn said(lines: &[Value], text: &str) {
    let found = lines.iter().any(|line| line["message"].as_str().unwrap().contains(text));
    assert!(found, "nobody said '{text}': {lines:#?}");
}

/// The way of Terraform, from a draft without code to a locked version that serves what was uploaded.
#[tokio::test(flavor = "multi_thread")]
async fn uploaded_code_is_built_locked_and_served() {
    let server = Server::start().await;
    let artifact = draft(&server).await;
    let path = format!("/artifacts/{artifact}/");
    let workload = json!({ "name": "built", "artifactId": artifact });
    let no_code = server.post(&format!("{path}builds/"), json!({})).await.is(422);
    let at = "spec.containerGroups.0.containers.0.imageBuildConfig.codeRef";
    assert_eq!(no_code["detail"][0]["path"], at);
    server.patch(&path, json!({ "status": "locked" })).await.is(422);

    let code = server.catalog(&program("7.1")).await;
    let stale = set_code(&server, &artifact, &code).await;
    let unbuilt = server.post("/workloads/", workload.clone()).await.is(422);
    assert!(unbuilt["detail"][0]["msg"].as_str().unwrap().contains("start a build"), "{unbuilt}");
    server.patch(&path, json!({ "status": "locked" })).await.is(422);

    let done = build(&server, &artifact).await;
    assert_eq!((&done["status"], &done["artifactId"]), (&json!("COMPLETED"), &json!(artifact)));
    let built = server.get(&path).await.is(200);
    let image = container(&built)["imageUri"].as_str().unwrap().to_owned();
    assert!(image.starts_with("handover/local@sha256:"), "{image}");
    let shown = json!({
        "artifactImageBuildId": done["id"], "createdAt": done["createdAt"], "status": "COMPLETED",
    });
    assert_eq!(container(&built)["build"], shown);

    let lines = log(&server, &artifact, &done).await;
    let mut fields: Vec<&str> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["asctime", "build_id", "levelname", "message", "name"]);
    assert!(lines.iter().all(|line| line["build_id"] == done["id"] && line["levelname"] == "INFO"));
    said(&lines, &image);

    // A client that read the artifact before the build ended writes it back.
    let mut late = stale;
    late["containerGroups"][0]["containers"][0]["imageBuildConfig"] =
        container(&built)["imageBuildConfig"].clone();
    let late = server.patch(&path, json!({ "spec": late })).await.is(200);
    assert_eq!(late["spec"], built["spec"], "the build's image stays");
    let mut forged = built["spec"].clone();
    forged["containerGroups"][0]["containers"][0]["imageUri"] = json!("handover/demo:1.0");
    let refused = server.patch(&path, json!({ "spec": forged })).await.is(422);
    assert!(refused["detail"][0]["msg"].as_str().unwrap().contains("not permitted"), "{refused}");

    let locked = server.patch(&path, json!({ "status": "locked" })).await.is(200);
    assert_eq!((&locked["version"], &locked["spec"]), (&json!(1), &built["spec"]));
    server.post(&format!("{path}builds"), Value::Null).await.is(422);
    let workload = id(&server.post("/workloads/", workload).await.is(201));
    server.until(&format!("/workloads/{workload}/"), |w| w["status"] == "running").await;
    assert_eq!(server.serving(&workload).await, "7.1");

    let copy = server.post(&format!("{path}clone/"), json!({ "name": "copy" })).await.is(200);
    assert_eq!(copy["spec"], built["spec"]);
    let copy = format!("/artifacts/{}/", id(&copy));
    assert_eq!(server.patch(&copy, json!({ "status": "locked" })).await.is(200)["version"], 2);
}

/// The loop of the command line: new code for a draft that runs, built, and put in its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_rebuilt_while_it_serves() {
    let server = Server::start().await;
    let artifact = draft(&server).await;
    let code = server.catalog(&program("1.0")).await;
    set_code(&server, &artifact, &code).await;
    let first = build(&server, &artifact).await;
    let workload = server.workload("loop", &artifact).await;
    assert_eq!(server.serving(&workload).await, "1.0");

    let catalog = code["catalogId"].as_str().unwrap();
    let stage = server.post(&format!("/files/{catalog}/stages/"), json!({})).await.is(201);
    let stage = stage["stageId"].as_str().unwrap();
    let upload = format!("/files/{catalog}/stages/{stage}/upload/");
    server.upload(&upload, multipart(&[], "version", b"2.0")).await.is(201);
    let apply = json!({ "stageId": stage, "overwrite": "REPLACE" });
    let code = server.post(&format!("/files/{catalog}/fromStage/"), apply).await.is(201);
    let old = server.get(&format!("/artifacts/{artifact}/")).await.is(200);
    set_code(&server, &artifact, &code).await;
    let other = server.get(&format!("/artifacts/{artifact}/")).await.is(200);
    assert_eq!(container(&other)["imageUri"], container(&old)["imageUri"], "echoed");
    assert_eq!(container(&other)["build"], Value::Null, "this code has no build yet");
    let body = json!({ "artifactId": artifact, "config": {} });
    let replacement = format!("/workloads/{workload}/replacement/");
    server.post(&replacement, body.clone()).await.is(422);

    let second = build(&server, &artifact).await;
    server.post(&replacement, body).await.is(202);
    server.until(&replacement, |r| r["status"] == "completed").await;
    assert_eq!(server.serving(&workload).await, "2.0");
    let page = server.get(&format!("/artifacts/{artifact}/builds/")).await.is(200);
    assert_eq!(page["data"], json!([second, first]), "newest first");
}

/// What this server can't build, it says, and the artifact shows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_can_not_be_done_fails_with_a_reason() {
    let server = Server::start().await;
    let code = server.catalog(&[("Dockerfile", 0o644, "FROM scratch\n")]).await;
    let unknown = json!({ "source": "generated", "executionEnvironmentId": "none",
        "executionEnvironmentVersionId": "none", "entrypoint": ["./run.sh"] });
    let cases = [
        (json!({ "source": "provided", "path": "./Dockerfile" }), "no container engine"),
        (unknown, "no execution environment none"),
    ];
    for (dockerfile, why) in cases {
        let artifact = draft_with(&server, dockerfile).await;
        set_code(&server, &artifact, &code).await;
        let failed = build(&server, &artifact).await;
        assert_eq!(failed["status"], "FAILED");
        let lines = log(&server, &artifact, &failed).await;
        said(&lines, why);
        assert_eq!(lines.last().unwrap()["levelname"], "ERROR");
        let path = format!("/artifacts/{artifact}/");
        let shown = server.get(&path).await.is(200);
        assert_eq!(container(&shown)["build"]["status"], "FAILED");
        assert_eq!(container(&shown)["imageUri"], "placeholder:latest");
        let refused = server.patch(&path, json!({ "status": "locked" })).await.is(422);
        assert!(refused["detail"][0]["msg"].as_str().unwrap().contains("FAILED"), "{refused}");
        server.delete(&path).await.is(204);
        server.get(&format!("{path}builds/{}/", id(&failed))).await.is(404);
    }
}

/// A build belongs to its row: one that another server left behind is taken up, one that no server survived
/// is given up, and one that nobody asks for any more is cancelled.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_taken_up_where_it_was_left() {
    let server = Server::start().await;
    let artifact = draft(&server).await;
    let code = server.catalog(&program("1.0")).await;
    set_code(&server, &artifact, &code).await;
    let done = build(&server, &artifact).await;
    let house = server.house();
    let (org, known): (_, BuildId) = {
        let found = house.store.unfinished_builds().await.unwrap();
        assert!(found.is_empty(), "{found:?}");
        let record = server.get("/account/info/").await.is(200);
        (record["orgId"].as_str().unwrap().parse().unwrap(), id(&done).parse().unwrap())
    };
    let leave = async |change: &dyn Fn(&mut handover::model::Build)| {
        let mut left = house.store.build(&org, &known).await.unwrap().unwrap();
        left.id = BuildId::from_bytes(house.id());
        left.created_at = house.now();
        change(&mut left);
        let mut write = house.store.write().await.unwrap();
        write.insert_build(&left).await.unwrap();
        write.commit().await.unwrap();
        left.id.to_string()
    };
    let begun = leave(&|build| {
        (build.status, build.attempts) = (BuildStatus::InProgress, 1);
        build.targets[0].image = None;
    })
    .await;
    house.builds.ring();
    let again = ended(&server, &artifact, &begun).await;
    assert_eq!(again["status"], "COMPLETED");
    said(&log(&server, &artifact, &again).await, "attempt 2 of 3");

    let built = leave(&|build| build.status = BuildStatus::Built).await;
    house.builds.ring();
    assert_eq!(ended(&server, &artifact, &built).await["status"], "COMPLETED");

    let hopeless =
        leave(&|build| (build.status, build.attempts) = (BuildStatus::InProgress, 3)).await;
    house.builds.ring();
    let failed = ended(&server, &artifact, &hopeless).await;
    assert_eq!(failed["status"], "FAILED");
    said(&log(&server, &artifact, &failed).await, "never came to an end");

    let unwanted = leave(&|build| {
        build.status = BuildStatus::Pending;
        build.targets[0].image = None;
        // The image of a container that was there when it was handed in.
        build.targets.push(BuildTarget { dockerfile: Dockerfile::default(), image: None });
    })
    .await;
    let wanted = build(&server, &artifact).await;
    assert_eq!(wanted["status"], "COMPLETED");
    assert_eq!(ended(&server, &artifact, &unwanted).await["status"], "CANCELLED");
    let shown = server.get(&format!("/artifacts/{artifact}/")).await.is(200);
    assert_eq!(container(&shown)["build"]["artifactImageBuildId"], wanted["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_built_is_refused() {
    let server = Server::start().await;
    let plain = server.draft("1.0", &[]).await;
    server.post(&format!("/artifacts/{plain}/builds/"), json!({})).await.is(422);
    server.get(&format!("/artifacts/{plain}/builds/none/")).await.is(404);
    server.get(&format!("/artifacts/{plain}/builds/not%20an%20id/")).await.is(422);
    server.post("/artifacts/none/builds/", json!({})).await.is(404);

    let with = |image: &str, config: Value| {
        let container = json!({ "imageUri": image, "imageBuildConfig": config });
        let spec = json!({ "containerGroups": [{ "containers": [container] }] });
        json!({ "name": "built", "spec": spec })
    };
    let refused = |body| async { server.post("/artifacts/", body).await.is(422) };
    refused(with("shop:1", json!({}))).await;
    let code = json!({ "datarobot": { "catalogId": "none", "catalogVersionId": "none" } });
    let unknown = refused(with("placeholder:latest", json!({ "codeRef": code }))).await;
    let at = "spec.containerGroups.0.containers.0.imageBuildConfig.codeRef";
    assert_eq!(unknown["detail"][0]["path"], at);
    refused(with("placeholder:latest", json!({ "dockerfile": { "source": "magic" } }))).await;
    let outside = json!({ "dockerfile": { "source": "provided", "path": "../Dockerfile" } });
    refused(with("placeholder:latest", outside)).await;
    for built in ["handover/local@sha256:00", "handover.invalid/server/artifact:build"] {
        let mut by_hand = with(built, json!({}));
        by_hand["spec"]["containerGroups"][0]["containers"][0]["imageBuildConfig"] = Value::Null;
        refused(by_hand).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_is_offered_as_an_environment() {
    let server = Server::start().await;
    let page = server.get("/executionEnvironments/?searchFor=native").await.is(200);
    let host = &page["data"][0];
    assert_eq!((&page["totalCount"], &host["isPublic"]), (&json!(1), &json!(true)));
    let path = format!("/executionEnvironments/{}/", id(host));
    assert_eq!(server.get(&path).await.is(200), *host);
    let versions = server.get(&format!("{path}versions/")).await.is(200);
    assert_eq!(versions["data"][0]["id"], host["latestSuccessfulVersion"]["id"]);
    let others = server.get("/executionEnvironments/?useCases=notebook").await.is(200);
    assert_eq!(others["data"], json!([]));
    server.get("/executionEnvironments/none/versions/").await.is(404);
}
