//! `/workloads/{id}/related` (rules.md §9).

use serde_json::{Value, json};

use crate::server::{Server, id};

/// The ids of one type.
fn of<'a>(related: &'a Value, kind: &str) -> Vec<&'a str> {
    let all = related["data"].as_array().unwrap();
    all.iter()
        .filter(|item| item["type"] == kind)
        .map(|item| item["id"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_and_what_is_about_to_is_related() {
    let server = Server::start().await;
    let (old, new) = (server.locked("1", &[]).await, server.locked("2", &[]).await);
    let workload = server.workload("relations", &old).await;
    let path = format!("/workloads/{workload}/related");
    let read = server.get(&format!("/workloads/{workload}")).await.is(200);
    let related = server.get(&path).await.is(200);
    assert_eq!(related["count"], json!(related["data"].as_array().unwrap().len()));
    assert!(related.get("totalCount").is_none() && related.get("next").is_none(), "{related}");
    assert_eq!(of(&related, "artifact"), [&old]);
    assert_eq!(of(&related, "artifact_repository"), [&read["artifact"]["artifactRepositoryId"]]);
    assert_eq!(of(&related, "proton"), [&read["protonId"]]);
    for item in related["data"].as_array().unwrap() {
        assert!(item["name"].is_string() && item["createdAt"].is_string(), "{item}");
        assert!(item["creator"]["id"].is_string() && item["permissions"].is_array(), "{item}");
    }

    let held = json!({ "keepOldVersionMinutes": 5 });
    let replacement = server.replace(&workload, &new, held).await;
    server.in_stage(&replacement, "keeping").await;
    let related = server.get(&format!("{path}/")).await.is(200);
    assert_eq!(of(&related, "artifact"), [&new, &old], "the way back is kept");
    assert_eq!(of(&related, "proton").len(), 2);
    // Neither can be deleted under it.
    for artifact in [&new, &old] {
        let artifact = server.get(&format!("/artifacts/{artifact}")).await.is(200);
        let repository = artifact["artifactRepositoryId"].as_str().unwrap();
        let refused = server.delete(&format!("/artifactRepositories/{repository}")).await.is(409);
        assert!(refused["detail"].as_str().unwrap().contains(&workload), "{refused}");
    }
    server.post(&format!("/workloads/{workload}/replacement/finish"), json!({})).await.is(202);
    server.in_stage(&replacement, "done").await;
    let related = server.get(&path).await.is(200);
    assert_eq!(of(&related, "artifact"), [&new]);
    server.get(&format!("/workloads/{}/related", id(&replacement))).await.is(404);
}
