use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use handover::{
    clock::{Clock, SystemClock},
    engine::Engine,
    model::Millis,
};
use rustix::process::{Signal, kill_process};

use crate::house::{
    Data, all_ready, demo, engine, get, gone, logs, pid, process, program, proton, runs,
    the_proton, until,
};

const FOLDER: &str = "ENGINE_TEST_FOLDER";

/// Not a test of its own: the server that the next test kills.
#[tokio::test]
#[ignore = "started by another test, which kills it"]
async fn a_server_to_be_killed() {
    let data = PathBuf::from(std::env::var(FOLDER).expect("the folder to serve"));
    let engine = engine(&data).await;
    let ticks = program(&["sh", "-c", "while :; do echo tick; sleep 0.1; done"]);
    engine.apply(&proton(vec![demo("v1", &[]), ticks], 2)).await.unwrap();
    all_ready(&engine, 2).await;
    println!("\nserving");
    std::future::pending::<()>().await;
}

/// Not a test of its own: it is killed while it starts replicas.
#[tokio::test]
#[ignore = "started by another test, which kills it"]
async fn a_server_to_be_killed_early() {
    let data = PathBuf::from(std::env::var(FOLDER).expect("the folder to serve"));
    let engine = engine(&data).await;
    println!("\nserving");
    engine.apply(&proton(vec![demo("v1", &[])], 2)).await.unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn no_moment_to_kill_the_server_leaves_an_orphan() {
    let clock = SystemClock::new();
    for round in 0..12 {
        let data = Data::new();
        let mut server = server("adoption::a_server_to_be_killed_early", data.path());
        clock.sleep(Millis(round * 11)).await;
        server.kill().unwrap();
        server.wait().unwrap();

        let first = engine(data.path()).await;
        first.apply(&proton(vec![demo("v1", &[])], 2)).await.unwrap();
        all_ready(&first, 2).await;
        assert_eq!(processes(data.path()), (2, 2), "shims and replicas in round {round}");
        first.remove(&the_proton(), Millis::seconds(10)).await.unwrap();
        clock.sleep(Millis(round * 3)).await;
        drop(first);

        let second = engine(data.path()).await;
        gone(&second).await;
        assert_eq!(processes(data.path()), (0, 0), "shims and replicas in round {round}");
    }
}

#[tokio::test]
async fn a_lost_record_does_not_lose_the_replica() {
    let data = Data::new();
    let first = engine(data.path()).await;
    first.apply(&proton(vec![demo("v1", &[])], 1)).await.unwrap();
    let before = all_ready(&first, 1).await;
    let process_before = process(data.path(), 0);
    drop(first);
    let folder = data.path().join("replicas").join(the_proton().as_str()).join("0/serving");
    std::fs::write(folder.join("unit.json"), "{\"run\": ").unwrap();

    let second = engine(data.path()).await;
    let after = all_ready(&second, 1).await;
    assert_eq!(process(data.path(), 0), process_before);
    assert_eq!(after[0].address, before[0].address);
    second.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&second).await;
}

/// Starts one of the servers above, and returns when it has its engine.
fn server(name: &str, data: &Path) -> Child {
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", name])
        .env(FOLDER, data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == "serving"), "the server ended too early");
    server
}

/// Shims and replicas that run over this folder.
fn processes(data: &Path) -> (usize, usize) {
    let all = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let (mut shims, mut replicas) = (0, 0);
    for process in all {
        let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let place = std::fs::read_link(process.join("cwd")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        shims += usize::from(line.contains("\0shim\0") && line.contains(&*data.to_string_lossy()));
        replicas += usize::from(!line.is_empty() && place.starts_with(data));
    }
    (shims, replicas)
}

#[tokio::test]
async fn replicas_outlive_a_killed_server_and_are_adopted() {
    let data = Data::new();
    let mut server = server("adoption::a_server_to_be_killed", data.path());
    let before = [process(data.path(), 0), process(data.path(), 1)];
    server.kill().unwrap();
    server.wait().unwrap();

    // One dies while nobody looks.
    kill_process(pid(&before[1], "child"), Signal::KILL).unwrap();
    let exit = data.path().join("replicas").join(the_proton().as_str()).join("1/serving/exit.json");
    until_exists(&exit).await;

    let engine = engine(data.path()).await;
    let started = SystemClock::new().now();
    let seen = engine.observe(&the_proton()).await.unwrap();
    assert!(seen.replicas[0].ready, "found ready before the start was over: {seen:?}");
    assert!(get(&seen.replicas[0], "/").await.unwrap().contains("version v1"));
    assert_eq!(process(data.path(), 0), before[0], "the same process with the same start");
    let other = &seen.replicas[1];
    assert_eq!(other.last_exit.as_ref().and_then(|exit| exit.signal), Some(9), "{other:?}");
    let replicas = all_ready(&engine, 2).await;
    assert_eq!(replicas.iter().map(|r| r.restarts).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(process(data.path(), 0), before[0]);
    assert_ne!(process(data.path(), 1), before[1]);

    // Its log goes on, without a gap.
    let clock = SystemClock::new();
    loop {
        let lines = logs(&engine).await;
        let fresh = |name: &str| {
            lines.iter().any(|line| line.replica.starts_with(name) && line.at > started)
        };
        if fresh(&replicas[0].name) && fresh(&replicas[1].name) {
            break;
        }
        assert!(clock.monotonic() < Millis::seconds(30), "no new lines: {lines:?}");
        clock.sleep(Millis(50)).await;
    }
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

#[tokio::test]
async fn a_removal_goes_on_under_the_next_server() {
    let data = Data::new();
    let first = engine(data.path()).await;
    first.apply(&proton(vec![demo("v1", &[("DEMO_IGNORE_SIGTERM", "1")])], 1)).await.unwrap();
    all_ready(&first, 1).await;
    // Long enough for the next server to come up meanwhile, also on a busy machine.
    first.remove(&the_proton(), Millis::seconds(12)).await.unwrap();
    drop(first);

    let second = engine(data.path()).await;
    assert_eq!(second.owned().await.unwrap(), [the_proton()]);
    gone(&second).await;
    assert!(second.owned().await.unwrap().is_empty());
    let exits = second.flight_record(&the_proton()).await.unwrap().exits;
    assert_eq!(exits.last().and_then(|exit| exit.signal), Some(9));
}

#[tokio::test]
async fn a_replica_without_its_shim_is_replaced() {
    let data = Data::new();
    let engine = engine(data.path()).await;
    engine.apply(&proton(vec![demo("v1", &[])], 1)).await.unwrap();
    all_ready(&engine, 1).await;
    let before = process(data.path(), 0);
    kill_process(pid(&before, "shim"), Signal::KILL).unwrap();
    until(&engine, "a restart", |seen| {
        let replica = seen.replicas.first()?;
        (replica.ready && replica.restarts == 1).then_some(())
    })
    .await;
    let after = process(data.path(), 0);
    assert_ne!(after["child"], before["child"]);
    assert!(!runs(pid(&before, "child")), "the old one still runs");
    engine.remove(&the_proton(), Millis::ZERO).await.unwrap();
    gone(&engine).await;
}

async fn until_exists(path: &Path) {
    let clock = SystemClock::new();
    while !path.exists() {
        let waited = clock.monotonic();
        assert!(waited < Millis::seconds(30), "{} never came", path.display());
        clock.sleep(Millis(20)).await;
    }
}
