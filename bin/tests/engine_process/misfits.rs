use std::net::TcpListener;

use handover::{
    engine::Engine,
    model::{Container, Health, Millis, ProbeKind},
};

use crate::house::{
    Data, all_ready, engine, executable, get, gone, program, proton, the_proton, until,
};

/// The demo as a program of this host, begun after `pause` with `prefix` before it.
fn late_demo(prefix: &str) -> Container {
    let script = format!("{prefix} exec {} demo --version v1", executable().display());
    program(&["sh", "-c", &script])
}

#[tokio::test]
async fn an_image_that_can_not_run_here_says_which_engine_can() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    let image = Container { image_uri: Some("shop:1.27".to_owned()), ..Container::default() };
    engine.apply(&proton(vec![image], 2)).await.unwrap();
    let seen = engine.observe(&the_proton()).await.unwrap();
    let Health::Failed(why) = seen.health(2) else { panic!("not failed: {seen:?}") };
    assert!(why.contains("shop:1.27") && why.contains("--engine docker"), "{why}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    assert_eq!(engine.observe(&the_proton()).await.unwrap(), handover::model::Observed::default());
}

#[tokio::test]
async fn more_replicas_than_ports_are_refused_in_words() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    engine.apply(&proton(vec![late_demo("")], u32::MAX)).await.unwrap();
    let why = engine.observe(&the_proton()).await.unwrap().fatal.unwrap();
    assert!(why.contains("more than this host has ports for"), "{why}");
}

#[tokio::test]
async fn a_port_that_a_stranger_takes_is_left() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    // Whoever comes first to the port has it: the test gets a second of start.
    engine.apply(&proton(vec![late_demo("sleep 1;")], 1)).await.unwrap();
    let first = until(&engine, "an address", |seen| seen.replicas.first()?.address).await;
    let stranger = TcpListener::bind(first).unwrap();
    let replica = all_ready(&engine, 1).await.remove(0);
    assert_ne!(replica.address, Some(first));
    assert_eq!(replica.restarts, 0, "it was not its fault");
    assert!(get(&replica, "/").await.unwrap().contains("version v1"));
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    let blame = format!("another program listens on port {}", first.port());
    assert!(flight.probes.iter().any(|p| p.head.as_deref() == Some(&blame)), "{flight:?}");
    assert!(flight.probes.iter().all(|p| p.kind == ProbeKind::Port));
    drop(stranger);
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn a_strangers_answer_is_never_taken_for_readiness() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    engine.apply(&proton(vec![program(&["sleep", "600"])], 1)).await.unwrap();
    let first = until(&engine, "an address", |seen| seen.replicas.first()?.address).await;
    let _stranger = TcpListener::bind(first).unwrap();
    until(&engine, "another port", |seen| {
        let replica = seen.replicas.first()?;
        assert!(!replica.ready, "a stranger was taken for the replica");
        replica.address.filter(|address| *address != first)
    })
    .await;
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn a_program_that_ignores_port_is_told_so() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    engine.apply(&proton(vec![late_demo(&format!("PORT={free};"))], 1)).await.unwrap();
    let message = until(&engine, "advice", |seen| seen.replicas.first()?.message.clone()).await;
    let wanted = format!("it listens on port {free} instead of $PORT");
    assert!(message.starts_with(&wanted), "{message}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn what_a_replica_leaves_behind_is_ended_with_it() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    // A grandchild in a group of its own, as a shell with job control makes them.
    let script = format!("set -m; sleep 611 & exec {} demo", executable().display());
    engine.apply(&proton(vec![program(&["sh", "-c", &script])], 1)).await.unwrap();
    all_ready(&engine, 1).await;
    let sleeper = || {
        std::fs::read_dir("/proc").unwrap().any(|entry| {
            let line = std::fs::read(entry.unwrap().path().join("cmdline")).unwrap_or_default();
            line == b"sleep\x00611\x00"
        })
    };
    assert!(sleeper());
    engine.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
    gone(&engine).await;
    assert!(!sleeper(), "it still runs");
}
