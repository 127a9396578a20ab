//! `/files` and `/status`: uploaded code.

use handover::model::{Millis, Scope};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    server::{Server, wait_for},
    upload::{archive, multipart},
};

/// SHA-256 of "one" and of "two", as `sha256sum` prints them.
const ONE: &str = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
const TWO: &str = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

fn names(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|f| f["fileName"].as_str().unwrap()).collect()
}

fn text<'v>(made: &'v Value, field: &str) -> &'v str {
    made[field].as_str().unwrap_or_else(|| panic!("no {field} in {made}"))
}

/// The way of the command line: a few files on a stage, then a version of them.
#[tokio::test(flavor = "multi_thread")]
async fn code_is_gathered_on_a_stage() {
    let server = Server::start().await;
    let made = server.post("/files/", json!({ "name": "code of mine" })).await.is(201);
    let (catalog, empty) = (text(&made, "catalogId"), text(&made, "catalogVersionId"));
    let at = |rest: &str| format!("/files/{catalog}/{rest}");
    assert_eq!(server.get(&at("allFiles")).await.is(200)["totalCount"], 0);

    let stage = server.post(&at("stages/"), json!({})).await.is(201);
    assert_eq!(stage["catalogId"], catalog);
    let stage = text(&stage, "stageId").to_owned();
    let to_stage = at(&format!("stages/{stage}/upload/"));
    server.upload(&to_stage, multipart(&[], "src/app.py", b"one")).await.is(201);
    let fields = &[("isExecutable", "true")];
    server.upload(&to_stage, multipart(fields, "./run", b"one")).await.is(201);
    server.upload(&to_stage, multipart(&[], "start.sh", b"#!/bin/sh\n")).await.is(201);
    assert_eq!(server.get(&at("allFiles/")).await.is(200)["totalCount"], 0, "not applied yet");

    let apply = json!({ "stageId": stage, "overwrite": "REPLACE" });
    let first = server.post(&at("fromStage/"), apply.clone()).await.is(201);
    assert_eq!(first["numFiles"], 3);
    server.post(&at("fromStage/"), apply).await.is(404);
    let first = text(&first, "catalogVersionId");
    let page = server.get(&at(&format!("versions/{first}/allFiles/"))).await.is(200);
    assert_eq!(
        page["data"],
        json!([
            { "fileName": "run", "fileType": "", "fileSize": 3, "fileChecksum": ONE, "isExecutable": true },
            { "fileName": "src/app.py", "fileType": "py", "fileSize": 3, "fileChecksum": ONE,
              "isExecutable": false },
            { "fileName": "start.sh", "fileType": "sh", "fileSize": 10,
              "fileChecksum": page["data"][2]["fileChecksum"], "isExecutable": true },
        ])
    );

    let stage = server.post(&at("stages/"), json!({})).await.is(201);
    let stage = text(&stage, "stageId");
    let to_stage = at(&format!("stages/{stage}/upload/"));
    server.upload(&to_stage, multipart(&[], "src/app.py", b"two")).await.is(201);
    let apply = json!({ "stageId": stage, "overwrite": "REPLACE" });
    let second = server.post(&at("fromStage/"), apply).await.is(201);
    let second = text(&second, "catalogVersionId");
    let newest = server.get(&at("allFiles/")).await.is(200);
    assert_eq!(newest["data"][1]["fileChecksum"], TWO);
    for (version, content) in [(first, "one"), (second, "two")] {
        let file = at(&format!("versions/{version}/file/?fileName=src/app.py"));
        let answer = server.get(&file).await;
        assert_eq!(answer.headers["content-type"], "application/octet-stream");
        assert_eq!(answer.is(200), content, "versions never change");
    }

    let gone = server.delete_with(&at("allFiles/"), json!({ "paths": ["src/", "none"] })).await;
    let gone = gone.is(200);
    assert_eq!(
        gone["results"],
        json!([{ "path": "src/", "numFilesDeleted": 1 }, { "path": "none", "numFilesDeleted": 0 }])
    );
    assert_eq!(gone["numFiles"], 2);
    let third = text(&gone, "catalogVersionId");
    let page = server.get(&at("versions/?orderBy=-created&limit=100")).await.is(200);
    let ids: Vec<_> =
        page["data"].as_array().unwrap().iter().map(|v| v["catalogVersionId"].as_str()).collect();
    assert_eq!(ids, [Some(third), Some(second), Some(first), Some(empty)]);
    assert_eq!((&page["data"][1]["numFiles"], &page["data"][1]["size"]), (&json!(3), &json!(16)));
    let page = server.get(&at("versions?orderBy=created&limit=1")).await.is(200);
    assert_eq!(page["data"][0]["catalogVersionId"], empty);
    let nothing = server.delete_with(&at("allFiles/"), json!({ "paths": ["none"] })).await.is(200);
    assert_eq!(nothing["catalogVersionId"], third, "nothing changed, so no version");
}

/// The way of Terraform: everything in one archive.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_becomes_a_version() {
    let server = Server::start().await;
    let made = server.catalog(&[("src/app.py", 0o644, "one"), ("run", 0o755, "one")]).await;
    let catalog = text(&made, "catalogId");
    let into = format!("/files/{catalog}/fromFile/?useArchiveContents=true");
    let all = format!("/files/{catalog}/allFiles/");
    let page = server.get(&all).await.is(200);
    assert_eq!(names(&page), ["run", "src/app.py"]);
    assert_eq!(page["data"][0]["isExecutable"], true);

    let two = archive(&[("src/app.py", 0o644, "two")]);
    let fields = &[("overwrite", "REPLACE")];
    server.upload(&into, multipart(fields, "a.zip", &two)).await.is(202);
    let page = server.get(&all).await.is(200);
    assert_eq!((names(&page).len(), &page["data"][1]["fileChecksum"]), (2, &json!(TWO)));
    let query = format!("{into}&overwrite=SKIP");
    let one = archive(&[("src/app.py", 0o644, "one"), ("new", 0o644, "new")]);
    server.upload(&query, multipart(&[], "a.zip", &one)).await.is(202);
    let page = server.get(&all).await.is(200);
    assert_eq!((names(&page).len(), &page["data"][2]["fileChecksum"]), (3, &json!(TWO)));
    server.upload(&format!("{into}&overwrite=ERROR"), multipart(&[], "a.zip", &two)).await.is(409);
    server.upload(&into, multipart(&[], "a.zip", &one)).await.is(202);
    let page = server.get(&all).await.is(200);
    assert_eq!(names(&page), ["new", "new (2)", "run", "src/app (2).py", "src/app.py"]);
    let page = server.get(&format!("{all}?limit=2&offset=2")).await.is(200);
    assert_eq!((names(&page), &page["totalCount"]), (vec!["run", "src/app (2).py"], &json!(5)));
    assert!(page["next"].as_str().unwrap().starts_with(&server.url));

    let single = format!("/files/{catalog}/fromFile/?useArchiveContents=false&overwrite=REPLACE");
    server.upload(&single, multipart(&[], "new", b"one")).await.is(202);
    assert_eq!(server.get(&all).await.is(200)["data"][0]["fileChecksum"], ONE);
}

/// Uploads are larger than other bodies may be, and come in pieces.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_taken_in() {
    let server = Server::start().await;
    let content = "0123456789abcdef".repeat(200_000);
    let body = multipart(&[], "large.bin", content.as_bytes());
    let made = server.upload("/files/fromFile/?useArchiveContents=false", body).await.is(202);
    let (catalog, version) = (text(&made, "catalogId"), text(&made, "catalogVersionId"));
    let file = format!("/files/{catalog}/versions/{version}/file/?fileName=large.bin");
    assert_eq!(server.get(&file).await.is(200), content);
}

/// A day later, what never became part of a version is gone, and what did is not.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_came_back_to_is_forgotten() {
    let server = Server::start().await;
    let made = server.catalog(&[("kept", 0o644, "two")]).await;
    let (catalog, version) = (text(&made, "catalogId"), text(&made, "catalogVersionId"));
    let stage = server.post(&format!("/files/{catalog}/stages"), json!({})).await.is(201);
    let stage = text(&stage, "stageId");
    let to_stage = format!("/files/{catalog}/stages/{stage}/upload");
    server.upload(&to_stage, multipart(&[], "staged", b"one")).await.is(201);
    let house = server.house();
    let one = house.files.path(&ONE.parse().unwrap());
    assert!(one.exists());
    server.advance(Millis::hours(25));
    wait_for(async || (!one.exists()).then_some(())).await.expect("it is still there");
    server.upload(&to_stage, multipart(&[], "staged", b"one")).await.is(404);
    let file = format!("/files/{catalog}/versions/{version}/file?fileName=kept");
    assert_eq!(server.get(&file).await.is(200), "two");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_do_harm_is_refused() {
    let server = Server::start().await;
    let made = server.post("/files", Value::Null).await.is(201);
    let catalog = text(&made, "catalogId");
    let stage = server.post(&format!("/files/{catalog}/stages"), json!({})).await.is(201);
    let to_stage = format!("/files/{catalog}/stages/{}/upload", text(&stage, "stageId"));
    for path in ["../up", "/etc/passwd", "a/../../b", "", "a//b"] {
        let refused = server.upload(&to_stage, multipart(&[], path, b"x")).await.is(422);
        assert_eq!(refused["detail"][0]["path"], "file", "{path}");
        let packed = archive(&[(path, 0o644, "x")]);
        server.upload("/files/fromFile", multipart(&[], "a.zip", &packed)).await.is(422);
    }
    let zip = "/files/fromFile?useArchiveContents=true";
    let refused = server.upload(zip, multipart(&[], "a.zip", b"no archive")).await.is(422);
    assert!(refused["detail"].as_str().unwrap().contains("zip"), "{refused}");
    let bomb = "\0".repeat(40 * 1024 * 1024);
    let bomb = archive(&[("bomb", 0o644, &bomb)]);
    assert!(bomb.len() < 64 * 1024);
    let refused = server.upload(zip, multipart(&[], "a.zip", &bomb)).await.is(422);
    assert!(refused["detail"].as_str().unwrap().contains("grows beyond"), "{refused}");
    let both = archive(&[("a", 0o644, "file"), ("a/b", 0o644, "in a folder of the same name")]);
    server.upload(zip, multipart(&[], "a.zip", &both)).await.is(422);

    let long = "x".repeat(70_000);
    server.upload(zip, multipart(&[("overwrite", &long)], "a", b"x")).await.is(413);
    server.upload(zip, multipart(&[("overwrite", "SOMETIMES")], "a", b"x")).await.is(422);
    server.upload(zip, b"--a-boundary-that-no-file-holds--\r\n".to_vec()).await.is(422);
    server.post(zip, json!({})).await.is(400);
    server.post("/files/", json!({ "name": "x".repeat(256) })).await.is(422);
    server.post(&format!("/files/{catalog}/fromStage"), json!({ "stageId": "none" })).await.is(404);
    server.post("/files/none/stages/", json!({})).await.is(404);
    server.upload("/files/none/fromFile/", multipart(&[], "a", b"x")).await.is(404);
    server.get("/status/none/").await.is(404);
    let version = text(&made, "catalogVersionId");
    let file = format!("/files/{catalog}/versions/{version}/file");
    server.get(&file).await.is(422);
    server.get(&format!("{file}?fileName=../../handover.db")).await.is(404);
    assert_eq!(server.get(&format!("/files/{catalog}/allFiles")).await.is(200)["totalCount"], 0);
}

/// Others are told that there is none, and can't have it built; a token that only reads takes nothing in.
#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_belongs_to_whoever_made_it() {
    let server = Server::start().await;
    let ada = server.person("ada", "member", Scope::ALL).await;
    let bob = server.person("bob", "member", Scope::ALL).await;
    let reader = server.token(&ada.id, &[Scope::Read]).await;
    let made = server.call_as(&ada.token, Method::POST, "/files/", Some("{}")).await.is(201);
    let (catalog, version) = (text(&made, "catalogId"), text(&made, "catalogVersionId"));
    let container = json!({ "imageBuildConfig": { "codeRef": { "datarobot": {
        "catalogId": catalog, "catalogVersionId": version,
    } } } });
    let spec = json!({ "containerGroups": [{ "containers": [container] }] });
    let artifact = json!({ "name": "built", "spec": spec }).to_string();
    let stage = server.post(&format!("/files/{catalog}/stages/"), json!({})).await.is(201);
    let apply = json!({ "stageId": stage["stageId"] }).to_string();
    let all = format!("/files/{catalog}/allFiles/");
    let paths = json!({ "paths": ["a"] }).to_string();
    let doors = [
        (Method::GET, all.clone(), None, [404, 200, 200]),
        (Method::GET, format!("/files/{catalog}/versions/"), None, [404, 200, 200]),
        (
            Method::GET,
            format!("/files/{catalog}/versions/{version}/allFiles/"),
            None,
            [404, 200, 200],
        ),
        (
            Method::GET,
            format!("/files/{catalog}/versions/{version}/file/?fileName=a"),
            None,
            [404; 3],
        ),
        (Method::GET, format!("/status/{version}/"), None, [404, 303, 303]),
        (Method::POST, format!("/files/{catalog}/stages/"), Some("{}"), [404, 403, 201]),
        (Method::POST, format!("/files/{catalog}/fromStage/"), Some(&*apply), [404, 403, 201]),
        (Method::DELETE, all, Some(&*paths), [404, 403, 200]),
        (Method::POST, "/artifacts/".to_owned(), Some(&*artifact), [422, 403, 201]),
    ];
    for (method, path, body, expected) in doors {
        for (token, status) in [&bob.token, &reader, &ada.token].into_iter().zip(expected) {
            let answer = server.call_as(token, method.clone(), &path, body).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        }
    }
    server.call_as(&reader, Method::POST, "/files/", Some("{}")).await.is(403);
    server.get(&format!("/files/{catalog}/allFiles/")).await.is(200);
}
