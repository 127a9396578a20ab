//! The real binary as a process of its own, so that it can be killed.
//!
//! With `HANDOVER_TEST_ENGINE=docker`, beside the engine of `tests/docker/run`, the same tests run the demo as a
//! container.

#![allow(unreachable_pub, dead_code, reason = "each test binary uses its part of this")]

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use reqwest::{Client, Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const TOKEN: &str = "a-token-for-tests-only-0123456789";

/// A server and the folder it works in. Dropping it stops what it ran.
pub struct Handover {
    child: Child,
    pub url: String,
    pub client: Client,
    folder: TempDir,
    flags: Vec<String>,
    engine: Vec<String>,
    listen: String,
}

impl Handover {
    pub async fn start(flags: &[&str]) -> Self {
        Self::with(flags, engine_flags()).await
    }

    /// On containers, whatever the other tests are on.
    pub async fn on_docker(flags: &[&str]) -> Self {
        Self::with(flags, docker_flags()).await
    }

    async fn with(flags: &[&str], engine: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags: Vec<_> = flags.iter().map(ToString::to_string).collect();
        let (child, url) = launch(folder.path(), &flags, &engine, "127.0.0.1:0");
        let listen = url.trim_start_matches("http://").to_owned();
        let handover = Self { child, url, client: Client::new(), folder, flags, engine, listen };
        handover.ready().await;
        handover
    }

    /// Ends the server at once, without any chance to say goodbye.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and returns how it did.
    pub async fn stop(&mut self) -> ExitStatus {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).unwrap();
        wait_for("the server to end", async || self.child.try_wait().unwrap()).await
    }

    /// Starts it again over the same folder and on the same port.
    pub async fn start_again(&mut self) {
        let (child, url) = launch(self.folder.path(), &self.flags, &self.engine, &self.listen);
        (self.child, self.url) = (child, url);
        self.ready().await;
    }

    async fn ready(&self) {
        wait_for("the server to be ready", async || {
            let answer = self.client.get(format!("{}/readyz", self.url)).send().await;
            answer.is_ok_and(|answer| answer.status() == StatusCode::OK).then_some(())
        })
        .await;
    }

    /// The link that `handover admin link` prints while the server runs.
    pub fn admin_link(&self) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_handover"))
            .args(["admin", "link", "--data-dir"])
            .arg(self.folder.path())
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// One API call. The body is null when there was none.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let url = format!("{}/api/v2{path}", self.url);
        let mut request = self.client.request(method, url).bearer_auth(TOKEN);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    /// A POST that must succeed.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// A workload on the demo image that serves already.
    pub async fn workload(&self, name: &str, replicas: u32, env: &[(&str, &str)]) -> Value {
        let body = json!({
            "name": name,
            "artifact": artifact(name, "1.0", env),
            "runtime": { "containerGroups": [{ "replicaCount": replicas }] },
        });
        let created = self.post("/workloads/", body).await;
        let id = created["id"].as_str().unwrap().to_owned();
        self.until(&format!("/workloads/{id}/"), |w| w["status"] == "running").await
    }

    /// Polls until `holds`.
    pub async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{path} to change");
        wait_for(&what, async || {
            let (status, seen) = self.call(Method::GET, path, None).await;
            (status == StatusCode::OK && holds(&seen)).then_some(seen)
        })
        .await
    }

    /// The record of a replacement once it is over.
    pub async fn settled(&self, workload: &str, replacement: &Value) -> Value {
        let id = replacement["id"].as_str().unwrap();
        self.until(&format!("/workloads/{workload}/replacements/{id}/?wait=5"), |r| {
            r["stage"] == "done"
        })
        .await
    }

    /// Every event of a workload, oldest first.
    pub async fn events(&self, workload: &str) -> Vec<Value> {
        let page = self.get(&format!("/workloads/{workload}/events/?limit=100")).await;
        let mut events = page["data"].as_array().unwrap().clone();
        events.reverse();
        events
    }

    /// Where it keeps its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn endpoint(&self, workload: &str, path: &str) -> String {
        format!("{}/api/v2/endpoints/workloads/{workload}/{path}", self.url)
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        // SIGTERM with --on-exit stop, so that no replica outlives the test.
        let pid = Pid::from_child(&self.child);
        let ended = matches!(self.child.try_wait(), Ok(Some(_)));
        if !ended && kill_process(pid, Signal::TERM).is_ok() {
            drop(self.child.wait());
        }
    }
}

fn launch(folder: &Path, flags: &[String], engine: &[String], listen: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_handover"))
        .args(["serve", "--on-exit", "stop", "--listen", listen, "--admin-token", TOKEN])
        .arg("--data-dir")
        .arg(folder)
        .args(flags)
        .args(engine)
        .env_remove("DATABASE_URL")
        .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
        .env_remove("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        .env("HANDOVER_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.trim().strip_prefix("Handover is at ").map(str::to_owned))
        .expect("the server says where it is");
    // Somebody must go on reading, or the server would be told that nobody listens.
    std::thread::spawn(move || lines.for_each(drop));
    (child, url)
}

/// Whether the replicas of these tests are containers.
fn on_docker() -> bool {
    env::var("HANDOVER_TEST_ENGINE").as_deref() == Ok("docker")
}

fn engine_flags() -> Vec<String> {
    if on_docker() {
        return docker_flags();
    }
    ["--engine", "process"].map(str::to_owned).to_vec()
}

fn docker_flags() -> Vec<String> {
    let host = env::var("HANDOVER_TEST_DOCKER").expect("tests/docker/run starts an engine");
    ["--engine", "docker", "--docker-host", &host].map(str::to_owned).to_vec()
}

/// A draft on the demo image, ready in a moment.
pub fn artifact(name: &str, version: &str, settings: &[(&str, &str)]) -> Value {
    let variables: Vec<_> =
        settings.iter().map(|(k, v)| json!({ "name": k, "value": v })).collect();
    let (image, entrypoint) = if on_docker() {
        let words = ["/handover", "demo", "--listen", "0.0.0.0", "--version", version];
        (env::var("HANDOVER_TEST_IMAGE").expect("tests/docker/run makes an image"), json!(words))
    } else {
        (format!("handover/demo:{version}"), Value::Null)
    };
    json!({
        "name": name,
        "spec": { "containerGroups": [{ "containers": [{
            "name": "main",
            "imageUri": image,
            "entrypoint": entrypoint,
            "port": 8080,
            "environmentVars": variables,
            "readinessProbe": {
                "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1,
                "timeoutSeconds": 1, "failureThreshold": 2,
            },
        }] }] },
    })
}

/// Looks every few milliseconds until there is something, for five minutes at the most: the machine may be busy.
#[expect(
    clippy::disallowed_methods,
    reason = "another process is waited for: its time is the real one"
)]
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_mins(5), looking).await;
    found.unwrap_or_else(|_| panic!("waited five minutes in vain for {what}"))
}
