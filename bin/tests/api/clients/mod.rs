//! What the programs that people already have send, need and wait for, each played as it does it. They were
//! written for the original, and must need no more than another address and token.

mod cli;
mod mcp;
mod skill;
mod terraform;
mod traps;

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Server};

/// A container as these programs write one, ready in a moment.
fn container(version: &str) -> Value {
    json!({
        "name": "main", "imageUri": format!("handover/demo:{version}"), "port": 8080, "primary": true,
        "readinessProbe": { "path": "/healthz", "initialDelaySeconds": 0, "periodSeconds": 1 },
    })
}

fn spec(version: &str) -> Value {
    json!({ "containerGroups": [{ "containers": [container(version)] }] })
}

/// A call with a body as it is, JSON or not.
async fn raw(server: &Server, method: Method, path: &str, body: &str) -> Answer {
    server.call(method, path, Some(body)).await
}
