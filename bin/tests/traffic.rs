//! What a busy endpoint notices of replacements: nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails must stop")]

#[path = "support/process.rs"]
mod process;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use process::{Handover, TOKEN, artifact};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// Clients that ask one after another over connections of their own, and check every answer to its last
/// byte.
struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    clients: JoinSet<Vec<String>>,
}

impl Load {
    fn start(handover: &Handover, workload: &str, connections: usize) -> Self {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut clients = JoinSet::new();
        for number in 0..connections {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            let (page, echo) =
                (handover.endpoint(workload, ""), handover.endpoint(workload, "echo"));
            clients.spawn(async move {
                let client = Client::builder().pool_max_idle_per_host(1).build().unwrap();
                let body = format!("client {number} ").repeat(200);
                let mut failures = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    for failure in
                        [ask(&client, &page, None).await, ask(&client, &echo, Some(&body)).await]
                    {
                        match failure {
                            None => drop(answered.fetch_add(1, Ordering::Relaxed)),
                            Some(failure) => failures.push(failure),
                        }
                    }
                }
                failures
            });
        }
        Self { stop, answered, clients }
    }

    /// How many were answered, and every failure.
    async fn end(mut self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let mut failures = Vec::new();
        while let Some(client) = self.clients.join_next().await {
            failures.extend(client.unwrap());
        }
        (self.answered.load(Ordering::Relaxed), failures)
    }
}

/// None when all is well.
async fn ask(client: &Client, url: &str, body: Option<&str>) -> Option<String> {
    let request = match body {
        Some(body) => client.post(url).body(body.to_owned()),
        None => client.get(url),
    };
    let answer = match request.bearer_auth(TOKEN).send().await {
        Ok(answer) => answer,
        Err(error) => return Some(format!("no answer: {error:?}")),
    };
    let status = answer.status();
    match answer.text().await {
        Err(error) => Some(format!("{status}, then cut: {error:?}")),
        Ok(text) if status != StatusCode::OK => Some(format!("{status}: {text}")),
        Ok(text) if body.is_some_and(|body| body != text) => Some("another body came back".into()),
        Ok(_) => None,
    }
}

async fn draft(handover: &Handover, version: &str, env: &[(&str, &str)]) -> Value {
    handover.post("/artifacts/", artifact("next", version, env)).await
}

async fn replace(handover: &Handover, workload: &str, artifact: &Value, config: Value) -> Value {
    let body = json!({ "artifactId": artifact["id"], "strategy": "rolling", "config": config });
    handover.post(&format!("/workloads/{workload}/replacement/"), body).await
}

/// A slow answer, an event stream and a WebSocket that are open while traffic moves.
struct LongOnes(JoinSet<()>);

impl LongOnes {
    async fn start(handover: &Handover, workload: &str) -> Self {
        let mut tasks = JoinSet::new();
        let (client, slow) = (handover.client.clone(), handover.endpoint(workload, "slow?ms=5000"));
        tasks.spawn(async move {
            assert_eq!(ask(&client, &slow, None).await, None, "the slow answer");
        });
        let (client, stream) =
            (handover.client.clone(), handover.endpoint(workload, "stream?n=50&ms=100"));
        let stream = client.get(stream).bearer_auth(TOKEN).send().await.unwrap();
        tasks.spawn(async move {
            let text = stream.text().await.expect("the stream ends properly");
            assert_eq!(text.matches(" of 50 from ").count(), 50, "{text}");
            assert!(text.ends_with("event: end\ndata: 50\n\n"), "{text}");
        });
        let url = handover.endpoint(workload, "ws").replacen("http", "ws", 1);
        let mut request = url.into_client_request().unwrap();
        let key = format!("Bearer {TOKEN}").parse().unwrap();
        request.headers_mut().insert("authorization", key);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        tasks.spawn(async move {
            for n in 0..50 {
                socket.send(Message::text(format!("{n}"))).await.expect("the socket is open");
                let echo = socket.next().await.expect("an echo").expect("the socket is open");
                assert_eq!(echo.to_text().unwrap(), format!("{n}"));
                pause(Duration::from_millis(100)).await;
            }
            socket.close(None).await.expect("the socket closes properly");
        });
        Self(tasks)
    }

    async fn end(mut self) {
        while let Some(task) = self.0.join_next().await {
            task.unwrap();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "keeps a client open; nothing depends on how long")]
async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// 64 busy connections, 2 replicas, 20 replacements, 5 settings changes and a promotion.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_twenty_replacements() {
    let handover = Handover::start(&[]).await;
    let workload = handover.workload("busy", 2, &[]).await;
    let id = workload["id"].as_str().unwrap();
    let load = Load::start(&handover, id, 64);
    for round in 0..20 {
        let next = draft(&handover, &format!("2.{round}"), &[]).await;
        let long_ones = if round == 3 { Some(LongOnes::start(&handover, id).await) } else { None };
        let begun = replace(&handover, id, &next, json!({})).await;
        let done = handover.settled(id, &begun).await;
        assert_eq!(done["status"], "completed", "{done}");
        assert_eq!(done["receipt"]["failed"], 0, "{done}");
        assert_eq!(done["receipt"]["cutAtCap"], 0, "{done}");
        if let Some(long_ones) = long_ones {
            long_ones.end().await;
        }
    }
    for replicas in [1, 2, 3, 2, 2] {
        let runtime =
            json!({ "containerGroups": [{ "name": "default", "replicaCount": replicas }] });
        let path = format!("/workloads/{id}/settings");
        let (status, begun) =
            handover.call(Method::PATCH, &path, Some(json!({ "runtime": runtime }))).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{begun}");
        let done = handover.settled(id, &begun).await;
        assert_eq!(done["status"], "completed", "{done}");
        assert_eq!(done["receipt"]["failed"], 0, "{done}");
    }
    let promoted = handover.post(&format!("/workloads/{id}/promote"), json!({})).await;
    assert_eq!(promoted["artifact"]["status"], "locked");
    let (answered, failures) = load.end().await;
    println!("{answered} requests answered, {} failed", failures.len());
    assert_eq!(failures, Vec::<String>::new(), "of {answered}");
    assert!(answered > 5_000, "the endpoint was not busy: {answered} requests");
}

/// A candidate that is never ready, one that crashes in warm-up and one that is cancelled: the old version
/// serves on, and the reason stays readable.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_candidate_costs_nothing() {
    let handover = Handover::start(&["--start-deadline", "8s"]).await;
    let workload = handover.workload("steady", 2, &[]).await;
    let id = workload["id"].as_str().unwrap();
    let load = Load::start(&handover, id, 16);

    let never = draft(&handover, "2.0", &[("DEMO_NEVER_READY", "1")]).await;
    let begun = replace(&handover, id, &never, json!({})).await;
    let failed = handover.settled(id, &begun).await;
    assert_eq!(failed["status"], "errored");
    let message = failed["message"].as_str().unwrap();
    assert!(message.contains("0 of 2 replicas are ready"), "{message}");
    let probes = failed["flightRecord"]["probes"].as_array().unwrap();
    assert!(probes.iter().any(|probe| probe["status"] == 503), "{failed}");
    assert!(!failed["flightRecord"]["logTail"].as_array().unwrap().is_empty(), "{failed}");

    let crashes = [("DEMO_CRASH_AFTER_MS", "700"), ("DEMO_EXIT_CODE", "42")];
    let crashing = draft(&handover, "3.0", &crashes).await;
    let begun = replace(&handover, id, &crashing, json!({ "warmupDurationMinutes": 1 })).await;
    let failed = handover.settled(id, &begun).await;
    assert_eq!(failed["status"], "errored");
    assert!(failed["message"].as_str().unwrap().contains("42"), "{failed}");
    let exits = failed["flightRecord"]["exits"].as_array().unwrap();
    assert!(exits.iter().any(|exit| exit["code"] == 42), "{failed}");

    let good = draft(&handover, "4.0", &[]).await;
    let begun = replace(&handover, id, &good, json!({ "warmupDurationMinutes": 5 })).await;
    let path = format!("/workloads/{id}/replacement/");
    handover.until(&path, |r| r["stage"] == "warming").await;
    let (status, _) = handover.call(Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let cancelled = handover.settled(id, &begun).await;
    assert_eq!(cancelled["status"], "errored");
    assert_eq!(cancelled["cancelled"], true);
    assert_eq!(cancelled["receipt"]["servedByNew"], 0, "{cancelled}");

    let (answered, failures) = load.end().await;
    assert_eq!(failures, Vec::<String>::new(), "of {answered}");
    let now = handover.get(&format!("/workloads/{id}/")).await;
    assert_eq!(now["status"], "running");
    assert_eq!(now["artifactId"], workload["artifactId"]);
    assert_eq!(now["protonId"], workload["protonId"]);
}
