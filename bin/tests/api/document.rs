//! The API document as it is served (rules.md §16).

use reqwest::header::HeaderMap;
use serde_json::json;

use crate::{
    document::{Document, Exchange},
    server::Server,
};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_served_in_both_forms_with_and_without_a_token() {
    let server = Server::start().await;
    let as_json = server.get("/openapi.json").await.is(200);
    assert_eq!(as_json["openapi"], "3.1.0");
    let create = &as_json["paths"]["/api/v2/workloads/"]["post"];
    assert_eq!(
        create["responses"]["201"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/WorkloadRecord"
    );
    assert_eq!(create["security"], json!([{ "token": [] }]));

    let as_yaml = server.send(server.client.get(server.api("/openapi.yaml"))).await;
    assert_eq!(as_yaml.headers["content-type"], "application/yaml");
    let text = as_yaml.is(200);
    let text = text.as_str().unwrap();
    for path in as_json["paths"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("\n  {path}:\n")), "{path}");
    }
}

/// The check that all tests rely on must itself be able to fail.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_documented_is_noticed() {
    let server = Server::start().await;
    let document = Document::of(&server.client, &server.url).await;
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    let page = json!({ "count": 0, "totalCount": 0, "data": [], "next": null, "previous": null });
    let told = |path: &str, status, body: &serde_json::Value| {
        let exchange = Exchange {
            method: &reqwest::Method::GET,
            path,
            status,
            headers: &headers,
            text: &body.to_string(),
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| document.check(&exchange)))
            .is_err()
    };
    assert!(!told("/api/v2/workloads/", 200, &page));
    assert!(!told("/api/v2/workloads", 200, &page));
    assert!(told("/api/v2/workloads/", 201, &page), "a status");
    assert!(told("/api/v2/workloads/", 200, &json!({ "count": 0 })), "a shape");
    let mut half = page.clone();
    half["data"] = json!([{ "id": "w1" }]);
    assert!(told("/api/v2/workloads/", 200, &half), "a shape inside");
    assert!(told("/api/v2/elsewhere/", 200, &page), "a path");
}
