//! Logs of a workload, and how long they and events are kept.

use handover::model::Millis;
use serde_json::{Value, json};

use crate::server::{Server, moment};

/// A container that writes these lines, then serves.
fn talker(lines: &[&str]) -> Value {
    let script = lines.iter().map(|line| format!("echo '{line}'")).collect::<Vec<_>>().join("; ");
    let serve = r#"exec "$0" demo --version 1"#;
    json!({ "name": "talker", "status": "locked", "spec": { "containerGroups": [{ "containers": [{
        "imageUri": "talker:1",
        "port": 8080,
        "entrypoint": ["sh", "-c", format!("{script}; {serve}"), env!("CARGO_BIN_EXE_handover")],
    }] }] } })
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_json_are_found_by_what_they_say_of_themselves() {
    let server = Server::start().await;
    let lines = [
        r#"{"level":"error","msg":"card refused","trace_id":"t1","span_id":"s1","shop":"berlin","exc_info":"at pay()"}"#,
        r#"{"level":"info","msg":"card accepted","trace_id":"t2","shop":"berlin","items":3}"#,
        "WARNING: plain text of no trace",
    ];
    let artifact = server.post("/artifacts/", talker(&lines)).await.is(201);
    let workload = server.workload("talking", artifact["id"].as_str().unwrap()).await;
    let path = format!("/otel/workload/{workload}/logs/");
    let find = async |query: &str| -> Vec<Value> {
        let page = server.get(&format!("{path}?limit=1000&{query}")).await.is(200);
        page["data"].as_array().unwrap().clone()
    };
    let messages = async |query: &str| -> Vec<String> {
        find(query).await.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(messages("traceId=t2").await, ["card accepted"]);
    assert_eq!(messages("spanId=s1").await, ["card refused"]);
    assert_eq!(
        messages("searchKeys=shop&searchValues=berlin").await,
        ["card accepted", "card refused"]
    );
    let both = "searchKeys=shop&searchValues=berlin&searchKeys=items&searchValues=3";
    assert_eq!(messages(both).await, ["card accepted"]);
    assert_eq!(messages("searchKeys=shop&searchValues=paris").await, Vec::<String>::new());
    assert_eq!(messages("includes=CARD&includes=refused").await, ["card refused"]);
    assert_eq!(messages("includes=card&excludes=refused").await, ["card accepted"]);
    let error = &find("level=ERROR").await[0];
    assert_eq!(
        (&error["stacktrace"], &error["traceId"], &error["spanId"]),
        (&json!("at pay()"), &json!("t1"), &json!("s1"))
    );
    let warned = &find("level=warn").await;
    assert_eq!(warned.len(), 2, "a level is the least severity: {warned:?}");
    assert_eq!((&warned[0]["traceId"], &warned[0]["stacktrace"]), (&json!(""), &json!("")));

    let all = find("").await;
    let page = server.get(&format!("{path}?limit=1&offset=1")).await.is(200);
    assert_eq!((&page["data"][0], &page["totalCount"]), (&all[1], &json!(all.len())));
    assert!(page["next"].as_str().unwrap().contains("offset=2"), "{page}");
    let until = all[1]["timestamp"].as_str().unwrap();
    let older = find(&format!("endTime={until}")).await;
    assert!(older.iter().all(|line| moment(&line["timestamp"]) <= moment(&all[1]["timestamp"])));
    assert_eq!(
        find(&format!("startTime={until}")).await.last().map(|l| l["timestamp"].clone()),
        Some(json!(until))
    );
}

/// rules.md L11
#[tokio::test(flavor = "multi_thread")]
async fn logs_and_events_are_forgotten_in_time() {
    let server = Server::with(&["--draft-ttl", "2000h"]).await;
    let (draft, locked) = (server.draft("1", &[]).await, server.locked("1", &[]).await);
    let draft = server.workload("draft", &draft).await;
    let locked = server.workload("locked", &locked).await;
    let count =
        async |path: String| server.get(&path).await.is(200)["totalCount"].as_u64().unwrap();
    let logs = |workload: &str| format!("/otel/workload/{workload}/logs/");
    let events = |workload: &str| format!("/workloads/{workload}/events");
    for path in [logs(&draft), logs(&locked), events(&draft), events(&locked)] {
        server.until(&path, |page| page["totalCount"].as_u64() > Some(0)).await;
    }
    let former = server.get(&format!("/workloads/{locked}/")).await.is(200)["protonId"].clone();
    let files = server.folder().join("replicas").join(former.as_str().unwrap());
    let settings = server.get(&format!("/workloads/{locked}/settings")).await.is(200);
    let replacement =
        server.patch(&format!("/workloads/{locked}/settings"), settings).await.is(202);
    let done = server.in_stage(&replacement, "done").await;
    let of_former =
        format!("{}?searchKeys=proton_id&searchValues={}", logs(&locked), former.as_str().unwrap());
    assert!(count(of_former.clone()).await > 0, "logs of a former proton are kept");

    server.advance(Millis::hours(25));
    server
        .until(&events(&draft), |page| {
            let first = page["data"]
                .as_array()
                .unwrap()
                .iter()
                .any(|e| e["eventType"] == "WorkloadCreated");
            !first
        })
        .await;
    assert_eq!(count(format!("{}?endTime={}", logs(&draft), text(&done["createdAt"]))).await, 0);
    assert!(count(of_former.clone()).await > 0 && files.exists());
    let created = async || {
        let page = server.get(&format!("{}?limit=100", events(&locked))).await.is(200);
        page["data"].as_array().unwrap().iter().any(|e| e["eventType"] == "WorkloadCreated")
    };
    assert!(created().await, "a locked version's events are kept longer");

    server.advance(Millis::hours(30 * 24));
    crate::server::wait_for(async || (!files.exists()).then_some(()))
        .await
        .expect("the files are still there");
    assert_eq!(count(of_former).await, 0);
    crate::server::wait_for(async || (!created().await).then_some(()))
        .await
        .expect("the events are still there");
    // What happened stays known.
    let path = format!("/workloads/{locked}/replacements/{}/", text(&replacement["id"]));
    assert_eq!(server.get(&path).await.is(200)["flightRecord"], done["flightRecord"]);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
