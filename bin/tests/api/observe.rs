//! What can be seen of a workload: protons, events, history, logs and statistics.

use handover::model::Millis;
use serde_json::{Value, json};

use crate::server::{Server, moment};

#[tokio::test(flavor = "multi_thread")]
async fn protons_and_their_replicas() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("seen", &draft).await;
    let path = format!("/workloads/{workload}/protons");
    let page = server.get(&path).await.is(200);
    let proton = &page["data"][0];
    assert_eq!((&proton["role"], &proton["status"]), (&json!("active"), &json!("running")));
    assert!(proton["runningSince"].is_string());
    let one = format!("{path}/{}", proton["id"].as_str().unwrap());
    assert_eq!(server.get(&one).await.is(200)["id"], proton["id"]);
    let details = server.get(&format!("{one}/statusDetails/")).await.is(200);
    assert_eq!(details["overallStatus"]["state"], "running");
    let replica = &details["replicas"][0];
    let address = replica["address"].as_str().unwrap();
    let direct = server.client.get(format!("http://{address}/")).send().await.unwrap();
    assert_eq!(direct.headers()["x-demo-version"], "1", "the address can be called");
    let ready = replica["conditions"].as_array().unwrap().iter().find(|c| c["type"] == "Ready");
    let ready = ready.unwrap();
    assert_eq!((&ready["met"], &ready["value"]), (&json!(true), &json!(true)));
    let container = &replica["containers"][0];
    assert_eq!((&container["name"], &container["status"]), (&json!("main"), &json!("running")));
    assert_eq!((&container["ready"], &container["restartCount"]), (&json!(true), &json!(0)));
    server.get(&format!("{path}/0123456789abcdef01234567")).await.is(404);
    let other = server.draft("2", &[]).await;
    let other = server.workload("other", &other).await;
    server
        .get(&format!("/workloads/{other}/protons/{}", proton["id"].as_str().unwrap()))
        .await
        .is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_newest_first_and_read_in_every_dialect() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("eventful", &draft).await;
    server.patch(&format!("/workloads/{workload}/"), json!({ "description": "x" })).await.is(200);
    let page = server.get(&format!("/workloads/{workload}/events/?limit=100")).await.is(200);
    let events = page["data"].as_array().unwrap();
    let kinds: Vec<_> = events.iter().map(|e| e["eventType"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("MetadataChanged", "WorkloadCreated"));
    let sequence: Vec<_> = events.iter().map(|e| e["sequence"].as_i64().unwrap()).collect();
    assert!(sequence.windows(2).all(|pair| pair[0] > pair[1]), "{sequence:?}");
    let first = &events[0];
    for field in
        ["id", "workloadId", "eventType", "timestamp", "type", "reason", "message", "actorId"]
    {
        assert!(first[field].is_string(), "{field}: {first}");
    }
    assert_eq!(first["type"], "Normal");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_filtered_by_level_text_and_proton() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("logging", &draft).await;
    let path = format!("/otel/workload/{workload}/logs/");
    let page = server.until(&path, |page| page["totalCount"].as_u64() > Some(1)).await;
    let lines = page["data"].as_array().unwrap();
    for line in lines {
        for field in ["timestamp", "level", "message", "stacktrace", "spanId", "traceId"] {
            assert!(line[field].is_string(), "{field}: {line}");
        }
    }
    let times: Vec<_> = lines.iter().map(|line| moment(&line["timestamp"])).collect();
    assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "newest first: {times:?}");
    let count = async |query: &str| {
        server.get(&format!("{path}?limit=1000&{query}")).await.is(200)["totalCount"].as_u64()
    };
    let all = count("").await;
    assert_eq!(count("includes=LISTENS%20on").await, Some(1));
    assert_eq!(count("excludes=listens").await, all.map(|all| all - 1));
    assert_eq!(count("level=critical").await, Some(0));
    let proton = server.get(&format!("/workloads/{workload}/")).await.is(200)["protonId"].clone();
    let proton = proton.as_str().unwrap();
    assert_eq!(count(&format!("searchKeys=proton_id&searchValues={proton}")).await, all);
    assert_eq!(count("searchKeys=proton_id&searchValues=other").await, Some(0));
    assert_eq!(count("startTime=2999-01-01T00:00:00Z").await, Some(0));
    for wrong in ["limit=1001", "level=loud", "startTime=yesterday", "searchKeys=proton_id"] {
        assert_eq!(server.get(&format!("{path}?{wrong}")).await.status, 422, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_count_what_was_answered_and_can_be_cleared() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("counted", &draft).await;
    let path = format!("/workloads/{workload}/stats");
    let untouched = server.get(&path).await.is(200);
    assert_eq!(
        (&untouched["period"], &untouched["metrics"]["totalRequests"]),
        (&Value::Null, &json!(0))
    );
    for status in ["status/200", "status/404", "status/500", "slow?ms=300"] {
        drop(server.invoke(&workload, status).await);
    }
    let read = server.until(&path, |s| s["metrics"]["totalRequests"] == 4).await;
    let metrics = &read["metrics"];
    assert_eq!((&metrics["userErrors"], &metrics["serverErrors"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&metrics["totalErrorRate"], &metrics["userErrorRate"]),
        (&json!(0.5), &json!(0.25))
    );
    let slow = server
        .get(&format!("{path}?slowRequestsThreshold=100&responseTimeQuantile=1"))
        .await
        .is(200);
    assert_eq!(slow["metrics"]["slowRequests"], 1);
    assert!((300..1000).contains(&slow["metrics"]["responseTime"].as_u64().unwrap()), "{slow}");
    let record = server.get(&format!("/workloads/{workload}/")).await.is(200);
    assert_eq!(record["requestStats"]["totalRequests"], 4);
    assert_eq!(record["requestStats"]["errorRate"], 50.0);
    assert!(record["lastResponse"].is_string());

    let crossed = "startTime=2030-01-02T00:00:00Z&endTime=2030-01-01T00:00:00Z";
    server.get(&format!("{path}?{crossed}")).await.is(400);
    server.delete(&format!("{path}?{crossed}")).await.is(400);
    server.get(&format!("{path}?responseTimeQuantile=2")).await.is(422);
    let long_ago = "endTime=2001-01-01T00:00:00Z";
    server.delete(&format!("{path}?{long_ago}")).await.is(204);
    assert_eq!(server.get(&path).await.is(200)["metrics"]["totalRequests"], 4);
    server.delete(&path).await.is(204);
    assert_eq!(server.get(&path).await.is(200)["metrics"]["totalRequests"], 0);
}

/// rules.md L11: a draft's statistics are kept for a day, those of a locked version for thirty.
#[tokio::test(flavor = "multi_thread")]
async fn statistics_are_forgotten_in_time() {
    let server = Server::with(&["--draft-ttl", "2000h"]).await;
    let (draft, locked) = (server.draft("1", &[]).await, server.locked("1", &[]).await);
    let draft = server.workload("draft", &draft).await;
    let locked = server.workload("locked", &locked).await;
    let stats = |workload: &str| format!("/workloads/{workload}/stats");
    for workload in [&draft, &locked] {
        server.serving(workload).await;
        server.until(&stats(workload), |s| s["metrics"]["totalRequests"] == 1).await;
    }
    server.advance(Millis::hours(25));
    server.until(&stats(&draft), |s| s["metrics"]["totalRequests"] == 0).await;
    assert_eq!(server.get(&stats(&locked)).await.is(200)["metrics"]["totalRequests"], 1);
    server.advance(Millis::hours(30 * 24));
    server.until(&stats(&locked), |s| s["metrics"]["totalRequests"] == 0).await;
}
