//! The older paths to the same things (rules.md §15).

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, artifact, id, spec};

#[tokio::test(flavor = "multi_thread")]
async fn both_vocabularies_show_the_same_things() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("old and new", &locked).await;
    for (older, current) in [
        (format!("/registry/artifacts/{locked}/"), format!("/artifacts/{locked}/")),
        (format!("/console/workloads/{workload}/"), format!("/workloads/{workload}/")),
    ] {
        let mut read = server.get(&current).await.is(200);
        for place in ["/status", "/artifact/status"] {
            if let Some(status) = read.pointer_mut(place).filter(|status| **status == "locked") {
                *status = json!("registered");
            }
        }
        // What moves by itself between two looks.
        let still = |mut record: Value| {
            for field in ["statusDetails", "requestStats", "replacement"] {
                record.as_object_mut().unwrap().remove(field);
            }
            record
        };
        for path in [older.as_str(), older.trim_end_matches('/')] {
            assert_eq!(still(server.get(path).await.is(200)), still(read.clone()), "{path}");
        }
    }
    // Everything below a thing is reached too, with its own rules.
    let below = format!("/console/workloads/{workload}");
    assert!(server.get(&format!("{below}/settings/")).await.is(200)["runtime"].is_object());
    assert_eq!(server.get(&format!("{below}/events?limit=1")).await.is(200)["count"], 1);
    server.get(&format!("{below}/events?limit=101")).await.is(422);
    server.get("/console/workloads/0123456789abcdef01234567").await.is(404);
    server.call(Method::PUT, "/console/workloads/", None).await.is(405);
    let without = server.send(server.client.get(server.api("/registry/artifacts"))).await;
    without.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_longer_and_link_to_older_paths() {
    let server = Server::start().await;
    for n in 0..12 {
        let mut body = artifact("1", &[]);
        (body["name"], body["status"]) = (json!(format!("v{n:02}")), json!("registered"));
        let path = if n % 2 == 0 { "/artifacts" } else { "/registry/artifacts/" };
        server.post(path, body).await.is(201);
    }
    let all = server.get("/registry/artifacts?orderBy=name&status=registered").await.is(200);
    assert_eq!((&all["count"], &all["next"]), (&json!(12), &Value::Null));
    assert!(all["data"].as_array().unwrap().iter().all(|a| a["status"] == "registered"));
    let current = server.get("/artifacts?status=registered").await.is(200);
    assert_eq!((&current["count"], &current["totalCount"]), (&json!(10), &json!(12)));
    assert_eq!(current["data"][0]["status"], "locked");
    let page = server.get("/registry/artifacts/?limit=5&orderBy=name").await.is(200);
    let next = page["next"].as_str().unwrap();
    assert!(next.starts_with(&server.api("/registry/artifacts/?")), "{next}");
    let next = server.send(server.client.get(next).bearer_auth(crate::server::TOKEN)).await.is(200);
    assert_eq!(next["data"][0]["name"], "v05");
    server.get("/registry/artifacts/?limit=101").await.is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_may_come_without_a_name() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let mut names = Vec::new();
    for body in [json!({ "artifactId": locked }), json!({ "artifactId": locked, "name": null })] {
        let created = server.post("/console/workloads/", body.clone()).await.is(201);
        assert_eq!(created["artifact"]["status"], "registered");
        names.push(created["name"].as_str().unwrap().to_owned());
        server.post("/workloads/", body).await.is(422);
    }
    assert!(
        names[0] != names[1] && names.iter().all(|name| name.starts_with("workload-")),
        "{names:?}"
    );
    // A request that is sent again under its key is carried out once, although it brings no name.
    let again = async || {
        let request = server.client.post(server.api("/console/workloads/"));
        let request =
            request.bearer_auth(crate::server::TOKEN).header("idempotency-key", "only-once");
        server.send(request.body(json!({ "artifactId": locked }).to_string())).await.is(201)
    };
    assert_eq!(id(&again().await), id(&again().await));
    let named = json!({ "artifactId": locked, "name": "mine" });
    assert_eq!(server.post("/console/workloads", named).await.is(201)["name"], "mine");
    // What is wrong is told as everywhere.
    let wrong = server.post("/console/workloads/", json!({ "artifact": 1 })).await.is(422);
    assert_eq!(wrong["detail"][0]["path"], "artifact");
    server.call(Method::POST, "/console/workloads/", Some("{")).await.is(400);
    server.call(Method::POST, "/console/workloads/", Some("")).await.is(422);
    let large = format!("{{\"artifactId\": \"{}\"}}", "x".repeat(1024 * 1024));
    server.call(Method::POST, "/console/workloads/", Some(&large)).await.is(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_is_for_the_specification() {
    let server = Server::start().await;
    let mut body = artifact("1", &[]);
    body["description"] = json!("kept");
    let created = server.post("/registry/artifacts", body).await.is(201);
    let path = format!("/registry/artifacts/{}", id(&created));
    let put = server.put(&path, json!({ "spec": spec("2", &[]) })).await.is(200);
    assert_eq!((&put["name"], &put["description"]), (&created["name"], &json!("kept")));
    assert_eq!(put["spec"]["containerGroups"][0]["containers"][0]["imageUri"], "handover/demo:2");
    // With a name it is the whole, as it is today.
    let whole = server.put(&path, artifact("3", &[])).await.is(200);
    assert_eq!((&whole["name"], &whole["description"]), (&json!("demo 3"), &json!("")));
    let registered = server.patch(&path, json!({ "status": "registered" })).await.is(200);
    assert_eq!((&registered["status"], &registered["version"]), (&json!("registered"), &json!(1)));
    server.put(&path, json!({ "spec": spec("4", &[]) })).await.is(403);
}
