//! A workload that means harm shares the console's origin. What it can't do.

use axum::{Router, http::HeaderMap, response::AppendHeaders, routing::any};
use reqwest::{Method, RequestBuilder, Response};

use crate::{
    replica::Replica,
    stage::{GOOD, SESSION, Stage},
};

async fn hostile() -> Replica {
    let answer = async |headers: HeaderMap| {
        let said = [
            ("set-cookie", "handover_session=fixed; Path=/; HttpOnly"),
            ("set-cookie", "=handover_session=fixed"),
            ("set-cookie", "own=1"),
            ("clear-site-data", "\"cookies\", \"storage\""),
            ("service-worker-allowed", "/"),
            ("strict-transport-security", "max-age=31536000"),
            ("content-security-policy", "default-src *"),
        ];
        (AppendHeaders(said), format!("{headers:?}"))
    };
    Replica::serving(Router::new().fallback(any(answer))).await
}

fn values<'a>(answer: &'a Response, name: &str) -> Vec<&'a str> {
    answer.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_answers_to_a_session_are_sandboxed_and_its_reach_for_the_origin_is_cut_off() {
    let replica = hostile().await;
    let (stage, _) = Stage::before(&[replica.address]);
    let client = reqwest::Client::new();
    let by_session = client.get(stage.url("/")).header("cookie", SESSION).send().await.unwrap();
    assert_eq!(by_session.status(), 200);
    assert_eq!(
        values(&by_session, "content-security-policy"),
        ["default-src *", "sandbox allow-scripts allow-forms allow-popups allow-downloads"]
    );
    let by_token = client.get(stage.url("/")).header("authorization", GOOD).send().await.unwrap();
    assert_eq!(values(&by_token, "content-security-policy"), ["default-src *"]);
    for answer in [by_session, by_token] {
        assert_eq!(values(&answer, "set-cookie"), ["own=1"]);
        for name in ["clear-site-data", "service-worker-allowed", "strict-transport-security"] {
            assert_eq!(values(&answer, name), [""; 0], "{name}");
        }
        let seen = answer.text().await.unwrap();
        assert!(!seen.contains("good-session") && !seen.contains("good-token"), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_make_a_signed_in_browser_read_but_not_act() {
    let replica = hostile().await;
    let (stage, _) = Stage::before(&[replica.address]);
    let client = reqwest::Client::new();
    let status = async |request: RequestBuilder| request.send().await.unwrap().status().as_u16();
    let by_session =
        |method: Method| client.request(method, stage.url("/act")).header("cookie", SESSION);
    let own = format!("http://{}", stage.address);
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(status(by_session(method.clone())).await, 403);
        assert_eq!(status(by_session(method.clone()).header("origin", "null")).await, 403);
        assert_eq!(status(by_session(method.clone()).header("origin", "http://evil")).await, 403);
        assert_eq!(status(by_session(method).header("origin", &own)).await, 200);
    }
    let worker = by_session(Method::GET).header("sec-fetch-dest", "serviceworker");
    assert_eq!(status(worker).await, 403);
    assert_eq!(status(by_session(Method::HEAD)).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_with_a_token_are_left_alone() {
    let replica = hostile().await;
    let (stage, _) = Stage::before(&[replica.address]);
    let client = reqwest::Client::new();
    let post = || client.post(stage.url("/act")).header("cookie", SESSION);
    let by_token = post().header("authorization", GOOD).header("origin", "http://evil");
    let answer = by_token.send().await.unwrap();
    assert_eq!(answer.status(), 200, "the token decides, not the session beside it");
    assert!(!answer.text().await.unwrap().contains("good-session"));
    let by_wrong_token = client.get(stage.url("/")).header("cookie", SESSION);
    let by_wrong_token = by_wrong_token.header("authorization", "Bearer wrong");
    assert_eq!(by_wrong_token.send().await.unwrap().status(), 401);
}
