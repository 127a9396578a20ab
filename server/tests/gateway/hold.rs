//! Requests for a workload that is scaled to zero.

use std::{sync::Arc, time::Duration};

use axum::Router;
use handover::traffic::{ProtonTraffic, Target};
use handover_server::gateway::Settings;
use tokio::task::JoinSet;

use crate::{
    replica::Replica,
    stage::{GOOD, Stage, proton, until, within},
};

/// A workload without a replica, for which requests wait so long.
fn asleep(hold_for: Duration) -> (Stage, Arc<ProtonTraffic>) {
    let stage = Stage::with(Router::new(), Settings { hold_for, ..Settings::default() });
    let proton = proton(1, &[]);
    proton.set_sleeps(true);
    stage.endpoint.switch_to(Target::Serving(Arc::clone(&proton)));
    (stage, proton)
}

fn send(
    stage: &Stage,
    path: &str,
    body: String,
) -> impl Future<Output = reqwest::Result<reqwest::Response>> + use<> {
    let client = reqwest::Client::new();
    client.post(stage.url(path)).header("authorization", GOOD).body(body).send()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_requests_wait_for_one_wake_and_are_all_answered() {
    let (stage, proton) = asleep(Duration::from_mins(1));
    let mut requests = JoinSet::new();
    for number in 0..30 {
        let body = format!("request {number} ").repeat(20_000);
        let sent = send(&stage, "/echo", body.clone());
        requests.spawn(async move {
            let answer = sent.await.unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.text().await.unwrap(), body, "held with its body whole");
        });
    }
    within("the bell", stage.endpoint.rung()).await;
    until("all of them wait", || stage.endpoint.waiting() == 30).await;
    let replica = Replica::ordinary("late").await;
    proton.set_ready(&[replica.address]);
    stage.endpoint.call_waiting();
    while let Some(answered) = within("an answer", requests.join_next()).await {
        answered.unwrap();
    }
    assert_eq!(stage.endpoint.waiting(), 0);
    assert_eq!((proton.totals().answered, proton.totals().failed()), (30, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_in_vain_ends_with_the_advice_to_come_back() {
    let (stage, proton) = asleep(Duration::from_millis(50));
    let answer = within("an answer", send(&stage, "/", String::new())).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "2");
    assert!(answer.text().await.unwrap().contains("sleeps"));
    assert_eq!((stage.endpoint.waiting(), proton.open()), (0, 0));
    assert_eq!(proton.totals().gateway_errors, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_gives_up_its_place() {
    let (stage, proton) = asleep(Duration::from_mins(1));
    let url = stage.url("/");
    let leaver = tokio::spawn(reqwest::Client::new().get(url).header("authorization", GOOD).send());
    until("it waits", || stage.endpoint.waiting() == 1).await;
    leaver.abort();
    until("its place is free", || stage.endpoint.waiting() == 0).await;
    assert_eq!(proton.totals().failed(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_keeps_nobody_waiting() {
    let (stage, _proton) = asleep(Duration::from_mins(10));
    let waiting = tokio::spawn(send(&stage, "/", String::new()));
    until("it waits", || stage.endpoint.waiting() == 1).await;
    stage.shutdown.cancel();
    let answer = within("an answer", waiting).await.unwrap().unwrap();
    assert_eq!(answer.status(), 503);
}
