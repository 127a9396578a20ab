use handover::{
    engine::Engine,
    model::{
        Bytes, CONFIG_ERROR, Capabilities, ContainerRuntime, EXEC_FORMAT, Health, Millis,
        ResourceAllocation, SecurityContext,
    },
};

use crate::{
    house::{Data, all_ready, get, gone, proton, the_proton, until},
    rig::{Tidy, rig},
};

#[tokio::test]
async fn limits_user_and_privileges_are_as_declared() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let mut container = rig.demo("v1", &[]);
    container.name = Some("main".to_owned());
    container.security_context = Some(SecurityContext {
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
        ..SecurityContext::default()
    });
    let mut proton = proton(vec![container], 1);
    let resource_allocation = ResourceAllocation {
        cpu: Some(0.5),
        memory: Some(Bytes(256_000_000)),
        ..ResourceAllocation::default()
    };
    let group = &mut proton.snapshot.runtime.container_groups[0];
    group.containers = vec![ContainerRuntime { name: "main".to_owned(), resource_allocation }];
    engine.apply(&proton).await.unwrap();
    all_ready(&engine, 1).await;
    let name = rig.container(data.path(), 0, "serving");
    let of = |format: &str| rig.inspect(&name, format);
    assert_eq!(of("{{.Config.User}}"), "65532:65532", "the image names nobody");
    assert_eq!(of("{{.HostConfig.NanoCpus}}"), "500000000");
    assert_eq!(of("{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}"), "256000000 256000000");
    assert_eq!(of("{{.HostConfig.ReadonlyRootfs}}"), "true");
    let held = ["exec", &name, "/bin/busybox", "grep", "CapBnd", "/proc/1/status"];
    assert_eq!(rig.docker(&held), "CapBnd:\t0000000000000000", "ALL are dropped");
    assert_eq!(of("{{.HostConfig.SecurityOpt}}"), "[no-new-privileges]");
    assert_eq!(of("{{.HostConfig.PidsLimit}}"), "1024");
    // Podman does not tell.
    if !rig.is_podman() {
        assert_eq!(of("{{.HostConfig.LogConfig.Config}}"), "map[max-file:2 max-size:8m]");
    }
    let written = rig.try_docker(&["exec", &name, "/bin/sh", "-c", "echo 1 > /written"]);
    assert!(written.1.contains("Read-only"), "{written:?}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn root_runs_only_where_it_is_allowed() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let users = r"busybox mkdir -p /etc && \
        printf 'toor:x:0:0::/:/bin/sh\nshop:x:1000:1000::/:/bin/sh\n' > /etc/passwd";
    for (name, user) in [("root", "0:0"), ("toor", "toor"), ("shop", "shop")] {
        let user = format!("USER {user}");
        rig.image_with(&format!("handover-test/{name}:1"), users, &[&user, "ENTRYPOINT []"]);
    }
    let runs = |name: &str| {
        let mut container = rig.demo("v1", &[]);
        container.image_uri = Some(format!("handover-test/{name}:1"));
        proton(vec![container], 1)
    };
    let engine = rig.engine(data.path()).await;
    for root in ["root", "toor"] {
        engine.apply(&runs(root)).await.unwrap();
        let (reason, health) = until(&engine, "the refusal", |seen| {
            let replica = seen.replicas.first()?;
            Some((replica.reason.clone()?, seen.health(1))).filter(|(r, _)| r == CONFIG_ERROR)
        })
        .await;
        let Health::Failed(why) = health else { panic!("{reason}: {health:?}") };
        assert!(why.contains("runs as root") && why.contains("--allow-root-images"), "{why}");
        engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
        gone(&engine).await;
        // What a proton runs never changes; this is another one of the same id.
        engine.forget(&the_proton()).await.unwrap();
    }
    engine.apply(&runs("shop")).await.unwrap();
    all_ready(&engine, 1).await;
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
    engine.forget(&the_proton()).await.unwrap();
    drop(engine);

    let mut config = rig.config(data.path());
    config.allow_root = true;
    let engine = rig.engine_with(config).await;
    engine.apply(&runs("root")).await.unwrap();
    let replica = all_ready(&engine, 1).await.remove(0);
    assert!(get(&replica, "/").await.unwrap().contains("version v1"));
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn a_program_for_another_machine_is_told_as_such() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    // A header of ELF, for a machine that nobody has.
    let script = r"printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\002\000\377\377' \
        > /alien && busybox chmod 755 /alien";
    rig.image_with("handover-test/alien:1", script, &[r#"ENTRYPOINT ["/alien"]"#]);
    let mut container = rig.program(&[]);
    container.image_uri = Some("handover-test/alien:1".to_owned());
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![container], 1)).await.unwrap();
    let health = until(&engine, "the refusal", |seen| {
        let reason = seen.replicas.first()?.reason.clone()?;
        (reason == EXEC_FORMAT).then(|| seen.health(1))
    })
    .await;
    let Health::Failed(why) = health else { panic!("{health:?}") };
    assert!(why.starts_with("exec format error: "), "{why}");
    assert!(why.contains("another kind of machine"), "{why}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn workloads_do_not_reach_each_other_behind_the_gateway() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![rig.demo("v1", &[])], 2)).await.unwrap();
    let replicas = all_ready(&engine, 2).await;
    let first = rig.container(data.path(), 0, "serving");
    let ask = |address: &str| {
        let url = format!("http://{address}/healthz");
        let wget = ["/bin/busybox", "timeout", "5", "/bin/busybox", "wget", "-qO-", &url];
        rig.try_docker(&[&["exec", &first][..], &wget].concat()).0
    };
    assert_eq!(ask("127.0.0.1:8080").as_deref(), Some("ok"));
    assert_eq!(ask(&replicas[1].address.unwrap().to_string()), None);
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}
