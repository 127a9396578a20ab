//! `ETag`, `If-Match` and `If-None-Match` on workloads and artifacts (rules.md ).

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::server::{Answer, Server, TOKEN};

fn request(server: &Server, method: Method, path: &str, header: &str, tag: &str) -> RequestBuilder {
    server.client.request(method, server.api(path)).bearer_auth(TOKEN).header(header, tag)
}

async fn patch(server: &Server, path: &str, tag: &str, body: &Value) -> Answer {
    server.send(request(server, Method::PATCH, path, "if-match", tag).json(body)).await
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_read_an_older_one_changes_nothing() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("tagged", &draft).await;
    for path in [format!("/artifacts/{draft}/"), format!("/workloads/{workload}/")] {
        let first = tag(&server.get(&path).await);
        let renamed = json!({ "name": "first" });
        let changed = patch(&server, &path, &first, &renamed).await;
        let second = tag(&changed);
        assert_ne!(first, second);
        changed.is(200);
        let late = patch(&server, &path, &first, &json!({ "name": "late" })).await.is(412);
        assert!(late["detail"].as_str().unwrap().contains("read it again"), "{late}");
        patch(&server, &path, "\"nonsense\"", &json!({ "name": "late" })).await.is(412);
        assert_eq!(server.get(&path).await.is(200)["name"], "first");
        let any = format!("{first}, {second}");
        patch(&server, &path, &any, &json!({ "name": "second" })).await.is(200);
        patch(&server, &path, "*", &json!({ "name": "third" })).await.is(200);
        let old = server.send(request(&server, Method::DELETE, &path, "if-match", &second)).await;
        old.is(412);
    }
    // Whatever changes it compares, and traffic alone is no change.
    let path = format!("/workloads/{workload}/");
    let now = tag(&server.get(&path).await);
    server.serving(&workload).await;
    let stop = format!("{path}stop");
    let old = request(&server, Method::POST, &stop, "if-match", "\"1.0\"");
    server.send(old.json(&json!({}))).await.is(412);
    let fresh = request(&server, Method::POST, &stop, "if-match", &now);
    server.send(fresh.json(&json!({}))).await.is(202);
}

/// Of many who change what they all read, one does.
#[tokio::test(flavor = "multi_thread")]
async fn of_those_that_come_together_one_wins() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let path = format!("/artifacts/{draft}/");
    let read = tag(&server.get(&path).await);
    let all =
        (0..10).map(|number| {
            let (server, path, read) = (&server, &path, &read);
            async move {
                patch(server, path, read, &json!({ "name": format!("{number}") })).await.status
            }
        });
    let mut answers = futures::future::join_all(all).await;
    answers.sort_unstable();
    assert_eq!(answers, [vec![200], vec![412; 9]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_changed_is_not_sent_again() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let path = format!("/artifacts/{draft}/");
    let first = tag(&server.get(&path).await);
    for known in [first.clone(), format!("W/{first}"), format!("\"a\", {first}"), "*".to_owned()] {
        let answer =
            server.send(request(&server, Method::GET, &path, "if-none-match", &known)).await;
        assert_eq!((answer.status, &answer.body, tag(&answer)), (304, &Value::Null, first.clone()));
    }
    server.patch(&path, json!({ "name": "other" })).await.is(200);
    let answer = server.send(request(&server, Method::GET, &path, "if-none-match", &first)).await;
    assert_ne!(tag(&answer), first);
    assert_eq!(answer.is(200)["name"], "other");

    // A workload that has come up is not what it was, though nobody changed it.
    let draft = server.draft("slow", &[("DEMO_READY_AFTER_MS", "1500")]).await;
    let body = json!({ "name": "up", "artifactId": draft });
    let made = server.post("/workloads/", body).await.is(201);
    let path = format!("/workloads/{}/", made["id"].as_str().unwrap());
    let early = tag(&server.get(&path).await);
    server.until(&path, |w| w["status"] == "running").await;
    server.send(request(&server, Method::GET, &path, "if-none-match", &early)).await.is(200);
}
