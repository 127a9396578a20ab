//! `kill -9` of the server at any step: what runs goes on, the next start adopts it, and the rollout ends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails must stop")]

#[path = "support/process.rs"]
mod process;

use std::{collections::BTreeSet, fs};

use process::{Handover, artifact, wait_for};
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// A process that runs for a workload: which one, and since when (in ticks after boot).
type Running = (u32, u64);

/// The demo processes of a workload, whoever their parent is.
fn running(workload: &str) -> BTreeSet<Running> {
    let wanted = format!("WORKLOAD_ID={workload}");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let of = |file: &str| fs::read(entry.path().join(file)).unwrap_or_default();
        let (environ, command) = (of("environ"), of("cmdline"));
        let has = |bytes: &[u8], text: &str| bytes.split(|b| *b == 0).any(|t| t == text.as_bytes());
        if !has(&environ, &wanted) || !has(&command, "demo") {
            continue;
        }
        let stat = String::from_utf8(of("stat")).unwrap_or_default();
        // Field 22, counted after the closing bracket of the name, which may hold anything.
        let since =
            stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(19)?.parse().ok());
        found.extend(since.map(|since| (pid, since)));
    }
    found
}

fn check_history(events: &[Value], history: &Value, replacement: &str) {
    let records = history["data"].as_array().unwrap();
    let of_it = records.iter().filter(|record| record["id"] == replacement).count();
    assert_eq!(of_it, 1, "one entry of history: {history}");
    let sequence: Vec<_> = events.iter().map(|event| event["sequence"].as_i64().unwrap()).collect();
    let distinct: BTreeSet<_> = sequence.iter().copied().collect();
    assert_eq!(distinct.len(), sequence.len(), "no event twice");
    let times = |kind: &str| {
        events
            .iter()
            .filter(|e| e["eventType"] == kind && e["details"]["replacementId"] == replacement)
            .count()
    };
    for kind in ["ReplacementStarted", "CandidateReady", "TrafficSwitched", "ReplacementCompleted"]
    {
        assert_eq!(times(kind), 1, "{kind} in {events:#?}");
    }
}

/// Killed in each stage that lasts long enough to be met, the old version's processes and, once they run,
/// the candidate's live on, and the replacement completes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_stage_the_rollout_goes_on_and_ends() {
    let mut handover = Handover::start(&["--drain-cap", "4s"]).await;
    let workload = handover.workload("survivor", 1, &[]).await;
    let id = workload["id"].as_str().unwrap().to_owned();
    let path = format!("/workloads/{id}/replacement/");
    let stages = ["starting", "warming", "held", "draining", "keeping", "cleaning"];
    for (round, stage) in stages.into_iter().enumerate() {
        // Slow to become ready and to stop, so that each stage is there long enough to be met.
        let slow = [("DEMO_READY_AFTER_MS", "1500"), ("DEMO_IGNORE_SIGTERM", "1")];
        // The one of the round before "cleaning" is the one that is cleaned up in it.
        let slow = if stage == "keeping" { &slow[..] } else { &slow[..1] };
        let next =
            handover.post("/artifacts/", artifact("next", &format!("2.{round}"), slow)).await;
        let config = json!({
            "warmupDurationMinutes": i32::from(stage == "warming"),
            "keepOldVersionMinutes": i32::from(stage == "keeping"),
        });
        let body = json!({ "artifactId": next["id"], "config": config });
        let begun = handover.post(&path, body).await;
        if stage == "held" {
            handover.post(&format!("{path}hold"), json!({})).await;
        }
        let busy = (stage == "draining").then(|| {
            let request = handover.client.get(handover.endpoint(&id, "slow?ms=60000"));
            tokio::spawn(request.bearer_auth(process::TOKEN).send())
        });
        let met = handover.until(&path, |r| r["stage"] == stage || r["stage"] == "done").await;
        handover.kill();
        // What had been started by then, the candidate's processes among them or not.
        let orphans = running(&id);
        assert!(!orphans.is_empty(), "{stage}: replicas live on");
        handover.start_again().await;
        let after = running(&id);
        let kept: Vec<_> = orphans.intersection(&after).collect();
        if !matches!(stage, "draining" | "cleaning") {
            assert_eq!(kept.len(), orphans.len(), "{stage}: adopted, not restarted");
        }
        assert!(!kept.is_empty(), "{stage}: somebody was adopted");
        match stage {
            "warming" => drop(handover.post(&format!("{path}switch"), json!({})).await),
            "held" => drop(handover.post(&format!("{path}release"), json!({})).await),
            "keeping" => drop(handover.post(&format!("{path}finish"), json!({})).await),
            _ => {}
        }
        let done = handover.settled(&id, &begun).await;
        assert_eq!(done["status"], "completed", "{stage} (met {}): {done}", met["stage"]);
        let history = handover.get(&format!("/workloads/{id}/history/?limit=100")).await;
        check_history(&handover.events(&id).await, &history, begun["id"].as_str().unwrap());
        drop(busy);
        let text = handover.client.get(handover.endpoint(&id, ""));
        let text = text.bearer_auth(process::TOKEN).send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&format!("2.{round}")), "{stage}: {text}");
    }
    let events = handover.events(&id).await;
    let restarted = events.iter().any(|event| event["eventType"] == "ReplicaRestarted");
    assert!(!restarted, "nothing was restarted: {events:#?}");
}

/// The same process, still writing its log; and one that died while nobody looked is known by its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_outlive_the_server() {
    let mut handover = Handover::start(&[]).await;
    let workload = handover.workload("orphan", 2, &[]).await;
    let id = workload["id"].as_str().unwrap().to_owned();
    let before = running(&id);
    assert_eq!(before.len(), 2);
    handover.kill();
    let victim = before.first().unwrap().0;
    let pid = Pid::from_raw(i32::try_from(victim).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    wait_for("the victim to be gone", async || (running(&id).len() == 1).then_some(())).await;
    handover.start_again().await;
    let survivor = before.iter().find(|(pid, _)| *pid != victim).unwrap();
    wait_for("the victim to be replaced", async || (running(&id).len() == 2).then_some(())).await;
    assert!(running(&id).contains(survivor), "the survivor was not restarted");

    let told = handover
        .until(&format!("/workloads/{id}/events/?limit=100"), |page| {
            page["data"].as_array().unwrap().iter().any(|e| e["eventType"] == "ReplicaRestarted")
        })
        .await;
    let restarted: Vec<_> = told["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["eventType"] == "ReplicaRestarted")
        .collect();
    assert_eq!(restarted.len(), 1, "told once");
    assert_eq!(restarted[0]["details"]["exit"]["signal"], 9, "{restarted:?}");
    let (status, _) = handover.call(Method::GET, &format!("/workloads/{id}/protons/"), None).await;
    assert!(status.is_success());
}

/// What scaling has decided is not forgotten, and not decided again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scaled_size_outlives_the_server() {
    let mut handover = Handover::start(&[]).await;
    let policy = json!({ "scalingMetric": "httpRequestsConcurrency", "target": 1 });
    let autoscaling = json!({ "minReplicaCount": 1, "maxReplicaCount": 2, "policies": [policy] });
    let body = json!({
        "name": "grown",
        "artifact": artifact("grown", "1.0", &[]),
        "runtime": { "containerGroups": [{ "autoscaling": autoscaling }] },
    });
    let workload = handover.post("/workloads/", body).await;
    let id = workload["id"].as_str().unwrap().to_owned();
    let path = format!("/workloads/{id}/");
    handover.until(&path, |w| w["status"] == "running").await;
    let mut busy = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let request = handover.client.get(handover.endpoint(&id, "slow?ms=30000"));
        busy.spawn(request.bearer_auth(process::TOKEN).send());
    }
    wait_for("the second replica", async || (running(&id).len() == 2).then_some(())).await;
    let before = running(&id);
    handover.kill();
    drop(busy);
    handover.start_again().await;
    let ready = |replica: &Value| replica["containers"][0]["ready"] == true;
    let proton = handover.get(&path).await["protonId"].as_str().unwrap().to_owned();
    let details = format!("/workloads/{id}/protons/{proton}/statusDetails/");
    let both =
        |d: &Value| d["replicas"].as_array().unwrap().iter().filter(|r| ready(r)).count() == 2;
    handover.until(&details, both).await;
    assert_eq!(running(&id), before, "adopted, not restarted");
    let events = handover.events(&id).await;
    assert_eq!(events.iter().filter(|event| event["eventType"] == "Scaled").count(), 1);
}
