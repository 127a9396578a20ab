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

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_let_in_again_and_keep_their_own_record() {
    let server = Server::start().await;
    let ada = server.person("ada", "member", Scope::ALL).await;
    server.post("/users/", json!({ "username": "Bob", "email": "b@example.org" })).await.is(201);
    let found = async |query: &str| {
        let page = server.get(&format!("/users/?{query}")).await.is(200);
        let names = page["data"].as_array().unwrap().iter();
        names.map(|one| one["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("search=EXAMPLE.org").await, ["Bob"]);
    assert_eq!(found("search=%25").await, Vec::<String>::new(), "no pattern");
    assert_eq!(found("role=admin").await, ["admin"]);
    assert_eq!(found("active=true").await, ["ada", "admin", "Bob"]);
    assert_eq!(found("active=false").await, Vec::<String>::new());

    let as_ada = async |method: Method, path: &str, body: Option<&str>| {
        server.call_as(&ada.token, method, path, body).await
    };
    let own = r#"{"fullName": "Ada L.", "email": "ada@example.org"}"#;
    let edited = as_ada(Method::PATCH, "/account/info/", Some(own)).await.is(200);
    assert_eq!(edited["fullName"], "Ada L.");
    assert_eq!(found("search=ada+l").await, ["ada"]);
    as_ada(Method::PATCH, "/account/info/", Some(r#"{"role": "admin"}"#)).await.is(422);
    let looks = server.token(&ada.id, &[Scope::Read]).await;
    server.call_as(&looks, Method::PATCH, "/account/info/", Some(own)).await.is(403);

    let link = format!("/users/{}/signInLink/", ada.id);
    as_ada(Method::POST, &link, None).await.is(403);
    let made = server.call(Method::POST, &link, None).await.is(201);
    assert!(made["signInLink"].as_str().unwrap().contains("/welcome?link="), "{made}");
    server.patch(&format!("/users/{}/", ada.id), json!({ "active": false })).await.is(200);
    server.call(Method::POST, &link, None).await.is(409);
    assert_eq!(found("active=false").await, ["ada"]);

    let group = server.post("/groups/", json!({ "name": "Risk" })).await.is(201);
    let path = format!("/groups/{}/", id(&group));
    server.patch(&path, json!({ "members": [ada.id] })).await.is(422);
    assert_eq!(server.get("/groups/?search=RIS").await.is(200)["totalCount"], 1);
    assert_eq!(server.get("/groups/?search=no").await.is(200)["totalCount"], 0);
    let of = format!("/groups/?member={}", ada.id);
    assert_eq!(server.get(&of).await.is(200)["totalCount"], 0);
}

/// What a token was last used for is known to the minute, and survives in the database.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_tells_when_it_was_last_used() {
    let server = Server::start().await;
    let made = server.post("/account/tokens/", json!({ "name": "ci" })).await.is(201);
    assert_eq!(made["lastUsedAt"], json!(null));
    let last_used = async || {
        let all = server.get("/account/tokens/").await.is(200);
        all["data"].as_array().unwrap().iter().find(|one| one["name"] == "ci").unwrap()
            ["lastUsedAt"]
            .clone()
    };
    assert_eq!(last_used().await, json!(null));
    let secret = made["token"].as_str().unwrap();
    server.call_as(secret, Method::GET, "/version/", None).await.is(200);
    let first = last_used().await;
    assert!(first.is_string());
    server.advance(Millis::minutes(3));
    server.call_as(secret, Method::GET, "/version/", None).await.is(200);
    assert_ne!(last_used().await, first);
    let (store, me) = (&server.house().store, server.get("/account/info/").await.is(200));
    let me = me["uid"].as_str().unwrap().parse().unwrap();
    let ci: handover::model::TokenId = id(&made).parse().unwrap();
    let kept = crate::server::wait_for(async || {
        server.advance(Millis::minutes(1));
        store.tokens_used(&me).await.unwrap().get(&ci).copied()
    });
    assert!(kept.await.is_some(), "written by itself");
}
