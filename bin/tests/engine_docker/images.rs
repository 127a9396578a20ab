use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use handover::{
    clock::ShiftedClock,
    engine::{
        Engine,
        docker::{DockerConfig, ImageLimits},
    },
    model::{Bytes, Container, Health, IMAGE_BACK_OFF, IMAGE_ERROR, Millis},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};

use crate::{
    house::{Data, all_ready, get, gone, proton, the_proton, until},
    rig::{Rig, Tidy, rig},
};

fn publish<G>(rig: &Rig<G>, name: &str, script: &str) -> String {
    rig.publish(&rig.registry, name, script)
}

fn demo_of<G>(rig: &Rig<G>, image: &str) -> Container {
    Container { image_uri: Some(image.to_owned()), ..rig.demo("v1", &[]) }
}

#[tokio::test]
async fn an_image_is_pulled_once_and_stays_the_same_when_its_name_moves() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let uri = publish(&rig, "moving", "echo old > /which");
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![demo_of(&rig, &uri)], 1)).await.unwrap();
    all_ready(&engine, 1).await;
    let which = |replica: u32| {
        let name = rig.container(data.path(), replica, "serving");
        rig.docker(&["exec", &name, "/bin/busybox", "cat", "/which"])
    };
    assert_eq!(which(0), "old");
    let id = rig.inspect(&rig.container(data.path(), 0, "serving"), "{{.Image}}");

    // The name means another image now, and the engine has forgotten the old one.
    publish(&rig, "moving", "echo new > /which");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
    rig.try_docker(&["rmi", "--force", &id]);
    drop(engine);
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![demo_of(&rig, &uri)], 2)).await.unwrap();
    all_ready(&engine, 2).await;
    assert_eq!((which(0), which(1)), ("old".to_owned(), "old".to_owned()));
    assert_eq!(rig.inspect(&rig.container(data.path(), 1, "serving"), "{{.Image}}"), id);
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn an_image_that_nobody_has_is_given_up_with_the_reason() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let uri = format!("{}/nowhere:9", rig.registry);
    engine.apply(&proton(vec![demo_of(&rig, &uri)], 1)).await.unwrap();
    let mut reasons = Vec::new();
    let health = until(&engine, "the end of patience", |seen| {
        let reason = seen.replicas.first()?.reason.clone()?;
        if reasons.last() != Some(&reason) {
            reasons.push(reason.clone());
        }
        (reason == IMAGE_BACK_OFF).then(|| seen.health(1))
    })
    .await;
    assert!(reasons.iter().any(|reason| reason == IMAGE_ERROR), "{reasons:?}");
    let Health::Failed(why) = health else { panic!("{health:?}") };
    assert!(why.contains(&uri) && why.contains("has no such image"), "{why}");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
    let flight = engine.flight_record(&the_proton()).await.unwrap();
    assert_eq!((flight.restarts, flight.exits.len()), (0, 0), "nothing ever ran");
}

#[tokio::test]
async fn a_registry_that_is_down_is_waited_for() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let engine = rig.engine(data.path()).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let uri = format!("{free}/shop:1");
    engine.apply(&proton(vec![demo_of(&rig, &uri)], 1)).await.unwrap();
    let (message, health) = until(&engine, "the reason", |seen| {
        let replica = seen.replicas.first()?;
        let reason = replica.reason.as_deref() == Some(IMAGE_ERROR);
        reason.then(|| (replica.message.clone().unwrap_or_default(), seen.health(1)))
    })
    .await;
    assert!(message.contains("the registry can't be reached"), "{message}");
    assert_eq!(health, Health::Unready { ready: 0, wanted: 1 }, "it may come back");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

/// Stands between the engine and the registry, and cuts off what comes from there after so many bytes for as
/// long as it is told to.
async fn cutting(registry: String, after: usize) -> (String, Arc<AtomicBool>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (cuts, count) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let (told, counted) = (Arc::clone(&cuts), Arc::clone(&count));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (registry, told, counted) = (registry.clone(), told.clone(), counted.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(registry).await.unwrap();
                let (mut from, mut to) = server.split();
                let (mut asks, mut gets) = client.split();
                let answers = async {
                    let (mut passed, mut bytes) = (0, vec![0; 16 * 1024]);
                    while let Ok(read @ 1..) = from.read(&mut bytes).await {
                        passed += read;
                        if passed > after && told.load(Ordering::Relaxed) {
                            counted.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                        if gets.write_all(&bytes[..read]).await.is_err() {
                            return;
                        }
                    }
                };
                tokio::select! {
                    () = answers => {}
                    () = async { copy(&mut asks, &mut to).await.ok(); std::future::pending::<()>().await } => {}
                }
            });
        }
    });
    (address, cuts, count)
}

#[tokio::test]
async fn a_pull_that_fails_half_way_is_tried_again() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    // Random, so that no layer of it is on the engine and none of it can be packed.
    publish(&rig, "half", "head -c 3000000 /dev/urandom > /random");
    let (address, cuts, count) = cutting(rig.registry.clone(), 1_000_000).await;
    let uri = format!("{address}/half:1");
    let engine = rig.engine(data.path()).await;
    engine.apply(&proton(vec![demo_of(&rig, &uri)], 1)).await.unwrap();
    let (mut progress, mut failed) = (Vec::new(), None);
    until(&engine, "the failure", |seen| {
        let replica = seen.replicas.first()?;
        let message = replica.message.clone().unwrap_or_default();
        match replica.reason.as_deref() {
            Some("Pulling") if progress.last() != Some(&message) => progress.push(message),
            Some(reason) if reason == IMAGE_ERROR => failed = Some(message),
            _ => {}
        }
        failed.is_some().then_some(())
    })
    .await;
    assert!(count.load(Ordering::Relaxed) > 0);
    let failed = failed.unwrap();
    assert!(failed.contains("did not give all of it"), "{failed}");
    assert!(
        progress.iter().any(|text| text.starts_with(&format!("Pulling {uri}"))),
        "{progress:?}"
    );
    cuts.store(false, Ordering::Relaxed);
    let replica = all_ready(&engine, 1).await.remove(0);
    assert_eq!((replica.restarts, &replica.reason), (0, &None));
    assert!(get(&replica, "/").await.unwrap().contains("version v1"));
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

/// What was pulled goes when nothing needs it; what has another name, and what was here before, stays.
#[tokio::test]
async fn images_that_nothing_needs_are_removed_and_no_others() {
    let Some(rig) = rig().await else { return };
    let data = Data::new();
    let _tidy = Tidy(&rig, data.path());
    let clock = Arc::new(ShiftedClock::default());
    let limits = ImageLimits { unused_for: Millis::hours(24), space: Bytes(u64::MAX) };
    let config = DockerConfig { images: limits, ..rig.config(data.path()) };
    let engine = rig.engine_at(config, clock.clone()).await;
    let here = |image: &str| rig.try_docker(&["image", "inspect", image]).0.is_some();
    let (mut pulled, mut needed) = (Vec::new(), BTreeSet::new());
    for name in ["pruned", "shared"] {
        let uri = publish(&rig, name, &format!("echo {name} > /which"));
        engine.apply(&proton(vec![demo_of(&rig, &uri)], 1)).await.unwrap();
        let ready = all_ready(&engine, 1).await.remove(0);
        assert_eq!(ready.image, uri);
        let images = engine.observe(&the_proton()).await.unwrap().images;
        let id = images[&uri].id.clone();
        assert!(images[&uri].digest.as_ref().unwrap().contains("@sha256:"), "{images:?}");

        // It is needed: by what runs, and after that because somebody says so.
        clock.advance(Millis::hours(48));
        engine.prune(&needed).await.unwrap();
        engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
        gone(&engine).await;
        engine.forget(&the_proton()).await.unwrap();
        clock.advance(Millis::hours(48));
        needed.insert(id.clone());
        engine.prune(&needed).await.unwrap();
        assert!(here(&uri), "{name} is needed");
        pulled.push((uri, id));
    }
    let (pruned, shared) = (&pulled[0], &pulled[1]);
    rig.docker(&["tag", &shared.1, "handover-test/theirs:1"]);
    rig.docker(&["rmi", &shared.0]);
    clock.advance(Millis::hours(23));
    engine.prune(&BTreeSet::new()).await.unwrap();
    assert!(here(&pruned.0), "not for long enough");
    clock.advance(Millis::hours(2));
    engine.prune(&BTreeSet::new()).await.unwrap();
    assert!(!here(&pruned.0) && !here(&pruned.1));
    assert!(here("handover-test/theirs:1"), "it has another name");
    assert!(here(&rig.image), "it was here before");
    rig.docker(&["rmi", "handover-test/theirs:1"]);
}
