//! `/workloads/{id}/promote`.

use serde_json::{Value, json};

use crate::{
    load::Load,
    server::{Server, spec},
};

/// Rule 8: version, statistics, history and deadline change; proton, containers, importance don't.
#[tokio::test(flavor = "multi_thread")]
async fn promotion_changes_exactly_five_things() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("promoted", &draft).await;
    let path = format!("/workloads/{workload}/");
    server.patch(&path, json!({ "importance": "high" })).await.is(200);
    for _ in 0..5 {
        server.serving(&workload).await;
    }
    let stats = format!("{path}stats/");
    server.until(&stats, |s| s["metrics"]["totalRequests"] == 5).await;
    let before = server.get(&path).await.is(200);
    let proton = before["protonId"].as_str().unwrap().to_owned();
    let details = format!("{path}protons/{proton}/statusDetails/");
    let replicas = server.get(&details).await.is(200)["replicas"].clone();

    let load = Load::on(&server, &workload);
    let record = server.post(&format!("{path}promote/"), json!({})).await.is(202);
    let report = load.end().await;
    assert_eq!(report.failures, Vec::<String>::new());

    assert_eq!(
        (&record["artifact"]["status"], &record["artifact"]["version"]),
        (&json!("locked"), &json!(1))
    );
    assert_eq!(record["artifactId"], json!(draft));
    assert_eq!(record["expiresAt"], Value::Null);
    for same in ["id", "endpoint", "protonId", "importance", "runtime", "name", "status", "creator"]
    {
        assert_eq!(record[same], before[same], "{same}");
    }
    let history = server.get(&format!("{path}history/")).await.is(200);
    assert_eq!(history["totalCount"], 1);
    let entry = &history["data"][0];
    assert_eq!((&entry["type"], &entry["status"]), (&json!("promote"), &json!("completed")));
    assert_eq!(entry["candidateArtifactId"], json!(draft));
    let after = server.get(&details).await.is(200)["replicas"].clone();
    for fixed in ["name", "address", "startedAt"] {
        assert_eq!(after[0][fixed], replicas[0][fixed], "no replica was touched: {fixed}");
    }
    let served = report.versions.values().sum::<u64>();
    let counted = server.get(&stats).await.is(200)["metrics"]["totalRequests"].as_u64().unwrap();
    assert!(counted <= served, "what was counted before is gone: {counted} of 5 + {served}");
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_of_the_draft_are_gone_after_promotion() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("counted", &draft).await;
    let stats = format!("/workloads/{workload}/stats/");
    for _ in 0..3 {
        server.serving(&workload).await;
    }
    server.until(&stats, |s| s["metrics"]["totalRequests"] == 3).await;
    for _ in 0..3 {
        server.serving(&workload).await;
    }
    server.post(&format!("/workloads/{workload}/promote/"), json!({})).await.is(202);
    server.serving(&workload).await;
    let counted = server.until(&stats, |s| s["metrics"]["totalRequests"] != 0).await;
    assert_eq!(counted["metrics"]["totalRequests"], 1, "neither stored nor waiting counts survive");
}

/// Rule 2, second half, and the other preconditions.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_running_draft_without_a_replacement_can_be_promoted() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("locked", &locked).await;
    server.post(&format!("/workloads/{workload}/promote/"), json!({})).await.is(422);

    let (draft, next) = (server.draft("1", &[]).await, server.draft("2", &[]).await);
    let workload = server.workload("draft", &draft).await;
    let path = format!("/workloads/{workload}/");
    let replacement = server.replace(&workload, &next, json!({ "warmupDurationMinutes": 5 })).await;
    let refused = server.post(&format!("{path}promote"), json!({})).await.is(422);
    assert!(refused["detail"].as_str().unwrap().contains(replacement["name"].as_str().unwrap()));
    server.delete(&format!("{path}replacement/")).await.is(202);
    server.in_stage(&replacement, "done").await;
    server.post(&format!("{path}stop"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    server.post(&format!("{path}promote"), json!({})).await.is(422);
    let artifact = server.get(&format!("/artifacts/{draft}/")).await.is(200);
    assert_eq!(artifact["status"], "draft", "nothing was half done");
}

/// What is locked is the stored draft; that it is not what runs is said.
#[tokio::test(flavor = "multi_thread")]
async fn promoting_an_edited_draft_says_so() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("edited", &draft).await;
    server.patch(&format!("/artifacts/{draft}/"), json!({ "spec": spec("2", &[]) })).await.is(200);
    server.post(&format!("/workloads/{workload}/promote/"), json!({})).await.is(202);
    assert_eq!(server.serving(&workload).await, "1");
    let artifact = server.get(&format!("/artifacts/{draft}/")).await.is(200);
    let image = &artifact["spec"]["containerGroups"][0]["containers"][0]["imageUri"];
    assert_eq!(image, "handover/demo:2");
    let history = server.get(&format!("/workloads/{workload}/history/")).await.is(200);
    assert!(history["data"][0]["message"].as_str().unwrap().contains("edited"), "{history}");
}
