//! `DELETE /artifactRepositories/{id}` (rules.md §13).

use serde_json::json;

use crate::server::{Server, artifact, id};

/// The one way in which a locked version goes: with its whole lineage, when nothing uses it.
#[tokio::test(flavor = "multi_thread")]
async fn a_repository_goes_with_its_locked_versions_unless_one_is_used() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let read = server.get(&format!("/artifacts/{locked}")).await.is(200);
    let repository = read["artifactRepositoryId"].as_str().unwrap().to_owned();
    let mut draft = artifact("2", &[]);
    draft["artifactRepositoryId"] = json!(repository);
    let draft = id(&server.post("/artifacts", draft).await.is(201));
    let other = server.draft("9", &[]).await;
    let workload = server.workload("user", &locked).await;

    let path = format!("/artifactRepositories/{repository}/");
    let refused = server.delete(&path).await.is(409);
    assert!(refused["detail"].as_str().unwrap().contains(&workload), "{refused}");
    assert_eq!(server.get(&path).await.is(200)["numArtifacts"], 2, "nothing of it went");

    server.delete(&format!("/workloads/{workload}")).await.is(204);
    server.delete(&path).await.is(204);
    for gone in [&path, &format!("/artifacts/{locked}"), &format!("/artifacts/{draft}")] {
        server.get(gone).await.is(404);
    }
    server.delete(&path).await.is(404);
    assert_eq!(server.get("/artifacts").await.is(200)["data"][0]["id"], json!(other));
}
