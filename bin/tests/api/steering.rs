//! Steering a replacement: `/workloads/{id}/replacement/{verb}`, and waiting for it.

use handover::model::Millis;
use serde_json::{Value, json};

use crate::server::{Server, id};

struct Rolling {
    server: Server,
    workload: String,
    replacement: Value,
}

impl Rolling {
    async fn begin(config: Value) -> Self {
        let server = Server::start().await;
        let draft = server.draft("1", &[]).await;
        let workload = server.workload("steered", &draft).await;
        let next = server.draft("2", &[]).await;
        let replacement = server.replace(&workload, &next, config).await;
        Self { server, workload, replacement }
    }

    async fn steer(&self, verb: &str, body: Value) -> (u16, Value) {
        let path = format!("/workloads/{}/replacement/{verb}", self.workload);
        let answer = self.server.post(&path, body).await;
        (answer.status, answer.body)
    }

    async fn stage(&self, stage: &str) -> Value {
        self.server.in_stage(&self.replacement, stage).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn held_released_and_finished_by_hand() {
    let rolling = Rolling::begin(json!({ "keepOldVersionMinutes": 600 })).await;
    assert_eq!(rolling.steer("hold", json!({})).await.0, 202);
    let held = rolling.stage("held").await;
    assert!(held["next"].is_string() && held["stageUntil"].is_string(), "{held}");
    let allowed = |record: &Value, action: &str| {
        let all = record["allowed"].as_array().unwrap();
        all.iter().find(|a| a["action"] == action).unwrap()["allowed"].clone()
    };
    assert_eq!((allowed(&held, "release"), allowed(&held, "finish")), (json!(true), json!(false)));
    let (status, body) = rolling.steer("hold", json!({})).await;
    assert_eq!(status, 409, "{body}");
    let (status, refused) = rolling.steer("finish", json!({})).await;
    assert_eq!(status, 409, "a reason: {refused}");
    assert!(refused["detail"].is_string());
    rolling.server.advance(Millis::minutes(30));
    assert_eq!(rolling.server.serving(&rolling.workload).await, "1");

    assert_eq!(rolling.steer("release", json!({})).await.0, 202);
    rolling.stage("keeping").await;
    assert_eq!(rolling.server.serving(&rolling.workload).await, "2");
    assert_eq!(rolling.steer("finish", json!({})).await.0, 202);
    assert_eq!(rolling.stage("done").await["status"], "completed");
    assert_eq!(rolling.steer("finish", json!({})).await.0, 404, "nothing goes on any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn extended_switched_now_and_rolled_back() {
    let config = json!({ "warmupDurationMinutes": 10, "keepOldVersionMinutes": 10 });
    let rolling = Rolling::begin(config).await;
    rolling.stage("warming").await;
    assert_eq!(rolling.steer("extend", json!({ "minutes": 10 })).await.0, 202);
    assert_eq!(rolling.steer("extend", json!({})).await.0, 422);
    assert_eq!(rolling.steer("extend", json!({ "minutes": 0 })).await.0, 422);
    assert_eq!(
        rolling.steer("rollback", json!({})).await.0,
        409,
        "there is nothing to go back from"
    );
    rolling.server.advance(Millis::minutes(11));
    rolling.stage("warming").await;
    assert_eq!(rolling.server.serving(&rolling.workload).await, "1");

    assert_eq!(rolling.steer("switch", json!({})).await.0, 202);
    rolling.stage("keeping").await;
    assert_eq!(rolling.server.serving(&rolling.workload).await, "2");
    assert_eq!(rolling.steer("switch", json!({})).await.0, 409);
    assert_eq!(rolling.steer("rollback", json!({})).await.0, 202);
    let done = rolling.stage("done").await;
    assert_eq!((&done["status"], &done["rolledBack"]), (&json!("errored"), &json!(true)));
    assert_eq!(rolling.server.serving(&rolling.workload).await, "1");
}

/// Before the switch DELETE gives the candidate up, and nothing else changes.
#[tokio::test(flavor = "multi_thread")]
async fn cancelled_before_the_switch() {
    let rolling = Rolling::begin(json!({ "warmupDurationMinutes": 10 })).await;
    let (server, workload) = (&rolling.server, &rolling.workload);
    rolling.stage("warming").await;
    let path = format!("/workloads/{workload}/replacement");
    server.delete(&path).await.is(202);
    let again = server.delete(&path).await;
    assert!(matches!(again.status, 202 | 404), "asked twice, it does no harm: {again:?}");
    let done = rolling.stage("done").await;
    assert_eq!((&done["status"], &done["cancelled"]), (&json!("errored"), &json!(true)));
    assert_eq!(done["switchedAt"], Value::Null);
    assert_eq!(server.serving(workload).await, "1");
    server.delete(&path).await.is(404);
    let candidate = done["candidateProtonIds"][0].as_str().unwrap();
    let proton = server.get(&format!("/workloads/{workload}/protons/{candidate}")).await.is(200);
    assert_eq!(proton["role"], Value::Null, "{proton}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_can_wait_for_the_end() {
    let rolling = Rolling::begin(json!({ "warmupDurationMinutes": 10 })).await;
    let path = format!("/workloads/{}/replacements/{}", rolling.workload, id(&rolling.replacement));
    rolling.stage("warming").await;
    let waiting = format!("{path}?wait=300");
    let (waited, ()) = tokio::join!(rolling.server.get(&waiting), async {
        let (status, body) = rolling.steer("switch", json!({})).await;
        assert_eq!(status, 202, "{body}");
    });
    assert_eq!(waited.is(200)["status"], "completed");
    rolling.server.get(&format!("{path}?wait=301")).await.is(422);
    let list = rolling.server.get(&format!("/workloads/{}/replacements", rolling.workload)).await;
    assert_eq!(list.is(200)["data"][0]["id"], rolling.replacement["id"]);
    rolling.server.get(&format!("/workloads/{}/replacements/x", rolling.workload)).await.is(404);
}

/// Stopping ends a replacement that goes on, and then stops everything.
#[tokio::test(flavor = "multi_thread")]
async fn stopping_cancels_first() {
    let rolling = Rolling::begin(json!({ "warmupDurationMinutes": 10 })).await;
    rolling.stage("warming").await;
    let path = format!("/workloads/{}/", rolling.workload);
    rolling.server.post(&format!("{path}stop"), json!({})).await.is(202);
    rolling.server.until(&path, |w| w["status"] == "stopped").await;
    let done = rolling.stage("done").await;
    assert_eq!(done["status"], "errored");
    let all_stopped =
        |page: &Value| page["data"].as_array().unwrap().iter().all(|p| p["status"] == "stopped");
    let protons = rolling.server.until(&format!("{path}protons"), all_stopped).await;
    assert_eq!(protons["totalCount"], 2);
}
