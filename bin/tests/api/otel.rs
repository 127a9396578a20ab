//! Metrics and traces for OpenTelemetry clients.

use serde_json::{Value, json};

use crate::server::Server;

fn row<'p>(rows: &'p Value, name: &str) -> &'p Value {
    let found = rows.as_array().unwrap().iter().find(|row| row["otelName"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {rows}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_say_what_is_observed_and_counted() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("measured", &draft).await;
    let path = format!("/otel/workload/{workload}/metrics");
    for status in ["status/200", "status/200", "status/200", "status/500"] {
        drop(server.invoke(&workload, status).await);
    }
    let collected = format!("{path}/autocollectedValues/");
    // A share of cpu needs two looks.
    let page = server
        .until(&collected, |page| {
            let value = |name| row(&page["data"], name)["currentValue"].as_f64();
            value("http.server.requests") == Some(4.0) && value("container.cpu.usage").is_some()
        })
        .await;
    let rows = &page["data"];
    for row in rows.as_array().unwrap() {
        for text in ["otelName", "displayName", "unit", "level"] {
            assert!(row[text].is_string(), "{text}: {row}");
        }
        assert!(row.get("currentValue").is_some(), "{row}");
    }
    let memory = row(rows, "container.memory.usage");
    assert_eq!(memory["unit"], "bytes");
    assert!(memory["currentValue"].as_f64() > Some(100_000.0), "{memory}");
    assert_eq!(row(rows, "container.cpu.usage")["unit"], "nanocores");
    let share = row(rows, "container.cpu.utilization");
    assert_eq!(
        (&share["unit"], &share["currentValue"]),
        (&json!("percentage"), &Value::Null),
        "nothing was asked for"
    );
    assert_eq!(row(rows, "workload.replicas.ready")["currentValue"], 1.0);
    let errors = row(rows, "http.server.request.error_rate");
    assert_eq!((&errors["currentValue"], &errors["aggregatedValue"]), (&json!(25.0), &json!(25.0)));

    let values = server.get(&format!("{path}/values/")).await.is(200);
    assert_eq!(row(&values["metricAggregations"], "http.server.requests")["aggregatedValue"], 4.0);
    let configs = server.get(&format!("{path}/configs/?limit=100")).await.is(200);
    assert_eq!(configs["totalCount"], values["metricAggregations"].as_array().unwrap().len());
    let summary =
        server.get(&format!("{path}/summary/?search=MEMORY&metricType=gauge")).await.is(200);
    assert_eq!(summary["totalCount"], 2, "{summary}");
    assert_eq!(row(&summary["data"], "container.memory.usage")["units"], "bytes");

    let series = server.get(&format!("{path}/valuesOverTime/?resolution=PT1M")).await.is(200);
    let buckets = series["data"].as_array().unwrap();
    let sum: f64 = buckets
        .iter()
        .filter_map(|bucket| row(&bucket["values"], "http.server.requests")["value"].as_f64())
        .sum();
    assert_eq!((buckets.len(), sum), (60, 4.0));
    let one = format!("{path}/valueOverTime/?resolution=PT1H&otelName=http.server.requests");
    let one = server.get(&one).await.is(200);
    let last = one["timeBuckets"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&one["unit"], &last["value"], &last["samples"]),
        (&json!("requests"), &json!(4.0), &json!(4)),
        "{one}"
    );
    for wrong in
        ["valueOverTime", "valueOverTime?otelName=colour", "valuesOverTime?resolution=PT2M"]
    {
        assert_eq!(server.get(&format!("{path}/{wrong}")).await.status, 422, "{wrong}");
    }
    server
        .get(&format!("{path}/values?startTime=2030-01-02T00:00:00Z&endTime=2030-01-01T00:00:00Z"))
        .await
        .is(400);
    server.get("/otel/workload/0123456789abcdef01234567/metrics/values/").await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_replicas_use_is_kept_over_time() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("watched", &draft).await;
    let path = format!("/otel/workload/{workload}/metrics");
    let values = server
        .until(&format!("{path}/values/?resolution=PT1M"), |values| {
            let of = |name| row(&values["metricAggregations"], name)["aggregatedValue"].as_f64();
            of("container.cpu.usage").is_some() && of("workload.replicas.ready") == Some(1.0)
        })
        .await;
    let kept = |name| row(&values["metricAggregations"], name)["aggregatedValue"].as_f64();
    assert!(kept("container.memory.usage") > Some(100_000.0), "{values}");
    assert_eq!(
        (kept("workload.replicas.restarts"), kept("container.memory.utilization")),
        (Some(0.0), None)
    );
    let one = format!("{path}/valueOverTime/?resolution=PT1M&otelName=container.memory.usage");
    let one = server.get(&one).await.is(200);
    let buckets = one["timeBuckets"].as_array().unwrap();
    let (first, last) = (&buckets[0], &buckets[buckets.len() - 1]);
    assert_eq!((&first["value"], &first["samples"]), (&Value::Null, &json!(0)), "it was not there");
    assert!(
        buckets.iter().any(|bucket| bucket["value"].as_f64() > Some(100_000.0)
            && bucket["samples"].as_u64() > Some(0)),
        "{last}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_traces_and_the_list_says_so() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("untraced", &draft).await;
    let path = format!("/otel/workload/{workload}/traces");
    let page = server.get(&format!("{path}/?limit=5")).await.is(200);
    assert_eq!(
        page,
        json!({ "count": 0, "totalCount": 0, "total": 0, "data": [], "next": null, "previous": null })
    );
    let missing = server.get(&format!("{path}/0af7651916cd43dd8448eb211c80319c/")).await.is(404);
    assert_eq!(missing["detail"], "no such trace");
    server.get("/otel/workload/0123456789abcdef01234567/traces/").await.is(404);
}
