//! What a replica is asked, and what the gateway answers by itself.

use handover::traffic::Target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    replica::Replica,
    stage::{GOOD, PATH, Stage, proton, within},
    wire::{read_until, say},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_path_stays_raw_and_only_what_concerns_the_workload_is_passed_on() {
    let replica = Replica::ordinary("a").await;
    let (stage, _) = Stage::before(&[replica.address]);
    let request = format!(
        "DELETE {PATH}/a%2Fb/../c//d;e?q=%20&x=[1] HTTP/1.1\r\nHost: console.test:3000\r\n\
         Authorization: {GOOD}\r\nCookie: a=1; handover_session=secret\r\nCookie: b=2\r\n\
         X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: gopher\r\nX-Own: kept\r\nX-Request-Id: r-1\r\nX-Hop: dropped\r\n\
         Keep-Alive: timeout=9\r\nTE: trailers, deflate\r\nExpect: 100-continue\r\n\
         Connection: close, X-Hop\r\n\r\n"
    );
    let answer = say(stage.address, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let seen = answer.split_once("\r\n\r\n").unwrap().1;
    let mut lines: Vec<_> = seen.lines().skip(2).collect();
    lines.sort_unstable();
    assert!(seen.contains("DELETE /a%2Fb/../c//d;e?q=%20&x=[1]\n"), "{seen}");
    assert_eq!(
        lines,
        [
            "cookie: a=1; b=2",
            "host: console.test:3000",
            "te: trailers",
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-host: console.test:3000",
            "x-forwarded-proto: http",
            "x-own: kept",
            "x-request-id: r-1",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_without_a_path_is_the_workloads_root() {
    let replica = Replica::ordinary("a").await;
    let (stage, _) = Stage::before(&[replica.address]);
    let client = reqwest::Client::new();
    for (asked, seen) in [("", "GET /\n"), ("/", "GET /\n"), ("?x=1", "GET /?x=1\n")] {
        let answer = client.get(stage.url(asked)).header("authorization", GOOD).send().await;
        assert!(answer.unwrap().text().await.unwrap().contains(seen), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_clients_are_served_too() {
    let replica = Replica::ordinary("a").await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let get = client.get(stage.url("/x")).header("authorization", GOOD);
    let get = get.header("cookie", "a=1").header("cookie", "handover_session=s").send().await;
    let get = get.unwrap();
    assert_eq!(get.version(), reqwest::Version::HTTP_2);
    let seen = get.text().await.unwrap();
    assert!(seen.contains(&format!("host: {}\n", stage.address)), "{seen}");
    assert!(seen.contains("cookie: a=1\n"), "{seen}");
    let sent = "x".repeat(1_000_000);
    let post = client.post(stage.url("/echo")).header("authorization", GOOD).body(sent.clone());
    assert_eq!(post.send().await.unwrap().text().await.unwrap(), sent);
    assert_eq!((proton.totals().answered, proton.open()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_client_without_a_host_is_served() {
    let replica = Replica::ordinary("a").await;
    let (stage, _) = Stage::before(&[replica.address]);
    let request = format!("GET {PATH}/x HTTP/1.0\r\nAuthorization: {GOOD}\r\n\r\n");
    let answer = say(stage.address, &request).await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.contains(&format!("host: {}\n", replica.address)), "{answer}");
}

/// Two lengths in one request, read differently by two servers, are how a second request is hidden in the
/// first one's body.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_two_lengths_reaches_the_replica_with_one() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let replica = Replica::scripted(move |mut stream| {
        let tell = tell.clone();
        async move {
            let seen = read_until(&mut stream, "0\r\n\r\n").await;
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            stream.write_all(answer.as_bytes()).await.unwrap();
            let mut rest = String::new();
            stream.read_to_string(&mut rest).await.unwrap();
            tell.send((seen, rest)).unwrap();
        }
    })
    .await;
    let (stage, _) = Stage::before(&[replica.address]);
    for lengths in [
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
    ] {
        let request = format!(
            "POST {PATH}/ HTTP/1.1\r\nHost: h\r\nAuthorization: {GOOD}\r\nConnection: close\r\n\
             {lengths}\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        );
        let answer = say(stage.address, &request).await;
        assert!(answer.ends_with("ok"), "{answer}");
        let (seen, rest) = within("the replica's view", told.recv()).await.unwrap();
        let seen = seen.to_ascii_lowercase();
        assert!(seen.contains("transfer-encoding: chunked\r\n"), "{seen}");
        assert!(!seen.contains("content-length"), "{seen}");
        assert!(seen.ends_with("3\r\nabc\r\n0\r\n\r\n"), "{seen}");
        assert_eq!(rest, "", "nothing follows the one request");
    }
    for bad in ["Content-Length: 1\r\nContent-Length: 2", "Transfer-Encoding: chunked, identity"] {
        let request = format!(
            "POST {PATH}/ HTTP/1.1\r\nHost: h\r\nAuthorization: {GOOD}\r\n{bad}\r\n\r\nabc"
        );
        let answer = say(stage.address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{bad}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_pass_without_what_a_workload_may_not_say() {
    let replica = Replica::scripted(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
                      Trailer: x-sum, set-cookie, clear-site-data\r\n\r\n2\r\nok\r\n0\r\n\
                      X-Sum: 7\r\nSet-Cookie: handover_session=evil\r\nClear-Site-Data: \"*\"\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let (stage, _) = Stage::before(&[replica.address]);
    let request = format!(
        "GET {PATH}/ HTTP/1.1\r\nHost: h\r\nAuthorization: {GOOD}\r\nTE: trailers\r\n\
         Connection: close\r\n\r\n"
    );
    let answer = say(stage.address, &request).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.to_ascii_lowercase(), "2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_reach_a_workload_is_answered_with_a_reason() {
    let replica = Replica::ordinary("a").await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let client = reqwest::Client::new();
    let ask = async |path: &str, key: Option<&str>| {
        let mut request = client.get(format!("http://{}{path}", stage.address));
        if let Some(key) = key {
            request = request.header("authorization", key);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["message"], body["detail"]);
        (status, headers, body["message"].as_str().unwrap().to_owned())
    };
    let unknown = "/api/v2/endpoints/workloads/w2/x";
    let (status, headers, _) = ask(PATH, None).await;
    assert_eq!((status, headers["www-authenticate"].as_bytes()), (401, b"Bearer".as_slice()));
    assert_eq!(ask(PATH, Some("Bearer wrong")).await.0, 401);
    assert_eq!(ask(PATH, Some("Bearer ")).await.0, 401);
    assert_eq!(ask(PATH, Some("Basic good-token")).await.0, 401);
    assert_eq!(
        ask(unknown, Some("Bearer wrong")).await.0,
        401,
        "ids can't be guessed without a key"
    );
    assert_eq!(ask(unknown, Some(GOOD)).await.0, 404);
    assert_eq!(ask(PATH, Some("Bearer stranger")).await.0, 404);
    assert_eq!(replica.connections(), 0);

    stage.endpoint.switch_to(Target::Unavailable("it is stopped".to_owned()));
    let (status, headers, why) = ask(PATH, Some(GOOD)).await;
    assert_eq!(status, 503);
    assert!(headers.contains_key("retry-after") && why.contains("it is stopped"), "{why}");

    proton.set_ready(&[]);
    stage.endpoint.switch_to(Target::Serving(proton.clone()));
    assert_eq!(ask(PATH, Some(GOOD)).await.0, 503);
    assert_eq!(proton.totals().gateway_errors, 1);

    proton.set_ready(&[closed_port()]);
    assert_eq!(ask(PATH, Some(GOOD)).await.0, 502);
    assert_eq!((proton.totals().gateway_errors, proton.open()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_refuses_connections_costs_no_request_while_another_is_ready() {
    let replica = Replica::ordinary("a").await;
    let stage = Stage::start();
    let proton = proton(1, &[closed_port(), replica.address]);
    stage.endpoint.switch_to(Target::Serving(proton.clone()));
    let client = reqwest::Client::new();
    for _ in 0..50 {
        let sent = client.post(stage.url("/echo")).header("authorization", GOOD).body("body");
        assert_eq!(sent.send().await.unwrap().text().await.unwrap(), "body");
    }
    assert_eq!((proton.totals().answered, proton.totals().failed()), (50, 0));
}

/// A port that nobody listens on.
fn closed_port() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
