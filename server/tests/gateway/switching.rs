//! The promise of the house: a replacement under load costs no request.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
};

use bytes::Bytes;
use handover::traffic::Target;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

use crate::{
    replica::Replica,
    stage::{GOOD, PATH, Stage, proton, until, within},
};

const CLIENTS: usize = 64;
const SWITCHES: u8 = 20;
/// Requests that each new proton answers before the next switch.
const BETWEEN: u64 = 200;

/// One client on one connection of its own that it never has to open again.
async fn client(
    stage: std::net::SocketAddr,
    number: usize,
    over: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
) {
    let stream = TcpStream::connect(stage).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut count = 0;
    while !over.load(SeqCst) {
        count += 1;
        let posts = count % 2 == 0;
        let said = format!("client {number} request {count}").repeat(1 + count % 500);
        let (method, path) = if posts { (Method::POST, "/echo") } else { (Method::GET, "/x") };
        let body = if posts { Bytes::from(said.clone()) } else { Bytes::new() };
        let request = Request::builder()
            .method(method)
            .uri(format!("{PATH}{path}"))
            .header("host", "h")
            .header("authorization", GOOD)
            .body(Full::new(body))
            .unwrap();
        let answer = sender.send_request(request).await.expect("no connection is dropped");
        assert_eq!(answer.status(), 200);
        let body = answer.into_body().collect().await.expect("no answer is cut").to_bytes();
        if posts {
            assert_eq!(body, said);
        } else {
            assert!(body.starts_with(b"replica: "));
        }
        done.fetch_add(1, SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_busy_connections_live_through_twenty_switches() {
    let mut replicas = [Replica::ordinary("a").await, Replica::ordinary("b").await];
    let (stage, mut active) = Stage::before(&[replicas[0].address, replicas[1].address]);
    let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(client(stage.address, number, Arc::clone(&over), Arc::clone(&done)));
    }
    let mut answered = 0;
    for switch in 0..SWITCHES {
        let next = [Replica::ordinary("a").await, Replica::ordinary("b").await];
        let candidate = proton(switch + 2, &[next[0].address, next[1].address]);
        stage.endpoint.switch_to(Target::Serving(Arc::clone(&candidate)));
        active.close();
        within("the old proton drains", active.wait_idle()).await;
        // Idle is idle: the old replicas may be killed, connections and all.
        replicas.iter().for_each(Replica::kill);
        assert_eq!(active.totals().failed(), 0);
        assert_eq!(active.totals().abandoned, 0);
        answered += active.totals().answered;
        (active, replicas) = (candidate, next);
        until("the new proton answers", || active.totals().answered >= BETWEEN).await;
        assert!(clients.try_join_next().is_none(), "no client gives up");
    }
    over.store(true, SeqCst);
    while let Some(ended) = clients.join_next().await {
        ended.expect("no client fails");
    }
    assert_eq!(active.totals().failed(), 0);
    answered += active.totals().answered;
    assert_eq!(answered, done.load(SeqCst), "every request is counted once, by one proton");
}
