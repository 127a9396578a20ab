use handover::{
    clock::{Clock, SystemClock},
    engine::Engine,
    model::{CRASH_LOOP, Health, LogLevel, Millis, ProbeKind, Replica, ReplicaPhase},
};

use crate::house::{
    Data, all_ready, demo, engine, get, gone, logs, plain, probe, process, program, proton,
    the_proton, until,
};

#[tokio::test]
async fn replicas_get_ready_serve_and_leave_their_logs() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    let proton = proton(vec![demo("v1", &[("DEMO_READY_AFTER_MS", "400")])], 2);
    engine.apply(&proton).await.unwrap();
    let replicas = all_ready(&engine, 2).await;
    assert_ne!(replicas[0].address, replicas[1].address);
    for replica in &replicas {
        let text = get(replica, "/").await.unwrap();
        assert_eq!(text, format!("Hello from version v1, replica {}\n", replica.name));
        assert_eq!((replica.restarts, &replica.reason), (0, &None));
    }

    until(&engine, "memory and cpu", |seen| {
        let used = |r: &Replica| r.memory_bytes > Some(500_000) && r.cpu_millis.is_some();
        seen.replicas.iter().all(used).then_some(())
    })
    .await;

    // Saying it again changes nothing.
    let before = process(data.path(), 0);
    engine.apply(&proton).await.unwrap();
    assert_eq!(all_ready(&engine, 2).await.len(), 2);
    assert_eq!(process(data.path(), 0), before);

    engine.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
    engine.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
    gone(&engine).await;
    assert!(get(&replicas[0], "/healthz").await.is_err());
    assert!(engine.owned().await.unwrap().is_empty());

    // Also for a server that has never seen it run.
    drop(engine);
    let engine = crate::house::engine(data.path()).await;
    assert!(engine.owned().await.unwrap().is_empty());
    let lines = logs(&engine).await;
    let says = |text: &str| lines.iter().filter(|line| line.message.contains(text)).count();
    assert_eq!(says("listens on 127.0.0.1:"), 2);
    assert_eq!(says("has finished its requests"), 2);
    assert!(lines.windows(2).all(|pair| pair[0].at >= pair[1].at), "newest first");
    assert!(lines.iter().any(|line| line.level == LogLevel::Warning));
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    let probes = flight.probes;
    assert!(probes.iter().any(|probe| probe.status == Some(503) && !probe.passed), "{probes:?}");
    assert!(probes.iter().any(|probe| probe.head.as_deref() == Some("ok") && probe.passed));
    assert!(probes.iter().all(|probe| probe.kind == ProbeKind::Readiness));
    assert_eq!(flight.exits.iter().map(|exit| exit.code).collect::<Vec<_>>(), [Some(0), Some(0)]);

    engine.forget(&the_proton()).await.unwrap();
    assert!(logs(&engine).await.is_empty());
}

#[tokio::test]
async fn a_removed_proton_can_be_wanted_again_and_scaled() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    for replicas in [1, 3, 2] {
        engine.apply(&proton(vec![demo("v1", &[])], replicas)).await.unwrap();
        all_ready(&engine, replicas as usize).await;
    }
    engine.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
    assert!(engine.forget(&the_proton()).await.is_err(), "it may still run");
    engine.apply(&proton(vec![demo("v1", &[])], 1)).await.unwrap();
    until(&engine, "one ready, the others gone", |seen| {
        (seen.replicas.len() == 1 && seen.replicas[0].ready).then_some(())
    })
    .await;
    engine.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn a_candidate_that_keeps_crashing_says_why() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    let settings =
        [("DEMO_CRASH_AFTER_MS", "50"), ("DEMO_EXIT_CODE", "3"), ("DEMO_NEVER_READY", "1")];
    engine.apply(&proton(vec![demo("v2", &settings)], 1)).await.unwrap();
    let (replica, health) = until(&engine, "a crash loop", |seen| {
        let replica = seen.replicas.first()?;
        (replica.reason.as_deref() == Some(CRASH_LOOP)).then(|| (replica.clone(), seen.health(1)))
    })
    .await;
    let message = replica.message.unwrap();
    assert!(message.starts_with("exited with code 3, 3 times in a row; last line: "), "{message}");
    assert!(message.contains("crashes as asked"), "{message}");
    assert_eq!(replica.phase, ReplicaPhase::Failed);
    assert_eq!(replica.restarts, 2);
    assert_eq!(health, Health::Failed(message));
    assert_eq!(replica.last_exit.and_then(|exit| exit.code), Some(3));
    // It is tried again all the same.
    until(&engine, "another start", |seen| (seen.replicas[0].restarts >= 3).then_some(())).await;
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    assert!(flight.exits.len() >= 3 && flight.exits.iter().all(|exit| exit.code == Some(3)));
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn who_ignores_sigterm_is_killed_after_the_grace() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    engine.apply(&proton(vec![demo("v1", &[("DEMO_IGNORE_SIGTERM", "1")])], 1)).await.unwrap();
    all_ready(&engine, 1).await;
    engine.remove(&the_proton(), Millis(800)).await.unwrap();
    gone(&engine).await;
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    assert_eq!(flight.exits.last().and_then(|exit| exit.signal), Some(9));
    assert!(flight.log_tail.iter().any(|line| line.contains("ignores it")), "{flight:?}");
}

#[tokio::test]
async fn a_request_in_flight_is_finished_after_sigterm() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    engine.apply(&proton(vec![demo("v1", &[])], 1)).await.unwrap();
    let replica = all_ready(&engine, 1).await.remove(0);
    let request = tokio::spawn({
        let replica = replica.clone();
        async move { get(&replica, "/stream?n=10&ms=100").await }
    });
    until(&engine, "the request has begun", |_| {
        let port = replica.address.unwrap().port();
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let established = format!("0100007F:{port:04X}");
        table.lines().any(|l| l.contains(&established) && l.contains(" 01 ")).then_some(())
    })
    .await;
    engine.remove(&the_proton(), Millis::seconds(20)).await.unwrap();
    let text = request.await.unwrap().unwrap();
    assert!(text.contains("10 of 10 from version v1") && text.contains("event: end"), "{text}");
    gone(&engine).await;
}

#[tokio::test]
async fn a_failing_liveness_probe_restarts_it() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    let mut container = demo("v1", &[]);
    let mut liveness = probe("/status/500");
    liveness.failure_threshold = 2;
    container.liveness_probe = Some(liveness);
    engine.apply(&proton(vec![container], 1)).await.unwrap();
    let replica = until(&engine, "its stop", |seen| {
        seen.replicas.first().filter(|replica| replica.last_exit.is_some()).cloned()
    })
    .await;
    let message = replica.message.unwrap();
    assert!(message.starts_with("liveness probe /status/500 failed 2 times: 500 "), "{message}");
    assert_eq!(replica.reason.as_deref(), Some("Unhealthy"));
    assert_eq!(replica.last_exit.and_then(|exit| exit.code), Some(0), "stopped gently");
    until(&engine, "its restart", |seen| {
        let replica = &seen.replicas[0];
        (replica.restarts == 1 && replica.ready).then_some(())
    })
    .await;
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn a_startup_probe_gates_readiness_and_gives_up() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    let mut container = demo("v1", &[]);
    let mut startup = probe("/status/404");
    startup.failure_threshold = 2;
    container.startup_probe = Some(startup);
    engine.apply(&proton(vec![container], 1)).await.unwrap();
    let message = until(&engine, "its stop", |seen| {
        let replica = seen.replicas.first()?;
        assert!(!replica.ready);
        replica.last_exit.as_ref().and(replica.message.clone())
    })
    .await;
    assert!(message.starts_with("startup probe /status/404 failed 2 times: 404 "), "{message}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn references_in_entrypoint_and_values_are_expanded_and_nothing_leaks() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    let script = "printf '%s\\n' \"$@\"; env; exec sleep 600";
    let words = ["sh", "-c", script, "sh", "$(GREETING)", "$$(GREETING)", "$(NOPE)"];
    let mut helper = program(&words);
    helper.name = Some("talker".to_owned());
    helper.environment_vars =
        Some(vec![plain("WHO", "world"), plain("GREETING", "hello $(WHO) at $(WORKLOAD_ID)")]);
    engine.apply(&proton(vec![demo("v1", &[]), helper], 1)).await.unwrap();
    let replica = all_ready(&engine, 1).await.remove(0);
    let hello = format!("hello world at {}", the_proton());
    let clock = SystemClock::new();
    let lines = loop {
        let lines: Vec<String> = logs(&engine).await.into_iter().map(|line| line.message).collect();
        if lines.iter().any(|line| line.starts_with("WORKLOAD_ID=")) {
            break lines;
        }
        assert!(clock.monotonic() < Millis::seconds(30), "it said nothing: {lines:?}");
        clock.sleep(Millis(20)).await;
    };
    for wanted in [hello.as_str(), "$(GREETING)", "$(NOPE)"] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted}: {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.starts_with("CARGO")), "{lines:#?}");
    let from: Vec<_> = logs(&engine).await.into_iter().map(|line| line.replica).collect();
    assert!(from.contains(&replica.name) && from.contains(&format!("{}/1-talker", replica.name)));
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}
