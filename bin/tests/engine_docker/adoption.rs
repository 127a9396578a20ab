use handover::{
    engine::Engine,
    model::{Millis, Replica},
};

use crate::{
    house::{Data, all_ready, get, gone, logs, proton, the_proton, until},
    rig::{Tidy, rig},
};

#[tokio::test]
async fn the_next_server_adopts_what_runs_and_learns_what_ended() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![rig.demo("v1", &[])], 2)).await.unwrap();
    let before = all_ready(&engine, 2).await;
    drop(engine);
    let (kept, lost) =
        (rig.container(data.path(), 0, "serving"), rig.container(data.path(), 1, "serving"));
    let id = rig.inspect(&kept, "{{.Id}}");
    rig.docker(&["kill", &lost]);
    get(&before[0], "/echo").await.unwrap();

    let engine = rig.engine(data.path()).await;
    let first = engine.observe(&the_proton()).await.unwrap().replicas.remove(0);
    assert!(first.ready, "it was ready before, and is at once: {first:?}");
    let seen: Vec<Replica> = until(&engine, "the lost one to come back", |seen| {
        let back = seen.replicas.len() == 2 && seen.replicas.iter().all(|r| r.ready);
        (back && seen.replicas[1].restarts == 1).then(|| seen.replicas.clone())
    })
    .await;
    assert_eq!(seen[0].started_at, before[0].started_at);
    assert_eq!((seen[0].restarts, rig.inspect(&kept, "{{.Id}}")), (0, id));
    assert_eq!(seen[1].last_exit.as_ref().and_then(|exit| exit.signal), Some(9), "{seen:?}");

    engine.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
    gone(&engine).await;
    let lines = logs(&engine).await;
    let says = |text: &str| lines.iter().filter(|line| line.message.contains(text)).count();
    assert_eq!(says("listens on"), 3, "each start once: {lines:#?}");
    assert_eq!(says("has finished its requests"), 2, "{lines:#?}");
}

/// The tests beside this one run the same proton from other folders, which is the other half of it.
#[tokio::test]
async fn what_nobody_owns_is_removed_and_what_others_made_is_not() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![rig.demo("v1", &[])], 1)).await.unwrap();
    all_ready(&engine, 1).await;
    drop(engine);
    let stray = rig.container(data.path(), 0, "serving");
    let other = format!("{stray}-of-somebody-else");
    let sleep = ["--entrypoint", "/bin/busybox", &rig.image, "sleep", "600"];
    rig.docker(&[&["run", "-d", "--network", "none", "--name", &other][..], &sleep].concat());
    std::fs::remove_dir_all(data.path().join("containers")).unwrap();

    let engine = rig.engine(data.path()).await;
    for _ in 0..100 {
        if rig.try_docker(&["inspect", &stray]).0.is_none() {
            break;
        }
        crate::lifecycle::until_soon(&engine).await;
    }
    assert_eq!(rig.try_docker(&["inspect", &stray]).0, None, "removed");
    assert_eq!(rig.inspect(&other, "{{.State.Running}}"), "true", "left alone");
    rig.docker(&["rm", "-f", &other]);
}
