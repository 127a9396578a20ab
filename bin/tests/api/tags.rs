//! Tags of workloads, artifacts and repositories (rules.md §17.1).

use serde_json::{Value, json};

use crate::server::{Server, id};

fn pairs(record: &Value) -> Vec<(String, String)> {
    let text = |tag: &Value, field: &str| tag[field].as_str().unwrap().to_owned();
    let tags = record["tags"].as_array().unwrap();
    tags.iter().map(|tag| (text(tag, "name"), text(tag, "value"))).collect()
}

fn are(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_replaces_all_tags_and_touches_nothing_that_runs() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let workload = server.workload("tagged", &locked).await;
    let path = format!("/workloads/{workload}/");
    let before = server.get(&path).await.is(200);
    let wanted = json!([{ "name": "team", "value": "blue" }, { "name": "stage", "value": "" }]);
    let tagged = server.patch(&path, json!({ "tags": wanted })).await.is(200);
    assert_eq!(pairs(&tagged), are(&[("team", "blue"), ("stage", "")]), "in the order given");
    assert_eq!((&tagged["protonId"], &tagged["replacement"]), (&before["protonId"], &Value::Null));
    assert_eq!(server.get(&path).await.is(200)["tags"], tagged["tags"]);

    // What was read can be sent back: the same tags, the same ids. One that changes gets a new one.
    let same = server.patch(&path, json!({ "tags": tagged["tags"] })).await.is(200);
    assert_eq!((&same["tags"], &same["updatedAt"]), (&tagged["tags"], &tagged["updatedAt"]));
    let wanted = json!([{ "name": "team", "value": "red" }, { "name": "stage", "value": "" }]);
    let changed =
        server.patch(&path, json!({ "tags": wanted, "importance": "high" })).await.is(200);
    assert_ne!(changed["tags"][0]["id"], tagged["tags"][0]["id"]);
    assert_eq!(changed["tags"][1]["id"], tagged["tags"][1]["id"]);
    let kept = server.patch(&path, json!({ "description": "more", "tags": null })).await.is(200);
    assert_eq!(kept["tags"], changed["tags"], "null leaves them");
    let none = server.patch(&path, json!({ "tags": [] })).await.is(200);
    assert_eq!(none["tags"], json!([]));

    let events = server.get(&format!("{path}events/")).await.is(200);
    let told = events["data"].as_array().unwrap().iter().find(|e| !e["details"]["tags"].is_null());
    assert_eq!(told.unwrap()["details"]["tags"]["after"], json!([]), "the newest first");
}

/// Tags are about an artifact and no part of it, so a locked one takes them too; nothing else of it changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_artifact_can_be_tagged() {
    let server = Server::start().await;
    let locked = server.locked("1", &[]).await;
    let path = format!("/artifacts/{locked}/");
    let wanted = json!({ "tags": [{ "name": "reviewed", "value": "yes" }] });
    let tagged = server.patch(&path, wanted.clone()).await.is(200);
    assert_eq!(pairs(&tagged), are(&[("reviewed", "yes")]));
    assert_eq!((&tagged["status"], &tagged["version"]), (&json!("locked"), &json!(1)));
    let both = json!({ "tags": [], "name": "other" });
    server.patch(&path, both).await.is(403);
    assert_eq!(
        pairs(&server.get(&path).await.is(200)),
        are(&[("reviewed", "yes")]),
        "nothing of it"
    );

    // One request edits, tags and locks a draft.
    let draft = server.draft("2", &[]).await;
    let mut all = wanted;
    (all["name"], all["status"]) = (json!("renamed"), json!("locked"));
    let done = server.patch(&format!("/artifacts/{draft}"), all).await.is(200);
    assert_eq!((&done["name"], &done["status"]), (&json!("renamed"), &json!("locked")));
    assert_eq!(pairs(&done), are(&[("reviewed", "yes")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_come_and_go_one_by_one_on_everything() {
    let server = Server::start().await;
    let artifact = server.locked("1", &[]).await;
    let workload = server.workload("single", &artifact).await;
    let read = server.get(&format!("/artifacts/{artifact}")).await.is(200);
    let repository = read["artifactRepositoryId"].as_str().unwrap();
    for path in [
        format!("/workloads/{workload}"),
        format!("/artifacts/{artifact}"),
        format!("/artifactRepositories/{repository}"),
    ] {
        let tags = format!("{path}/tags");
        let first = server.post(&tags, json!({ "name": "a", "value": "1" })).await.is(201);
        let second =
            server.post(&format!("{tags}/"), json!({ "name": "A", "value": "x, y" })).await.is(201);
        let twice = server.post(&tags, json!({ "name": "a", "value": "2" })).await.is(409);
        assert!(twice["detail"].as_str().unwrap().contains("'a'"), "{twice}");
        assert_eq!(server.get(&path).await.is(200)["tags"], json!([first, second]));
        for wrong in [
            json!({ "name": "", "value": "1" }),
            json!({ "name": "x".repeat(256), "value": "1" }),
            json!({ "name": "b", "value": "x".repeat(256) }),
            json!({ "name": "b" }),
            json!({ "name": "b", "value": "1", "colour": "red" }),
        ] {
            server.post(&tags, wrong).await.is(422);
        }
        server.delete(&format!("{tags}/{}", id(&first))).await.is(204);
        server.delete(&format!("{tags}/{}/", id(&first))).await.is(404);
        assert_eq!(server.get(&path).await.is(200)["tags"], json!([second]));
    }
    server
        .post("/workloads/0123456789abcdef01234567/tags", json!({ "name": "a", "value": "" }))
        .await
        .is(404);
    for list in ["/workloads", "/artifacts", "/artifactRepositories"] {
        let count = async |query: &str| {
            server.get(&format!("{list}/?{query}")).await.is(200)["totalCount"].clone()
        };
        assert_eq!(count("tagKeys=A").await, 1, "{list}");
        assert_eq!(count("tagKeys=a").await, 0, "{list}: it was deleted");
        assert_eq!(count("tagKeys=b,A").await, 1, "{list}");
        assert_eq!(count("tagKeys=b&tagKeys=A").await, 1, "{list}");
        assert_eq!(count("tagValues=x,%20y").await, 1, "{list}: a value may hold a comma");
        assert_eq!(count("tagKeys=A&tagValues=1").await, 0, "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_tags_is_checked_as_a_whole() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let path = format!("/artifacts/{draft}/");
    let tag = |name: &str| json!({ "name": name, "value": "v" });
    let many: Vec<Value> = (0..101).map(|n| tag(&format!("t{n}"))).collect();
    for (tags, at) in [
        (json!([tag("a"), tag("b"), tag("a")]), "tags.2.name"),
        (json!([tag("")]), "tags.0.name"),
        (json!([tag("a"), { "name": "b" }]), "tags.1.value"),
        (json!(many), "tags"),
    ] {
        let refused = server.patch(&path, json!({ "name": "other", "tags": tags })).await.is(422);
        assert_eq!(refused["detail"][0]["path"], at);
    }
    let read = server.get(&path).await.is(200);
    assert_eq!((&read["tags"], &read["name"]), (&json!([]), &json!("demo 1")), "all or nothing");
}
