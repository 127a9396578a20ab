//! What happens when one side is suddenly gone.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use crate::{
    replica::Replica,
    stage::{GOOD, PATH, Stage, until, within},
    wire::read_until,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_stops_the_replicas_work() {
    for head in ["", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"] {
        let (tell, mut told) = mpsc::unbounded_channel();
        let replica = Replica::scripted(move |mut stream| {
            let tell = tell.clone();
            async move {
                read_until(&mut stream, "\r\n\r\n").await;
                stream.write_all(head.as_bytes()).await.unwrap();
                tell.send("asked").unwrap();
                let ended = stream.read(&mut [0; 16]).await;
                assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
                tell.send("left").unwrap();
            }
        })
        .await;
        let (stage, proton) = Stage::before(&[replica.address]);
        let mut client = TcpStream::connect(stage.address).await.unwrap();
        let request = format!("GET {PATH}/ HTTP/1.1\r\nHost: h\r\nAuthorization: {GOOD}\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(within("the request", told.recv()).await, Some("asked"));
        if !head.is_empty() {
            read_until(&mut client, "half").await;
        }
        assert_eq!(proton.open(), 1);
        drop(client);
        assert_eq!(within("the replica is told", told.recv()).await, Some("left"));
        until("the claim ends", || proton.open() == 0).await;
        assert_eq!((proton.totals().abandoned, proton.totals().failed()), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_killed_in_the_middle_shows_as_a_broken_answer_and_is_counted() {
    for framing in
        ["Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
    {
        let (go, mut gone) = mpsc::channel::<()>(1);
        let replica = Replica::scripted(move |mut stream| {
            let go = go.clone();
            async move {
                read_until(&mut stream, "\r\n\r\n").await;
                let answer = format!("HTTP/1.1 200 OK\r\n{framing}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                go.send(()).await.unwrap();
                std::future::pending::<()>().await;
            }
        })
        .await;
        let (stage, proton) = Stage::before(&[replica.address]);
        let client = reqwest::Client::new();
        let mut answer =
            client.get(stage.url("/")).header("authorization", GOOD).send().await.unwrap();
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "half");
        gone.recv().await.unwrap();
        replica.kill();
        let ended = within("the end", answer.chunk()).await;
        assert!(ended.is_err(), "a short answer looks whole: {ended:?}");
        until("the claim ends", || proton.open() == 0).await;
        let totals = proton.totals();
        assert_eq!((totals.begun, totals.cut, totals.answered), (1, 1, 0));
    }
}

/// The replica answers once and closes the connection when the next request has been read: it may have
/// acted on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_may_have_been_read_is_never_sent_twice() {
    for method in [Method::GET, Method::POST] {
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        let replica = Replica::scripted(move |mut stream| {
            let count = Arc::clone(&count);
            async move {
                read_until(&mut stream, "\r\n\r\n").await;
                count.fetch_add(1, SeqCst);
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
                read_until(&mut stream, "\r\n\r\n").await;
                count.fetch_add(1, SeqCst);
            }
        })
        .await;
        // The second request finds the first one's connection.
        let (stage, proton) = Stage::on_one_thread(&[replica.address]);
        let client = reqwest::Client::new();
        let send =
            || client.request(method.clone(), stage.url("/")).header("authorization", GOOD).send();
        assert_eq!(send().await.unwrap().text().await.unwrap(), "ok");
        let second = send().await.unwrap();
        assert_eq!(second.status(), 502, "{method}");
        assert_eq!((seen.load(SeqCst), replica.connections()), (2, 1), "{method} was sent again");
        assert_eq!((proton.totals().gateway_errors, proton.open()), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_while_it_was_idle_costs_no_request() {
    let replica = Replica::scripted(|mut stream| async move {
        let asked = read_until(&mut stream, "body").await;
        assert!(asked.starts_with("POST / "), "{asked}");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
    })
    .await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let client = reqwest::Client::new();
    for _ in 0..50 {
        let sent = client.post(stage.url("/")).header("authorization", GOOD).body("body");
        let answer = sent.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "ok"));
    }
    assert_eq!((proton.totals().answered, proton.totals().failed()), (50, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_serves_many_requests_and_is_closed_when_its_replica_is_ready_no_more() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let replica = Replica::scripted(move |mut stream| {
        let tell = tell.clone();
        async move {
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
            }
            tell.send(()).unwrap();
        }
    })
    .await;
    let (stage, proton) = Stage::on_one_thread(&[replica.address]);
    let client = reqwest::Client::new();
    for _ in 0..20 {
        let answer = client.get(stage.url("/")).header("authorization", GOOD).send().await;
        assert_eq!(answer.unwrap().text().await.unwrap(), "ok");
    }
    assert_eq!(replica.connections(), 1);
    assert!(told.try_recv().is_err(), "it is still kept");
    proton.set_ready(&[]);
    within("the idle connection is closed", told.recv()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_speaks_no_http_is_a_bad_gateway() {
    let replica = Replica::scripted(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
    })
    .await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let answer = reqwest::Client::new().get(stage.url("/")).header("authorization", GOOD).send();
    assert_eq!(answer.await.unwrap().status(), 502);
    assert_eq!((proton.totals().gateway_errors, proton.open()), (1, 0));
}
