//! Every field of §5 over HTTP: what it may not hold is refused and named, what it may is taken.

use serde_json::{Value, json};

use crate::server::{Server, artifact, id};

/// The dotted paths and codes of what was wrong.
fn wrong(refused: &Value) -> Vec<(String, String)> {
    let items = refused["detail"].as_array().unwrap_or_else(|| panic!("no items: {refused}"));
    let of = |item: &Value| {
        let text = |field: &str| item[field].as_str().unwrap().to_owned();
        let parts = item["loc"].as_array().unwrap().iter().skip(1);
        let dotted: Vec<String> = parts
            .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
            .collect();
        assert_eq!(dotted.join("."), text("path"), "both shapes say the same: {item}");
        assert_eq!((text("msg"), text("type")), (text("message"), text("code")));
        (text("path"), text("code"))
    };
    items.iter().map(of).collect()
}

/// `patch` written over the container of a body that is fine.
fn with_container(patch: Value) -> Value {
    let mut body = artifact("1", &[]);
    let container = &mut body["spec"]["containerGroups"][0]["containers"][0];
    for (field, value) in patch.as_object().unwrap() {
        container[field] = value.clone();
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_container_may_not_hold_is_named() {
    let server = Server::start().await;
    let cases = [
        (json!({ "imageUri": "" }), "imageUri"),
        (json!({ "imageUri": "a b" }), "imageUri"),
        (json!({ "imageUri": null }), "imageUri"),
        (json!({ "name": "x".repeat(64) }), "name"),
        (json!({ "port": 1023 }), "port"),
        (json!({ "port": 65536 }), "port"),
        (json!({ "port": -1 }), "port"),
        (json!({ "port": "8080" }), "port"),
        (json!({ "primary": "yes" }), "primary"),
        (json!({ "entrypoint": "run" }), "entrypoint"),
        (json!({ "entrypoint": [""] }), "entrypoint"),
        (json!({ "environmentVars": [{ "name": "A" }] }), "environmentVars.0.value"),
        (json!({ "environmentVars": [{ "name": "1A", "value": "" }] }), "environmentVars.0.name"),
        (
            json!({ "environmentVars": [{ "name": "A", "value": "" }, { "name": "A", "value": "" }] }),
            "environmentVars.1.name",
        ),
        (json!({ "environmentVars": [{ "source": "vault", "name": "A" }] }), "environmentVars.0"),
        (
            json!({ "environmentVars": [{ "source": "dr-credential", "name": "A", "key": "k" }] }),
            "environmentVars.0.drCredentialId",
        ),
        (
            json!({ "environmentVars": [{ "source": "api-key", "value": "v" }] }),
            "environmentVars.0.value",
        ),
        (json!({ "readinessProbe": {} }), "readinessProbe.path"),
        (json!({ "readinessProbe": { "path": "ready" } }), "readinessProbe.path"),
        (json!({ "readinessProbe": { "path": "/", "port": 0 } }), "readinessProbe.port"),
        (json!({ "readinessProbe": { "path": "/", "scheme": "TCP" } }), "readinessProbe.scheme"),
        (
            json!({ "livenessProbe": { "path": "/", "initialDelaySeconds": -1 } }),
            "livenessProbe.initialDelaySeconds",
        ),
        (
            json!({ "livenessProbe": { "path": "/", "periodSeconds": 0 } }),
            "livenessProbe.periodSeconds",
        ),
        (
            json!({ "startupProbe": { "path": "/", "timeoutSeconds": 86_401 } }),
            "startupProbe.timeoutSeconds",
        ),
        (
            json!({ "startupProbe": { "path": "/", "failureThreshold": 0 } }),
            "startupProbe.failureThreshold",
        ),
        (json!({ "startupProbe": { "path": "/", "command": [] } }), "startupProbe.command"),
        (json!({ "securityContext": { "runAsUser": 0 } }), "securityContext.runAsUser"),
        (
            json!({ "securityContext": { "seccompProfile": { "type": "Localhost" } } }),
            "securityContext.seccompProfile.localhostProfile",
        ),
        (
            json!({ "securityContext": { "seccompProfile": { "type": "RuntimeDefault", "localhostProfile": "a" } } }),
            "securityContext.seccompProfile.localhostProfile",
        ),
        (
            json!({ "securityContext": { "seccompProfile": { "type": "None" } } }),
            "securityContext.seccompProfile.type",
        ),
        (
            json!({ "securityContext": { "capabilities": { "drop": ["NET RAW"] } } }),
            "securityContext.capabilities.drop",
        ),
        (json!({ "cpu": 1 }), "cpu"),
    ];
    for (patch, field) in cases {
        let refused = server.post("/artifacts/", with_container(patch.clone())).await;
        assert_eq!(refused.status, 422, "{patch}: {}", refused.body);
        let path = format!("spec.containerGroups.0.containers.0.{field}");
        let found = wrong(&refused.body);
        assert!(found.iter().any(|(at, _)| *at == path), "{patch}: {found:?}");
    }
    assert_eq!(server.get("/artifacts/").await.is(200)["totalCount"], 0, "nothing was stored");
    // The most and least that is allowed, words in any case, and null for what has a default.
    let fine = json!({
        "name": null, "primary": null, "port": 65535, "description": null, "entrypoint": null,
        "environmentVars": [{ "source": "STRING", "name": "A.b-c", "value": "" }, { "source": "Api-Key" }],
        "startupProbe": { "path": "/", "initialDelaySeconds": 0, "periodSeconds": 86_400, "timeoutSeconds": 1,
            "failureThreshold": 1, "port": null, "scheme": "https", "host": null },
        "securityContext": { "allowPrivilegeEscalation": false, "seccompProfile": { "type": "runtimedefault" } },
    });
    let created = server.post("/artifacts/", with_container(fine)).await.is(201);
    let read = &created["spec"]["containerGroups"][0]["containers"][0];
    assert_eq!(read["environmentVars"][0]["source"], "string");
    assert_eq!(
        (&read["startupProbe"]["scheme"], &read["startupProbe"]["port"]),
        (&json!("HTTPS"), &json!(8080))
    );
    assert_eq!(read["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_as_a_whole_has_rules_too() {
    let server = Server::start().await;
    let container =
        |name: &str, primary: bool| json!({ "name": name, "imageUri": "a:1", "primary": primary });
    let spec = |containers: Value| json!({ "containerGroups": [{ "containers": containers }] });
    let long = "x".repeat(5001);
    let group = "spec.containerGroups.0";
    let cases = [
        (json!({ "name": "" }), "name".to_owned()),
        (json!({ "name": "  " }), "name".to_owned()),
        (json!({ "name": long }), "name".to_owned()),
        (json!({ "name": null }), "name".to_owned()),
        (json!({ "type": "batch" }), "type".to_owned()),
        (json!({ "status": "frozen" }), "status".to_owned()),
        (json!({ "spec": null }), "spec".to_owned()),
        (json!({ "spec": {} }), "spec.containerGroups".to_owned()),
        (json!({ "spec": { "containerGroups": [] } }), "spec.containerGroups".to_owned()),
        (json!({ "spec": spec(json!([])) }), format!("{group}.containers")),
        (
            json!({ "spec": spec(json!([container("a", false), container("b", false)])) }),
            format!("{group}.containers"),
        ),
        (
            json!({ "spec": spec(json!([container("a", true), container("b", true)])) }),
            format!("{group}.containers"),
        ),
        (
            json!({ "spec": spec(json!([container("a", true), container("a", false)])) }),
            format!("{group}.containers.1.name"),
        ),
        (
            json!({ "spec": spec(json!([container("a", true), { "name": "b", "imageUri": "a:1", "port": 9000 }])) }),
            format!("{group}.containers.1.port"),
        ),
        (json!({ "colour": "red" }), "colour".to_owned()),
        (json!({ "artifactRepositoryId": "not an id" }), "artifactRepositoryId".to_owned()),
    ];
    for (patch, path) in cases {
        let mut body = artifact("1", &[]);
        for (field, value) in patch.as_object().unwrap() {
            body[field] = value.clone();
        }
        let refused = server.post("/artifacts/", body).await;
        assert_eq!(refused.status, 422, "{patch}: {}", refused.body);
        let found = wrong(&refused.body);
        assert!(found.iter().any(|(at, _)| *at == path), "{patch}: {found:?}");
    }
    let mut sized = artifact("1", &[]);
    sized["spec"]["storage"] = json!({ "pvcSize": "10Gi" });
    let refused = server.post("/artifacts/", sized.clone()).await.is(422);
    assert_eq!(wrong(&refused)[0].0, "spec.storage", "only model servers have storage");
    sized["type"] = json!("NIM");
    let created = server.post("/artifacts/", sized).await.is(201);
    assert_eq!(created["spec"]["storage"], json!({ "pvcSize": "10Gi" }));
    assert_eq!(created["type"], "nim");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_runtime_may_not_hold_is_named() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let auto = |body: Value| json!({ "containerGroups": [{ "autoscaling": body }] });
    let policy = json!({ "scalingMetric": "httpRequestsConcurrency", "target": 1 });
    let memory = |memory: Value| {
        json!({ "containerGroups": [{ "containers": [
            { "name": "main", "resourceAllocation": { "memory": memory } }] }] })
    };
    let at_memory = "containerGroups.0.containers.0.resourceAllocation.memory";
    let cases = [
        (json!({ "containerGroups": [{ "name": "other" }] }), "containerGroups.0.name"),
        (json!({ "containerGroups": [{}, {}] }), "containerGroups.1.name"),
        (json!({ "containerGroups": [{ "replicaCount": -1 }] }), "containerGroups.0.replicaCount"),
        (json!({ "containerGroups": [{ "replicaCount": 1.5 }] }), "containerGroups.0.replicaCount"),
        (json!({ "containerGroups": [{ "replicas": 1 }] }), "containerGroups.0.replicas"),
        (
            json!({ "containerGroups": [{ "bundleSelectionPolicy": "cheapest" }] }),
            "containerGroups.0.bundleSelectionPolicy",
        ),
        (
            json!({ "containerGroups": [{ "containers": [{ "name": "x" }] }] }),
            "containerGroups.0.containers.0.name",
        ),
        (
            json!({ "containerGroups": [{ "containers": [{ "name": "main" }, { "name": "main" }] }] }),
            "containerGroups.0.containers.1.name",
        ),
        (
            json!({ "containerGroups": [{ "containers": [{ "name": "main", "resourceAllocation": { "cpu": -1 } }] }] }),
            "containerGroups.0.containers.0.resourceAllocation.cpu",
        ),
        (memory(json!("1 parsec")), at_memory),
        (memory(json!("MB")), at_memory),
        (memory(json!(-1)), at_memory),
        (memory(json!(0.5)), at_memory),
        (memory(json!(u64::MAX)), at_memory),
        (auto(json!({ "policies": [] })), "containerGroups.0.autoscaling.policies"),
        (
            auto(json!({ "policies": [policy], "window": 1 })),
            "containerGroups.0.autoscaling.window",
        ),
        (
            auto(
                json!({ "policies": [{ "scalingMetric": "httpRequestsConcurrency", "target": -1 }] }),
            ),
            "containerGroups.0.autoscaling.policies.0.target",
        ),
        (
            auto(
                json!({ "policies": [{ "scalingMetric": "cpuAverageUtilization", "target": 1 }] }),
            ),
            "containerGroups.0.autoscaling.minReplicaCount",
        ),
        (
            auto(
                json!({ "policies": [{ "scalingMetric": "vllm:kv_cache_usage_perc", "target": 1 }] }),
            ),
            "containerGroups.0.autoscaling.policies.0.scalingMetric",
        ),
        (
            auto(json!({ "policies": [policy], "minReplicaCount": 3, "maxReplicaCount": 2 })),
            "containerGroups.0.autoscaling.minReplicaCount",
        ),
        (json!({ "enclaves": ["a", "b"] }), "enclaves"),
        (json!({ "enclaves": [""] }), "enclaves"),
        (json!({ "enclaveSelectionPolicy": "any" }), "enclaveSelectionPolicy"),
        (json!({ "replicaCount": 1 }), "replicaCount"),
    ];
    for (runtime, field) in cases {
        let body = json!({ "name": "a", "artifactId": locked, "runtime": runtime });
        let refused = server.post("/workloads/", body).await;
        assert_eq!(refused.status, 422, "{runtime}: {}", refused.body);
        let path = format!("runtime.{field}");
        let found = wrong(&refused.body);
        assert!(found.iter().any(|(at, _)| *at == path), "{runtime}: {found:?}");
    }
    assert_eq!(server.get("/workloads/").await.is(200)["totalCount"], 0);

    // Every unit, and what clients send besides that is dropped or kept.
    for (given, bytes) in [
        (json!(1024), 1024_u64),
        (json!("512MB"), 512_000_000),
        (json!("1.5GB"), 1_500_000_000),
        (json!("64Ki"), 65_536),
        (json!("1Mi"), 1 << 20),
        (json!("2GiB"), 2 << 30),
    ] {
        let runtime = json!({
            "enclaves": ["left"], "enclaveSelectionPolicy": "MANUAL",
            "containerGroups": [{
                "name": null, "replicaCount": 0, "autoscaling": { "enabled": false }, "resourceBundles": null,
                "resolvedBundle": { "id": "b" }, "bundleSelectionPolicy": "Availability",
                "containers": [{ "name": "main", "resourceAllocation":
                    { "cpu": 0.5, "gpu": 0, "gpuType": "none", "memory": given, "gpuMemory": given } }],
            }],
        });
        let body =
            json!({ "name": format!("takes {given}"), "artifactId": locked, "runtime": runtime });
        let created = server.post("/workloads/", body).await.is(201);
        let read = &created["runtime"];
        assert_eq!(
            (&read["enclaves"], &read["enclaveSelectionPolicy"]),
            (&json!(["left"]), &json!("manual"))
        );
        let group = &read["containerGroups"][0];
        assert_eq!((&group["replicaCount"], &group["autoscaling"]), (&json!(1), &Value::Null));
        let expected = json!({ "cpu": 0.5, "gpu": 0.0, "memory": bytes, "gpuMemory": bytes });
        assert_eq!(group["containers"][0]["resourceAllocation"], expected, "{given}");
        server.delete(&format!("/workloads/{}/", id(&created))).await.is(204);
    }
}

/// Of bounds that come in two places and differ, the side that was changed counts, also in a replacement.
#[tokio::test(flavor = "multi_thread")]
async fn the_bounds_that_were_changed_count() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("bounds", &draft).await;
    let path = format!("/workloads/{workload}/settings/");
    let policy = json!({ "scalingMetric": "HTTPREQUESTSCONCURRENCY", "target": 9, "minCount": 1, "maxCount": 2 });
    let body =
        json!({ "runtime": { "containerGroups": [{ "autoscaling": { "policies": [policy] } }] } });
    let replacement = server.patch(&path, body).await.is(202);
    server.in_stage(&replacement, "done").await;
    let mut runtime = server.get(&path).await.is(200)["runtime"].clone();
    let auto = &runtime["containerGroups"][0]["autoscaling"];
    assert_eq!(auto["maxReplicaCount"], 2);
    assert_eq!(auto["policies"][0]["scalingMetric"], "httpRequestsConcurrency");

    runtime["containerGroups"][0]["autoscaling"]["policies"][0]["maxCount"] = json!(3);
    let body = json!({ "artifactId": draft, "strategy": "ROLLING", "runtime": runtime });
    let replacement =
        server.post(&format!("/workloads/{workload}/replacement"), body).await.is(202);
    assert_eq!(replacement["runtime"]["containerGroups"][0]["autoscaling"]["maxReplicaCount"], 3);
    server.in_stage(&replacement, "done").await;

    let mut runtime = server.get(&path).await.is(200)["runtime"].clone();
    runtime["containerGroups"][0]["autoscaling"]["maxReplicaCount"] = json!(4);
    let replacement = server.patch(&path, json!({ "runtime": runtime })).await.is(202);
    let auto = &replacement["runtime"]["containerGroups"][0]["autoscaling"];
    assert_eq!(
        (&auto["maxReplicaCount"], &auto["policies"][0]["maxCount"]),
        (&json!(4), &json!(4))
    );
    server.in_stage(&replacement, "done").await;

    runtime["containerGroups"][0]["autoscaling"]["policies"][0]["maxCount"] = json!(6);
    runtime["containerGroups"][0]["autoscaling"]["maxReplicaCount"] = json!(5);
    let refused = server.patch(&path, json!({ "runtime": runtime })).await.is(422);
    assert_eq!(wrong(&refused)[0].0, "runtime.containerGroups.0.autoscaling.maxReplicaCount");
}

/// Unknown fields are refused by name wherever they are; what a client read may be sent back.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_refused_and_echoed_ones_are_not() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("strict", &locked).await;
    let forbidden = |refused: Value, path: &str| {
        assert_eq!(wrong(&refused), [(path.to_owned(), "extra_forbidden".to_owned())]);
    };
    let body = json!({ "name": "a", "artifactId": locked, "replicas": 2 });
    forbidden(server.post("/workloads/", body).await.is(422), "replicas");
    let path = format!("/workloads/{workload}/");
    forbidden(server.patch(&path, json!({ "owner": "me" })).await.is(422), "owner");
    let body = json!({ "artifactId": locked, "config": { "warmup": 1 } });
    let refused = server.post(&format!("{path}replacement/"), body).await.is(422);
    forbidden(refused, "config.warmup");
    let body = json!({ "runtime": {}, "config": {} });
    forbidden(server.patch(&format!("{path}settings/"), body).await.is(422), "config");
    let refused = server
        .post(&format!("/artifacts/{locked}/clone/"), json!({ "name": "a", "type": "nim" }))
        .await;
    forbidden(refused.is(422), "type");

    let mut read = server.get(&path).await.is(200);
    read.as_object_mut().unwrap().remove("artifact");
    read["name"] = json!("created from what was read");
    let created = server.post("/workloads/", read).await.is(201);
    assert_eq!(created["artifactId"], json!(locked));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_minutes_and_strategies_are_refused() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let next = server.locked("2", &[]).await;
    let workload = server.workload("strict", &locked).await;
    let path = format!("/workloads/{workload}/replacement/");
    for (body, field) in [
        (json!({}), "artifactId"),
        (json!({ "artifactId": "no id at all" }), "artifactId"),
        (json!({ "artifactId": next, "strategy": "blueGreen" }), "strategy"),
        (
            json!({ "artifactId": next, "config": { "warmupDurationMinutes": -1 } }),
            "config.warmupDurationMinutes",
        ),
        (
            json!({ "artifactId": next, "config": { "keepOldVersionMinutes": 10_081 } }),
            "config.keepOldVersionMinutes",
        ),
    ] {
        let refused = server.post(&path, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.body);
        assert_eq!(wrong(&refused.body)[0].0, field, "{body}");
    }
    server.get(&path).await.is(404);
}
