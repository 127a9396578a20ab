//! `/metrics` in the format of Prometheus.

use std::collections::BTreeMap;

use handover::model::Scope;
use serde_json::json;

use crate::server::{Answer, Server, TOKEN};

async fn scrape(server: &Server, token: Option<&str>, accept: &str) -> Answer {
    let url = format!("{}/metrics", server.url);
    let request = server.client.get(url).header("accept", accept);
    server.send(token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth)).await
}

/// Every sample by its name and labels.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_those_of_the_gateway_and_follow_the_conventions() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("counted", &draft).await;
    for path in ["", "status/404", "status/500", "", ""] {
        let _failing_ones_too = server.invoke(&workload, path).await;
    }
    let next = server.draft("2", &[]).await;
    let replacement = server.replace(&workload, &next, json!({})).await;
    server.in_stage(&replacement, "done").await;

    for path in ["/nothing/1", "/nothing/2", "/nothing/3"] {
        server.client.get(server.api(path)).send().await.unwrap();
    }
    let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    let answer = scrape(&server, Some(TOKEN), accept).await;
    let kind = answer.headers["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    let text = answer.is(200).as_str().unwrap().to_owned();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let found = samples(&text);
    let of = |outcome: &str| -> f64 {
        let ours = found.iter().filter(|(name, _)| {
            name.starts_with("handover_requests_total{")
                && name.contains(&format!("workload=\"{workload}\""))
                && name.contains(&format!("outcome=\"{outcome}\""))
        });
        ours.map(|(_, value)| value).sum()
    };
    assert_eq!((of("good"), of("user_error"), of("server_error")), (3.0, 1.0, 1.0), "{text}");
    assert_eq!(found["handover_replacements_total{outcome=\"completed\"}"], 1.0);
    assert_eq!(found["handover_replacements_running"], 0.0);
    assert_eq!(found["handover_workloads{status=\"running\"}"], 1.0);
    let durations = |part: &str, more: &str| -> f64 {
        let ours = found.iter().filter(|(name, _)| {
            name.starts_with(&format!("handover_request_duration_seconds_{part}{{"))
                && name.contains(&format!("workload=\"{workload}\""))
                && name.contains(more)
        });
        ours.map(|(_, value)| value).sum()
    };
    assert_eq!(durations("count", ""), 5.0, "{text}");
    assert_eq!(durations("bucket", "le=\"+Inf\""), 5.0, "buckets are cumulative: {text}");
    assert!(durations("bucket", "le=\"0.001\"") <= durations("bucket", "le=\"1.0\""));
    assert!(durations("sum", "") > 0.0, "{text}");
    let of_api = |route: &str, code: u16| {
        let labels = format!("{{method=\"GET\",route=\"{route}\",code=\"{code}\"}}");
        found.get(&format!("handover_http_request_duration_seconds_count{labels}")).copied()
    };
    assert!(of_api("/api/v2/workloads/{id}/", 200) >= Some(1.0), "{text}");
    assert_eq!(of_api("/api/v2/{*path}", 404), Some(3.0), "a path that is none makes no row");
    let ready = format!("handover_replicas{{workload=\"{workload}\",state=\"ready\"}}");
    assert!(found[&ready] >= 1.0, "{text}");
    assert!(
        found["process_resident_memory_bytes"] > 1e6 && found["process_cpu_seconds_total"] > 0.0
    );

    // Each family says what it is before its first sample, once.
    let mut declared = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("#"), Some("TYPE"), Some(name)) => {
                let kind = words.next().unwrap().to_owned();
                assert!(declared.insert(name.to_owned(), kind).is_none(), "{line}");
            }
            (Some("#"), Some("HELP"), Some(_)) => assert!(words.next().is_some(), "{line}"),
            (Some("#"), ..) => {}
            (Some(sample), ..) => {
                let name = sample.split('{').next().unwrap();
                let parts = ["_total", "_bucket", "_count", "_sum"];
                let family = parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
                let kind = declared.get(family).unwrap_or_else(|| panic!("{name} in {text}"));
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            }
            _ => {}
        }
    }
    let plain = scrape(&server, Some(TOKEN), "*/*").await;
    let kind = plain.headers["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_for_administrators_unless_it_is_said_otherwise() {
    let server = Server::start().await;
    assert_eq!(scrape(&server, None, "*/*").await.status, 401);
    assert_eq!(scrape(&server, Some("wrong"), "*/*").await.status, 401);
    let member = server.person("member", "member", Scope::ALL).await;
    assert_eq!(scrape(&server, Some(&member.token), "*/*").await.status, 403);

    let open = Server::with(&["--metrics-public"]).await;
    let text = scrape(&open, None, "*/*").await.is(200);
    assert!(text.as_str().unwrap().contains("handover_build_info"));
}
