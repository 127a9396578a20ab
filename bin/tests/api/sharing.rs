//! `…/sharedRoles` (rules.md §10, L12).

use handover::model::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::Server;

fn roles(entries: Value) -> Value {
    json!({ "operation": "updateRoles", "roles": entries })
}

/// Rule 14: `NO_ROLE` removes, the last owner stays, a consumer invokes and does not read, a role reaches
/// protons, events and statistics.
#[tokio::test(flavor = "multi_thread")]
async fn roles_are_given_changed_and_taken() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    let workload = server.workload("shared", &draft).await;
    let path = format!("/workloads/{workload}/sharedRoles/");
    let ada = server.person("ada", "member", Scope::ALL).await;
    let as_ada = async |method: Method, path: &str, body: Option<Value>| {
        let body = body.map(|body| body.to_string());
        server.call_as(&ada.token, method, path, body.as_deref()).await
    };
    let invoked = async || {
        as_ada(Method::GET, &format!("/endpoints/workloads/{workload}/"), None).await.status
    };
    assert_eq!(invoked().await, 404);

    let consumer = json!([{ "shareRecipientType": "user", "username": "ADA", "role": "consumer" }]);
    server.patch(&path, roles(consumer)).await.is(204);
    assert_eq!(invoked().await, 200, "the gateway knows at once");
    as_ada(Method::GET, &format!("/workloads/{workload}/stats/"), None).await.is(403);

    let editor = json!([{ "shareRecipientType": "user", "id": ada.id, "role": "DATA_SCIENTIST" }]);
    server.patch(&path, roles(editor)).await.is(204);
    let listed = server.get(&path).await.is(200);
    assert_eq!(
        (&listed["totalCount"], &listed["data"][1]["role"]),
        (&json!(2), &json!("DATA_SCIENTIST"))
    );
    assert_eq!(listed["data"][1]["name"], "ada");
    for under in ["protons", "events", "stats", "history", "settings"] {
        as_ada(Method::GET, &format!("/workloads/{workload}/{under}/"), None).await.is(200);
    }
    // An editor shares up to their own level, and takes nothing from who is above.
    let user = json!([{ "shareRecipientType": "role", "id": "member", "role": "USER" }]);
    as_ada(Method::PATCH, &path, Some(roles(user))).await.is(204);
    let owner = json!([{ "shareRecipientType": "role", "id": "member", "role": "OWNER" }]);
    as_ada(Method::PATCH, &path, Some(roles(owner))).await.is(403);
    let lower = json!([{ "shareRecipientType": "user", "username": "admin", "role": "USER" }]);
    as_ada(Method::PATCH, &path, Some(roles(lower.clone()))).await.is(403);

    server.patch(&path, roles(lower)).await.is(422);
    let gone = json!([
        { "shareRecipientType": "user", "id": ada.id, "role": "NO_ROLE" },
        { "shareRecipientType": "role", "id": "member", "role": "NO_ROLE" },
    ]);
    server.patch(&path, roles(gone)).await.is(204);
    assert_eq!(invoked().await, 404);
    let events = server.get(&format!("/workloads/{workload}/events/")).await.is(200);
    assert_eq!(events["data"][0]["eventType"], "RolesChanged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_entry_changes_nothing() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    let path = format!("/artifacts/{draft}/sharedRoles");
    let ada = server.person("ada", "member", Scope::ALL).await;
    let good = json!({ "shareRecipientType": "user", "id": ada.id, "role": "USER" });
    let wrong = [
        json!({ "shareRecipientType": "user", "username": "nobody", "role": "USER" }),
        json!({ "shareRecipientType": "group", "id": "nothing", "role": "USER" }),
        json!({ "shareRecipientType": "organization", "id": "elsewhere", "role": "USER" }),
        json!({ "shareRecipientType": "user", "id": ada.id, "role": "OBSERVER" }),
        json!({ "shareRecipientType": "user", "role": "USER" }),
    ];
    for one in wrong {
        server.patch(&path, roles(json!([good, one]))).await.is(422);
    }
    server.patch(&path, roles(json!([]))).await.is(422);
    server.patch(&path, roles(json!(vec![good.clone(); 101]))).await.is(422);
    server.patch(&path, json!({ "operation": "replace", "roles": [good] })).await.is(422);
    assert_eq!(server.get(&path).await.is(200)["totalCount"], 1);
}

/// A group's role comes and goes with membership, at the gateway too.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_gives_its_members_what_it_was_given() {
    let server = Server::start().await;
    let locked = server.locked("1.0", &[]).await;
    let workload = server.workload("shared", &locked).await;
    let ada = server.person("ada", "member", Scope::ALL).await;
    let group = server.post("/groups/", json!({ "name": "Team A" })).await.is(201);
    let group = group["id"].as_str().unwrap();
    server.share(&format!("/workloads/{workload}"), "group", group, "USER").await;
    let invoked = async || {
        let path = format!("/endpoints/workloads/{workload}/");
        server.call_as(&ada.token, Method::GET, &path, None).await.status
    };
    assert_eq!(invoked().await, 404);
    let path = format!("/groups/{group}");
    server.patch(&path, json!({ "members": [ada.id] })).await.is(200);
    assert_eq!(invoked().await, 200);
    server.patch(&path, json!({ "members": [] })).await.is(200);
    assert_eq!(invoked().await, 404);
    server.patch(&path, json!({ "members": [ada.id] })).await.is(200);
    server.delete(&path).await.is(204);
    assert_eq!(invoked().await, 404);
}

/// Why somebody may do something, told to whoever may share it and to themselves.
#[tokio::test(flavor = "multi_thread")]
async fn effective_access_says_by_what() {
    let server = Server::start().await;
    let locked = server.locked("1.0", &[]).await;
    let workload = server.workload("shared", &locked).await;
    let ada = server.person("ada", "member", Scope::ALL).await;
    let eve = server.person("eve", "reader", &[Scope::Invoke]).await;
    let members = json!({ "name": "Team A", "members": [ada.id, eve.id] });
    let group = server.post("/groups/", members).await.is(201);
    let of = format!("/workloads/{workload}");
    server.share(&of, "group", group["id"].as_str().unwrap(), "EDITOR").await;
    server.share(&of, "user", &ada.id, "CONSUMER").await;
    let why = async |name: &str| {
        server.get(&format!("{of}/sharedRoles/effective/?username={name}")).await.is(200)
    };
    let told = why("ada").await;
    let reasons: Vec<_> = told["reasons"].as_array().unwrap().iter().collect();
    assert_eq!(reasons.len(), 2, "{told}");
    assert_eq!((&reasons[0]["source"], &reasons[0]["name"]), (&json!("group"), &json!("Team A")));
    assert_eq!((&reasons[1]["source"], &reasons[1]["role"]), (&json!("user"), &json!("CONSUMER")));
    assert_eq!(told["withheld"], json!(null));
    assert_eq!(told["scopes"][2]["permissions"], json!(["CAN_MAKE_PREDICTIONS"]));

    let reader = why("EVE").await;
    assert_eq!(reader["permissions"], json!(["CAN_VIEW", "CAN_MAKE_PREDICTIONS"]));
    assert!(reader["withheld"].as_str().unwrap().contains("reader"), "{reader}");
    assert_eq!(reader["tokens"][0]["permissions"], json!(["CAN_MAKE_PREDICTIONS"]));
    assert_eq!(why("admin").await["reasons"][0]["source"], "administrator");
    server.get(&format!("{of}/sharedRoles/effective/?username=nobody")).await.is(404);

    // Whoever views the workload views what it runs, for no other reason.
    let artifact = format!("/artifacts/{locked}/sharedRoles/effective/?userId={}", ada.id);
    let lent = server.get(&artifact).await.is(200);
    assert_eq!(lent["reasons"][0]["source"], "workload");
    assert_eq!(lent["permissions"], json!(["CAN_VIEW"]));

    let as_ada = async |path: &str| server.call_as(&ada.token, Method::GET, path, None).await;
    assert_eq!(as_ada(&format!("{of}/sharedRoles/effective/")).await.is(200)["user"]["id"], ada.id);
    let others = as_ada(&format!("{of}/sharedRoles/effective/?username=eve")).await.is(200);
    assert_eq!(others["tokens"], json!(null), "for administrators");
    as_ada(&format!("/artifacts/{locked}/sharedRoles/effective/?username=eve")).await.is(403);

    server.patch(&format!("/users/{}/", ada.id), json!({ "active": false })).await.is(200);
    let gone = why("ada").await;
    assert_eq!((&gone["active"], &gone["permissions"]), (&json!(false), &json!([])));
}
