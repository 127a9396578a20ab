//! `/workloads` and `/workloads/{id}`.

use serde_json::{Value, json};

use crate::server::{Server, artifact, id};

/// Rule 11: one workload per draft; a second may come after the first is deleted. A locked artifact runs
/// in as many as one likes.
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_runs_in_one_workload_at_a_time() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    let first = server.workload("first", &draft).await;
    let second = json!({ "name": "second", "artifactId": draft });
    let refused = server.post("/workloads/", second.clone()).await.is(409);
    assert!(refused["detail"].as_str().unwrap().contains(&first), "{refused}");
    server.delete(&format!("/workloads/{first}/")).await.is(204);
    server.post("/workloads/", second).await.is(201);

    let locked = server.locked("1.0", &[]).await;
    for name in ["third", "fourth"] {
        let body = json!({ "name": name, "artifactId": locked });
        server.post("/workloads/", body).await.is(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_workload_can_be_read_at_once_and_serves_soon() {
    let server = Server::start().await;
    let body = json!({
        "name": "inline",
        "artifact": artifact("7", &[]),
        "importance": "HIGH",
        "runtime": { "containerGroups": [{
            "name": "default", "replicaCount": 2,
            "containers": [{ "name": "main", "resourceAllocation": { "cpu": 0.5, "memory": "512MB" } }],
        }] },
    });
    let created = server.post("/workloads/", body).await.is(201);
    let workload = id(&created);
    assert_eq!(created["status"], "submitted");
    assert_eq!(created["endpoint"], json!(server.endpoint(&workload, "")));
    assert_eq!(created["importance"], "high");
    assert_eq!(
        (&created["artifact"]["status"], &created["artifact"]["version"]),
        (&json!("draft"), &Value::Null)
    );
    let group = &created["runtime"]["containerGroups"][0];
    assert_eq!((&group["replicaCount"], &group["autoscaling"]), (&json!(2), &Value::Null));
    assert_eq!(group["containers"][0]["resourceAllocation"]["memory"], json!(512_000_000));

    let path = format!("/workloads/{workload}");
    let running = server.until(&path, |w| w["status"] == "running").await;
    assert!(running["statusDetails"]["logTail"].is_array() && running["artifact"].is_object());
    assert_eq!(server.serving(&workload).await, "7");
    let listed = server.get("/workloads/?status=running&serviceStats=true").await.is(200);
    assert_eq!(listed["data"][0]["id"], json!(workload));
    assert!(listed["data"][0]["requestStats"].is_object());
    let none = server.get("/workloads/?importance=low,moderate").await.is(200);
    assert_eq!(none["totalCount"], 0);
    server.get("/workloads/?status=walking").await.is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_created_is_said_by_field() {
    let server = Server::start().await;
    let path = |refused: &Value| refused["detail"][0]["path"].as_str().unwrap().to_owned();
    let create = async |body: Value| server.post("/workloads/", body).await;
    let gone = json!({ "name": "a", "artifactId": "0123456789abcdef01234567" });
    assert_eq!(path(&create(gone).await.is(422)), "artifactId");
    create(json!({ "name": "a" })).await.is(422);
    let draft = server.draft("1.0", &[]).await;
    create(json!({ "name": "a", "artifactId": draft, "artifact": artifact("1", &[]) }))
        .await
        .is(422);
    assert_eq!(path(&create(json!({ "name": "", "artifactId": draft })).await.is(422)), "name");
    let groups = json!({ "containerGroups": [{ "containers": [{ "name": "other" }] }] });
    let refused =
        create(json!({ "name": "a", "artifactId": draft, "runtime": groups })).await.is(422);
    assert_eq!(path(&refused), "runtime.containerGroups.0.containers.0.name");
    let mut unbuilt = artifact("1", &[]);
    let container = &mut unbuilt["spec"]["containerGroups"][0]["containers"][0];
    container.as_object_mut().unwrap().remove("imageUri");
    let refused = create(json!({ "name": "a", "artifact": unbuilt })).await.is(422);
    assert_eq!(path(&refused), "artifact.spec.containerGroups.0.containers.0.imageUri");
    assert_eq!(server.get("/workloads/").await.is(200)["totalCount"], 0);
    assert_eq!(server.get("/artifacts/").await.is(200)["totalCount"], 1, "nothing was left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_unique_and_metadata_changes_in_place() {
    let server = Server::start().await;
    let (one, two) = (server.draft("1", &[]).await, server.draft("2", &[]).await);
    let first = server.workload("first", &one).await;
    let body = json!({ "name": "First", "artifactId": two });
    server.post("/workloads/", body.clone()).await.is(409);
    let second = server.workload("second", &two).await;
    let path = format!("/workloads/{second}/");
    server.patch(&path, json!({ "name": "first" })).await.is(409);
    let before = server.get(&path).await.is(200);
    let edit = json!({ "description": "what it does", "importance": "critical", "name": null });
    let after = server.patch(&path, edit).await.is(200);
    assert_eq!((&after["name"], &after["importance"]), (&json!("second"), &json!("critical")));
    assert_eq!(after["protonId"], before["protonId"]);
    assert_eq!(after["replacement"], Value::Null);
    let cleared = server.patch(&path, json!({ "description": null })).await.is(200);
    assert_eq!(cleared["description"], "");
    server.patch(&path, json!({ "name": "" })).await.is(422);
    server.patch(&path, json!({ "importance": "extreme" })).await.is(422);

    let names = async |order: &str| -> Vec<Value> {
        let page = server.get(&format!("/workloads/?orderBy={order}")).await.is(200);
        page["data"].as_array().unwrap().iter().map(|w| w["id"].clone()).collect()
    };
    assert_eq!(names("importance").await, [json!(first), json!(second)]);
    assert_eq!(names("-importance").await, [json!(second), json!(first)]);
    server.get("/workloads/?orderBy=colour").await.is(422);
}
