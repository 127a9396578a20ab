//! The scripts of the agent skill: no redirects, an error for everything that is not 2xx, and their own ideas
//! of when a wait is over.

use serde_json::{Value, json};

use crate::server::{Server, id};

/// How `wait_for_replacement` ends: 0 completed or gone after it was seen, 2 failed, 4 not there at the first
/// look. None while it waits; `errored` is a word it does not know.
fn exit(look: u16, body: &Value, seen: &mut bool) -> Option<u8> {
    match (look, body["status"].as_str()) {
        (404, _) => Some(if *seen { 0 } else { 4 }),
        (200, Some("completed")) => Some(0),
        (200, Some("failed")) => Some(2),
        _ => {
            *seen = true;
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_waits_end_well() {
    let server = Server::start().await;
    let (old, new) = (server.locked("1", &[]).await, server.locked("2", &[]).await);
    // wait_for_running: 0 on `running`, 2 on what never gets there.
    let body = json!({ "name": "skill", "artifactId": old });
    let workload = id(&server.post("/workloads/", body).await.is(201));
    let path = format!("/workloads/{workload}/");
    let ended = server.until(&path, |w| {
        assert!(!["errored", "failed", "terminated"].contains(&w["status"].as_str().unwrap()));
        w["status"] == "running"
    });
    ended.await;

    // A roll that is over long before its first look, 20 seconds later, is still there to be seen.
    let replacement = server.replace(&workload, &new, json!({ "warmupDurationMinutes": 0 })).await;
    server.in_stage(&replacement, "done").await;
    server.advance(handover::model::Millis::seconds(20));
    let look = server.get(&format!("{path}replacement/")).await;
    assert_eq!(exit(look.status, &look.body, &mut false), Some(0));

    // Read, change, write: settings go back as they were read.
    let settings = server.get(&format!("{path}settings/")).await.is(200);
    let begun = server.patch(&format!("{path}settings/"), settings).await.is(202);
    server.in_stage(&begun, "done").await;
    // What it assumes: the same locked version is refused, a draft for a locked one too.
    let same = json!({ "artifactId": new, "strategy": "rolling" });
    server.post(&format!("{path}replacement/"), same).await.is(422);
    let draft = server.draft("3", &[]).await;
    server.post(&format!("{path}replacement/"), json!({ "artifactId": draft })).await.is(400);
    // Clone, edit, lock, replace.
    let copy =
        server.post(&format!("/artifacts/{new}/clone/"), json!({ "name": "next" })).await.is(200);
    let edit = json!({ "spec": crate::server::spec("4", &[]) });
    server.patch(&format!("/artifacts/{}/", id(&copy)), edit).await.is(200);
    server
        .patch(&format!("/artifacts/{}/", id(&copy)), json!({ "status": "locked" }))
        .await
        .is(200);
    let replacement = server.replace(&workload, &id(&copy), json!({})).await;
    server.in_stage(&replacement, "done").await;
    assert_eq!(server.serving(&workload).await, "4");
    server.delete(&format!("{path}stats/")).await.is(204);
}

/// `check_limits` and `diagnose_workload`, field by field.
#[tokio::test(flavor = "multi_thread")]
async fn it_finds_what_it_diagnoses_by() {
    let server = Server::start().await;
    let limits = server.get("/account/info/").await.is(200)["limits"].clone();
    for limit in ["maxConcurrentWorkloads", "maxWorkloadReplicas"] {
        assert!(limits[limit].is_u64(), "{limits}");
    }
    let workload = server.workload("diagnosed", &server.draft("1", &[]).await).await;
    let path = format!("/workloads/{workload}/");
    let read = server.get(&path).await.is(200);
    assert!(read["statusDetails"]["logTail"].is_array());
    let events = server.get(&format!("{path}events/")).await.is(200);
    for event in events["data"].as_array().unwrap() {
        assert!(["Normal", "Warning"].contains(&event["type"].as_str().unwrap()));
        assert!(
            event["reason"].is_string()
                && event["message"].is_string()
                && event["timestamp"].is_string()
        );
    }
    let protons = server.get(&format!("{path}protons/")).await.is(200);
    let proton = &protons["data"][0];
    assert_eq!(proton["role"], "active");
    assert!(proton["createdAt"].is_string());
    let details = format!("{path}protons/{}/statusDetails/", id(proton));
    let details = server.get(&details).await.is(200);
    assert!(
        details["overallStatus"]["state"].is_string()
            && details["overallStatus"]["summary"].is_string()
    );
    for replica in details["replicas"].as_array().unwrap() {
        for container in replica["containers"].as_array().unwrap() {
            assert!(container["name"].is_string() && container["image"].is_string());
            assert!(container["ready"].is_boolean() && container["restartCount"].is_u64());
        }
        for condition in replica["conditions"].as_array().unwrap() {
            assert_eq!(condition["value"], condition["met"], "older readers look at the first");
        }
    }
    // A list by id in both forms, and what it never gets: a redirect.
    for query in [format!("ids={workload}"), format!("ids={workload},0123456789abcdef01234567")] {
        assert_eq!(server.get(&format!("/workloads?{query}")).await.is(200)["totalCount"], 1);
    }
}
