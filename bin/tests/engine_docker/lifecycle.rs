use handover::{
    engine::Engine,
    model::{Bytes, CRASH_LOOP, ContainerRuntime, Health, Millis, Replica, ResourceAllocation},
};

use crate::{
    house::{Data, all_ready, get, gone, logs, plain, probe, proton, the_proton, until},
    rig::{Tidy, instance, rig},
};

#[tokio::test]
async fn replicas_get_ready_serve_and_leave_their_logs() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let proton = proton(vec![rig.demo("v1", &[("DEMO_READY_AFTER_MS", "400")])], 2);
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
    let id = || rig.inspect(&rig.container(data.path(), 0, "serving"), "{{.Id}}");
    let before = id();
    engine.apply(&proton).await.unwrap();
    assert_eq!(all_ready(&engine, 2).await.len(), 2);
    assert_eq!(id(), before);

    engine.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
    gone(&engine).await;
    assert!(get(&replicas[0], "/healthz").await.is_err());
    assert!(engine.owned().await.unwrap().is_empty());
    let left = rig.docker(&["ps", "-aq", "--filter", &format!("name={}", the_proton())]);
    let own = rig.try_docker(&["inspect", &rig.container(data.path(), 0, "serving")]).0;
    assert_eq!(own, None, "its containers are gone: {left}");

    let lines = logs(&engine).await;
    let says = |text: &str| lines.iter().filter(|line| line.message.contains(text)).count();
    assert_eq!(says("listens on 0.0.0.0:8080"), 2, "{lines:#?}");
    assert_eq!(says("has finished its requests"), 2, "{lines:#?}");
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    assert!(flight.probes.iter().any(|p| p.status == Some(503) && !p.passed), "{flight:?}");
    assert_eq!(flight.exits.iter().map(|exit| exit.code).collect::<Vec<_>>(), [Some(0), Some(0)]);
    engine.forget(&the_proton()).await.unwrap();
    assert!(logs(&engine).await.is_empty());
}

/// Whoever tidies an engine up takes away the network that nothing is on.
#[tokio::test]
async fn a_network_that_was_tidied_away_is_made_again() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let label = format!("label=handover.instance={}", instance(data.path()).unwrap());
    let network = || rig.docker(&["network", "ls", "-q", "--filter", &label]);
    let mut before = None;
    for _ in 0..2 {
        engine.apply(&proton(vec![rig.demo("v1", &[])], 1)).await.unwrap();
        let replica = all_ready(&engine, 1).await.remove(0);
        assert_eq!(replica.restarts, 0, "{replica:?}");
        let there = network();
        assert_ne!(before.replace(there.clone()), Some(there.clone()));
        engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
        gone(&engine).await;
        engine.forget(&the_proton()).await.unwrap();
        rig.docker(&["network", "rm", &there]);
    }
}

#[tokio::test]
async fn a_candidate_that_keeps_crashing_says_why() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let settings =
        [("DEMO_CRASH_AFTER_MS", "50"), ("DEMO_EXIT_CODE", "3"), ("DEMO_NEVER_READY", "1")];
    engine.apply(&proton(vec![rig.demo("v2", &settings)], 1)).await.unwrap();
    let (replica, health) = until(&engine, "a crash loop", |seen| {
        let replica = seen.replicas.first()?;
        (replica.reason.as_deref() == Some(CRASH_LOOP)).then(|| (replica.clone(), seen.health(1)))
    })
    .await;
    let message = replica.message.unwrap();
    assert!(message.starts_with("exited with code 3, 3 times in a row; last line: "), "{message}");
    assert!(message.contains("crashes as asked"), "{message}");
    assert_eq!(replica.restarts, 2);
    assert_eq!(health, Health::Failed(message));
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    assert!(flight.exits.iter().all(|exit| exit.code == Some(3)), "{flight:?}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn who_ignores_sigterm_is_killed_after_the_grace() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![rig.demo("v1", &[("DEMO_IGNORE_SIGTERM", "1")])], 1)).await.unwrap();
    all_ready(&engine, 1).await;
    engine.remove(&the_proton(), Millis(800)).await.unwrap();
    gone(&engine).await;
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    assert_eq!(flight.exits.last().and_then(|exit| exit.signal), Some(9));
    assert!(flight.log_tail.iter().any(|line| line.contains("ignores it")), "{flight:?}");
}

#[tokio::test]
async fn a_failing_liveness_probe_restarts_it() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let mut container = rig.demo("v1", &[]);
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
    until(&engine, "its restart", |seen| {
        let replica = &seen.replicas[0];
        (replica.restarts == 1 && replica.ready).then_some(())
    })
    .await;
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn one_that_takes_too_much_memory_is_killed_and_says_so() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let mut greedy = rig.program(&["sh", "-c", "sleep 1; tail /dev/zero"]);
    greedy.name = Some("greedy".to_owned());
    let mut proton = proton(vec![greedy], 1);
    let group = &mut proton.snapshot.runtime.container_groups[0];
    let resource_allocation =
        ResourceAllocation { memory: Some(Bytes(32_000_000)), ..ResourceAllocation::default() };
    group.containers = vec![ContainerRuntime { name: "greedy".to_owned(), resource_allocation }];
    engine.apply(&proton).await.unwrap();
    let replica = until(&engine, "its end", |seen| {
        seen.replicas.first().filter(|replica| replica.last_exit.is_some()).cloned()
    })
    .await;
    let signal = replica.last_exit.as_ref().and_then(|exit| exit.signal);
    assert_eq!(signal, Some(9), "{replica:?}");
    // Podman knows the signal and not whose it was.
    if !rig.is_podman() {
        assert_eq!(replica.reason.as_deref(), Some("OOMKilled"), "{replica:?}");
        let message = replica.message.unwrap();
        assert!(message.contains("more than its 32 MB of memory"), "{message}");
    }
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

/// The second container talks to the first over 127.0.0.1, and comes back with it.
#[tokio::test]
async fn containers_of_a_replica_share_one_network() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let script = "until wget -qO- http://127.0.0.1:8080/; do sleep 0.2; done; exec sleep 600";
    let mut helper = rig.program(&["sh", "-c", script]);
    helper.name = Some("asker".to_owned());
    helper.environment_vars = Some(vec![plain("WHO", "$(WORKLOAD_ID)")]);
    engine.apply(&proton(vec![rig.demo("v7", &[]), helper], 1)).await.unwrap();
    all_ready(&engine, 1).await;
    let heard = async |times: usize| {
        until(&engine, "an answer", |_| Some(())).await;
        for _ in 0..600 {
            let from_helper: Vec<_> = logs(&engine)
                .await
                .into_iter()
                .filter(|l| l.replica.ends_with("/1-asker") && l.message.contains("version v7"))
                .collect();
            if from_helper.len() >= times {
                return;
            }
            until_soon(&engine).await;
        }
        panic!("heard nothing: {:#?}", logs(&engine).await);
    };
    heard(1).await;
    rig.docker(&["kill", &rig.container(data.path(), 0, "serving")]);
    heard(2).await;
    let seen = all_ready(&engine, 1).await;
    assert_eq!(seen[0].restarts, 2, "both were started again, once: {seen:?}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

pub(crate) async fn until_soon(engine: &impl Engine) {
    use handover::clock::{Clock, SystemClock};
    let (mut changes, clock) = (engine.watch(), SystemClock::new());
    tokio::select! {
        _ = changes.recv() => {}
        () = clock.sleep(Millis(100)) => {}
    }
}
