use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer},
};

use super::http;
use crate::{
    clock::SystemClock,
    model::{Probe, ProbeScheme},
};

/// Answers one connection with `answer`, keeps it open, and hands back what was asked.
async fn server(answer: &'static str) -> (SocketAddr, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let count = stream.read(&mut head).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        // Held open until the prober hangs up: an endless body must not hold it.
        drop(stream.read(&mut [0; 16]).await);
        String::from_utf8_lossy(&head[..count]).into_owned()
    });
    (address, asked)
}

fn probe(path: &str) -> Probe {
    Probe {
        path: path.to_owned(),
        port: 8080,
        scheme: ProbeScheme::Http,
        host: Some("shop.example".to_owned()),
        http_headers: Some(BTreeMap::from([("X-Check".to_owned(), "1".to_owned())])),
        initial_delay_seconds: 0,
        period_seconds: 1,
        timeout_seconds: 5,
        failure_threshold: 1,
        success_threshold: None,
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_after_its_head() {
    let clock = SystemClock::new();
    let (address, asked) =
        server("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n").await;
    let outcome = http(&clock, &probe("ready?deep=1"), address).await;
    assert_eq!((outcome.status, outcome.passed), (Some(200), true));
    assert_eq!(outcome.head.as_deref(), Some("data: 1"));
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("GET /ready?deep=1 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("host: shop.example\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("x-check: 1\r\n"), "{asked}");
}

#[tokio::test]
async fn redirects_pass_and_errors_do_not() {
    let clock = SystemClock::new();
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n";
    let (address, _asked) = server(redirect).await;
    assert!(http(&clock, &probe("/"), address).await.passed);

    let (address, _asked) =
        server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\n\r\nwarming").await;
    let outcome = http(&clock, &probe("/"), address).await;
    assert_eq!((outcome.status, outcome.passed), (Some(503), false));
    assert_eq!(outcome.head.as_deref(), Some("warming"));
}

#[tokio::test]
async fn https_accepts_a_certificate_that_nobody_vouches_for() {
    let own = rcgen::generate_simple_self_signed(vec!["somebody-else.example".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
        drop(stream.read(&mut [0; 4096]).await);
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
        stream.write_all(answer).await.unwrap();
        drop(stream.read(&mut [0; 16]).await);
    });
    let mut probe = probe("/");
    probe.scheme = ProbeScheme::Https;
    let outcome = http(&SystemClock::new(), &probe, address).await;
    assert_eq!((outcome.status, outcome.passed), (Some(200), true), "{outcome:?}");
    assert_eq!(outcome.head.as_deref(), Some("secret"));
}

#[tokio::test]
async fn silence_fails_after_the_timeout() {
    let clock = SystemClock::new();
    let (address, _asked) = server("").await;
    let mut probe = probe("/");
    probe.timeout_seconds = 0;
    let outcome = http(&clock, &probe, address).await;
    assert_eq!(outcome.head.as_deref(), Some("no answer within 1 s"));
}
