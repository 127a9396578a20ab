//! The name of a request: in its answer, at the replica, in the log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{Extension, Router, body::Body, routing::get};
use futures::StreamExt;
use handover_server::{gateway::Settings, request_id::RequestId};

use crate::{
    replica::Replica,
    stage::{GOOD, Stage},
};

/// What was logged, for whoever asks.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The span is made on the gateway's thread and entered on another, so the log is that of the whole process.
#[tokio::test]
async fn every_line_of_log_about_a_request_names_it() {
    let lines = Log::default();
    let writer = Log(Arc::clone(&lines.0));
    let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false);
    tracing::subscriber::set_global_default(log.finish()).unwrap();
    let page = async |Extension(id): Extension<RequestId>| {
        tracing::warn!("first");
        let later = futures::stream::once(async {
            tracing::warn!("second");
            io::Result::Ok("streamed")
        });
        let first = futures::stream::iter([io::Result::Ok(id.as_str().to_owned())]);
        Body::from_stream(first.chain(later.map(|text| text.map(str::to_owned))))
    };
    let stage = Stage::with(Router::new().route("/page", get(page)), Settings::default());
    let url = format!("http://{}/page?secret=1", stage.address);
    let request = reqwest::Client::new().get(url).header("x-request-id", "shop-17");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "shop-17");
    assert_eq!(answer.text().await.unwrap(), "shop-17streamed");

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for said in ["first", "second"] {
        let line =
            text.lines().find(|line| line.contains(said)).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains("shop-17") && line.contains("/page"), "{line}");
    }
    assert!(!text.contains("secret"), "queries may hold secrets: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_told_the_name_and_can_not_change_it() {
    let told = async |headers: http::HeaderMap| {
        let told = headers["x-request-id"].to_str().unwrap().to_owned();
        ([("x-request-id", "my-own")], told)
    };
    let replica = Replica::serving(Router::new().route("/", get(told))).await;
    let (stage, _proton) = Stage::before(&[replica.address]);
    let client = reqwest::Client::new();
    for sent in [Some("call-9"), None] {
        let mut request = client.get(stage.url("/")).header("authorization", GOOD);
        if let Some(id) = sent {
            request = request.header("x-request-id", id);
        }
        let answer = request.send().await.unwrap();
        let named = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(answer.text().await.unwrap(), named);
        assert!(sent.is_none_or(|sent| sent == named) && named != "my-own");
    }
}
