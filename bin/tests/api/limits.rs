//! The limits of the installation: 403, and what to do.

use serde_json::{Value, json};

use crate::server::Server;

fn runtime(group: Value) -> Value {
    json!({ "containerGroups": [group] })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_workloads_run_at_once_than_the_limit() {
    let server = Server::with(&["--max-concurrent-workloads", "1"]).await;
    let info = server.get("/account/info/").await.is(200);
    assert_eq!(info["limits"], json!({ "maxConcurrentWorkloads": 1, "maxWorkloadReplicas": 0 }));
    let artifact = server.locked("1", &[]).await;
    let first = server.workload("first", &artifact).await;
    let second = json!({ "name": "second", "artifactId": artifact });
    let refused = server.post("/workloads/", second.clone()).await.is(403);
    assert!(refused["detail"].as_str().unwrap().contains("stop or delete one"), "{refused}");
    let page = server.get("/workloads/").await.is(200);
    assert_eq!(page["totalCount"], 1, "nothing is left of what was refused");

    // A replacement is no further workload, and a place is free once somebody stops.
    let replacement = server.replace(&first, &artifact, json!({})).await;
    server.in_stage(&replacement, "done").await;
    server.post(&format!("/workloads/{first}/stop"), json!({})).await.is(202);
    let second = server.post("/workloads/", second).await.is(201);
    server.until(&format!("/workloads/{first}/"), |w| w["status"] == "stopped").await;
    let start = format!("/workloads/{first}/start");
    server.post(&start, json!({})).await.is(403);
    server.delete(&format!("/workloads/{}/", second["id"].as_str().unwrap())).await.is(204);
    server.post(&start, json!({})).await.is(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_workload_has_more_replicas_than_the_limit() {
    let server = Server::with(&["--max-workload-replicas", "2"]).await;
    let info = server.get("/account/info/").await.is(200);
    assert_eq!(info["limits"], json!({ "maxConcurrentWorkloads": 0, "maxWorkloadReplicas": 2 }));
    let draft = server.draft("1", &[]).await;
    let scaled = |max: u32| {
        let policy = json!({ "scalingMetric": "httpRequestsConcurrency", "target": 10 });
        runtime(
            json!({ "autoscaling": { "minReplicaCount": 1, "maxReplicaCount": max, "policies": [policy] } }),
        )
    };
    for many in [runtime(json!({ "replicaCount": 3 })), scaled(3)] {
        let body = json!({ "name": "many", "artifactId": draft, "runtime": many });
        let refused = server.post("/workloads/", body).await.is(403);
        assert!(refused["detail"].as_str().unwrap().contains("up to 3 replicas"), "{refused}");
    }
    let body = json!({ "name": "two", "artifactId": draft, "runtime": scaled(2) });
    let workload = server.post("/workloads/", body).await.is(201);
    let path = format!("/workloads/{}", workload["id"].as_str().unwrap());
    server.until(&format!("{path}/"), |w| w["status"] == "running").await;
    let many = runtime(json!({ "autoscaling": { "enabled": false }, "replicaCount": 3 }));
    server.patch(&format!("{path}/settings"), json!({ "runtime": many })).await.is(403);
    let body = json!({ "artifactId": draft, "config": {}, "runtime": scaled(3) });
    server.post(&format!("{path}/replacement"), body).await.is(403);
    assert_eq!(server.get(&format!("{path}/")).await.is(200)["replacement"], Value::Null);
}
