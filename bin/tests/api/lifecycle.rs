//! `/workloads/{id}/start`, `/stop`, and what stays the same through everything.

use serde_json::json;

use crate::server::{Server, id, spec};

/// Rule 13: stop answers 202, then 200; start too; start while it is stopping is a conflict.
#[tokio::test(flavor = "multi_thread")]
async fn start_and_stop_can_be_repeated() {
    let server = Server::start().await;
    // It ignores the request to stop, so that it is stopping for as long as the grace.
    let draft = server.draft("1.0", &[("DEMO_IGNORE_SIGTERM", "1")]).await;
    let workload = server.workload("stubborn", &draft).await;
    let path = format!("/workloads/{workload}/");
    let stopping = server.post(&format!("{path}stop"), json!({})).await.is(202);
    assert_eq!(stopping["workloadId"], json!(workload));
    assert_eq!(stopping["trackVia"], json!(server.api(&path)));
    server.post(&format!("{path}stop"), json!({})).await.is(200);
    server.post(&format!("{path}start"), json!({})).await.is(409);
    server.until(&path, |w| w["status"] == "stopped").await;
    server.post(&format!("{path}stop"), json!({})).await.is(200);
    let refused = server.invoke(&workload, "").await.unwrap_err();
    assert!(refused.starts_with("503"), "{refused}");

    server.post(&format!("{path}start"), json!({})).await.is(202);
    server.post(&format!("{path}start"), json!({})).await.is(200);
    server.until(&path, |w| w["status"] == "running").await;
    server.post(&format!("{path}start"), json!({})).await.is(200);
    assert_eq!(server.serving(&workload).await, "1.0");
}

/// Rule 1: id and endpoint are the same before and after everything that can happen to a workload.
#[tokio::test(flavor = "multi_thread")]
async fn id_and_endpoint_never_change() {
    let server = Server::start().await;
    let first = server.draft("1", &[]).await;
    let workload = server.workload("lasting", &first).await;
    let path = format!("/workloads/{workload}/");
    let endpoint = server.get(&path).await.is(200)["endpoint"].clone();
    let same = async |after: &str| {
        let now = server.until(&path, |w| w["status"] == "running").await;
        assert_eq!((&now["id"], &now["endpoint"]), (&json!(workload), &endpoint), "after {after}");
        assert!(server.serving(&workload).await.len() == 1, "it answers there after {after}");
    };
    let second = server.draft("2", &[]).await;
    let replacement = server.replace(&workload, &second, json!({})).await;
    server.in_stage(&replacement, "done").await;
    same("replace").await;
    let runtime = json!({ "runtime": { "containerGroups": [{ "replicaCount": 2 }] } });
    let replacement = server.patch(&format!("{path}settings"), runtime).await.is(202);
    server.in_stage(&replacement, "done").await;
    same("settings").await;
    server.post(&format!("{path}promote"), json!({})).await.is(202);
    same("promote").await;
    server.post(&format!("{path}stop"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    server.post(&format!("{path}start"), json!({})).await.is(202);
    same("stop and start").await;
    server.patch(&path, json!({ "name": "renamed" })).await.is(200);
    same("rename").await;
}

/// Rule 9: editing a draft does not touch what runs; start, settings and the same draft again pick it up.
#[tokio::test(flavor = "multi_thread")]
async fn an_edited_draft_runs_only_after_the_next_roll() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("edited", &draft).await;
    let path = format!("/workloads/{workload}/");
    let edit = async |version: &str| {
        let before = server.get(&path).await.is(200)["protonId"].clone();
        let body = json!({ "spec": spec(version, &[]) });
        server.patch(&format!("/artifacts/{draft}/"), body).await.is(200);
        let after = server.get(&path).await.is(200)["protonId"].clone();
        assert_eq!(before, after);
        server.serving(&workload).await
    };
    assert_eq!(edit("2").await, "1");
    let again = server.replace(&workload, &draft, json!({})).await;
    server.in_stage(&again, "done").await;
    assert_eq!(server.serving(&workload).await, "2");

    assert_eq!(edit("3").await, "2");
    let unchanged = server.get(&format!("{path}settings/")).await.is(200);
    let rolled = server.patch(&format!("{path}settings/"), unchanged).await.is(202);
    server.in_stage(&rolled, "done").await;
    assert_eq!(server.serving(&workload).await, "3");

    assert_eq!(edit("4").await, "3");
    server.post(&format!("{path}stop"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    server.post(&format!("{path}start"), json!({})).await.is(202);
    let running = server.until(&path, |w| w["status"] == "running").await;
    assert_eq!(server.serving(&workload).await, "4");
    assert_eq!(id(&running), workload);
}
