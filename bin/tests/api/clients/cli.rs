//! The `dr` command line: it sends `{}`, `null` or nothing where no body is needed, reads times as RFC 3339
//! and lists by the letter of `next`.

use handover::model::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::{raw, spec};
use crate::server::{Server, TOKEN, id};

/// Go fails a whole answer on a time it can't read.
fn times_are_read(record: &Value) {
    for (field, value) in record.as_object().unwrap() {
        if field.ends_with("At") && !value.is_null() {
            let text = value.as_str().unwrap();
            assert!(text.parse::<Timestamp>().is_ok(), "{field} is {text:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_up_and_logs_in() {
    let server = Server::start().await;
    for path in ["/api/v2/version/", "/version/"] {
        let ask = |token: &'static str| {
            server.client.get(format!("{}{path}", server.url)).bearer_auth(token)
        };
        let version = server.send(ask(TOKEN)).await.is(200);
        assert!(version["versionString"].as_str().unwrap().starts_with("2."), "{version}");
        server.send(ask("not-a-token")).await.is(401);
    }
    let account = server.get("/account/info/").await.is(200);
    assert!(account["uid"].as_str().is_some_and(|uid| !uid.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn workload_commands() {
    let server = Server::start().await;
    let artifact = json!({ "name": "cli", "spec": spec("1") });
    let runtime = json!({ "enclaves": ["north"], "enclaveSelectionPolicy": "manual" });
    let file = json!({ "name": "cli workload", "artifact": artifact, "runtime": runtime });
    let created = raw(&server, Method::POST, "/workloads/", &file.to_string()).await.is(201);
    times_are_read(&created);
    let workload = id(&created);
    let path = format!("/workloads/{workload}/");
    assert!(created["endpoint"].as_str().unwrap().ends_with('/'), "printed at once");
    let running = server.until(&path, |w| w["status"] == "running").await;
    times_are_read(&running);

    // list [--status …] [--enclave], up to 100 a page.
    for (query, count) in [
        ("limit=100", 1),
        ("limit=100&status=running&status=stopped", 1),
        ("limit=100&status=stopped", 0),
        ("limit=100&enclave=north", 1),
        ("limit=100&enclave=south", 0),
        ("limit=100&status=updating", 0),
    ] {
        let page = server.get(&format!("/workloads/?{query}")).await.is(200);
        assert_eq!((&page["totalCount"], &page["next"]), (&json!(count), &Value::Null), "{query}");
    }
    server.get("/workloads/?status=strolling").await.is(422);

    // stop and start, without a slash and with an empty object; the text of the answer is printed.
    let stopped =
        raw(&server, Method::POST, &format!("/workloads/{workload}/stop"), "{}").await.is(202);
    assert!(stopped["status"].is_string() && stopped["workloadId"] == json!(workload));
    server.until(&path, |w| w["status"] == "stopped").await;
    raw(&server, Method::POST, &format!("/workloads/{workload}/stop"), "{}").await.is(200);
    raw(&server, Method::POST, &format!("/workloads/{workload}/start"), "{}").await.is(202);
    server.until(&path, |w| w["status"] == "running").await;

    // logs: newest first, at least as severe as asked for.
    let logs = server
        .get(&format!("/otel/workload/{workload}/logs/?limit=1000&level=debug"))
        .await
        .is(200);
    for line in logs["data"].as_array().unwrap() {
        for field in ["timestamp", "level", "message"] {
            assert!(line[field].is_string(), "{line}");
        }
    }
    // delete sends `null`; somebody who was faster is no error.
    raw(&server, Method::DELETE, &path, "null").await.is(204);
    raw(&server, Method::DELETE, &path, "null").await.is(404);
}

/// `dr workload up`: the guard, the roll, the wait, the lock.
#[tokio::test(flavor = "multi_thread")]
async fn up_reconciles() {
    let server = Server::start().await;
    let inline = json!({ "name": "up", "artifact": { "name": "up", "spec": spec("1") } });
    let created = server.post("/workloads/", inline.clone()).await.is(201);
    let workload = id(&created);
    let path = format!("/workloads/{workload}/");
    server.until(&path, |w| w["status"] == "running").await;
    // The name is taken: it lists up to 100 to say by whom.
    server.post("/workloads/", inline).await.is(409);
    let owners = server.get("/workloads/?limit=100").await.is(200);
    assert!(
        owners["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|w| w["name"] == "up" && w["id"] == json!(workload))
    );

    // Guard: nothing goes on, so 404, and the workload is there to tell the two apart.
    let guard = format!("/workloads/{workload}/replacement/");
    server.get(&guard).await.is(404);
    server.get(&path).await.is(200);
    let repository = created["artifact"]["artifactRepositoryId"].clone();
    let candidate = json!({ "name": "up", "spec": spec("2"), "artifactRepositoryId": repository });
    let candidate = id(&server.post("/artifacts/", candidate).await.is(201));
    let body = json!({ "artifactId": candidate, "strategy": "rolling" });
    let begun = server.post(&guard, body).await.is(202);
    times_are_read(&begun);
    let settled = server.until(&guard, |r| {
        ["completed", "errored", "failed"].contains(&r["status"].as_str().unwrap())
    });
    let settled = settled.await;
    assert_eq!(settled["status"], "completed", "{}", settled["message"]);
    let after = server.get(&path).await.is(200);
    assert_eq!(after["artifactId"], json!(candidate), "switched by the time it shows");
    // A settled record is over for the guard, and nothing is left to cancel.
    raw(&server, Method::DELETE, &guard, "null").await.is(404);

    // Only the runtime differs.
    let runtime = json!({ "containerGroups": [{ "name": "default", "replicaCount": 2 }] });
    let begun =
        server.patch(&format!("{path}settings/"), json!({ "runtime": runtime })).await.is(202);
    server.in_stage(&begun, "done").await;

    // --lock: by the artifact, so that statistics and history stay as they are.
    let before = server.get(&format!("{path}history/")).await.is(200)["totalCount"].clone();
    let lock = json!({ "status": "locked" });
    let locked = server.patch(&format!("/artifacts/{candidate}/"), lock.clone()).await.is(200);
    assert_eq!(locked["status"], "locked");
    assert_eq!(server.get(&format!("{path}history/")).await.is(200)["totalCount"], before);
    server.patch(&format!("/artifacts/{candidate}/"), lock).await.is(403);
    // A repository that is gone, or of another type: it tries again without.
    let stray = |repository: &str, kind: &str| {
        json!({ "name": "up", "type": kind, "spec": spec("3"),
        "artifactRepositoryId": repository })
    };
    server.post("/artifacts/", stray("0123456789abcdef01234567", "service")).await.is(404);
    server
        .post("/artifacts/", stray(locked["artifactRepositoryId"].as_str().unwrap(), "nim"))
        .await
        .is(422);
}
