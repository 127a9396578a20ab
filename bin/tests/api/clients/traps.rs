//! What breaks clients of a fast or strict server, one test for each trap.

use handover::model::Millis;
use serde_json::{Value, json};

use crate::server::{Server, artifact, id, spec};

/// Rolled within the gap between two polls, and its record gone: Terraform would wait half an hour.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_outlives_the_longest_poll() {
    let server = Server::start().await;
    let (old, new) = (server.locked("1", &[]).await, server.locked("2", &[]).await);
    let workload = server.workload("quick", &old).await;
    let replacement = server.replace(&workload, &new, json!({})).await;
    server.in_stage(&replacement, "done").await;
    server.advance(Millis::seconds(60));
    let read = server.get(&format!("/workloads/{workload}/")).await.is(200);
    assert_eq!(
        (&read["replacement"]["status"], &read["artifactId"]),
        (&json!("completed"), &json!(new))
    );
    assert_eq!(
        server.get(&format!("/workloads/{workload}/replacement")).await.is(200)["status"],
        "completed"
    );
}

/// A failed one that is cleared would be read as a success. It never made the workload `errored` or `updating`.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_record_stays_and_the_workload_runs() {
    let server = Server::start().await;
    let good = server.locked("1", &[]).await;
    let broken = server.locked("2", &[("DEMO_CRASH_AFTER_MS", "50")]).await;
    let workload = server.workload("steady", &good).await;
    let path = format!("/workloads/{workload}/");
    let replacement =
        server.replace(&workload, &broken, json!({ "warmupDurationMinutes": 1 })).await;
    assert_eq!(server.get(&path).await.is(200)["status"], "running", "while it fails");
    // The pauses between restarts are the server's time, so they can be made to pass.
    server.advance_to(&replacement, "done", Millis::seconds(5)).await;
    let failed = server.get(&path).await.is(200);
    assert_eq!(
        (&failed["status"], &failed["replacement"]["status"]),
        (&json!("running"), &json!("errored"))
    );
    assert!(failed["replacement"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(failed["artifactId"], json!(good));
    server.advance(Millis::hours(3));
    let later = server.get(&format!("{path}replacement")).await.is(200);
    assert_eq!(later["status"], "errored");
}

/// Settings always leave a record, even when there is nothing to roll.
#[tokio::test(flavor = "multi_thread")]
async fn settings_leave_a_record_even_when_stopped() {
    let server = Server::start().await;
    let workload = server.workload("resting", &server.draft("1", &[]).await).await;
    let path = format!("/workloads/{workload}/");
    server.post(&format!("{path}stop"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    let runtime = json!({ "runtime": { "containerGroups": [{ "replicaCount": 2 }] } });
    assert_eq!(
        server.patch(&format!("{path}settings"), runtime).await.is(202)["status"],
        "completed"
    );
    assert_eq!(server.get(&path).await.is(200)["replacement"]["status"], "completed");
}

/// A slow start is no failure: `errored` before the last word would abort a run.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_start_is_not_errored_on_the_way() {
    let server = Server::start().await;
    let mut slow = artifact("1", &[]);
    let probe = json!({ "path": "/healthz", "initialDelaySeconds": 2, "periodSeconds": 1, "failureThreshold": 30 });
    slow["spec"]["containerGroups"][0]["containers"][0]["startupProbe"] = probe;
    let body = json!({ "name": "slow", "artifact": slow });
    let workload = id(&server.post("/workloads", body).await.is(201));
    let path = format!("/workloads/{workload}");
    let seen = server.until(&path, |w| {
        let status = w["status"].as_str().unwrap();
        assert!(
            ["submitted", "provisioning", "launching", "running"].contains(&status),
            "{status}"
        );
        status == "running"
    });
    seen.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_the_types_that_clients_decode() {
    let server = Server::start().await;
    // Memory as an integer, whatever it was sent as.
    let allocation = json!({ "cpu": 0.1, "memory": "512MB", "gpuMemory": "1Gi" });
    let runtime = json!({ "containerGroups": [{ "containers": [{ "name": "main", "resourceAllocation": allocation }] }] });
    let body = json!({ "name": "typed", "artifact": artifact("1", &[]), "runtime": runtime });
    let created = server.post("/workloads/", body).await.is(201);
    let read = &created["runtime"]["containerGroups"][0]["containers"][0]["resourceAllocation"];
    assert_eq!((&read["memory"], &read["gpuMemory"]), (&json!(512_000_000), &json!(1_073_741_824)));
    // Read your writes: a fresh workload is there at once.
    let path = format!("/workloads/{}/", id(&created));
    let fresh = server.get(&path).await.is(200);
    assert!(fresh["statusDetails"].is_object() && fresh["artifact"].is_object());
    // A repository id on every artifact, or lineages fork and nothing can be destroyed.
    let mine = server
        .get(&format!("/artifacts/{}", created["artifactId"].as_str().unwrap()))
        .await
        .is(200);
    assert_eq!(mine["artifactRepositoryId"], created["artifact"]["artifactRepositoryId"]);
    assert!(mine["artifactRepositoryId"].is_string());
    // No replacement is 404, never 200 with null.
    let none = server.get(&format!("{path}replacement/")).await.is(404);
    assert!(none["detail"].is_string());
    assert_eq!(fresh["replacement"], Value::Null);
    // More than a page at a time is refused, not capped in silence.
    server.get("/workloads/?limit=101").await.is(422);
    server.draft("2", &[]).await;
    let page = server.get("/artifacts/?limit=1").await.is(200);
    assert!(page["next"].as_str().unwrap().starts_with(&format!("{}/api/v2/", server.url)));
}

/// Fields that clients send and should not; and nothing is invented or made tidy.
#[tokio::test(flavor = "multi_thread")]
async fn extra_fields_are_taken_and_specs_come_back_as_sent() {
    let server = Server::start().await;
    let mut body = artifact("1", &[]);
    body["spec"]["type"] = json!("service");
    let container = &mut body["spec"]["containerGroups"][0]["containers"][0];
    container["build"] = json!({ "artifactImageBuildId": "b", "status": "COMPLETED" });
    container["resourceRequest"] = json!({ "cpu": 1 });
    container["imageUri"] = json!("Handover/Demo:1");
    let created = server.post("/artifacts/", body).await.is(201);
    let read = &created["spec"]["containerGroups"][0]["containers"][0];
    assert_eq!(read["imageUri"], "Handover/Demo:1");
    for invented in
        ["build", "resourceRequest", "livenessProbe", "startupProbe", "entrypoint", "description"]
    {
        assert!(read.get(invented).is_none(), "{invented} in {read}");
    }
    let mut unknown = artifact("1", &[]);
    unknown["spec"] = spec("1", &[]);
    unknown["spec"]["replicas"] = json!(1);
    let refused = server.post("/artifacts/", unknown).await.is(422);
    assert_eq!(refused["detail"][0]["path"], "spec.replicas", "all others are refused by name");
}

/// A keep window longer than clients wait is theirs to configure; meanwhile nothing looks finished.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_keep_window_shows_that_it_is_not_over() {
    let server = Server::start().await;
    let (old, new) = (server.locked("1", &[]).await, server.locked("2", &[]).await);
    let workload = server.workload("kept", &old).await;
    let replacement = server.replace(&workload, &new, json!({ "keepOldVersionMinutes": 45 })).await;
    server.in_stage(&replacement, "keeping").await;
    server.advance(Millis::minutes(31));
    let read = server.get(&format!("/workloads/{workload}/")).await.is(200);
    assert_eq!(
        (&read["status"], &read["replacement"]["status"]),
        (&json!("running"), &json!("cleaning_up"))
    );
    assert_eq!(read["artifactId"], json!(new), "the traffic has long moved");
    assert!(read["replacement"]["stageUntil"].is_string(), "and it says until when");
}
