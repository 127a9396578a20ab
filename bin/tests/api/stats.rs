//! `/workloads/{id}/stats`, `/stats/{metric}` and `/workloads/stats`.

use handover::model::Millis;
use serde_json::{Value, json};

use crate::server::{Server, moment};

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// The buckets, after checking that they are contiguous and fill the period of the summary.
#[track_caller]
fn buckets(series: &Value) -> &[Value] {
    let all = series["buckets"].as_array().unwrap();
    let edge = |bucket: &Value, side: &str| bucket["period"][side].clone();
    assert!(
        all.windows(2).all(|pair| edge(&pair[0], "end") == edge(&pair[1], "start")),
        "{series}"
    );
    let period = &series["summary"]["period"];
    assert_eq!(
        (&edge(&all[0], "start"), &edge(&all[all.len() - 1], "end")),
        (&period["start"], &period["end"])
    );
    all
}

#[track_caller]
fn total(series: &Value) -> u64 {
    buckets(series).iter().filter_map(|bucket| bucket["value"].as_u64()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_over_time_has_a_value_where_something_was_counted() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("series", &draft).await;
    let path = format!("/workloads/{workload}/stats");
    let untouched = server.get(&format!("{path}/totalRequests")).await.is(200);
    assert!(buckets(&untouched).iter().all(|bucket| bucket["value"].is_null()), "{untouched}");

    for status in ["status/200", "status/200", "status/500", "slow?ms=300"] {
        drop(server.invoke(&workload, status).await);
    }
    server.until(&path, |s| s["metrics"]["totalRequests"] == 4).await;
    server.advance(Millis::minutes(5));
    server.serving(&workload).await;
    server.until(&path, |s| s["metrics"]["totalRequests"] == 5).await;

    let lengths = [("PT1M", 60), ("PT5M", 72), ("PT1H", 24), ("P1D", 30), ("P7D", 12), ("P1M", 12)];
    for (resolution, length) in lengths {
        let query = format!("{path}/totalRequests/?resolution={resolution}");
        let series = server.get(&query).await.is(200);
        assert_eq!((buckets(&series).len(), total(&series)), (length, 5), "{resolution}: {series}");
        assert_eq!(series["summary"]["value"], 5);
        let starts = buckets(&series).iter().map(|b| moment(&b["period"]["start"]).micros());
        for start in starts {
            let text = handover::model::Timestamp::from_micros(start).to_string();
            match resolution {
                "P1D" => assert_eq!(start % DAY, 0, "{text}"),
                // The epoch is a Thursday.
                "P7D" => assert_eq!((start + 3 * DAY) % (7 * DAY), 0, "{text} is no Monday"),
                "P1M" => assert!(text.contains("-01T00:00:00"), "{text}"),
                _ => assert_eq!(start % 60_000_000, 0, "{text}"),
            }
        }
    }
    let minutes = server.get(&format!("{path}/totalRequests?resolution=PT1M")).await.is(200);
    let values: Vec<_> = buckets(&minutes).iter().map(|bucket| &bucket["value"]).collect();
    let counted = values.iter().filter(|value| value.is_u64()).count();
    assert!(
        (2..=4).contains(&counted) && values.contains(&&Value::Null),
        "gaps are null: {minutes}"
    );

    let of = async |rest: &str| server.get(&format!("{path}/{rest}")).await.is(200);
    let value = async |rest: &str| of(rest).await["summary"]["value"].clone();
    assert_eq!(value("totalErrorRate").await, json!(0.2));
    assert_eq!(value("requestsOverN?slowRequestsThreshold=100").await, json!(1));
    assert_eq!(value("requestsOverN").await, json!(0));
    let slowest = value("responseTime?responseTimeQuantile=1").await.as_u64().unwrap();
    assert!((300..1000).contains(&slowest), "{slowest}");
    assert!(value("concurrentRequests").await.as_u64() >= Some(1));
    assert!(value("requestsPerMinute").await.as_f64() > Some(0.0));
    let proton = server.get(&format!("/workloads/{workload}/")).await.is(200)["protonId"].clone();
    assert_eq!(of("responseTime").await["summary"]["protonId"], proton);

    let part = &buckets(&minutes)[58]["period"];
    let query = format!("startTime={}&endTime={}", text(&part["start"]), text(&part["end"]));
    let narrow = of(&format!("totalRequests?resolution=P1D&{query}")).await;
    assert_eq!(narrow["summary"]["period"], *part, "cut to what was asked for");

    let crossed = "startTime=2030-01-02T00:00:00Z&endTime=2030-01-01T00:00:00Z";
    let endless = "resolution=PT1M&startTime=2020-01-01T00:00:00Z&endTime=2021-01-01T00:00:00Z";
    for wrong in [crossed, endless, "startTime=2999-01-01T00:00:00Z"] {
        server.get(&format!("{path}/totalRequests?{wrong}")).await.is(400);
    }
    for wrong in
        ["resolution=PT2M", "responseTimeQuantile=2", "slowRequestsThreshold=-1", "startTime=now"]
    {
        assert_eq!(
            server.get(&format!("{path}/totalRequests?{wrong}")).await.status,
            422,
            "{wrong}"
        );
    }
    let unknown = server.get(&format!("{path}/colour")).await.is(422);
    assert_eq!(unknown["detail"][0]["loc"], json!(["path", "metric"]), "{unknown}");
    server.get(&format!("{path}/totalRequests?protonId=0123456789abcdef01234567")).await.is(404);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_metric_can_be_cleared_by_itself() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("cleared", &draft).await;
    let path = format!("/workloads/{workload}/stats");
    for status in ["status/200", "status/404", "status/500", "slow?ms=120"] {
        drop(server.invoke(&workload, status).await);
    }
    let before = server.until(&path, |s| s["metrics"]["totalRequests"] == 4).await;
    assert!(before["metrics"]["responseTime"].as_u64() > Some(0));
    let clear = async |metric: &str| {
        server.delete(&format!("{path}?metricName={metric}")).await.is(204);
        server.get(&path).await.is(200)["metrics"].clone()
    };
    let left = clear("responseTime").await;
    assert_eq!((&left["responseTime"], &left["totalRequests"]), (&json!(0), &json!(4)));
    let series = server.get(&format!("{path}/responseTime")).await.is(200);
    assert_eq!(series["summary"]["value"], Value::Null, "unknown, not zero");
    let left = clear("serverErrors").await;
    assert_eq!((&left["serverErrors"], &left["userErrors"]), (&json!(0), &json!(1)));
    // What is not recorded yet is cleared too, and nothing but what was named.
    drop(server.invoke(&workload, "slow?ms=120").await);
    let left = clear("totalRequests").await;
    assert_eq!((&left["totalRequests"], &left["userErrors"]), (&json!(0), &json!(0)));
    assert!(left["responseTime"].as_u64() >= Some(120), "{left}");
    let refused = server.delete(&format!("{path}?metricName=colour")).await.is(422);
    assert_eq!(refused["detail"][0]["loc"], json!(["query", "metricName"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_has_the_rates_of_the_last_seven_hours() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("hourly", &locked).await;
    for status in ["status/200", "status/500", "status/200"] {
        drop(server.invoke(&workload, status).await);
    }
    let path = format!("/workloads/?serviceStats=true&ids={workload}");
    let stats = |page: &Value| page["data"][0]["requestStats"].clone();
    let page = server.until(&path, |page| stats(page)["totalRequests"] == 3).await;
    let rates = |page: &Value, name: &str| -> Vec<f64> {
        stats(page)[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    };
    assert_eq!(rates(&page, "requestRates"), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.05]);
    server.advance(Millis::hours(2));
    let page = server.get(&path).await.is(200);
    assert_eq!(rates(&page, "requestRates"), [0.0, 0.0, 0.0, 0.0, 0.05, 0.0, 0.0]);
    assert!((rates(&page, "errorRates")[4] - 100.0 / 3.0).abs() < 1e-9);
    server.advance(Millis::hours(5));
    let page = server.get(&path).await.is(200);
    assert_eq!(rates(&page, "requestRates"), [0.0; 7]);
    assert_eq!(stats(&page)["totalRequests"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_workloads_are_added_up_and_compared_with_the_week_before() {
    let server = Server::start().await;
    let artifact = server.locked("1", &[]).await;
    let busy = server.workload("busy", &artifact).await;
    let resting = server.workload("resting", &artifact).await;
    server.patch(&format!("/workloads/{busy}/"), json!({ "importance": "high" })).await.is(200);
    server.post(&format!("/workloads/{resting}/stop"), json!({})).await.is(202);
    server.until(&format!("/workloads/{resting}/"), |w| w["status"] == "stopped").await;
    for status in ["status/200", "status/404", "status/500", "status/200"] {
        drop(server.invoke(&busy, status).await);
    }
    let all = server.until("/workloads/stats", |s| s["requests"]["total"] == 4).await;
    assert_eq!(
        (&all["total"], &all["workloads"]),
        (&json!(2), &json!({ "active": 1, "total": 2 }))
    );
    assert_eq!((&all["byStatus"]["running"], &all["byStatus"]["stopped"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&all["byImportance"]["high"], &all["byImportance"]["critical"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(all["requests"], json!({ "total": 4, "succeeded": 2, "failed": 2, "trend": null }));
    assert_eq!(all["errorRate"], json!({ "rate": 50.0, "trend": null }));
    assert_eq!(all["concurrentRequests"]["count"], 0);

    let some = async |query: &str| server.get(&format!("/workloads/stats/?{query}")).await.is(200);
    let low = some("importance=low").await;
    assert_eq!((&low["total"], &low["requests"]["total"]), (&json!(1), &json!(0)));
    assert_eq!(some("search=BUS").await["requests"]["total"], 4);
    assert_eq!(some("status=stopped&status=errored").await["byStatus"]["stopped"], 1);
    assert_eq!(some("artifactStatus=draft").await["total"], 0);
    server.get("/workloads/stats?status=sleepy").await.is(422);

    server.advance(Millis::hours(7 * 24));
    let later = some("").await;
    assert_eq!(
        (&later["requests"]["total"], &later["requests"]["trend"]),
        (&json!(0), &json!(-100.0))
    );
    server.serving(&busy).await;
    let later = server.until("/workloads/stats", |s| s["requests"]["total"] == 1).await;
    assert_eq!(later["errorRate"], json!({ "rate": 0.0, "trend": -100.0 }));
}
