//! `/credentials` and the variables that take their value from one.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use clap::Parser;
use handover::{clock::ShiftedClock, model::Scope};
use handover_server::{
    assets::Assets,
    cli::{Cli, SecretKey},
    start::{Running, StartError, start},
};
use serde_json::{Value, json};

use crate::server::{Answer, Server, id, wait_for};

const SECRET: &str = "hunter-two-$(PORT)-correct-horse";

async fn add(server: &Server, name: &str) -> String {
    let body = json!({ "name": name, "credentialType": "basic", "user": "me", "password": SECRET });
    let made = server.post("/credentials/", body).await.is(201);
    made["credentialId"].as_str().unwrap().to_owned()
}

/// A demo that first says in capitals what `variables` have put into `$SAID`.
fn telling(variables: Value) -> Value {
    let demo = env!("CARGO_BIN_EXE_handover");
    let script =
        format!("echo \"told $(printf %s \"$SAID\" | tr a-z A-Z)\"; exec {demo} demo --version 1");
    json!({ "name": "telling", "spec": { "containerGroups": [{ "containers": [{
        "imageUri": "tool:1",
        "port": 8080,
        "entrypoint": ["sh", "-c", script],
        "environmentVars": variables,
        "readinessProbe": { "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1 },
    }] }] } })
}

fn variable(credential: &str, key: &str) -> Value {
    json!({ "source": "dr-credential", "name": "SAID", "drCredentialId": credential, "key": key })
}

/// What the replicas of a workload have said so far.
async fn told(server: &Server, workload: &str, at_least: usize) -> Vec<String> {
    let said = wait_for(async || {
        let path = format!("/otel/workload/{workload}/logs/?limit=1000");
        let log = server.get(&path).await.is(200);
        let lines = log["data"].as_array().unwrap().iter();
        let said: Vec<String> = lines
            .filter_map(|line| line["message"].as_str()?.strip_prefix("told ").map(str::to_owned))
            .collect();
        (said.len() >= at_least).then_some(said)
    });
    said.await.expect("no replica said what it was told")
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_go_in_and_never_come_out() {
    let server = Server::start().await;
    let first = add(&server, "Registry").await;
    let others = [
        json!({ "name": "bucket", "credentialType": "s3", "awsAccessKeyId": "a",
            "awsSecretAccessKey": SECRET, "description": "for models" }),
        json!({ "name": "robot", "credentialType": "api_token", "apiToken": SECRET }),
        json!({ "name": "google", "credentialType": "gcp", "gcpKey": { "private_key": SECRET } }),
    ];
    for body in others {
        let answer = server.post("/credentials", body.clone()).await;
        let record = answer.is(201);
        assert_eq!(record["credentialType"], body["credentialType"]);
        assert!(record["creationDate"].as_str().unwrap().ends_with('Z'), "{record}");
        assert!(!record.to_string().contains(SECRET), "{record}");
    }
    let one = server.get(&format!("/credentials/{first}/")).await.is(200);
    assert_eq!((&one["name"], &one["description"]), (&json!("Registry"), &json!("")));
    let all = server.get("/credentials/?limit=200").await.is(200);
    assert_eq!(all["totalCount"], 4);
    assert!(!all.to_string().contains(SECRET), "{all}");
    let some = server.get("/credentials/?types=s3&types=gcp").await.is(200);
    let names: Vec<_> =
        some["data"].as_array().unwrap().iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, ["google", "bucket"]);
    server.get("/credentials/?limit=201").await.is(422);
    server.get("/credentials/?types=colour").await.is(422);

    let taken = json!({ "name": "registry", "credentialType": "bearer", "token": "t" });
    let refused = server.post("/credentials/", taken).await.is(409);
    assert!(refused["detail"].as_str().unwrap().contains("registry"), "{refused}");
    let wrong = json!({ "name": "w", "credentialType": "basic", "user": "me", "apiToken": SECRET });
    let refused = server.post("/credentials/", wrong).await.is(422);
    let found: Vec<_> =
        refused["detail"].as_array().unwrap().iter().map(|f| (&f["path"], &f["code"])).collect();
    let (extra, missing) = (json!("extra_forbidden"), json!("missing"));
    assert_eq!(found, [(&json!("apiToken"), &extra), (&json!("password"), &missing)]);
    assert!(!refused.to_string().contains(SECRET), "{refused}");

    server.delete(&format!("/credentials/{first}/")).await.is(204);
    server.get(&format!("/credentials/{first}")).await.is(404);
    server.delete(&format!("/credentials/{first}/")).await.is(404);
    assert_eq!(files_with(server.folder(), SECRET), Vec::<String>::new());
    let key = fs::metadata(server.folder().join("secret.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_names_only_what_there_is() {
    let server = Server::start().await;
    let credential = add(&server, "database").await;
    let at = "spec.containerGroups.0.containers.0.environmentVars.0";
    for (variable, field) in [
        (variable("0123456789abcdef01234567", "password"), "drCredentialId"),
        (variable("not an id", "password"), "drCredentialId"),
        (variable(&credential, "apiToken"), "key"),
    ] {
        let body = telling(json!([variable]));
        let refused = server.post("/artifacts/", body.clone()).await.is(422);
        assert_eq!(refused["detail"][0]["path"], format!("{at}.{field}"));
        let inline = json!({ "name": "w", "artifact": body });
        let refused = server.post("/workloads/", inline).await.is(422);
        assert_eq!(refused["detail"][0]["path"], format!("artifact.{at}.{field}"));
    }
    // What was named once can be sent back, even when it is gone.
    let made = server.post("/artifacts/", telling(json!([variable(&credential, "user")]))).await;
    let made = made.is(201);
    server.delete(&format!("/credentials/{credential}/")).await.is(204);
    let path = format!("/artifacts/{}/", id(&made));
    server.patch(&path, json!({ "spec": made["spec"] })).await.is(200);
    let body = json!({ "name": "too late", "artifactId": made["id"] });
    let refused = server.post("/workloads/", body).await.is(422);
    assert_eq!(refused["detail"][0]["path"], format!("artifact.{at}.drCredentialId"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_is_given_the_secret_each_time_it_starts() {
    let server = Server::start().await;
    let credential = add(&server, "database").await;
    let crash = json!({ "name": "DEMO_CRASH_AFTER_MS", "value": "700" });
    let body = telling(json!([variable(&credential, "password"), crash]));
    let created = server.post("/workloads/", json!({ "name": "fed", "artifact": body })).await;
    let workload = id(&created.is(201));
    for said in told(&server, &workload, 2).await {
        assert_eq!(said, SECRET.to_ascii_uppercase());
    }
    assert_eq!(files_with(server.folder(), SECRET), Vec::<String>::new());
    let path = format!("/credentials/{credential}/");
    let refused = server.delete(&path).await.is(409);
    assert!(refused["detail"].as_str().unwrap().contains(&workload), "{refused}");
    server.delete(&format!("/workloads/{workload}/")).await.is(204);
    server.delete(&path).await.is(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_has_an_api_key_as_long_as_it_lives() {
    let server = Server::start().await;
    let variables = json!([
        { "source": "api-key" },
        { "name": "SAID", "value": "$(DATAROBOT_API_TOKEN)" },
    ]);
    let body = json!({ "name": "keyed", "artifact": telling(variables), "runtime":
        { "containerGroups": [{ "replicaCount": 2 }] } });
    let workload = id(&server.post("/workloads/", body).await.is(201));
    let said = told(&server, &workload, 2).await;
    assert_eq!(said[0], said[1], "replicas share one key");
    let key = said[0].to_ascii_lowercase();
    let ask = async || -> Answer {
        let path = server.api(&format!("/workloads/{workload}/"));
        server.send(server.client.get(path).bearer_auth(&key)).await
    };
    assert_eq!(id(&ask().await.is(200)), workload);
    let stop = server.api(&format!("/workloads/{workload}/stop"));
    server.send(server.client.post(stop).bearer_auth(&key)).await.is(403);
    server.delete(&format!("/workloads/{workload}/")).await.is(204);
    ask().await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_can_be_changed_and_a_wrong_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = ("1a".repeat(32), "2b".repeat(32));
    let running = begin(folder.path(), &old).await.unwrap();
    let client = reqwest::Client::new();
    let body = json!({ "name": "n", "credentialType": "bearer", "token": SECRET });
    let url = format!("http://{}/api/v2/credentials/", running.address);
    let made = client.post(url).bearer_auth(crate::server::TOKEN).json(&body).send().await.unwrap();
    assert_eq!(made.status(), 201);
    running.stop().await.unwrap();

    for wrong in [new.clone(), "hunter2".to_owned()] {
        let refused = begin(folder.path(), &wrong).await.err().unwrap();
        assert!(matches!(refused, StartError::SecretKey(_)), "{refused}");
        assert!(refused.to_string().contains("HANDOVER_SECRET_KEY"), "{refused}");
    }
    begin(folder.path(), &format!("{new},{old}")).await.unwrap().stop().await.unwrap();
    begin(folder.path(), &new).await.unwrap().stop().await.unwrap();
}

async fn begin(folder: &Path, key: &str) -> Result<Running, StartError> {
    let flags = ["handover", "--listen", "127.0.0.1:0", "--gateway-threads", "1", "--on-exit"];
    let flags = flags.into_iter().chain(["stop", "--admin-token", crate::server::TOKEN]);
    let flags = flags.chain(["--data-dir", folder.to_str().unwrap()]);
    let mut options = Cli::parse_from(flags).serve;
    options.keys.secret_key = Some(SecretKey(key.to_owned()));
    let clock = Arc::new(ShiftedClock::default());
    start(options, env!("CARGO_BIN_EXE_handover").into(), clock, Assets::EMPTY).await
}

/// The files below `folder` that hold `text`.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                return files_with(&path, text);
            }
            let bytes = fs::read(&path).unwrap_or_default();
            let holds = bytes.windows(text.len()).any(|part| part == text.as_bytes());
            holds.then(|| path.display().to_string()).into_iter().collect()
        })
        .collect()
}

/// Whoever may run an artifact must not thereby read the secrets of whoever made it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_uses_what_is_somebody_elses() {
    let server = Server::start().await;
    let credential = add(&server, "private").await;
    let named = telling(json!([variable(&credential, "password")]));
    let artifact = id(&server.post("/artifacts/", named.clone()).await.is(201));
    let other = server.person("other", "member", Scope::ALL).await;
    server.share(&format!("/artifacts/{artifact}"), "user", &other.id, "EDITOR").await;
    let call = async |request: reqwest::RequestBuilder| -> Answer {
        server.send(request.bearer_auth(&other.token)).await
    };
    let client = &server.client;
    let path = server.api(&format!("/credentials/{credential}/"));
    call(client.get(&path)).await.is(404);
    call(client.delete(&path)).await.is(404);
    let theirs = call(client.get(server.api("/credentials/"))).await.is(200);
    assert_eq!(theirs["totalCount"], 0);
    let body = json!({ "name": "w", "artifactId": artifact });
    let at = "spec.containerGroups.0.containers.0.environmentVars.0.drCredentialId";
    let refused = call(client.post(server.api("/workloads/")).json(&body)).await.is(422);
    assert_eq!(refused["detail"][0]["path"], format!("artifact.{at}"));
    let refused = call(client.post(server.api("/artifacts/")).json(&named)).await.is(422);
    assert_eq!(refused["detail"][0]["path"], at);
    // Who edits it may leave in it what is there, and may not run it for that.
    let edit = json!({ "name": "edited", "spec": named["spec"] });
    let path = server.api(&format!("/artifacts/{artifact}/"));
    call(client.patch(path).json(&edit)).await.is(200);
    let reader = server.token(&other.id, &[Scope::Read]).await;
    let request = client.post(server.api("/credentials/")).bearer_auth(reader);
    let body = json!({ "name": "mine", "credentialType": "bearer", "token": "t" });
    server.send(request.json(&body)).await.is(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_renamed_and_given_new_values() {
    let server = Server::start().await;
    let one = add(&server, "Registry").await;
    add(&server, "Taken").await;
    let path = format!("/credentials/{one}/");
    let renamed = json!({ "name": "registry", "description": "of the team" });
    let record = server.patch(&path, renamed).await.is(200);
    assert_eq!(
        (&record["name"], &record["description"]),
        (&json!("registry"), &json!("of the team"))
    );
    server.patch(&path, json!({ "name": "TAKEN" })).await.is(409);
    server.patch(&path, json!({ "name": " " })).await.is(422);
    server.patch(&path, json!({ "password": "alone" })).await.is(422);
    server.patch(&path, json!({ "apiToken": "of another type" })).await.is(422);
    let draft = server.post("/artifacts/", telling(json!([variable(&one, "password")]))).await;
    let workload = server.workload("telling", &id(&draft.is(201))).await;
    assert_eq!(told(&server, &workload, 1).await, [SECRET.to_uppercase()]);
    let values = json!({ "user": "me", "password": "another secret" });
    let record = server.patch(&path, values).await.is(200);
    assert!(!record.to_string().contains("another secret"), "{record}");
    server.post(&format!("/workloads/{workload}/stop/"), json!({})).await.is(202);
    server.until(&format!("/workloads/{workload}/"), |one| one["status"] == "stopped").await;
    server.post(&format!("/workloads/{workload}/start/"), json!({})).await.is(202);
    assert!(told(&server, &workload, 2).await.contains(&"ANOTHER SECRET".to_owned()));
    let trail = server.get("/audit/?action=credential.edit&outcome=done").await.is(200);
    assert_eq!(trail["data"][0]["after"]["newValues"], true);
    assert!(!trail.to_string().contains("another secret"), "{trail}");
}
