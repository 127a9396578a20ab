//! rules.md L13: how many replicas there are follows what they are used for, and no request notices.

use std::{collections::BTreeSet, sync::Arc};

use handover::model::Millis;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::server::{Server, TOKEN, id};

/// A running workload on the demo, scaled by `metric` between the bounds.
async fn scaled(server: &Server, metric: &str, target: f64, bounds: (u32, u32)) -> String {
    let artifact = server.draft("1", &[]).await;
    let policy = json!({ "scalingMetric": metric, "target": target });
    let autoscaling = json!({
        "minReplicaCount": bounds.0, "maxReplicaCount": bounds.1, "policies": [policy],
    });
    let containers = json!([{ "name": "main", "resourceAllocation": { "cpu": 0.1 } }]);
    let group = json!({ "autoscaling": autoscaling, "containers": containers });
    let body = json!({
        "name": metric, "artifactId": artifact, "runtime": { "containerGroups": [group] },
    });
    let workload = id(&server.post("/workloads/", body).await.is(201));
    server.until(&format!("/workloads/{workload}/"), |w| w["status"] == "running").await;
    workload
}

/// From and to of every scaling so far, oldest first.
fn scalings(events: &Value) -> Vec<(u64, u64)> {
    let all = events["data"].as_array().unwrap().iter().rev();
    all.filter(|event| event["eventType"] == "Scaled")
        .map(|event| {
            let number = |which: &str| event["details"][which].as_u64().unwrap();
            (number("from"), number("to"))
        })
        .collect()
}

fn events(workload: &str) -> String {
    format!("/workloads/{workload}/events/?limit=100")
}

/// The snapshot of the active proton's replicas once so many exist and all are ready.
async fn replicas(server: &Server, workload: &str, count: usize) -> Value {
    let record = server.get(&format!("/workloads/{workload}/")).await.is(200);
    let proton = record["protonId"].as_str().unwrap();
    let ready = |replica: &Value| replica["containers"][0]["ready"] == true;
    server
        .until(&format!("/workloads/{workload}/protons/{proton}/statusDetails/"), |details| {
            let all = details["replicas"].as_array().unwrap();
            all.len() == count && all.iter().all(ready)
        })
        .await
}

/// Which replica answered.
async fn answer(url: String) -> Result<String, String> {
    let client = reqwest::Client::new();
    let answer = client.get(url).bearer_auth(TOKEN).send().await.map_err(|e| format!("{e:?}"))?;
    let status = answer.status();
    let by = answer.headers().get("x-demo-replica").map(|by| by.to_str().unwrap().to_owned());
    let body = answer.text().await.map_err(|error| format!("cut off: {error:?}"))?;
    by.filter(|_| status.is_success()).ok_or_else(|| format!("{status} {body}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_bring_replicas_and_their_end_takes_them_away_without_cutting_one() {
    let server = Arc::new(Server::start().await);
    let workload = scaled(&server, "httpRequestsConcurrency", 4.0, (1, 3)).await;
    let path = format!("/workloads/{workload}/");
    let before = server.get(&path).await.is(200);

    let (stop, _) = tokio::sync::watch::channel(false);
    let mut clients = JoinSet::new();
    for _ in 0..12 {
        let (url, stopped) = (server.endpoint(&workload, "slow?ms=400"), stop.subscribe());
        clients.spawn(async move {
            while !*stopped.borrow() {
                answer(url.clone()).await?;
            }
            Ok::<_, String>(())
        });
    }
    replicas(&server, &workload, 3).await;
    stop.send_replace(true);
    let results: Result<(), String> = clients.join_all().await.into_iter().collect();
    assert_eq!(results, Ok(()), "while replicas came");

    // Four in flight are work for one replica, and the replicas that have to go hold some of them.
    let mut slow = JoinSet::new();
    for _ in 0..4 {
        slow.spawn(answer(server.endpoint(&workload, "slow?ms=12000")));
    }
    server.until(&path, |w| w["requestStats"]["concurrentRequests"] == 4).await;
    server.advance(Millis::seconds(301));
    let told = server
        .until(&events(&workload), |told| scalings(told).last().is_some_and(|last| last.1 == 1))
        .await;
    assert!(slow.try_join_next().is_none(), "they are still being answered");
    let answered: Result<BTreeSet<String>, String> = slow.join_all().await.into_iter().collect();
    assert!(answered.unwrap().len() > 1, "they were on several replicas");
    replicas(&server, &workload, 1).await;
    assert_eq!(server.serving(&workload).await, "1");

    let steps = scalings(&told);
    assert_eq!((steps[0].0, steps[steps.len() - 1]), (1, (3, 1)), "{steps:?}");
    assert!(steps.windows(2).all(|pair| pair[0].1 == pair[1].0), "each goes on: {steps:?}");
    let after = server.get(&path).await.is(200);
    assert_eq!((&after["protonId"], &after["runtime"]), (&before["protonId"], &before["runtime"]));
    assert_eq!(after["replacement"], Value::Null, "to scale is no replacement");
    assert_eq!(after["status"], "running");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_workload_goes_to_zero_and_the_first_requests_wake_it_once() {
    let server = Server::start().await;
    let workload = scaled(&server, "httpRequestsConcurrency", 10.0, (0, 2)).await;
    let path = format!("/workloads/{workload}/");
    assert_eq!(server.serving(&workload).await, "1");
    for round in 1..=2 {
        // What was answered since the last look counts as a wish, so one jump may not be enough.
        let asleep = async || {
            server.advance(Millis::seconds(301));
            let told = server.get(&events(&workload)).await.is(200);
            scalings(&told).last().is_some_and(|last| last.1 == 0).then_some(())
        };
        crate::server::wait_for(asleep).await.expect("it goes to zero");
        replicas(&server, &workload, 0).await;
        let record = server.get(&path).await.is(200);
        assert_eq!((&record["status"], &record["replacement"]), (&json!("running"), &Value::Null));

        let mut first = JoinSet::new();
        for _ in 0..5 {
            first.spawn(answer(server.endpoint(&workload, "")));
        }
        let answered: Result<BTreeSet<String>, String> =
            first.join_all().await.into_iter().collect();
        assert_eq!(answered.unwrap().len(), 1, "all by the one that woke");
        assert_eq!(server.get(&path).await.is(200)["status"], "running");
        let told = server.get(&events(&workload)).await.is(200);
        assert_eq!(scalings(&told), [(1, 0), (0, 1)].repeat(round));
        let statuses =
            told["data"].as_array().unwrap().iter().filter(|e| e["eventType"] == "StatusChanged");
        assert!(
            statuses.map(|e| &e["details"]["to"]).all(|to| to != "submitted"),
            "it never looks as if it had to start over: {told:#}"
        );
    }
    assert_eq!(server.get(&path).await.is(200)["requestStats"]["errorRate"], json!(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_cpus_bring_replicas_and_a_newcomer_is_as_large() {
    let server = Server::start().await;
    let workload = scaled(&server, "cpuAverageUtilization", 50.0, (1, 2)).await;
    let burning = tokio::spawn(answer(server.endpoint(&workload, "burn?ms=20000")));
    replicas(&server, &workload, 2).await;
    let told = server.get(&events(&workload)).await.is(200);
    assert_eq!(scalings(&told), [(1, 2)]);
    let event = told["data"].as_array().unwrap().iter().find(|e| e["eventType"] == "Scaled");
    assert_eq!(event.unwrap()["details"]["scalingMetric"], "cpuAverageUtilization");

    let next = server.draft("2", &[]).await;
    let replacement = server.replace(&workload, &next, json!({})).await;
    server.in_stage(&replacement, "done").await;
    assert_eq!(server.serving(&workload).await, "2");
    replicas(&server, &workload, 2).await;
    burning.await.unwrap().expect("the old version finished it");
}
