use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use handover::{
    clock::ShiftedClock,
    engine::{Engine, docker::DockerConfig},
    model::{Health, Millis},
};
use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    sync::watch,
};

use crate::{
    house::{Data, all_ready, get, gone, proton, the_proton, until},
    rig::{Tidy, rig, rig_alone},
};

/// Stopped in good order, and killed: a state while it lasts, one start for each replica when it is over.
#[tokio::test]
async fn an_engine_that_goes_and_comes_back_is_no_storm() {
    let Some(rig) = rig_alone().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![rig.demo("v1", &[])], 2)).await.unwrap();
    all_ready(&engine, 2).await;
    for (round, how) in [(1, "stop"), (2, "kill")] {
        rig.dockerd(how);
        let message = until(&engine, "the engine to be missed", |seen| {
            // Killed, it leaves its containers running, and they serve on.
            let unready = seen.replicas.iter().find(|replica| !replica.ready);
            match unready {
                Some(replica) if replica.reason.as_deref() == Some("EngineUnavailable") => {
                    replica.message.clone()
                }
                None if how == "kill" || rig.is_podman() => seen.trouble.clone(),
                _ => None,
            }
        })
        .await;
        assert!(message.contains("does not answer"), "{message}");
        let seen = engine.observe(&the_proton()).await.unwrap();
        assert!(!matches!(seen.health(2), Health::Failed(_)), "{how}: {seen:?}");
        rig.dockerd("start");
        let replicas = until(&engine, "all of it to be back", |seen| {
            // Podman's containers go on without it.
            let restarts = if rig.is_podman() { 0 } else { round };
            let back = |r: &handover::model::Replica| r.ready && r.restarts == restarts;
            (seen.replicas.len() == 2 && seen.replicas.iter().all(back))
                .then(|| seen.replicas.clone())
        })
        .await;
        for replica in &replicas {
            assert!(get(replica, "/").await.unwrap().contains("version v1"));
        }
    }
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

/// What is asked for while it is away is done when it is back.
#[tokio::test]
async fn a_server_may_start_before_its_engine() {
    let Some(rig) = rig_alone().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    rig.dockerd("stop");
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![rig.demo("v1", &[])], 1)).await.unwrap();
    let replica = until(&engine, "the reason", |seen| {
        seen.replicas.first().filter(|replica| replica.reason.is_some()).cloned()
    })
    .await;
    assert_eq!(replica.reason.as_deref(), Some("EngineUnavailable"), "{replica:?}");
    rig.dockerd("start");
    let replica = all_ready(&engine, 1).await.remove(0);
    assert_eq!(replica.restarts, 0);
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

/// One that hangs closes no connection and answers nothing: nobody would ever hear from it that it is gone.
#[tokio::test]
async fn an_engine_that_hangs_is_missed_as_one_that_is_gone() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let between = Between::start(&data.path().join("between.sock"), rig.socket.clone());
    let config = DockerConfig { socket: between.socket.clone(), ..rig.config(data.path()) };
    let clock = Arc::new(ShiftedClock::default());
    let engine = rig.engine_at(config, clock.clone()).await;
    engine.apply(&proton(vec![rig.demo("v1", &[])], 1)).await.unwrap();
    all_ready(&engine, 1).await;

    between.hangs.send_replace(true);
    let trouble = until(&engine, "the engine to be missed", |seen| {
        // It is asked for a sign of life after a while without one.
        clock.advance(Millis::seconds(1));
        seen.trouble.clone().filter(|_| seen.replicas.iter().all(|replica| replica.ready))
    })
    .await;
    assert!(trouble.contains("does not answer"), "{trouble}");

    between.hangs.send_replace(false);
    let replica = until(&engine, "it to be back", |seen| {
        clock.advance(Millis::seconds(1));
        seen.trouble.is_none().then(|| seen.replicas.first().cloned())?
    })
    .await;
    assert_eq!((replica.ready, replica.restarts), (true, 0), "{replica:?}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

/// A socket between a server and its engine, on which nothing comes through while it hangs.
struct Between {
    socket: PathBuf,
    hangs: watch::Sender<bool>,
}

impl Between {
    fn start(at: &Path, engine: PathBuf) -> Self {
        let listener = UnixListener::bind(at).unwrap();
        let (hangs, hanging) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, engine.clone(), hanging.clone()));
            }
        });
        Self { socket: at.to_owned(), hangs }
    }
}

/// What was held up is never passed on: when the engine is itself again, it is asked anew.
async fn pass_on(mut client: UnixStream, engine: PathBuf, mut hanging: watch::Receiver<bool>) {
    if !*hanging.borrow() {
        let mut engine = UnixStream::connect(engine).await.unwrap();
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut engine) => return,
            _ = hanging.wait_for(|hangs| *hangs) => {}
        }
    }
    let _ = hanging.wait_for(|hangs| !hangs).await;
}
