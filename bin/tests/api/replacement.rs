//! `/workloads/{id}/replacement`.

use handover::model::Millis;
use serde_json::{Value, json};

use crate::{
    load::Load,
    server::{Server, id, moment},
};

fn none() -> Vec<String> {
    Vec::new()
}

/// Rule 2: a draft replaces drafts only, a locked version locked ones only. The same locked version needs
/// a reason.
#[tokio::test(flavor = "multi_thread")]
async fn draft_and_locked_do_not_replace_each_other() {
    let server = Server::start().await;
    let (draft, locked) = (server.draft("1", &[]).await, server.locked("1", &[]).await);
    let on_draft = server.workload("draft", &draft).await;
    let on_locked = server.workload("locked", &locked).await;
    let (other_draft, other_locked) = (server.draft("2", &[]).await, server.locked("2", &[]).await);
    let replace = async |workload: &str, body: Value| {
        server.post(&format!("/workloads/{workload}/replacement"), body).await
    };
    replace(&on_draft, json!({ "artifactId": other_locked })).await.is(400);
    replace(&on_locked, json!({ "artifactId": other_draft })).await.is(400);
    replace(&on_locked, json!({ "artifactId": locked })).await.is(422);
    replace(&on_draft, json!({ "artifactId": "0123456789abcdef01234567" })).await.is(404);
    replace(&on_draft, json!({ "artifactId": other_draft, "strategy": "canary" })).await.is(422);
    let negative = json!({ "warmupDurationMinutes": -1 });
    replace(&on_draft, json!({ "artifactId": other_draft, "config": negative })).await.is(422);
    server.get(&format!("/workloads/{on_draft}/replacement")).await.is(404);
    server.delete(&format!("/workloads/{on_draft}/replacement")).await.is(404);

    let again = replace(&on_locked, json!({ "artifactId": locked, "config": {} })).await.is(202);
    server.in_stage(&again, "done").await;
    assert_eq!(server.serving(&on_locked).await, "1");
}

/// Rules 3 and 7: a second one is refused and the first is unharmed; the record is there from the answer on
/// and is still there when the roll is long over.
#[tokio::test(flavor = "multi_thread")]
async fn one_replacement_at_a_time_and_always_readable() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("busy", &draft).await;
    let (second, third) = (server.draft("2", &[]).await, server.draft("3", &[]).await);
    let path = format!("/workloads/{workload}/");
    let first = server.replace(&workload, &second, json!({})).await;
    let seen = server.get(&path).await.is(200);
    assert_eq!(seen["replacement"]["id"], first["id"]);
    assert_eq!(seen["status"], "running");
    assert!(
        [
            "submitted",
            "initializing",
            "awaiting_promotion",
            "switching",
            "cleaning_up",
            "completed"
        ]
        .contains(&seen["replacement"]["status"].as_str().unwrap())
    );

    let body = json!({ "artifactId": third });
    let refused = server.post(&format!("{path}replacement"), body).await;
    let settings = server.patch(&format!("{path}settings"), json!({ "runtime": {} })).await;
    let done = server.in_stage(&first, "done").await;
    assert_eq!((refused.status, settings.status), (409, 409), "{} {}", refused.body, settings.body);
    assert_eq!(done["status"], "completed");
    assert!(done["switchedAt"].is_string() && done["retiredAt"].is_string(), "{done}");
    assert_eq!(server.serving(&workload).await, "2");

    server.advance(Millis::minutes(5));
    let seen = server.get(&path).await.is(200);
    assert_eq!(
        (&seen["replacement"]["status"], &seen["artifactId"]),
        (&json!("completed"), &json!(second))
    );
    server.advance(Millis::minutes(6));
    server.get(&format!("{path}replacement/")).await.is(404);
    assert_eq!(server.get(&path).await.is(200)["replacement"], Value::Null);
    let for_ever = format!("{path}replacements/{}/", id(&first));
    assert_eq!(server.get(&for_ever).await.is(200)["status"], "completed");
}

/// Rule 4, first half: a candidate that never gets ready gets no request, and is given up in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_that_never_gets_ready_gets_no_request() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("patient", &draft).await;
    let bad = server.draft("2", &[("DEMO_NEVER_READY", "1")]).await;
    let path = format!("/workloads/{workload}/");
    let load = Load::on(&server, &workload);
    let replacement = server.replace(&workload, &bad, json!({})).await;
    let starting = format!("{path}replacements/{}/", id(&replacement));
    let probed = server.until(&starting, |r| r["status"] == "initializing").await;
    assert_eq!(probed["stage"], "starting");
    assert!(probed["waitingFor"].is_string(), "{probed}");
    let details = format!(
        "{path}protons/{}/statusDetails",
        probed["candidateProtonIds"][0].as_str().unwrap()
    );
    server.until(&details, |d| d["replicas"][0]["status"] == "running").await;
    server.advance(Millis::minutes(11));
    let done = server.in_stage(&replacement, "done").await;
    let report = load.end().await;

    assert_eq!(report.failures, none());
    assert_eq!(report.versions.keys().collect::<Vec<_>>(), ["1"]);
    assert_eq!(
        (done["status"].as_str(), done["receipt"]["servedByNew"].as_u64()),
        (Some("errored"), Some(0))
    );
    assert!(done["message"].as_str().unwrap().contains("ready"), "{done}");
    let probes = done["flightRecord"]["probes"].as_array().unwrap();
    let failed = |p: &Value| p["passed"] == false && p["kind"] == "readiness";
    assert!(!probes.is_empty() && probes.iter().all(failed), "{probes:#?}");
    let now = server.get(&path).await.is(200);
    assert_eq!((&now["status"], &now["artifactId"]), (&json!("running"), &json!(draft)));
}

/// Rule 4, second half, and rule 7: a candidate that crashes costs no request; the record says why, and
/// stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_that_crashes_costs_no_request() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("robust", &locked).await;
    let bad = server.locked("2", &[("DEMO_CRASH_AFTER_MS", "50"), ("DEMO_EXIT_CODE", "7")]).await;
    let path = format!("/workloads/{workload}/");
    let load = Load::on(&server, &workload);
    let replacement = server.replace(&workload, &bad, json!({ "warmupDurationMinutes": 1 })).await;
    // The pauses between restarts are the server's time, so they can be made to pass.
    let done = server.advance_to(&replacement, "done", Millis::seconds(5)).await;
    let report = load.end().await;
    assert_eq!(report.failures, none());
    assert_eq!(report.versions.keys().collect::<Vec<_>>(), ["1"]);
    assert_eq!((&done["status"], &done["cancelled"]), (&json!("errored"), &json!(false)));
    let exits = done["flightRecord"]["exits"].as_array().unwrap();
    assert!(exits.iter().any(|exit| exit["code"] == 7), "{exits:#?}");
    let tail = done["flightRecord"]["logTail"].to_string();
    assert!(tail.contains("exit code 7"), "{tail}");

    server.advance(Millis::minutes(45));
    let now = server.get(&path).await.is(200);
    assert_eq!((&now["status"], &now["artifactId"]), (&json!("running"), &json!(locked)));
    assert_eq!(now["replacement"]["status"], "errored");
    assert_eq!(server.get(&format!("{path}replacement")).await.is(200)["id"], replacement["id"]);
}

/// Rule 5: warm-up and keep window last as long as was asked, and in the keep window DELETE puts the old
/// version back without a failed request.
#[tokio::test(flavor = "multi_thread")]
async fn warm_up_and_keep_window_last_and_the_way_back_is_clean() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("careful", &draft).await;
    let next = server.draft("2", &[]).await;
    let path = format!("/workloads/{workload}/");
    let load = Load::on(&server, &workload);
    let config = json!({ "warmupDurationMinutes": 4, "keepOldVersionMinutes": 6 });
    let replacement = server.replace(&workload, &next, config).await;
    server.in_stage(&replacement, "warming").await;
    server.advance(Millis::minutes(3));
    let warming = server.in_stage(&replacement, "warming").await;
    assert_eq!(
        (&warming["status"], &warming["switchedAt"]),
        (&json!("awaiting_promotion"), &Value::Null)
    );
    assert_eq!(server.serving(&workload).await, "1");
    let keeping = server.advance_to(&replacement, "keeping", Millis::minutes(1)).await;
    assert_eq!(keeping["status"], "cleaning_up");
    let (ready, switched) = (moment(&keeping["readyAt"]), moment(&keeping["switchedAt"]));
    assert!(switched.since(ready) >= Millis::minutes(4), "{ready} {switched}");
    assert_eq!(server.serving(&workload).await, "2");
    let now = server.get(&path).await.is(200);
    assert_eq!((&now["artifactId"], &now["status"]), (&json!(next), &json!("running")));

    server.advance(Millis::minutes(5));
    let old = keeping["previousProtonIds"][0].as_str().unwrap();
    let kept = server.get(&format!("{path}protons/{old}")).await.is(200);
    assert_eq!((&kept["role"], &kept["status"]), (&Value::Null, &json!("running")), "{kept}");
    let back = server.delete(&format!("{path}replacement")).await.is(202);
    assert_eq!(back["id"], replacement["id"]);
    let done = server.in_stage(&replacement, "done").await;
    assert_eq!(server.serving(&workload).await, "1");
    let report = load.end().await;
    assert_eq!(report.failures, none());
    assert!(report.versions["1"] > 0 && report.versions["2"] > 0, "{:?}", report.versions);
    assert_eq!((&done["status"], &done["rolledBack"]), (&json!("errored"), &json!(true)));
    let now = server.get(&path).await.is(200);
    assert_eq!((&now["artifactId"], &now["protonId"]), (&json!(draft), &json!(old)));

    // Without being asked, the old version goes when the window is over, and not before.
    let replacement = server.replace(&workload, &next, json!({ "keepOldVersionMinutes": 6 })).await;
    server.in_stage(&replacement, "keeping").await;
    server.advance(Millis::minutes(6));
    let done = server.in_stage(&replacement, "done").await;
    let kept_for = moment(&done["retiredAt"]).since(moment(&done["switchedAt"]));
    assert!(done["status"] == "completed" && kept_for >= Millis::minutes(6), "{kept_for} {done}");
}

/// Rule 6: what is in flight at the switch is finished by the old version.
#[tokio::test(flavor = "multi_thread")]
async fn requests_in_flight_at_the_switch_finish_on_the_old_version() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("slow", &draft).await;
    let next = server.draft("2", &[]).await;
    let url = server.endpoint(&workload, "slow?ms=6000");
    let client = server.client.clone();
    let in_flight = tokio::spawn(async move { crate::server::invoke(&client, &url).await });
    let stats = format!("/workloads/{workload}/stats");
    server.until(&stats, |s| s["metrics"]["concurrentRequests"] == 1).await;
    let replacement = server.replace(&workload, &next, json!({})).await;
    let draining = server.in_stage(&replacement, "draining").await;
    assert!(draining["waitingFor"].as_str().unwrap().contains('1'), "{draining}");
    assert_eq!(server.serving(&workload).await, "2");
    assert_eq!(in_flight.await.unwrap(), Ok("1".to_owned()));
    let done = server.in_stage(&replacement, "done").await;
    assert_eq!(done["receipt"]["failed"], 0);
    assert_eq!(done["receipt"]["cutAtCap"], 0);
    assert!(done["receipt"]["servedByNew"].as_u64().unwrap() >= 1, "{done}");
}
