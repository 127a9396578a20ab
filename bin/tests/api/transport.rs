//! What holds for every path: slashes, tokens, errors, pages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, TOKEN, artifact};

/// Rule 16: both slash forms answer without a redirect, `next` is absolute, a limit of 101 is refused.
#[tokio::test(flavor = "multi_thread")]
async fn both_slash_forms_answer_and_pages_link_to_each_other() {
    let server = Server::start().await;
    for path in ["/version", "/account/info", "/workloads", "/artifacts", "/artifactRepositories"] {
        let bare = server.get(path).await;
        let slashed = server.get(&format!("{path}/")).await;
        assert_eq!((bare.status, &bare.body), (200, &slashed.body), "{path}");
    }
    for number in 0..5 {
        server.post("/artifacts", artifact(&format!("{number}"), &[])).await.is(201);
    }
    let mut url = format!("{}/api/v2/artifacts/?limit=2&status=draft&orderBy=name", server.url);
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let request = server.client.get(&url).bearer_auth(TOKEN);
        let page = server.send(request).await.is(200);
        assert_eq!(page["totalCount"], 5);
        assert_eq!(page["count"], page["data"].as_array().unwrap().len());
        seen.extend(page["data"].as_array().unwrap().iter().map(|a| a["name"].clone()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => {
                assert!(next.starts_with(&server.url) && next.contains("status=draft"), "{next}");
                url = next.to_owned();
            }
            None => break,
        }
    }
    let expected: Vec<Value> = (0..5).map(|number| json!(format!("demo {number}"))).collect();
    assert_eq!((seen, pages), (expected, 3));
    for wrong in ["limit=101", "limit=0", "limit=x", "offset=-1"] {
        let refused = server.get(&format!("/artifacts/?{wrong}")).await.is(422);
        assert_eq!(refused["detail"][0]["loc"][0], "query", "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_token_comes_in() {
    let server = Server::start().await;
    for (path, token) in [("/version/", None), ("/version/", Some("wrong")), ("/workloads", None)] {
        let mut request = server.client.get(server.api(path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = server.send(request).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        let body = answer.is(401);
        assert!(body["message"].is_string() && body["detail"].is_string(), "{body}");
    }
    let version = server.get("/version/").await.is(200);
    assert_eq!((&version["major"], &version["versionString"]), (&json!(2), &json!("2.46.0")));
    let root = server.client.get(format!("{}/version/", server.url)).bearer_auth(TOKEN);
    assert_eq!(server.send(root).await.is(200), version);
    let account = server.get("/account/info/").await.is(200);
    assert!(!account["uid"].as_str().unwrap().is_empty());
    assert_eq!(account["limits"]["maxConcurrentWorkloads"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_json_everywhere() {
    let server = Server::start().await;
    for path in
        ["/nothing", "/workloads/0123456789abcdef01234567", "/artifacts/%20/", "/workloads/x/y"]
    {
        let body = server.get(path).await.is(404);
        assert!(body["detail"].is_string(), "{path}: {body}");
    }
    let wrong = server.call(Method::PUT, "/workloads/", None).await;
    let allowed = wrong.headers["allow"].to_str().unwrap().to_owned();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    assert!(wrong.is(405)["detail"].is_string());

    let broken = server.call(Method::POST, "/artifacts/", Some("{\"name\": ")).await.is(400);
    assert!(broken["detail"].is_string());
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024));
    let refused = server.call(Method::POST, "/artifacts/", Some(&large)).await.is(413);
    assert!(refused["detail"].is_string());
    for empty in [None, Some(""), Some("null")] {
        let refused = server.call(Method::POST, "/artifacts/", empty).await.is(422);
        assert_eq!(refused["detail"][0]["type"], "missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_is_named_in_both_shapes() {
    let server = Server::start().await;
    let mut body = artifact("1", &[]);
    body["spec"]["containerGroups"][0]["containers"][0]["colour"] = json!("red");
    let item = server.post("/artifacts/", body).await.is(422)["detail"][0].clone();
    let path = "spec.containerGroups.0.containers.0.colour";
    assert_eq!(item["path"], path);
    assert_eq!(
        item["loc"],
        json!(["body", "spec", "containerGroups", 0, "containers", 0, "colour"])
    );
    assert_eq!(
        (&item["type"], &item["code"]),
        (&json!("extra_forbidden"), &json!("extra_forbidden"))
    );
    assert_eq!(item["msg"], item["message"]);

    let mut body = artifact("1", &[]);
    body["spec"]["containerGroups"][0]["containers"][0]["port"] = json!(80);
    let refused = server.post("/artifacts/", body).await.is(422);
    assert_eq!(refused["detail"][0]["path"], "spec.containerGroups.0.containers.0.port");
}
