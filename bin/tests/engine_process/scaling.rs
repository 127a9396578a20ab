//! The number of replicas of a proton that runs already.

use handover::{
    engine::Engine,
    model::{Observed, Proton},
};

use crate::house::{
    Data, all_ready, config, demo, engine, engine_with, gone, process, proton, until,
};

fn of(replicas: u32) -> Proton {
    proton(vec![demo("v1", &[])], replicas)
}

#[tokio::test]
async fn replicas_come_and_go_and_the_others_do_not_notice() {
    let data = Data::new();
    let first = engine(data.path()).await;
    first.apply(&of(1)).await.unwrap();
    all_ready(&first, 1).await;
    let eldest = process(data.path(), 0);
    first.apply(&of(3)).await.unwrap();
    let replicas = all_ready(&first, 3).await;
    assert_eq!(replicas.iter().map(|r| r.number).collect::<Vec<_>>(), [0, 1, 2]);
    first.apply(&of(1)).await.unwrap();
    all_ready(&first, 1).await;
    assert_eq!(process(data.path(), 0), eldest);

    first.apply(&of(0)).await.unwrap();
    gone(&first).await;
    assert_eq!(first.owned().await.unwrap().len(), 1, "it is empty, not forgotten");
    drop(first);
    let second = engine(data.path()).await;
    assert_eq!(second.owned().await.unwrap().len(), 1);
    second.apply(&of(2)).await.unwrap();
    for replica in all_ready(&second, 2).await {
        assert_eq!((replica.restarts, replica.reason), (0, None), "a fresh start");
    }
}

#[tokio::test]
async fn more_than_can_be_had_takes_nothing_away() {
    let data = Data::new();
    let narrow = handover::engine::process::ProcessConfig {
        replica_ports: 28_700..=28_701,
        ..config(data.path())
    };
    let engine = engine_with(narrow).await;
    engine.apply(&of(2)).await.unwrap();
    all_ready(&engine, 2).await;
    let eldest = process(data.path(), 0);
    engine.apply(&of(3)).await.unwrap();
    let told = |seen: &Observed| {
        let third = seen.replicas.iter().find(|replica| replica.number == 2)?;
        third.message.clone()
    };
    let message = until(&engine, "the reason", told).await;
    assert!(message.contains("no free port"), "{message}");
    let seen = engine.observe(&crate::house::the_proton()).await.unwrap();
    assert_eq!((seen.fatal, seen.replicas.iter().filter(|r| r.ready).count()), (None, 2));
    assert_eq!(process(data.path(), 0), eldest);
}
