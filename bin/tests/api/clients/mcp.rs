//! The MCP server of the community, and its Python client: always a trailing slash, always a content type, a
//! body or none; it takes apart whatever it gets and falls over a null where it wants an object.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, TOKEN, id};

/// A POST without a body that says it is JSON.
async fn action(server: &Server, path: &str) -> crate::server::Answer {
    let request = server.client.post(server.api(path)).bearer_auth(TOKEN);
    server.send(request.header("content-type", "application/json")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_work_as_they_are() {
    let server = Server::start().await;
    let container = json!({ "name": "main", "imageUri": "handover/demo:1", "port": 8080, "primary": true,
        "readinessProbe": { "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1 },
        "resourceRequest": { "cpu": 1, "memory": 134_217_728 } });
    let artifact = json!({ "name": "mcp", "spec": { "type": "service",
        "containerGroups": [{ "containers": [container] }] } });
    let runtime = json!({ "containerGroups": [{ "name": "default", "replicaCount": 1, "containers": [
        { "name": "main", "resourceAllocation": { "cpu": 0.1, "memory": 134_217_728, "gpuType": "none" } }] }] });
    let body = json!({ "name": "mcp workload", "artifact": artifact, "runtime": runtime });
    let created = server.post("/workloads/", body).await.is(201);
    assert!(created["endpoint"].is_string() && created["artifact"].is_object());
    let workload = id(&created);
    let path = format!("/workloads/{workload}/");
    let running = server.until(&path, |w| {
        // It reads these without asking whether they are there.
        assert!(
            w["statusDetails"]["logTail"].is_array() && w["statusDetails"]["conditions"].is_array()
        );
        w["status"] == "running"
    });
    let running = running.await;
    for condition in running["statusDetails"]["conditions"].as_array().unwrap() {
        assert!(condition["name"].is_string() && condition.get("value").is_some());
    }
    let page = server
        .get("/workloads/?limit=100&offset=0&orderBy=-createdAt&serviceStats=true")
        .await
        .is(200);
    assert_eq!(page["data"][0]["id"], json!(workload));
    assert!(page["data"][0]["requestStats"].is_object());

    // It fetches a spec and sends it back, reduced to one container, with fields it should not send.
    let draft = created["artifactId"].as_str().unwrap();
    let read = server.get(&format!("/artifacts/{draft}/")).await.is(200);
    let mut edited = read["spec"]["containerGroups"][0]["containers"][0].clone();
    edited["imageUri"] = json!("handover/demo:2");
    edited["resourceRequest"] = json!({ "cpu": 1 });
    let spec = json!({ "type": "service", "containerGroups": [{ "containers": [edited] }] });
    server.patch(&format!("/artifacts/{draft}/"), json!({ "spec": spec })).await.is(200);

    // Settings: the group `default` alone, scaling on and off, bounds per policy.
    let policy = json!({ "scalingMetric": "httpRequestsConcurrency", "target": 4, "minCount": 1, "maxCount": 2 });
    for group in [
        json!({ "name": "default", "autoscaling": { "enabled": true, "policies": [policy] } }),
        json!({ "name": "default", "autoscaling": { "enabled": false }, "replicaCount": 1 }),
    ] {
        let body = json!({ "runtime": { "containerGroups": [group] } });
        let begun = server.patch(&format!("{path}settings/"), body).await.is(202);
        assert!(begun["id"].is_string() && begun["status"].is_string());
        server.in_stage(&begun, "done").await;
    }
    assert_eq!(server.serving(&workload).await, "2", "a settings change picks the edit up");

    let stats = server.get(&format!("{path}stats/")).await.is(200);
    assert!(
        stats["metrics"].is_object() && stats["metrics"]["totalRequests"].is_number(),
        "{stats}"
    );
    let events = server.get(&format!("{path}events/?limit=5&offset=0")).await.is(200);
    for event in events["data"].as_array().unwrap() {
        assert!(event["eventType"].is_string() && event["timestamp"].is_string());
    }
    let promoted = action(&server, &format!("{path}promote/")).await.is(202);
    assert_eq!(
        (&promoted["artifact"]["status"], &promoted["artifact"]["version"]),
        (&json!("locked"), &json!(1))
    );
    let history = server.get(&format!("{path}history/")).await.is(200);
    for record in history["data"].as_array().unwrap() {
        for field in ["id", "artifactId", "status", "deployedAt", "reason", "retiredAt"] {
            assert!(record.get(field).is_some(), "{field} in {record}");
        }
    }
    let proton = running["protonId"].as_str().unwrap();
    for below in
        ["protons/", &format!("protons/{proton}/"), "related/", "sharedRoles/", "settings/"]
    {
        server.get(&format!("{path}{below}")).await.is(200);
    }
    let details = server.get(&format!("{path}protons/{proton}/statusDetails/")).await;
    assert!([200, 204].contains(&details.status));

    // Clone, lock with a repository id beside it, delete.
    let copy =
        server.post(&format!("/artifacts/{draft}/clone/"), json!({ "name": "copy" })).await.is(200);
    let lock = json!({ "status": "locked", "artifactRepositoryId": copy["artifactRepositoryId"] });
    let locked = server.patch(&format!("/artifacts/{}/", id(&copy)), lock).await.is(200);
    assert_eq!(locked["version"], 2);
    action(&server, &format!("{path}stop/")).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    let answer = server.delete(&path).await;
    assert_eq!(answer.is(204), Value::Null, "no length at all is an empty object to it");
}

/// What it makes of a refusal: a list of items, or one sentence.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_understood() {
    let server = Server::start().await;
    let refused = server.post("/workloads/", json!({ "name": "x" })).await.is(422);
    for item in refused["detail"].as_array().unwrap() {
        assert!(item["loc"].is_array() && item["msg"].is_string() && item["type"].is_string());
    }
    let missing = server.get("/workloads/0123456789abcdef01234567/").await.is(404);
    assert!(missing["detail"].is_string());
    let yaml = server.call(Method::GET, "/openapi.yaml", None).await;
    assert_eq!(yaml.status, 200, "it looks for schemas there");
}
