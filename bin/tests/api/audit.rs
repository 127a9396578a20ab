//! `/audit` and `/workloads/{id}/audit` (rules.md L15, L16.4).

use handover::{
    audit::{Act, Trail, done, verify},
    model::{AuditAction, Scope},
    random::SystemRandom,
    secrets::{KeySource, Secrets},
    workloads::create_demo,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, TOKEN, id, spec};

fn actions(page: &Value) -> Vec<(&str, &str)> {
    let entries = page["data"].as_array().unwrap().iter();
    entries.map(|one| (one["action"].as_str().unwrap(), one["outcome"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_done_or_refused_is_written_down() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[("PASSWORD", "hunter2")]).await;
    let workload = server.workload("w", &draft).await;
    let ada = server.person("ada", "member", Scope::ALL).await;
    let path = format!("/workloads/{workload}");
    server.share(&path, "user", &ada.id, "USER").await;
    server.patch(&path, json!({ "importance": "high" })).await.is(200);
    let edit = json!({ "spec": spec("2.0", &[("PASSWORD", "hunter3")]) });
    server.patch(&format!("/artifacts/{draft}"), edit).await.is(200);
    let mut request = server.client.delete(server.api(&path)).bearer_auth(&ada.token);
    request = request.header("x-request-id", "asked-by-ada").header("user-agent", "a client");
    server.send(request).await.is(403);
    server.post(&format!("{path}/stop"), json!({})).await.is(202);

    let trail = server.get(&format!("{path}/audit/?limit=100")).await.is(200);
    let told: Vec<_> = actions(&trail);
    let expected = [
        ("workload.stop", "done"),
        ("workload.delete", "refused"),
        // It ran the artifact then.
        ("artifact.edit", "done"),
        ("workload.edit", "done"),
        ("sharing.change", "done"),
        ("workload.create", "done"),
    ];
    assert_eq!(told, expected);
    let refused = &trail["data"][1];
    assert_eq!(refused["actor"]["username"], "ada");
    assert_eq!(refused["actor"]["tokenName"], "tests");
    assert_eq!(
        (&refused["source"]["ip"], &refused["source"]["channel"]),
        (&json!("127.0.0.1"), &json!("api"))
    );
    assert_eq!(refused["source"]["userAgent"], "a client");
    assert_eq!(refused["requestId"], "asked-by-ada");
    assert!(refused["reason"].as_str().unwrap().contains("CAN_DELETE"), "{refused}");
    let edited = &trail["data"][3];
    assert_eq!(
        (&edited["before"]["importance"], &edited["after"]["importance"]),
        (&json!("low"), &json!("high"))
    );
    let artifact = &trail["data"][2];
    assert_ne!(artifact["before"], artifact["after"], "that a secret changed is told");
    let everything = server.get("/audit/?limit=100").await.is(200);
    for secret in ["hunter2", "hunter3", &ada.token, "a password for tests"] {
        assert!(!everything.to_string().contains(secret), "{secret}");
    }

    let only = server.get(&format!("/audit/?actorId={}&outcome=refused", ada.id)).await.is(200);
    assert_eq!(actions(&only), [("workload.delete", "refused")]);
    let of_artifact = server.get(&format!("/audit/?entityId={draft}")).await.is(200);
    assert_eq!(actions(&of_artifact), [("artifact.edit", "done"), ("artifact.create", "done")]);
    server.get("/audit/?outcome=perhaps").await.is(422);
    server.call_as(&ada.token, Method::GET, "/audit/", None).await.is(403);
    server.call_as(&ada.token, Method::GET, &format!("{path}/audit/"), None).await.is(200);

    let lines = server.get(&format!("{path}/audit/export")).await.is(200);
    let lines: Vec<Value> =
        lines.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), expected.len());
    assert_eq!(id(&lines[0]), id(&trail["data"][0]));
    let csv = server.get("/audit/export?format=csv&entityType=user").await.is(200);
    let csv = csv.as_str().unwrap();
    assert!(csv.starts_with("id,timestamp,") && csv.contains("\"user.create\""), "{csv}");
}

/// Also when it was refused, and also who may.
#[tokio::test(flavor = "multi_thread")]
async fn a_workload_lists_what_is_done_to_its_artifact_and_its_deployment() {
    let server = Server::start().await;
    let locked = server.locked("1.0", &[]).await;
    let workload = server.workload("governed", &locked).await;
    let new = json!({ "workloadId": workload });
    let deployment = id(&server.post("/console/deployments/", new).await.is(201));
    let ada = server.person("ada", "member", Scope::ALL).await;
    // What is locked is locked for everybody.
    let paths = [
        (format!("/artifacts/{locked}"), 403),
        (format!("/console/deployments/{deployment}"), 200),
    ];
    let edit = json!({ "description": "again" }).to_string();
    for (path, for_its_owner) in &paths {
        server.call_as(&ada.token, Method::PATCH, path, Some(&edit)).await.is(404);
        server.share(path, "user", &ada.id, "USER").await;
        server.call_as(&ada.token, Method::PATCH, path, Some(&edit)).await.is(403);
        server.call(Method::PATCH, path, Some(&edit)).await.is(*for_its_owner);
    }
    server.delete(&paths[1].0).await.is(204);
    let trail = server.get(&format!("/workloads/{workload}/audit/?limit=100")).await.is(200);
    assert_eq!(
        actions(&trail),
        [
            ("deployment.delete", "done"),
            ("deployment.edit", "done"),
            ("deployment.edit", "refused"),
            ("sharing.change", "done"),
            ("deployment.edit", "refused"),
            ("artifact.edit", "refused"),
            ("artifact.edit", "refused"),
            ("sharing.change", "done"),
            ("artifact.edit", "refused"),
            ("deployment.create", "done"),
            ("workload.create", "done"),
        ]
    );
}

/// That a name was taken is nothing that anybody was refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_finds_a_name_leaves_one_entry() {
    let server = Server::start().await;
    let caller = server.house().signed_in.caller_of_token(TOKEN).unwrap();
    for name in ["demo", "demo-2", "demo-3"] {
        assert_eq!(create_demo(server.house(), &caller).await.unwrap().name, name);
    }
    let trail = server.get("/audit/?entityType=workload").await.is(200);
    assert_eq!(actions(&trail), [("workload.create", "done"); 3]);
}

/// An export is read in parts, each below the one before.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_every_entry_once() {
    let server = Server::start().await;
    let group = json!({ "name": "first" });
    server.post("/groups/", group).await.is(201);
    let newest = server.get("/audit/?limit=1").await.is(200);
    let known = newest["totalCount"].as_u64().unwrap();
    let (house, caller) = (server.house(), server.house().signed_in.caller_of_token(TOKEN));
    let caller = caller.unwrap();
    let mut write = house.store.write().await.unwrap();
    for _ in 0..1200 {
        let act = Act::on(AuditAction::UserEdit, caller.id());
        done(&mut write, house, &caller, act, None, None);
    }
    write.commit().await.unwrap();
    let lines = server.get("/audit/export").await.is(200);
    let ids: Vec<u64> = lines
        .as_str()
        .unwrap()
        .lines()
        .map(|line| id(&serde_json::from_str(line).unwrap()).parse().unwrap())
        .collect();
    assert_eq!(ids, (1..=known + 1200).rev().collect::<Vec<_>>());
    let csv = server.get("/audit/export?format=csv&action=group.create").await.is(200);
    assert_eq!(csv.as_str().unwrap().lines().count(), 2, "{csv}");
    let none = server.get("/audit/export?format=csv&action=group.delete").await.is(200);
    assert_eq!(none.as_str().unwrap().lines().count(), 1, "{none}");
}

/// The trail of a server that runs is whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_living_trail_is_whole() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    server.workload("w", &draft).await;
    let house = server.house();
    let key = KeySource::Folder(house.settings.data_dir.clone());
    let secrets = Secrets::load(&key, &[], &SystemRandom).unwrap();
    let trail = Trail::open(secrets.into(), &house.settings.data_dir).unwrap();
    let verified = verify(&house.store, &trail, &[]).await.unwrap();
    assert_eq!(verified.findings, []);
    assert!(verified.entries >= 2, "{verified:?}");
}
