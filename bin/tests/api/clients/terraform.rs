//! The Terraform provider, and Pulumi, which bridges it. It fails on a redirect, on an answer that is not
//! JSON, on memory that is no integer, and on anything in a plan that comes back otherwise than it was sent.

use std::cell::Cell;

use serde_json::{Value, json};

use super::{container, spec};
use crate::server::{Server, id};

/// What it decodes, with the types it decodes to: another type fails the whole run.
fn decodes_workload(workload: &Value) {
    for field in ["id", "name", "status", "importance"] {
        assert!(workload[field].is_string(), "{field} in {workload}");
    }
    for field in ["description", "artifactId", "endpoint", "protonId", "type"] {
        assert!(workload[field].is_string() || workload[field].is_null(), "{field} in {workload}");
    }
    for group in workload["runtime"]["containerGroups"].as_array().unwrap() {
        for container in group["containers"].as_array().unwrap() {
            let memory = &container["resourceAllocation"]["memory"];
            assert!(memory.is_null() || memory.is_i64(), "{memory}");
        }
        if let Some(auto) = group["autoscaling"].as_object() {
            assert!(
                auto["minReplicaCount"].is_i64() && auto["maxReplicaCount"].is_i64(),
                "{auto:?}"
            );
        }
    }
    let replacement = &workload["replacement"];
    if !replacement.is_null() {
        for field in ["id", "workloadId", "candidateArtifactId", "status", "strategy"] {
            assert!(replacement[field].is_string(), "{field} in {replacement}");
        }
        assert!(replacement["config"].is_object());
    }
}

/// Its wait for a replacement, decided on each look at the workload.
async fn replaced(server: &Server, workload: &str, expected: &str) -> Value {
    let path = format!("/workloads/{workload}/");
    let seen = Cell::new(false);
    let done = server
        .until(&path, |w| {
            decodes_workload(w);
            assert_eq!(w["status"], "running", "it stays that while it is updated");
            match w["replacement"]["status"].as_str() {
                Some("errored") => panic!("{}", w["replacement"]["message"]),
                Some("completed") => true,
                Some(_) => {
                    seen.set(true);
                    false
                }
                None => seen.get(),
            }
        })
        .await;
    assert_eq!(done["artifactId"], json!(expected), "switched by the end");
    done
}

async fn destroyed(server: &Server, workload: &str) {
    server.delete(&format!("/workloads/{workload}/")).await.is(204);
    // It looks until it is told that there is none.
    server.get(&format!("/workloads/{workload}/")).await.is(404);
}

/// `datarobot_artifact` and `datarobot_workload`: create, read, every kind of update, destroy.
#[tokio::test(flavor = "multi_thread")]
async fn resources_are_made_changed_and_destroyed() {
    let server = Server::start().await;
    let body = |version: &str| {
        json!({ "name": "tf", "description": "from terraform", "type": "service",
        "status": "locked", "spec": spec(version) })
    };
    let artifact = server.post("/artifacts/", body("1")).await.is(201);
    assert_eq!((&artifact["status"], &artifact["version"]), (&json!("locked"), &json!(1)));
    let repository = artifact["artifactRepositoryId"].as_str().unwrap().to_owned();
    assert_eq!(server.get(&format!("/artifacts/{}/", id(&artifact))).await.is(200), artifact);

    let runtime = |replicas: u32, memory: u64| {
        json!({ "containerGroups": [{ "name": "default", "replicaCount": replicas,
        "containers": [{ "name": "main", "resourceAllocation": { "cpu": 0.1, "memory": memory } }] }] })
    };
    let body_of = json!({ "name": "tf workload", "artifactId": id(&artifact), "importance": "moderate",
        "runtime": runtime(1, 134_217_728) });
    let created = server.post("/workloads/", body_of).await.is(201);
    decodes_workload(&created);
    let workload = id(&created);
    let path = format!("/workloads/{workload}/");
    let running = server.until(&path, |w| {
        assert_ne!(w["status"], "errored", "that would end the run");
        w["status"] == "running"
    });
    let running = running.await;
    let group = &running["runtime"]["containerGroups"][0];
    assert_eq!(
        group["containers"][0]["resourceAllocation"],
        json!({ "cpu": 0.1, "memory": 134_217_728 })
    );

    // Metadata: always name and description, where the empty text clears; it uses what is returned.
    let edit = json!({ "name": "tf workload", "description": "", "importance": "low" });
    let edited = server.patch(&path, edit).await.is(200);
    decodes_workload(&edited);
    assert_eq!((&edited["description"], &edited["importance"]), (&json!(""), &json!("low")));

    // A new image is a new version in the same repository, behind the same endpoint.
    let mut next = body("2");
    next["artifactRepositoryId"] = json!(repository);
    let next = server.post("/artifacts/", next).await.is(201);
    assert_eq!((&next["version"], &next["artifactRepositoryId"]), (&json!(2), &json!(repository)));
    let replace = json!({ "artifactId": id(&next), "strategy": "rolling", "config": {} });
    server.post(&format!("/workloads/{workload}/replacement"), replace.clone()).await.is(202);
    let after = replaced(&server, &workload, &id(&next)).await;
    assert_eq!(after["endpoint"], created["endpoint"]);
    assert_eq!(server.serving(&workload).await, "2");

    // Only the policy changed: the same locked artifact, always with `config`, possibly empty.
    server.post(&format!("/workloads/{workload}/replacement"), replace).await.is(202);
    replaced(&server, &workload, &id(&next)).await;

    // Only the containers changed.
    let settings = format!("/workloads/{workload}/settings");
    let record =
        server.patch(&settings, json!({ "runtime": runtime(2, 134_217_728) })).await.is(202);
    assert!(record["id"].is_string());
    let after = replaced(&server, &workload, &id(&next)).await;
    assert_eq!(after["runtime"]["containerGroups"][0]["replicaCount"], 2);

    destroyed(&server, &workload).await;
    server.delete(&format!("/artifactRepositories/{repository}/")).await.is(204);
    server.get(&format!("/artifacts/{}/", id(&next))).await.is(404);
    // Clean-up after a failed create forgives only this.
    server.delete(&format!("/artifactRepositories/{repository}/")).await.is(404);
}

/// A draft is updated in place under the same id; autoscaling has its bounds beside the policies only.
#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_autoscaling_round_trip() {
    let server = Server::start().await;
    let draft = json!({ "name": "tf draft", "type": "service", "status": "draft",
        "spec": { "containerGroups": [{ "containers": [container("1")] }], "a2aEnabled": true } });
    let created = server.post("/artifacts/", draft).await.is(201);
    assert_eq!((&created["version"], &created["spec"]["a2aEnabled"]), (&Value::Null, &json!(true)));
    let path = format!("/artifacts/{}/", id(&created));
    let update = json!({ "name": "tf draft", "description": "x", "spec": spec("2") });
    let updated = server.patch(&path, update).await.is(200);
    assert_eq!(updated["id"], created["id"]);

    let auto = json!({ "enabled": true, "minReplicaCount": 1, "maxReplicaCount": 2,
        "policies": [{ "scalingMetric": "httpRequestsConcurrency", "target": 5 }] });
    let runtime = json!({ "containerGroups": [{ "autoscaling": auto,
        "containers": [{ "name": "main", "resourceAllocation": { "cpu": 0.1, "memory": 67_108_864 } }] }] });
    let body = json!({ "name": "tf auto", "artifactId": id(&created), "importance": "low", "runtime": runtime });
    let workload = server.post("/workloads/", body).await.is(201);
    decodes_workload(&workload);
    let read = &workload["runtime"]["containerGroups"][0]["autoscaling"];
    for field in ["enabled", "minReplicaCount", "maxReplicaCount"] {
        assert_eq!(read[field], auto[field], "{field}");
    }
    assert_eq!(read["policies"][0]["scalingMetric"], auto["policies"][0]["scalingMetric"]);
    assert_eq!(read["policies"][0]["target"].as_f64(), Some(5.0));

    // Data sources page by the query of `next`, whatever its host.
    for _ in 0..3 {
        server.draft("1", &[]).await;
    }
    let mut query = "limit=2".to_owned();
    let mut seen = 0;
    loop {
        let page = server.get(&format!("/artifacts/?{query}")).await.is(200);
        seen += page["data"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => next.split_once('?').unwrap().1.clone_into(&mut query),
            None => break,
        }
    }
    assert_eq!(seen, 4);
}
