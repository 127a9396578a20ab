//! Every answer carries the name of its request, whoever gives it (rules.md §1).

use reqwest::{Client, Response};

use crate::server::{Server, TOKEN};

async fn ask(client: &Client, url: &str, id: Option<&str>) -> Response {
    let mut request = client.get(url).bearer_auth(TOKEN);
    if let Some(id) = id {
        request = request.header("x-request-id", id);
    }
    request.send().await.unwrap()
}

fn named(answer: &Response) -> String {
    let all: Vec<_> = answer.headers().get_all("x-request-id").iter().collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_names_its_request() {
    let server = Server::start().await;
    let artifact = server.locked("1", &[]).await;
    let workload = server.workload("named", &artifact).await;
    let unknown = "0123456789abcdef01234567";
    let doors = [
        (server.api("/workloads/"), 200),
        (server.api("/workloads/none/"), 404),
        (format!("{}/sign-in", server.url), 200),
        (format!("{}/healthz", server.url), 200),
        (server.endpoint(&workload, ""), 200),
        (server.endpoint(unknown, ""), 404),
    ];
    let mut made = Vec::new();
    let too_long = "x".repeat(129);
    for (url, status) in &doors {
        let answer = ask(&server.client, url, Some("client/7f~1")).await;
        assert_eq!((answer.status().as_u16(), named(&answer).as_str()), (*status, "client/7f~1"));
        made.push(named(&ask(&server.client, url, None).await));
        made.push(named(&ask(&server.client, url, None).await));
        made.push(named(&ask(&server.client, url, Some("a b")).await));
        made.push(named(&ask(&server.client, url, Some(&too_long)).await));
    }
    let count = made.len();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), count, "two requests had one name: {made:?}");
    assert!(!made.contains(&"a b".to_owned()) && !made.contains(&too_long));
}
