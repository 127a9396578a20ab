//! `/users`, `/groups`, `/organizations`, `/account/tokens` (rules.md §16, L12).

use handover::model::{Millis, Scope};
use reqwest::Method;
use serde_json::json;

use crate::server::{Server, id};

#[tokio::test(flavor = "multi_thread")]
async fn administrators_keep_people_and_others_may_not() {
    let server = Server::start().await;
    let created =
        server.post("/users/", json!({ "username": "ada", "fullName": "Ada L." })).await.is(201);
    assert!(created["signInLink"].as_str().unwrap().contains("/welcome?link="), "{created}");
    let ada = id(&created);
    let token = server.token(&ada, Scope::ALL).await;
    server.post("/users/", json!({ "username": "ADA" })).await.is(409);
    server.post("/users/", json!({ "username": "a b" })).await.is(422);
    server.post("/users/", json!({ "username": "bob", "password": "short" })).await.is(422);

    let org = server.get("/account/info/").await.is(200)["orgId"].as_str().unwrap().to_owned();
    let own = format!("/users/{ada}/");
    let as_ada =
        async |method: Method, path: &str| server.call_as(&token, method, path, None).await;
    assert_eq!(as_ada(Method::GET, &own).await.is(200)["fullName"], "Ada L.");
    for path in
        ["/users/".into(), "/organizations/".into(), format!("/organizations/{org}/users/{ada}/")]
    {
        let refused = as_ada(Method::GET, &path).await.is(403);
        assert!(refused["message"].is_string() && refused["detail"].is_string(), "{refused}");
        server.get(&path).await.is(200);
    }
    server.get("/organizations/elsewhere/").await.is(404);

    let me = server.get("/account/info/").await.is(200)["uid"].as_str().unwrap().to_owned();
    server.patch(&format!("/users/{me}/"), json!({ "role": "member" })).await.is(409);
    let off = server.patch(&own, json!({ "active": false })).await.is(200);
    assert_eq!(off["active"], false);
    as_ada(Method::GET, "/version/").await.is(401);
    server.patch(&own, json!({ "active": true })).await.is(200);
    as_ada(Method::GET, "/version/").await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reaches_no_further_than_its_maker_and_ends_at_once() {
    let server = Server::start().await;
    let draft = server.draft("1.0", &[]).await;
    let workload = server.workload("w", &draft).await;
    let endpoint = format!("/endpoints/workloads/{workload}/");
    let made = server
        .post("/account/tokens/", json!({ "name": "ci", "scopes": ["invoke"] }))
        .await
        .is(201);
    let token = made["token"].as_str().unwrap();
    let with = async |method: Method, path: &str, body: Option<&str>| {
        server.call_as(token, method, path, body).await
    };
    with(Method::GET, &endpoint, None).await.is(200);
    let wide = r#"{"name": "wider"}"#;
    let made_by = with(Method::POST, "/account/tokens/", Some(wide)).await.is(201);
    assert_eq!(made_by["scopes"], json!(["invoke"]), "no wider than its maker");
    let wide = r#"{"name": "wider", "scopes": ["operate"]}"#;
    with(Method::POST, "/account/tokens/", Some(wide)).await.is(403);
    with(Method::POST, "/artifacts/", Some(&crate::server::artifact("1.0", &[]).to_string()))
        .await
        .is(403);

    let listed = server.get("/account/tokens/").await.is(200);
    assert!(listed["data"].as_array().unwrap().iter().all(|one| one.get("token").is_none()));
    server.delete(&format!("/account/tokens/{}/", id(&made))).await.is(204);
    with(Method::GET, &endpoint, None).await.is(401);
    server.delete(&format!("/account/tokens/{}/", id(&made))).await.is(404);

    let soon = server.clock_now() + Millis::minutes(5);
    let body = json!({ "name": "short", "expiresAt": soon });
    let short = server.post("/account/tokens/", body).await.is(201);
    let short = short["token"].as_str().unwrap();
    server.call_as(short, Method::GET, "/version/", None).await.is(200);
    server.advance(Millis::minutes(6));
    server.call_as(short, Method::GET, "/version/", None).await.is(401);
    let past = json!({ "name": "past", "expiresAt": soon });
    server.post("/account/tokens/", past).await.is(422);
}
