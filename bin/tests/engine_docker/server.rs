//! The whole server on containers: what goes through the store and the API on its way to the engine.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    process::{Handover, TOKEN, wait_for},
    rig::{LOGIN, rig, rig_alone},
};

/// The demo in this image, ready in a moment.
fn artifact(image: &str, more: Value) -> Value {
    let words = ["/handover", "demo", "--listen", "0.0.0.0", "--version", "v"];
    let mut artifact = json!({
        "name": "shop",
        "spec": { "containerGroups": [{ "containers": [{
            "name": "main",
            "imageUri": image,
            "entrypoint": words,
            "port": 8080,
            "readinessProbe": {
                "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1,
                "timeoutSeconds": 1, "failureThreshold": 2,
            },
        }] }] },
    });
    if let (Some(fields), Value::Object(more)) = (artifact.as_object_mut(), more) {
        fields.extend(more);
    }
    artifact
}

/// The one container of the workload's active proton.
async fn container(handover: &Handover, workload: &str) -> Option<Value> {
    let seen = handover.get(&format!("/workloads/{workload}/")).await;
    let path =
        format!("/workloads/{workload}/protons/{}/statusDetails/", seen["protonId"].as_str()?);
    let (status, details) = handover.call(Method::GET, &path, None).await;
    (status == StatusCode::OK).then(|| details["replicas"][0]["containers"][0].clone())
}

/// What is said of the active proton as a whole.
async fn told(handover: &Handover, workload: &str, words: &str) {
    wait_for(words, async || {
        let seen = handover.get(&format!("/workloads/{workload}/")).await;
        let path =
            format!("/workloads/{workload}/protons/{}/statusDetails/", seen["protonId"].as_str()?);
        let (_, details) = handover.call(Method::GET, &path, None).await;
        details["overallStatus"]["summary"].as_str()?.contains(words).then_some(())
    })
    .await;
}

async fn says(handover: &Handover, workload: &str, words: &str) -> String {
    wait_for(words, async || {
        let message = container(handover, workload).await?["message"].as_str()?.to_owned();
        message.contains(words).then_some(message)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_registry_is_shown_the_credential_that_is_kept_for_it() {
    let Some(rig) = rig().await else { return };
    let image = rig.publish(&rig.closed_registry, "private", "echo private > /which");
    let handover = Handover::on_docker(&[]).await;
    let body = json!({ "name": "shop", "artifact": artifact(&image, json!({})) });
    let workload = handover.post("/workloads/", body).await;
    let id = workload["id"].as_str().unwrap();
    says(&handover, id, "keep one of type registry for it").await;

    let (user, password) = LOGIN;
    let mut credential = json!({
        "name": "our registry", "credentialType": "registry",
        "registry": "not a registry", "user": user, "password": "wrong",
    });
    let (status, refused) =
        handover.call(Method::POST, "/credentials/", Some(credential.clone())).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["detail"][0]["path"], "registry", "{refused}");
    credential["registry"] = json!(format!("http://{}/private", rig.closed_registry));
    let kept = handover.post("/credentials/", credential).await;
    let path = format!("/credentials/{}/", kept["credentialId"].as_str().unwrap());
    let said = says(&handover, id, "does not give it to the credential 'our registry'").await;
    assert!(!said.contains("wrong"), "{said}");

    // No container is given it.
    let mut naming = artifact(&image, json!({}));
    naming["spec"]["containerGroups"][0]["containers"][0]["environmentVars"] = json!([{
        "source": "dr-credential", "name": "PASSWORD",
        "drCredentialId": kept["credentialId"], "key": "password",
    }]);
    let (status, refused) = handover.call(Method::POST, "/artifacts/", Some(naming)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");

    let right = json!({ "registry": rig.closed_registry, "user": user, "password": password });
    let (status, changed) = handover.call(Method::PATCH, &path, Some(right)).await;
    assert!(status.is_success(), "{changed}");
    // What was given up is tried again for whoever asks again.
    handover.post(&format!("/workloads/{id}/stop"), json!({})).await;
    let home = format!("/workloads/{id}/");
    handover.until(&home, |w| w["status"] == "stopped").await;
    handover.post(&format!("/workloads/{id}/start"), json!({})).await;
    handover.until(&home, |w| w["status"] == "running").await;
    let network = wait_for("the network to be counted", async || {
        let seen = handover.get(&home).await;
        let path = format!("{home}protons/{}/statusDetails/", seen["protonId"].as_str()?);
        let network = handover.get(&path).await["replicas"][0]["network"].clone();
        (!network.is_null()).then_some(network)
    });
    assert!(network.await["sentPerSecond"].is_u64());
}

/// A locked version means the same bytes for ever, also when its tag has moved and the engine has lost them.
#[tokio::test(flavor = "multi_thread")]
async fn going_back_runs_the_very_same_image() {
    let Some(rig) = rig().await else { return };
    let image = rig.publish(&rig.registry, "back", "echo first > /which");
    let other = rig.publish(&rig.registry, "forth", "echo other > /which");
    let handover = Handover::on_docker(&["--drain-cap", "1s"]).await;
    let first = handover.post("/artifacts/", artifact(&image, json!({ "status": "locked" }))).await;
    let repository = &first["artifactRepositoryId"];
    let more = json!({ "status": "locked", "artifactRepositoryId": repository });
    let second = handover.post("/artifacts/", artifact(&other, more)).await;
    let body = json!({ "name": "shop", "artifactId": first["id"] });
    let workload = handover.post("/workloads/", body).await;
    let id = workload["id"].as_str().unwrap();
    handover.until(&format!("/workloads/{id}/"), |w| w["status"] == "running").await;
    let ran =
        async || container(&handover, id).await.unwrap()["imageId"].as_str().unwrap().to_owned();
    let before = ran().await;
    assert!(before.starts_with("sha256:"), "{before}");

    let replace = async |artifact: &Value| {
        let body = json!({ "artifactId": artifact["id"] });
        let begun = handover.post(&format!("/workloads/{id}/replacement/"), body).await;
        let done = handover.settled(id, &begun).await;
        assert_eq!(done["status"], "completed", "{done}");
    };
    replace(&second).await;
    rig.publish(&rig.registry, "back", "echo moved > /which");
    rig.docker(&["pull", "--quiet", &image]);
    wait_for("the first image to go", async || {
        rig.try_docker(&["rmi", "--force", &before]).0.map(drop)
    })
    .await;
    replace(&first).await;
    assert_eq!(ran().await, before);
    let text = handover.client.get(handover.endpoint(id, "")).bearer_auth(TOKEN).send().await;
    assert_eq!(text.unwrap().status(), StatusCode::OK);
}

/// The engine is killed while a candidate warms up, and both sides with it: nothing is decided meanwhile, and the
/// rollout ends as it would have.
#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_restarts_amid_a_rollout_does_not_end_it() {
    let Some(rig) = rig_alone().await else { return };
    let handover = Handover::on_docker(&["--drain-cap", "1s"]).await;
    let body = json!({ "name": "shop", "artifact": artifact(&rig.image, json!({})) });
    let workload = handover.post("/workloads/", body).await;
    let id = workload["id"].as_str().unwrap();
    let home = format!("/workloads/{id}/");
    handover.until(&home, |w| w["status"] == "running").await;
    let next = handover.post("/artifacts/", artifact(&rig.image, json!({}))).await;
    for (how, artifact) in [("kill", &next), ("stop", &workload["artifact"])] {
        let path = format!("{home}replacement/");
        let body = json!({
            "artifactId": artifact["id"], "config": { "warmupDurationMinutes": 10 },
        });
        let begun = handover.post(&path, body).await;
        handover.until(&path, |r| r["stage"] == "warming").await;
        rig.dockerd(how);
        // It is a state that is told, not a failure, also of replicas that serve on meanwhile.
        told(&handover, id, "does not answer").await;
        let during = handover.get(&path).await;
        assert!(during["endedAt"].is_null() && during["status"] != "errored", "{during}");
        rig.dockerd("start");
        // Refused until the candidate is ready once more, and forgotten when it only seemed to be.
        let switch = format!("{path}switch");
        let record = format!("{home}replacements/{}/", begun["id"].as_str().unwrap());
        let done = wait_for("the end", async || {
            handover.call(Method::POST, &switch, Some(json!({}))).await;
            let record = handover.get(&record).await;
            (record["stage"] == "done").then_some(record)
        })
        .await;
        assert_eq!(done["status"], "completed", "{how}: {done}");
        // The engine took every container with it, the one that has the traffic now too.
        wait_for("an answer", async || {
            let request = handover.client.get(handover.endpoint(id, "")).bearer_auth(TOKEN);
            (request.send().await.ok()?.status() == StatusCode::OK).then_some(())
        })
        .await;
    }
}
