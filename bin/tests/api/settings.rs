//! `/workloads/{id}/settings`.

use serde_json::{Value, json};

use crate::{load::Load, server::Server};

fn group(group: Value) -> Value {
    json!({ "runtime": { "containerGroups": [group] } })
}

/// Rule 17: unchanged values still roll.
#[tokio::test(flavor = "multi_thread")]
async fn unchanged_settings_roll_without_a_failed_request() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("rolled", &locked).await;
    let path = format!("/workloads/{workload}/");
    let before = server.get(&path).await.is(200);
    let load = Load::on(&server, &workload);
    let settings = server.get(&format!("{path}settings")).await.is(200);
    assert_eq!(settings["runtime"], before["runtime"]);
    let replacement = server.patch(&format!("{path}settings"), settings).await.is(202);
    assert_eq!(
        (&replacement["type"], &replacement["candidateArtifactId"]),
        (&json!("settings"), &json!(locked))
    );
    assert_eq!(
        replacement["config"],
        json!({ "warmupDurationMinutes": 0, "keepOldVersionMinutes": 0 })
    );
    let done = server.in_stage(&replacement, "done").await;
    let report = load.end().await;
    assert_eq!((done["status"].as_str(), report.failures), (Some("completed"), vec![]));
    let after = server.get(&path).await.is(200);
    assert_ne!(after["protonId"], before["protonId"]);
    assert_eq!(after["artifactId"], before["artifactId"]);
}

/// Rule 15: replicas with enabled autoscaling are refused; bounds are readable in both places; memory is a
/// number of bytes.
#[tokio::test(flavor = "multi_thread")]
async fn replicas_autoscaling_and_memory_read_as_clients_expect() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("scaled", &draft).await;
    let path = format!("/workloads/{workload}/settings/");
    let policy = json!({ "scalingMetric": "httpRequestsConcurrency", "target": 10 });
    let both = group(json!({ "replicaCount": 2, "autoscaling": { "policies": [policy] } }));
    let refused = server.patch(&path, both).await.is(422);
    assert_eq!(refused["detail"][0]["path"], "runtime.containerGroups.0.replicaCount");

    let above = json!({ "minReplicaCount": 1, "maxReplicaCount": 2, "policies": [policy] });
    let memory = json!([{ "name": "main", "resourceAllocation": { "memory": "64Mi" } }]);
    let body = group(json!({ "autoscaling": above, "containers": memory }));
    let replacement = server.patch(&path, body).await.is(202);
    server.in_stage(&replacement, "done").await;
    let runtime = server.get(&path).await.is(200)["runtime"].clone();
    let read = &runtime["containerGroups"][0];
    assert_eq!(read["replicaCount"], Value::Null);
    let auto = &read["autoscaling"];
    assert_eq!((&auto["minReplicaCount"], &auto["maxReplicaCount"]), (&json!(1), &json!(2)));
    let policy = &auto["policies"][0];
    assert_eq!((&policy["minCount"], &policy["maxCount"]), (&json!(1), &json!(2)));
    assert_eq!(read["containers"][0]["resourceAllocation"]["memory"], json!(67_108_864));

    // What was read may be sent back, and a fixed number takes over again.
    let replacement = server.patch(&path, json!({ "runtime": runtime })).await.is(202);
    server.in_stage(&replacement, "done").await;
    let fixed = group(json!({ "autoscaling": { "enabled": false }, "replicaCount": 1 }));
    let replacement = server.patch(&path, fixed).await.is(202);
    server.in_stage(&replacement, "done").await;
    let read = server.get(&path).await.is(200)["runtime"]["containerGroups"][0].clone();
    assert_eq!((&read["replicaCount"], &read["autoscaling"]), (&json!(1), &Value::Null));
    assert_eq!(read["containers"][0]["resourceAllocation"]["memory"], json!(67_108_864), "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_stopped_workload_wait_for_its_start() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("resting", &draft).await;
    let path = format!("/workloads/{workload}/");
    server.post(&format!("{path}stop"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    let record = server
        .patch(&format!("{path}settings/"), group(json!({ "replicaCount": 2 })))
        .await
        .is(202);
    assert_eq!(record["status"], "completed");
    server.post(&format!("{path}start"), json!({})).await.is(202);
    let running = server.until(&path, |w| w["status"] == "running").await;
    let details = format!("{path}protons/{}/statusDetails", running["protonId"].as_str().unwrap());
    assert_eq!(server.get(&details).await.is(200)["replicas"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_say_what_is_wrong_with_them() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("strict", &draft).await;
    let path = format!("/workloads/{workload}/settings");
    for wrong in [
        json!({}),
        json!({ "runtime": {}, "warmupDurationMinutes": 1 }),
        group(json!({ "name": "other" })),
        group(json!({ "replicaCount": -1 })),
        group(
            json!({ "containers": [{ "name": "main", "resourceAllocation": { "memory": "1 parsec" } }] }),
        ),
        group(
            json!({ "autoscaling": { "policies": [{ "scalingMetric": "cpuAverageUtilization", "target": 50 }] } }),
        ),
        group(
            json!({ "autoscaling": { "policies": [{ "scalingMetric": "gpuCacheUtilization", "target": 50 }] } }),
        ),
    ] {
        let refused = server.patch(&path, wrong.clone()).await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.body);
    }
    let history = server.get(&format!("/workloads/{workload}/history")).await.is(200);
    assert_eq!(history["totalCount"], 0);
}
