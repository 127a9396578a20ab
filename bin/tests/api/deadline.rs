//! How long a draft lives.

use handover::model::Millis;
use serde_json::{Value, json};

use crate::server::{Server, moment, wait_for};

const EIGHT_HOURS: Millis = Millis::hours(8);

/// Rule 12: a draft ends after eight hours; stop and start give it a fresh deadline; promotion removes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_ends_after_eight_hours() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("mortal", &draft).await;
    let path = format!("/workloads/{workload}/");
    let created = server.get(&path).await.is(200);
    assert_eq!(moment(&created["expiresAt"]), moment(&created["createdAt"]) + EIGHT_HOURS);

    server.advance(Millis::hours(5));
    server.post(&format!("{path}stop"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    server.post(&format!("{path}start"), json!({})).await.is(202);
    let restarted = server.until(&path, |w| w["status"] == "running").await;
    let moved = moment(&restarted["expiresAt"]).since(moment(&created["expiresAt"]));
    assert!(moved >= Millis::hours(5), "{moved}");

    server.advance(Millis::hours(7));
    assert_eq!(
        server.serving(&workload).await,
        "1",
        "twelve hours after creation, seven after start"
    );
    server.advance(Millis::hours(1));
    let ended = server.until(&path, |w| w["status"] == "terminated").await;
    assert_eq!(ended["artifactId"], json!(draft));
    server.post(&format!("{path}start"), json!({})).await.is(409);
    server.post(&format!("{path}stop"), json!({})).await.is(200);
    let events = format!("{path}events/?limit=100");
    let told = |page: &Value| {
        page["data"].as_array().unwrap().iter().any(|e| e["eventType"] == "WorkloadExpired")
    };
    server.until(&events, told).await;
    server.get(&format!("/artifacts/{draft}/")).await.is(200);
    let next = json!({ "name": "mortal", "artifactId": draft });
    server.post("/workloads/", next).await.is(201);

    server.advance(Millis::hours(24));
    let gone = wait_for(async || (server.get(&path).await.status == 404).then_some(())).await;
    assert!(gone.is_some(), "a day later it is removed");
}

/// The deadline goes with promotion, and with locking the artifact by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_artifact_has_no_deadline() {
    let server = Server::start().await;
    let (one, two) = (server.draft("1", &[]).await, server.draft("2", &[]).await);
    let (promoted, locked) =
        (server.workload("promoted", &one).await, server.workload("locked", &two).await);
    let record = server.post(&format!("/workloads/{promoted}/promote"), json!({})).await.is(202);
    assert_eq!(record["expiresAt"], Value::Null);
    server.patch(&format!("/artifacts/{two}"), json!({ "status": "locked" })).await.is(200);
    let record = server.get(&format!("/workloads/{locked}")).await.is(200);
    assert_eq!((&record["expiresAt"], &record["artifact"]["version"]), (&Value::Null, &json!(1)));
    let history = server.get(&format!("/workloads/{locked}/history/")).await.is(200);
    assert_eq!(history["totalCount"], 0, "locking is no promotion");

    server.advance(Millis::hours(30));
    // The next look at the workloads comes with the next advance at the latest.
    server.advance(Millis::minutes(1));
    assert_eq!(server.serving(&promoted).await, "1");
    assert_eq!(server.serving(&locked).await, "2");
}
