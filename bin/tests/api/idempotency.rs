//! `Idempotency-Key`: a request that is sent again is not carried out again (rules.md ).

use handover::model::Millis;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Server, TOKEN, artifact, id};

async fn post(server: &Server, path: &str, key: &str, body: &Value) -> Answer {
    let request = server.client.post(server.api(path)).bearer_auth(TOKEN);
    server.send(request.header("idempotency-key", key).body(body.to_string())).await
}

fn replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_twice_is_done_once() {
    let server = Server::start().await;
    let body = artifact("1", &[]);
    let first = post(&server, "/artifacts/", "\"k-1\"", &body).await;
    assert!(!replayed(&first));
    // With or without quotes and slash, it is the same.
    for (path, key) in [("/artifacts/", "\"k-1\""), ("/artifacts", "k-1")] {
        let again = post(&server, path, key, &body).await;
        assert!(replayed(&again));
        assert_eq!(again.headers["content-type"], first.headers["content-type"]);
        assert_ne!(again.headers["x-request-id"], first.headers["x-request-id"]);
        assert_eq!((again.status, &again.body), (201, &first.body));
    }
    assert_eq!(server.get("/artifacts/").await.is(200)["totalCount"], 1);

    let other = post(&server, "/artifacts/", "k-1", &artifact("2", &[])).await.is(422);
    assert!(other["detail"].as_str().unwrap().contains("another request"), "{other}");
    post(&server, "/workloads/", "k-1", &body).await.is(422);
    // A new key is a new request, and so is none.
    post(&server, "/artifacts/", "k-2", &body).await.is(201);
    server.post("/artifacts/", body.clone()).await.is(201);
    assert_eq!(server.get("/artifacts/").await.is(200)["totalCount"], 3);

    server.advance(Millis::hours(25));
    let later = post(&server, "/artifacts/", "k-1", &body).await;
    assert!(!replayed(&later));
    assert_ne!(id(&later.is(201)), id(&first.body));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_repeated_too_and_nobody_elses_key_counts() {
    let server = Server::start().await;
    let wrong = json!({ "name": "" });
    let first = post(&server, "/artifacts/", "bad", &wrong).await;
    let again = post(&server, "/artifacts/", "bad", &wrong).await;
    assert!(!replayed(&first) && replayed(&again));
    assert_eq!((again.status, again.body), (422, first.body));

    for key in ["", "\"\"", &"k".repeat(256)] {
        post(&server, "/artifacts/", key, &artifact("1", &[])).await.is(400);
    }
    let two = server.client.post(server.api("/artifacts/")).bearer_auth(TOKEN);
    let two = two.header("idempotency-key", "a").header("idempotency-key", "b");
    server.send(two.body(artifact("1", &[]).to_string())).await.is(400);
    let stranger = server.client.post(server.api("/artifacts/")).bearer_auth("wrong");
    server.send(stranger.header("idempotency-key", "bad").body(wrong.to_string())).await.is(401);
    // Elsewhere the header means nothing.
    let get = server.client.request(Method::GET, server.api("/artifacts/")).bearer_auth(TOKEN);
    server.send(get.header("idempotency-key", "bad")).await.is(200);
}

/// Of many that come together, one is carried out; the others are told to wait, or what it answered.
#[tokio::test(flavor = "multi_thread")]
async fn those_that_come_together_are_done_once() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let body = json!({ "name": "once", "artifactId": draft });
    let all = (0..12).map(|_| post(&server, "/workloads/", "together", &body));
    let answers = futures::future::join_all(all).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(made.iter().all(|answer| answer.body == made[0].body));
    assert_eq!(made.iter().filter(|answer| !replayed(answer)).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!((answer.status, &answer.headers["retry-after"]), (409, &"1".parse().unwrap()));
    }
    assert_eq!(server.get("/workloads/").await.is(200)["totalCount"], 1);
}
