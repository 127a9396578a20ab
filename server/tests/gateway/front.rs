//! The port itself, and what is not for a workload.

use std::{io, num::NonZeroUsize, thread, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    routing::{get, post},
};
use futures::StreamExt;
use handover_server::gateway::{Front, Settings};
use tokio::{io::AsyncReadExt, net::TcpStream, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    replica::Replica,
    stage::{GOOD, PATH, Stage, within},
    wire::say,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_taken_once() {
    let front = Front::bind(([127, 0, 0, 1], 0).into(), NonZeroUsize::new(2)).unwrap();
    let again = Front::bind(front.address(), NonZeroUsize::new(2));
    assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    let address = front.address();
    drop(front);
    assert!(Front::bind(address, None).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_made_off_the_gateways_threads_and_know_their_client() {
    let page = async |ConnectInfo(peer): ConnectInfo<std::net::SocketAddr>, body: Bytes| {
        let thread = thread::current().name().unwrap_or_default().to_owned();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let on = |thread: &str| if thread.starts_with("gateway") { "gateway" } else { "main" };
        let later = futures::stream::once(async move {
            let thread = thread::current().name().unwrap_or_default().to_owned();
            io::Result::Ok(format!("streamed on {}", on(&thread)))
        });
        let first = format!("{} {} on {}\n", peer.ip(), body, on(&thread));
        let first = futures::stream::once(async { io::Result::Ok(first) });
        Body::from_stream(first.chain(later))
    };
    let stage = Stage::with(Router::new().route("/page", post(page)), Settings::default());
    let url = format!("http://{}/page", stage.address);
    for http2 in [false, true] {
        let client = reqwest::Client::builder();
        let client = if http2 { client.http2_prior_knowledge() } else { client }.build().unwrap();
        let answer = client.post(&url).body("hello").send().await.unwrap().text().await.unwrap();
        assert_eq!(answer, "127.0.0.1 hello on main\nstreamed on main");
    }
    let missing = reqwest::get(format!("http://{}/none", stage.address)).await.unwrap();
    assert_eq!((missing.status().as_u16(), missing.content_length()), (404, Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_panics_is_an_error_and_a_body_that_breaks_off_is_not_whole() {
    let breaks = async || {
        let pieces = futures::stream::iter([Ok("half"), Err(io::Error::other("broken"))]);
        Body::from_stream(pieces)
    };
    let router = Router::new()
        .route("/panics", get(async || -> &'static str { panic!("on purpose") }))
        .route("/breaks", get(breaks));
    let stage = Stage::with(router, Settings::default());
    let get = async |path: &str| reqwest::get(format!("http://{}{path}", stage.address)).await;
    assert_eq!(get("/panics").await.unwrap().status(), 500);
    // It may break off before the head has left, too.
    let broken = match get("/breaks").await {
        Ok(answer) => answer.bytes().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(broken.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_its_reader_leaves() {
    let (tell, mut told) = mpsc::channel::<mpsc::Sender<Result<Bytes, io::Error>>>(1);
    let stream = async move || {
        let (pieces, body) = mpsc::channel(1);
        tell.send(pieces).await.unwrap();
        Body::from_stream(ReceiverStream::new(body))
    };
    let stage = Stage::with(Router::new().route("/stream", get(stream)), Settings::default());
    let mut answer = reqwest::get(format!("http://{}/stream", stage.address)).await.unwrap();
    let pieces = told.recv().await.unwrap();
    pieces.send(Ok(Bytes::from_static(b"one"))).await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
    drop(answer);
    within("the stream is told", pieces.closed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_open_requests_finish_and_takes_no_more() {
    let (begun, mut begins) = mpsc::channel::<()>(1);
    let (go, went) = tokio::sync::watch::channel(false);
    let slow = move || {
        let (begun, mut went) = (begun.clone(), went.clone());
        async move {
            begun.send(()).await.unwrap();
            went.wait_for(|go| *go).await.unwrap();
            "finished"
        }
    };
    let replica = Replica::serving(Router::new().route("/slow", get(slow))).await;
    let (mut stage, _) = Stage::before(&[replica.address]);
    let request = reqwest::Client::new().get(stage.url("/slow")).header("authorization", GOOD);
    let open = tokio::spawn(request.send());
    begins.recv().await.unwrap();
    stage.shutdown.cancel();
    within("no more connections", async {
        let mut look = tokio::time::interval(Duration::from_millis(2));
        while TcpStream::connect(stage.address).await.is_ok() {
            look.tick().await;
        }
    })
    .await;
    assert!(!stage.serving.is_finished());
    go.send(true).unwrap();
    assert_eq!(open.await.unwrap().unwrap().text().await.unwrap(), "finished");
    within("the front ends", &mut stage.serving).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_finishes_its_request_is_cut_off() {
    let patience = Settings { head_within: Duration::from_millis(100), ..Settings::default() };
    let stage = Stage::with(Router::new().route("/", get(async || "ok")), patience);
    for head in ["", "P", "PRI * HT", "GET / HTTP/1.1\r\nHost: h\r\n"] {
        let mut client = TcpStream::connect(stage.address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut client, head.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let cut = within("the cut", client.read_to_end(&mut rest)).await;
        assert!(cut.is_err() || rest.is_empty(), "{head}: {rest:?}");
    }
    let head = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let answer = say(stage.address, &head).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_can_live_on_a_host_of_their_own() {
    let settings = Settings { endpoint_host: Some("run.test".to_owned()), ..Settings::default() };
    let stage = Stage::with(Router::new().route("/", get(async || "console")), settings);
    let status = async |path: &str, host: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        say(stage.address, &request).await[9..12].to_owned()
    };
    assert_eq!(status(PATH, "run.test").await, "401", "an endpoint, and no key was shown");
    assert_eq!(status(PATH, "console.test").await, "421");
    assert_eq!(status("/", "run.test").await, "421");
    assert_eq!(status("/", "console.test").await, "200");
}
