//! The real server inside the test's own process, over HTTP, with a clock that the test moves. Replicas are
//! real processes of the real binary, and live in real time.

use std::{path::Path, sync::Arc, time::Duration};

use clap::Parser;
use handover::{
    access::{Caller, Origin, Via},
    clock::ShiftedClock,
    house::House,
    model::{Millis, NewToken, Scope, Timestamp},
    people::tokens,
};
use handover_server::{
    assets::Assets,
    cli::Cli,
    start::{Running, start},
};
use reqwest::{Client, Method, header::HeaderMap, redirect::Policy};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::document::{Document, Exchange};

pub(crate) const TOKEN: &str = "a-token-for-tests-only-0123456789";

/// A server and the folder it works in. Dropping it stops what it ran, also when the test failed.
pub(crate) struct Server {
    running: Option<Running>,
    pub clock: Arc<ShiftedClock>,
    /// Follows no redirect.
    pub client: Client,
    pub url: String,
    folder: TempDir,
}

/// Somebody besides the administrator.
pub(crate) struct Person {
    pub id: String,
    pub token: String,
}

/// What came back. The body is null when there was none.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let folder_name = folder.path().to_str().unwrap();
        let always = [
            "handover",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            folder_name,
            "--admin-token",
            TOKEN,
            "--on-exit",
            "stop",
            "--gateway-threads",
            "1",
            "--stop-grace",
            "5s",
            "--engine",
            "process",
        ];
        let options = Cli::parse_from(always.iter().chain(flags)).serve;
        let clock = Arc::new(ShiftedClock::default());
        let binary = env!("CARGO_BIN_EXE_handover").into();
        let running = start(options, binary, clock.clone(), Assets::EMPTY).await.unwrap();
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let url = format!("http://{}", running.address);
        Self { running: Some(running), clock, client, url, folder }
    }

    /// Lets time pass for the server; replicas notice nothing of it.
    pub(crate) fn advance(&self, length: Millis) {
        self.clock.advance(length);
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        self.house().now()
    }

    /// Where it keeps its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&str>) -> Answer {
        self.call_as(TOKEN, method, path, body).await
    }

    /// The same with somebody else's token.
    pub(crate) async fn call_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<&str>,
    ) -> Answer {
        let mut request = self.client.request(method, self.api(path)).bearer_auth(token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        self.send(request).await
    }

    pub(crate) fn house(&self) -> &House {
        &self.running.as_ref().unwrap().house
    }

    /// A new person with this platform role, and a token of theirs with these scopes.
    pub(crate) async fn person(&self, name: &str, role: &str, scopes: &[Scope]) -> Person {
        let body = json!({ "username": name, "role": role, "password": "a password for tests" });
        let id = id(&self.post("/users/", body).await.is(201));
        let token = self.token(&id, scopes).await;
        Person { id, token }
    }

    /// A token such as the person would make on the console.
    pub(crate) async fn token(&self, user: &str, scopes: &[Scope]) -> String {
        let house = self.house();
        let user = house.store.user(&user.parse().unwrap()).await.unwrap().unwrap();
        let (groups, origin) = (vec![], Origin::default());
        let caller = Caller { user, groups, via: Via::Session, origin, expects: None };
        let new =
            NewToken { name: "tests".into(), scopes: Some(scopes.to_vec()), expires_at: None };
        tokens::create(house, &caller, new).await.unwrap().token
    }

    /// Gives somebody a role; the path is that of the entity.
    pub(crate) async fn share(&self, path: &str, kind: &str, recipient: &str, role: &str) {
        let body = json!({ "operation": "updateRoles", "roles": [
            { "shareRecipientType": kind, "id": recipient, "role": role },
        ] });
        self.patch(&format!("{path}/sharedRoles/"), body).await.is(204);
    }

    /// Sends a request as it is, without a token of ours. What comes back must be what the document says.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = self.client.execute(request).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        let document = Document::of(&self.client, &self.url).await;
        document.check(&Exchange {
            method: &method,
            path: &path,
            status,
            headers: &headers,
            text: &text,
        });
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Answer { status, headers, body }
    }

    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}/api/v2{path}", self.url)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    pub(crate) async fn delete_with(&self, path: &str, body: Value) -> Answer {
        self.call(Method::DELETE, path, Some(&body.to_string())).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(&body.to_string())).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(&body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(&body.to_string())).await
    }

    /// The id of a new draft on the demo image.
    pub(crate) async fn draft(&self, version: &str, env: &[(&str, &str)]) -> String {
        id(&self.post("/artifacts/", artifact(version, env)).await.is(201))
    }

    /// The id of a new locked artifact on the demo image.
    pub(crate) async fn locked(&self, version: &str, env: &[(&str, &str)]) -> String {
        let mut body = artifact(version, env);
        body["status"] = json!("locked");
        id(&self.post("/artifacts/", body).await.is(201))
    }

    /// The id of a new workload on this artifact, once it serves.
    pub(crate) async fn workload(&self, name: &str, artifact: &str) -> String {
        let body = json!({ "name": name, "artifactId": artifact });
        let workload = id(&self.post("/workloads/", body).await.is(201));
        self.until(&format!("/workloads/{workload}/"), |w| w["status"] == "running").await;
        workload
    }

    /// The body of a GET once it `holds`.
    pub(crate) async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let found = wait_for(async || {
            let answer = self.get(path).await;
            last = answer.body;
            (answer.status == 200 && holds(&last)).then(|| last.clone())
        })
        .await;
        found.unwrap_or_else(|| panic!("GET {path} did not change in time, it is {last:#}"))
    }

    /// Begins a replacement and returns its record.
    pub(crate) async fn replace(&self, workload: &str, artifact: &str, config: Value) -> Value {
        let body = json!({ "artifactId": artifact, "config": config });
        self.post(&format!("/workloads/{workload}/replacement/"), body).await.is(202)
    }

    /// The record of a replacement once it is in this stage.
    pub(crate) async fn in_stage(&self, replacement: &Value, stage: &str) -> Value {
        let workload = replacement["workloadId"].as_str().unwrap();
        let path = format!("/workloads/{workload}/replacements/{}/", id(replacement));
        self.until(&path, |r| r["stage"] == stage).await
    }

    /// The same, with time passing for the server until then. A jump of the clock lets a probe that is under
    /// way run out of time, and then the candidate starts over, so one jump may not be enough.
    pub(crate) async fn advance_to(&self, replacement: &Value, stage: &str, step: Millis) -> Value {
        let workload = replacement["workloadId"].as_str().unwrap();
        let path = format!("/workloads/{workload}/replacements/{}/?wait=1", id(replacement));
        for _ in 0..60 {
            self.advance(step);
            let seen = self.get(&path).await.is(200);
            if seen["stage"] == stage {
                return seen;
            }
        }
        panic!("a replacement never got to {stage}")
    }

    /// Which version answers at the endpoint of a workload.
    pub(crate) async fn serving(&self, workload: &str) -> String {
        self.invoke(workload, "").await.unwrap()
    }

    /// Calls the endpoint. The version that answered, or what went wrong.
    pub(crate) async fn invoke(&self, workload: &str, path: &str) -> Result<String, String> {
        invoke(&self.client, &self.endpoint(workload, path)).await
    }

    pub(crate) fn endpoint(&self, workload: &str, path: &str) -> String {
        self.api(&format!("/endpoints/workloads/{workload}/{path}"))
    }
}

pub(crate) async fn invoke(client: &Client, url: &str) -> Result<String, String> {
    let sent = client.get(url).bearer_auth(TOKEN).send().await;
    let answer = sent.map_err(|error| format!("{error:?}"))?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.text().await.map_err(|error| format!("cut off: {error:?}"))?;
    let version = headers.get("x-demo-version").and_then(|version| version.to_str().ok());
    match version {
        Some(version) if status.is_success() => Ok(version.to_owned()),
        _ => Err(format!("{status} {body}")),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(running) = self.running.take() else { return };
        let stopped = tokio::task::block_in_place(|| Handle::current().block_on(running.stop()));
        if let Err(error) = stopped
            && !std::thread::panicking()
        {
            panic!("the server did not stop cleanly: {error}");
        }
    }
}

/// A draft on the demo image that is ready in a moment.
pub(crate) fn artifact(version: &str, env: &[(&str, &str)]) -> Value {
    json!({ "name": format!("demo {version}"), "spec": spec(version, env) })
}

pub(crate) fn spec(version: &str, env: &[(&str, &str)]) -> Value {
    let env: Vec<_> = env.iter().map(|(k, v)| json!({ "name": k, "value": v })).collect();
    json!({ "containerGroups": [{ "containers": [{
        "imageUri": format!("handover/demo:{version}"),
        "port": 8080,
        "environmentVars": env,
        "readinessProbe": {
            "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1,
            "timeoutSeconds": 2, "failureThreshold": 2,
        },
    }] }] })
}

#[track_caller]
pub(crate) fn id(record: &Value) -> String {
    record["id"].as_str().unwrap_or_else(|| panic!("no id in {record}")).to_owned()
}

#[track_caller]
pub(crate) fn moment(value: &Value) -> Timestamp {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no time: {value}"))
}

/// Looks every few milliseconds until there is something, for a minute at the most.
#[expect(
    clippy::disallowed_methods,
    reason = "replicas are waited for, and they live in real time"
)]
pub(crate) async fn wait_for<T>(mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    for _ in 0..2000 {
        if let Some(found) = look().await {
            return Some(found);
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    None
}
