//! What the tests share: an engine over a folder, protons to run, and waiting for a condition.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use handover::{
    clock::{Clock, SystemClock},
    engine::{
        Engine, Given, LogQuery, Login, NoValue, Values,
        process::{ProcessConfig, ProcessEngine},
    },
    model::{
        ArtifactId, Container, ContainerGroup, EnvVar, GroupRuntime, Images, LogLine, Millis,
        Observed, OrgId, PlainVar, Probe, ProbeScheme, Proton, ProtonId, ProtonStatus, Replica,
        Snapshot, Spec, Timestamp, UserId, WorkloadId, WorkloadRuntime,
    },
    random::SystemRandom,
};
use serde_json::Value;

/// Generous: the machine may be busy. A test that passes never waits this long.
const DEADLINE: Millis = Millis::seconds(60);

/// A data folder. A test that fails leaves no process behind either.
pub(crate) struct Data(tempfile::TempDir);

impl Data {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        for path in runs_below(self.path()) {
            let Ok(text) = std::fs::read(path) else { continue };
            let Ok(process) = serde_json::from_slice::<Value>(&text) else { continue };
            let child = pid(&process, "child");
            // A shim never outlives its child by long, so the pid still means this one.
            if runs(pid(&process, "shim")) && runs(child) {
                rustix::process::kill_process(child, rustix::process::Signal::KILL).ok();
            }
        }
    }
}

/// The records of all runs.
fn runs_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .flat_map(|path| if path.is_dir() { runs_below(&path) } else { vec![path] })
        .filter(|path| path.ends_with("run.json"))
        .collect()
}

/// It exists, and is more than an entry that nobody has waited for.
pub(crate) fn runs(pid: rustix::process::Pid) -> bool {
    let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
    line.is_ok_and(|line| !line.is_empty())
}

pub(crate) fn executable() -> PathBuf {
    env!("CARGO_BIN_EXE_handover").into()
}

pub(crate) fn config(data_dir: &Path) -> ProcessConfig {
    ProcessConfig {
        data_dir: data_dir.to_owned(),
        replica_ports: 20_000..=29_999,
        executable: executable(),
        stop_grace: Millis::seconds(10),
    }
}

pub(crate) async fn engine(data_dir: &Path) -> ProcessEngine {
    engine_with(config(data_dir)).await
}

pub(crate) async fn engine_with(config: ProcessConfig) -> ProcessEngine {
    let clock = Arc::new(SystemClock::new());
    let values = Arc::new(Nothing);
    ProcessEngine::start(config, clock, Arc::new(SystemRandom), values).await.unwrap()
}

/// Nothing here names a secret.
pub(crate) struct Nothing;

#[async_trait::async_trait]
impl Values for Nothing {
    async fn login(&self, _: &WorkloadId, _: &str) -> Result<Option<Login>, NoValue> {
        Ok(None)
    }

    async fn of(&self, _: &WorkloadId, _: &Container) -> Result<Given, NoValue> {
        Err(NoValue("there are no secrets here".to_owned()))
    }
}

pub(crate) fn demo(version: &str, settings: &[(&str, &str)]) -> Container {
    Container {
        primary: Some(true),
        image_uri: Some(format!("handover/demo:{version}")),
        port: Some(8080),
        environment_vars: Some(settings.iter().map(|(name, value)| plain(name, value)).collect()),
        readiness_probe: Some(probe("/healthz")),
        ..Container::default()
    }
}

/// A program of this host in place of an image.
pub(crate) fn program(words: &[&str]) -> Container {
    Container {
        image_uri: Some("tool:1".to_owned()),
        entrypoint: Some(words.iter().map(|word| (*word).to_owned()).collect()),
        ..Container::default()
    }
}

pub(crate) fn plain(name: &str, value: &str) -> EnvVar {
    EnvVar::Plain(PlainVar { source: None, name: name.to_owned(), value: value.to_owned() })
}

pub(crate) fn probe(path: &str) -> Probe {
    Probe {
        path: path.to_owned(),
        port: 8080,
        scheme: ProbeScheme::Http,
        host: None,
        http_headers: None,
        initial_delay_seconds: 0,
        period_seconds: 1,
        timeout_seconds: 5,
        failure_threshold: 3,
        success_threshold: None,
    }
}

pub(crate) fn proton(containers: Vec<Container>, replicas: u32) -> Proton {
    let id = [5; 12];
    Proton {
        id: ProtonId::from_bytes(id),
        org_id: "0b8f3b52-7a51-4d3a-9d0e-0a3d1f6f2a10".parse::<OrgId>().unwrap(),
        workload_id: WorkloadId::from_bytes(id),
        artifact_id: ArtifactId::from_bytes(id),
        name: "test".to_owned(),
        status: ProtonStatus::Submitted,
        role: None,
        snapshot: Snapshot {
            spec: Spec {
                container_groups: vec![ContainerGroup { name: "default".to_owned(), containers }],
                ..Spec::default()
            },
            runtime: WorkloadRuntime {
                container_groups: vec![GroupRuntime {
                    replica_count: Some(replicas),
                    ..GroupRuntime::default()
                }],
                ..WorkloadRuntime::default()
            },
            label: "test v1".to_owned(),
        },
        images: Images::new(),
        replicas,
        running_since: None,
        restarts: 0,
        message: None,
        creator_id: UserId::from_bytes(id),
        created_at: Timestamp::from_micros(0),
        updated_at: Timestamp::from_micros(0),
    }
}

/// Waits until `wanted` finds what it looks for, looking whenever something changes and now and then.
pub(crate) async fn until<T>(
    engine: &impl Engine,
    what: &str,
    mut wanted: impl FnMut(&Observed) -> Option<T>,
) -> T {
    let clock = SystemClock::new();
    let mut changes = engine.watch();
    loop {
        let seen = engine.observe(&the_proton()).await.unwrap();
        if let Some(found) = wanted(&seen) {
            return found;
        }
        assert!(clock.monotonic() < DEADLINE, "waited in vain for: {what}; last seen: {seen:#?}");
        tokio::select! {
            _ = changes.recv() => {}
            () = clock.sleep(Millis(100)) => {}
        }
    }
}

pub(crate) fn the_proton() -> ProtonId {
    ProtonId::from_bytes([5; 12])
}

/// All `count` replicas, once they are ready at the same time.
pub(crate) async fn all_ready(engine: &impl Engine, count: usize) -> Vec<Replica> {
    until(engine, "ready", |seen| {
        let ready = seen.replicas.len() == count && seen.replicas.iter().all(|r| r.ready);
        ready.then(|| seen.replicas.clone())
    })
    .await
}

pub(crate) async fn gone(engine: &impl Engine) {
    until(engine, "gone", |seen| seen.replicas.is_empty().then_some(())).await;
}

pub(crate) async fn get(replica: &Replica, path: &str) -> reqwest::Result<String> {
    let address = replica.address.expect("a replica that runs has an address");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.get(format!("http://{address}{path}")).send().await?;
    answer.error_for_status()?.text().await
}

pub(crate) async fn logs(engine: &impl Engine) -> Vec<LogLine> {
    let query = LogQuery::last(1000);
    engine.logs(&the_proton(), &query).await.unwrap().lines
}

/// What the shim has recorded of the process that runs now.
pub(crate) fn process(data_dir: &Path, replica: u32) -> Value {
    let folder = data_dir.join("replicas").join(the_proton().as_str());
    let text = std::fs::read(folder.join(format!("{replica}/serving/run.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

pub(crate) fn pid(process: &Value, which: &str) -> rustix::process::Pid {
    let pid = process[which]["pid"].as_i64().unwrap();
    rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}
