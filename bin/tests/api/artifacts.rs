//! `/artifacts` and `/artifactRepositories`.

use serde_json::{Value, json};

use crate::server::{Server, artifact, id, spec};

/// Rule 10: a locked artifact can't be changed or deleted.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_artifact_is_immutable() {
    let server = Server::start().await;
    let locked = server.locked("1.0", &[]).await;
    let path = format!("/artifacts/{locked}/");
    let before = server.get(&path).await.is(200);
    assert_eq!((&before["status"], &before["version"]), (&json!("locked"), &json!(1)));
    server.patch(&path, json!({ "spec": spec("2.0", &[]) })).await.is(403);
    server.patch(&path, json!({ "name": "other" })).await.is(403);
    server.patch(&path, json!({ "status": "draft" })).await.is(403);
    server.patch(&path, json!({ "status": "locked" })).await.is(403);
    server.put(&path, artifact("2.0", &[])).await.is(403);
    server.delete(&path).await.is(409);
    assert_eq!(server.get(&path).await.is(200), before);
}

/// Rule 18: a clone of a locked artifact is a draft in the same repository, without a version.
#[tokio::test(flavor = "multi_thread")]
async fn a_clone_is_a_draft_of_the_same_repository() {
    let server = Server::start().await;
    let source = id(&server.post("/artifacts/", artifact("1.0", &[("A", "b")])).await.is(201));
    server.patch(&format!("/artifacts/{source}/"), json!({ "status": "registered" })).await.is(200);
    let source = server.get(&format!("/artifacts/{source}/")).await.is(200);
    let path = format!("/artifacts/{}/clone/", id(&source));
    let clone = server.post(&path, json!({ "name": "copy" })).await.is(200);
    assert_eq!(clone["status"], "draft");
    assert_eq!(clone["version"], Value::Null);
    assert_eq!(clone["artifactRepositoryId"], source["artifactRepositoryId"]);
    assert_eq!(clone["spec"], source["spec"]);
    assert_ne!(clone["id"], source["id"]);

    let locked = json!({ "name": "second", "status": "locked" });
    let second = server.patch(&format!("/artifacts/{}/", id(&clone)), locked).await.is(200);
    assert_eq!((&second["version"], &second["name"]), (&json!(2), &json!("second")));
    let repository = source["artifactRepositoryId"].as_str().unwrap();
    let repository = server.get(&format!("/artifactRepositories/{repository}/")).await.is(200);
    assert_eq!(
        (&repository["lastVersionNumber"], &repository["numArtifacts"]),
        (&json!(2), &json!(2))
    );
    let page = server.get("/artifactRepositories").await.is(200);
    assert_eq!(page["data"], json!([repository]));
}

/// What a client sent it reads again: clients compare the two.
#[tokio::test(flavor = "multi_thread")]
async fn a_spec_is_echoed_as_it_was_sent() {
    let server = Server::start().await;
    let container = json!({
        "imageUri": "Registry.Example:5000/Team/App:1.0",
        "environmentVars": [
            { "source": "string", "name": "B", "value": "" },
            { "name": "A", "value": "$(B)" },
            { "source": "api-key" },
        ],
        "livenessProbe": { "path": "/live" },
    });
    let body = json!({ "name": "echo", "type": "service",
        "spec": { "type": "service", "containerGroups": [{ "containers": [container] }] } });
    let created = server.post("/artifacts", body).await.is(201);
    let read = &created["spec"]["containerGroups"][0]["containers"][0];
    assert_eq!(read["imageUri"], container["imageUri"]);
    assert_eq!(read["environmentVars"], container["environmentVars"]);
    assert_eq!(
        read["livenessProbe"],
        json!({
            "path": "/live", "port": 8080, "scheme": "HTTP", "initialDelaySeconds": 30,
            "periodSeconds": 30, "timeoutSeconds": 30, "failureThreshold": 3,
        })
    );
    let fields: Vec<&String> = read.as_object().unwrap().keys().collect();
    let mut fields: Vec<&str> = fields.into_iter().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["environmentVars", "imageUri", "livenessProbe", "name", "port", "primary"]);
    assert_eq!((&read["name"], &read["primary"]), (&json!("main"), &json!(true)));
    assert_eq!(created["description"], "");

    let path = format!("/artifacts/{}/", id(&created));
    let same = server.patch(&path, json!({ "spec": created["spec"] })).await.is(200);
    assert_eq!(same["spec"], created["spec"]);
    assert_eq!(same["updatedAt"], created["updatedAt"], "nothing changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn put_replaces_everything_of_a_draft() {
    let server = Server::start().await;
    let mut body = artifact("1.0", &[]);
    body["description"] = json!("to be forgotten");
    let created = server.post("/artifacts/", body).await.is(201);
    let path = format!("/artifacts/{}/", id(&created));
    let replaced = server.put(&path, artifact("2.0", &[])).await.is(200);
    assert_eq!((&replaced["description"], &replaced["name"]), (&json!(""), &json!("demo 2.0")));
    let image = &replaced["spec"]["containerGroups"][0]["containers"][0]["imageUri"];
    assert_eq!(image, "handover/demo:2.0");
    assert_eq!(replaced["artifactRepositoryId"], created["artifactRepositoryId"]);
    let mut other = artifact("2.0", &[]);
    other["type"] = json!("nim");
    server.put(&path, other).await.is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_must_exist_and_hold_the_same_type() {
    let server = Server::start().await;
    let first = server.post("/artifacts/", artifact("1.0", &[])).await.is(201);
    let mut body = artifact("2.0", &[]);
    body["artifactRepositoryId"] = first["artifactRepositoryId"].clone();
    let second = server.post("/artifacts/", body.clone()).await.is(201);
    assert_eq!(second["artifactRepositoryId"], first["artifactRepositoryId"]);
    body["type"] = json!("nim");
    let refused = server.post("/artifacts/", body.clone()).await.is(422);
    assert_eq!(refused["detail"][0]["path"], "artifactRepositoryId");
    body["artifactRepositoryId"] = json!("0123456789abcdef01234567");
    server.post("/artifacts/", body).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_draft_stays_and_says_who_uses_it() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    let workload = server.workload("user", &draft).await;
    let refused = server.delete(&format!("/artifacts/{draft}")).await.is(409);
    assert!(refused["detail"].as_str().unwrap().contains(&workload), "{refused}");
    server.delete(&format!("/workloads/{workload}")).await.is(204);
    server.delete(&format!("/artifacts/{draft}")).await.is(204);
    server.get(&format!("/artifacts/{draft}")).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_searched_and_ordered() {
    let server = Server::start().await;
    for name in ["beta", "Alpha", "gamma ray"] {
        let mut body = artifact("1.0", &[]);
        body["name"] = json!(name);
        server.post("/artifacts/", body).await.is(201);
    }
    let mut body = artifact("1.0", &[]);
    (body["name"], body["status"]) = (json!("delta"), json!("locked"));
    server.post("/artifacts/", body).await.is(201);
    let names = async |query: &str| -> Vec<String> {
        let page = server.get(&format!("/artifacts/?{query}")).await.is(200);
        let of = |record: &Value| record["name"].as_str().unwrap().to_owned();
        page["data"].as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(names("orderBy=name").await, ["Alpha", "beta", "delta", "gamma ray"]);
    assert_eq!(names("orderBy=-name&status=draft").await, ["gamma ray", "beta", "Alpha"]);
    assert_eq!(names("search=ALPHA").await, ["Alpha"]);
    assert_eq!(names("search=%25").await, Vec::<String>::new(), "a percent sign is no wildcard");
    assert_eq!(names("status=locked&status=draft&limit=100").await.len(), 4);
    assert_eq!(names("tagKeys=team").await, Vec::<String>::new());
    server.get("/artifacts/?status=loked").await.is(422);
    server.get(&format!("/artifacts/?search={}", "x".repeat(101))).await.is(422);
}
