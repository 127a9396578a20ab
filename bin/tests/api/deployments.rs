//! Governed deployments (rules.md §17.2, L16).

use handover::model::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, artifact, id, invoke, spec};

/// The tutorial of the older vocabulary, word for word: iterate on a draft, register it, deploy it.
#[tokio::test(flavor = "multi_thread")]
async fn iterate_then_deploy() {
    let server = Server::start().await;
    // Create a workload with an inline artifact.
    let body = json!({ "name": "tutorial", "artifact": artifact("1", &[]) });
    let created = server.post("/console/workloads/", body).await.is(201);
    let (workload, draft) = (id(&created), created["artifactId"].as_str().unwrap().to_owned());
    assert_eq!(
        (&created["status"], &created["artifact"]["status"]),
        (&json!("submitted"), &json!("draft"))
    );
    let path = format!("/console/workloads/{workload}/");
    server.until(&path, |w| w["status"] == "running").await;

    // Iterate: a PATCH for the name, a PUT for the specification. What runs does not change by that.
    let registry = format!("/registry/artifacts/{draft}/");
    let renamed = server.patch(&registry, json!({ "name": "better" })).await.is(200);
    assert_eq!((&renamed["name"], &renamed["status"]), (&json!("better"), &json!("draft")));
    let edited =
        server.put(&registry, json!({ "name": "better", "spec": spec("2", &[]) })).await.is(200);
    assert_eq!(edited["id"], json!(draft));
    assert_eq!(server.serving(&workload).await, "1");

    // Stop, wait, start: the edit is picked up.
    server.post(&format!("{path}stop/"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "stopped").await;
    server.post(&format!("{path}start/"), json!({})).await.is(202);
    server.until(&path, |w| w["status"] == "running").await;
    assert_eq!(server.serving(&workload).await, "2");

    // A draft can't be deployed, and the answer says what to do about it.
    let deploy = json!({ "workloadId": workload });
    let refused = server.post("/console/deployments/", deploy.clone()).await.is(422);
    let told = refused["detail"].as_str().unwrap();
    assert!(told.contains("draft") && told.contains("promote") && told.contains(&draft), "{told}");

    // Register it, deploy it.
    let registered = server.patch(&registry, json!({ "status": "registered" })).await.is(200);
    assert_eq!((&registered["status"], &registered["version"]), (&json!("registered"), &json!(1)));
    let deployed = server.post("/console/deployments/", deploy.clone()).await.is(201);
    let deployment = id(&deployed);
    assert_eq!(deployed["deploymentId"], json!(deployment));
    assert_eq!(
        (&deployed["workloadId"], &deployed["artifactId"]),
        (&json!(workload), &json!(draft))
    );
    assert_eq!(
        (&deployed["status"], &deployed["approvalStatus"]),
        (&json!("running"), &json!("not_required"))
    );
    let endpoint = server.api(&format!("/endpoints/deployments/{deployment}/"));
    assert_eq!(deployed["endpoint"], json!(endpoint));
    assert_eq!(invoke(&server.client, &endpoint).await.unwrap(), "2");
    assert_eq!(server.serving(&workload).await, "2", "its own address stays");

    // A workload is governed once.
    let refused = server.post("/console/deployments/", deploy).await.is(409);
    assert!(refused["detail"].as_str().unwrap().contains(&deployment), "{refused}");
}

/// The address of a deployment goes where the workload's own goes, through a switch, a stop and a start.
#[tokio::test(flavor = "multi_thread")]
async fn its_address_follows_the_workload() {
    let server = Server::start().await;
    let (old, new) = (server.locked("1", &[]).await, server.locked("2", &[]).await);
    let workload = server.workload("followed", &old).await;
    let deployed =
        server.post("/console/deployments", json!({ "workloadId": workload })).await.is(201);
    let endpoint = deployed["endpoint"].as_str().unwrap();
    let path = format!("/console/deployments/{}/", id(&deployed));
    assert_eq!(invoke(&server.client, &format!("{endpoint}?x=1")).await.unwrap(), "1");
    let replacement = server.replace(&workload, &new, json!({})).await;
    server.in_stage(&replacement, "done").await;
    assert_eq!(invoke(&server.client, endpoint).await.unwrap(), "2");
    assert_eq!(server.get(&path).await.is(200)["artifactId"], json!(new));

    server.post(&format!("/workloads/{workload}/stop"), json!({})).await.is(202);
    server.until(&path, |d| d["status"] == "stopped").await;
    assert!(invoke(&server.client, endpoint).await.unwrap_err().starts_with("503"));
    server.post(&format!("/workloads/{workload}/start"), json!({})).await.is(202);
    server.until(&path, |d| d["status"] == "running").await;
    assert_eq!(invoke(&server.client, endpoint).await.unwrap(), "2");

    // Deleting the deployment returns the workload, deleting the workload ends the deployment.
    server.delete(&path).await.is(204);
    server.get(&path).await.is(404);
    assert!(invoke(&server.client, endpoint).await.unwrap_err().starts_with("404"));
    assert_eq!(server.serving(&workload).await, "2");
    let again =
        server.post("/console/deployments", json!({ "workloadId": workload })).await.is(201);
    server.delete(&format!("/workloads/{workload}")).await.is(204);
    server.get(&format!("/console/deployments/{}", id(&again))).await.is(404);
    let endpoint = again["endpoint"].as_str().unwrap();
    assert!(invoke(&server.client, endpoint).await.unwrap_err().starts_with("404"));
    let kinds = |events: &Value| -> Vec<Value> {
        events["data"].as_array().unwrap().iter().map(|e| e["eventType"].clone()).collect()
    };
    let other = server.workload("other", &old).await;
    let body = json!({ "workloadId": other });
    let deployed = server.post("/console/deployments", body).await.is(201);
    let path = format!("/console/deployments/{}", id(&deployed));
    server.patch(&path, json!({ "importance": "critical" })).await.is(200);
    server.delete(&path).await.is(204);
    let told = kinds(&server.get(&format!("/workloads/{other}/events?limit=3")).await.is(200));
    assert_eq!(told, ["DeploymentDeleted", "DeploymentChanged", "DeploymentCreated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_filters_and_refusals() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let mut made = Vec::new();
    for name in ["beta", "alpha"] {
        let workload = server.workload(name, &locked).await;
        server
            .patch(&format!("/workloads/{workload}"), json!({ "importance": "high" }))
            .await
            .is(200);
        made.push(workload);
    }
    let ada = server.person("ada", "member", Scope::ALL).await;
    let body = json!({ "workloadId": made[0], "name": "Shop", "description": "sells", "importance": "critical",
        "approvers": ["ada", ada.id] });
    let shop = server.post("/console/deployments/", body).await.is(201);
    assert_eq!((&shop["name"], &shop["importance"]), (&json!("Shop"), &json!("critical")));
    let approvers = shop["approvers"].as_array().unwrap();
    assert_eq!(
        (approvers.len(), &approvers[0]["id"]),
        (1, &json!(ada.id)),
        "named twice, asked once"
    );
    let plain =
        server.post("/console/deployments/", json!({ "workloadId": made[1] })).await.is(201);
    assert_eq!((&plain["name"], &plain["importance"]), (&json!("alpha"), &json!("high")));

    let names = async |query: &str| -> Vec<Value> {
        let page = server.get(&format!("/console/deployments/?{query}")).await.is(200);
        assert_eq!(page["totalCount"], page["count"]);
        page["data"].as_array().unwrap().iter().map(|d| d["name"].clone()).collect()
    };
    assert_eq!(names("").await, ["alpha", "Shop"], "newest first");
    assert_eq!(names("orderBy=-importance").await, ["Shop", "alpha"]);
    assert_eq!(names("search=SELL").await, ["Shop"]);
    assert_eq!(names("importance=high,low").await, ["alpha"]);
    assert_eq!(names(&format!("workloadId={}", made[0])).await, ["Shop"]);
    assert_eq!(names(&format!("ids={}&ids={}", id(&shop), id(&plain))).await.len(), 2);
    assert_eq!(names(&format!("createdBy={}", ada.id)).await, Vec::<Value>::new());

    let path = format!("/console/deployments/{}/", id(&shop));
    let mut read = server.get(&path).await.is(200);
    assert_eq!(read, shop);
    read.as_object_mut().unwrap().remove("workloadId");
    read["description"] = json!("");
    let edited = server.patch(&path, read).await.is(200);
    assert_eq!((&edited["description"], &edited["name"]), (&json!(""), &json!("Shop")));
    for (body, at) in [
        (json!({ "name": "" }), "name"),
        (json!({ "workloadId": made[1] }), "workloadId"),
        (json!({ "importance": "most" }), "importance"),
    ] {
        let refused = server.patch(&path, body).await.is(422);
        assert_eq!(refused["detail"][0]["path"], at);
    }
    for (body, status) in [
        (json!({ "workloadId": "0123456789abcdef01234567" }), 404),
        (json!({}), 422),
        (json!({ "workloadId": made[0], "approvers": ["nobody"] }), 409),
        (json!({ "workloadId": made[0], "colour": "red" }), 422),
    ] {
        server.post("/console/deployments/", body).await.is(status);
    }
    let changes =
        server.get(&format!("{path}changeRequests/?status=pending_approval")).await.is(200);
    assert_eq!((&changes["totalCount"], &changes["data"]), (&json!(0), &json!([])));
    server.get(&format!("{path}changeRequests/?status=lost")).await.is(422);
    server.get("/console/deployments/0123456789abcdef01234567/changeRequests").await.is(404);
}

/// Its roles are its own: they open its address and nothing else, and those on the workload do not open it.
#[tokio::test(flavor = "multi_thread")]
async fn roles_on_a_deployment_are_its_own() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("governed", &locked).await;
    let editor = server.person("editor", "member", Scope::ALL).await;
    let caller = server.person("caller", "member", Scope::ALL).await;
    server.share(&format!("/workloads/{workload}"), "user", &editor.id, "EDITOR").await;
    let body = json!({ "workloadId": workload }).to_string();
    let create = async |token: &str| {
        server.call_as(token, Method::POST, "/console/deployments/", Some(&body)).await
    };
    create(&editor.token).await.is(403);
    create(&caller.token).await.is(404);
    let deployment =
        id(&server.post("/console/deployments/", json!({ "workloadId": workload })).await.is(201));
    let path = format!("/console/deployments/{deployment}");
    let address = format!("/endpoints/deployments/{deployment}/");
    let get =
        async |token: &str, path: &str| server.call_as(token, Method::GET, path, None).await.status;
    assert_eq!(get(&editor.token, &path).await, 404);
    assert_eq!(get(&editor.token, &address).await, 404, "a role on the workload is none here");

    server.share(&path, "user", &caller.id, "CONSUMER").await;
    assert_eq!(get(&caller.token, &address).await, 200);
    assert_eq!(get(&caller.token, &path).await, 403);
    assert_eq!(
        get(&caller.token, &format!("/workloads/{workload}")).await,
        404,
        "it widens nothing"
    );
    assert_eq!(get(&caller.token, &format!("/endpoints/workloads/{workload}/")).await, 404);
    server.share(&path, "user", &caller.id, "EDITOR").await;
    assert_eq!(get(&caller.token, &path).await, 200);
    let rename = json!({ "name": "renamed" }).to_string();
    server.call_as(&caller.token, Method::PATCH, &path, Some(&rename)).await.is(200);
    server.call_as(&caller.token, Method::DELETE, &path, None).await.is(403);
    let roles = server.get(&format!("{path}/sharedRoles/")).await.is(200);
    assert_eq!(roles["totalCount"], 2);
    server.share(&path, "user", &caller.id, "NO_ROLE").await;
    assert_eq!(get(&caller.token, &address).await, 404, "at once");
    let events = server.get(&format!("/workloads/{workload}/events?limit=1")).await.is(200);
    assert_eq!(events["data"][0]["eventType"], "RolesChanged");
}
