//! Bodies where none is needed, and objects that are sent back as they were read.

use reqwest::Method;
use serde_json::json;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn calls_without_a_body_take_any() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    let workload = server.workload("bodies", &draft).await;
    for body in [None, Some(""), Some("null"), Some("{}")] {
        let path = format!("/workloads/{workload}/start");
        let answer = server.call(Method::POST, &path, body).await.is(200);
        assert_eq!(answer["workloadId"], json!(workload));
    }
    let path = format!("/workloads/{workload}/");
    assert_eq!(server.call(Method::DELETE, &path, Some("null")).await.is(204), json!(null));
    server.get(&path).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_can_be_sent_back() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    let workload = server.workload("echo", &draft).await;
    let path = format!("/workloads/{workload}/");
    let mut read = server.get(&path).await.is(200);
    let object = read.as_object_mut().unwrap();
    let (runtime, artifact_id) = (object.remove("runtime"), object.remove("artifactId"));
    object.insert("description".into(), json!("edited"));
    let edited = server.patch(&path, read.clone()).await.is(200);
    assert_eq!(edited["description"], "edited");

    // These two change in other ways, so accepting them here would only look like success.
    let refused = server.patch(&path, json!({ "runtime": runtime })).await.is(422);
    assert_eq!(refused["detail"][0]["type"], "extra_forbidden");
    server.patch(&path, json!({ "artifactId": artifact_id })).await.is(422);

    let path = format!("/artifacts/{draft}/");
    let read = server.get(&path).await.is(200);
    server.patch(&path, read.clone()).await.is(200);
    server.put(&path, read).await.is(200);
}
