//! `/mlops/compute/bundles`, and bundles in runtimes.

use serde_json::{Value, json};

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn bundles_are_listed_and_honoured() {
    let server = Server::start().await;
    let page = server.get("/mlops/compute/bundles/").await.is(200);
    let bundles = page["data"].as_array().unwrap();
    assert_eq!(page["totalCount"], bundles.len());
    assert_eq!(bundles.iter().filter(|bundle| bundle["isDefault"] == true).count(), 1);
    for bundle in bundles {
        for text in ["id", "name"] {
            assert!(bundle[text].is_string(), "{text}: {bundle}");
        }
        for count in ["memoryBytes", "gpuCount", "gpuMemoryBytes"] {
            assert!(bundle[count].is_u64(), "{count}: {bundle}");
        }
        assert!(
            bundle["cpuCount"].as_f64() > Some(0.0) && bundle["useCases"].is_array(),
            "{bundle}"
        );
        assert_eq!((&bundle["hasGpu"], &bundle["isDeleted"]), (&json!(false), &json!(false)));
        assert!(bundle.get("gpuMaker").is_some() && bundle.get("gpuTypeLabel").is_some());
    }
    let one = server.get("/mlops/compute/bundles?limit=1").await.is(200);
    assert_eq!((one["count"].clone(), &one["data"][0]), (json!(1), &bundles[0]));
    server.get("/mlops/compute/bundles?limit=101").await.is(422);

    let nano = &bundles[0];
    let group = json!({ "resourceBundles": [nano["id"]], "containers": [
        { "name": "main", "resourceAllocation": { "cpu": 3.5, "memory": 1000 } },
    ] });
    let draft = server.draft("1", &[]).await;
    let body = |group: &Value| json!({ "name": "sized", "artifactId": draft, "runtime": { "containerGroups": [group] } });
    let unknown = json!({ "resourceBundles": [nano["id"], "gpu.huge"] });
    let refused = server.post("/workloads/", body(&unknown)).await.is(422);
    assert_eq!(refused["detail"][0]["path"], "runtime.containerGroups.0.resourceBundles.1");

    let created = server.post("/workloads/", body(&group)).await.is(201);
    let path = format!("/workloads/{}/", created["id"].as_str().unwrap());
    let read = server.until(&path, |w| w["status"] == "running").await;
    let shown = &read["runtime"]["containerGroups"][0];
    let resolved = &shown["resolvedBundle"];
    for field in ["id", "cpuCount", "memoryBytes", "gpuCount"] {
        assert_eq!(resolved[field], nano[field], "{field}");
    }
    assert_eq!(shown["resourceBundles"], json!([nano["id"]]));
    assert_eq!(shown["containers"], group["containers"], "given back as sent");
    // The bundle is what a replica is measured by.
    let metrics =
        format!("/otel/workload/{}/metrics/autocollectedValues/", created["id"].as_str().unwrap());
    let value = |page: &Value, name: &str| {
        let rows = page["data"].as_array().unwrap().iter();
        rows.filter(|row| row["otelName"] == name).find_map(|row| row["currentValue"].as_f64())
    };
    let page =
        server.until(&metrics, |page| value(page, "container.memory.utilization").is_some()).await;
    let used = value(&page, "container.memory.usage").unwrap();
    let share = value(&page, "container.memory.utilization").unwrap();
    assert!((share - used / nano["memoryBytes"].as_f64().unwrap() * 100.0).abs() < 1e-6, "{page}");

    // What was read can be sent back, and a settings change without bundles keeps them.
    let settings = format!("{path}settings");
    let replacement = server.patch(&settings, json!({ "runtime": read["runtime"] })).await.is(202);
    let done = server.in_stage(&replacement, "done").await;
    assert_eq!(done["runtime"], read["runtime"]);
    let two = json!({ "runtime": { "containerGroups": [{ "replicaCount": 2 }] } });
    let replacement = server.patch(&settings, two).await.is(202);
    let group = &replacement["runtime"]["containerGroups"][0];
    assert_eq!((&group["resolvedBundle"]["id"], &group["replicaCount"]), (&nano["id"], &json!(2)));
    server.in_stage(&replacement, "done").await;
    let wrong = json!({ "runtime": { "containerGroups": [{ "resourceBundles": ["none"] }] } });
    server.patch(&settings, wrong.clone()).await.is(422);
    let next = json!({ "artifactId": draft, "runtime": wrong["runtime"] });
    server.post(&format!("{path}replacement"), next).await.is(422);
}
