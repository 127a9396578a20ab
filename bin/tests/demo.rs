//! The demo workload, as the process that a replica of it is.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
};

use futures::{SinkExt, StreamExt};
use rustix::process::{Pid, Signal, kill_process};
use tokio_tungstenite::tungstenite::Message;

struct Demo {
    process: Child,
    log: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Demo {
    /// Starts one on a free port and waits until it says that it listens.
    fn start(settings: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_handover"))
            .args(["demo", "--version", "v<7>"])
            .envs(settings.iter().copied())
            .env("PORT", "0")
            .env("HOSTNAME", "shop-0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = log.next().expect("it says where it listens").unwrap();
        let address = first.split(' ').find(|word| word.starts_with("127.0.0.1:"));
        let address = address.unwrap_or_else(|| panic!("no address: {first}")).to_owned();
        Self { process, log, address }
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.post(format!("http://{}{path}", self.address))
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[tokio::test]
async fn it_says_who_answers() {
    let demo = Demo::start(&[]);
    let answer = demo.request("/").send().await.unwrap();
    assert_eq!(answer.headers()["x-demo-version"], "v<7>");
    assert_eq!(answer.headers()["x-demo-replica"], "shop-0");
    assert_eq!(answer.text().await.unwrap(), "Hello from version v<7>, replica shop-0\n");

    let page = demo.request("/").header("accept", "text/html,*/*").send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let page = page.text().await.unwrap();
    assert!(page.contains("<h1>v&#60;7&#62;</h1>") && page.contains("shop-0"), "{page}");

    assert_eq!(demo.request("/status/418").send().await.unwrap().status(), 418);
    assert_eq!(demo.request("/status/99").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn echo_streams_a_large_body_back_while_it_arrives() {
    let demo = Demo::start(&[]);
    let (send, receive) = futures::channel::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let answer = demo.request("/echo").body(reqwest::Body::wrap_stream(receive)).send();
    let exchange = async {
        let mut send = send;
        let mut body = {
            send.send(Ok(b"begin".to_vec())).await.unwrap();
            answer.await.unwrap().bytes_stream()
        };
        // The answer has begun although the request has not ended.
        assert_eq!(body.next().await.unwrap().unwrap().as_ref(), b"begin");
        let writer = tokio::spawn(async move {
            for _ in 0..200 {
                send.send(Ok(vec![b'x'; 100_000])).await.unwrap();
            }
        });
        let mut count = 0;
        while let Some(piece) = body.next().await {
            count += piece.unwrap().len();
        }
        writer.await.unwrap();
        count
    };
    assert_eq!(exchange.await, 20_000_000);
}

#[tokio::test]
async fn a_web_socket_echoes_and_is_told_goodbye() {
    let mut demo = Demo::start(&[]);
    let url = format!("ws://{}/ws", demo.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    for message in [Message::text("hello"), Message::binary(vec![1, 2, 3])] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    demo.signal(Signal::TERM);
    let Some(Ok(Message::Close(Some(goodbye)))) = socket.next().await else { panic!("cut off") };
    assert_eq!(u16::from(goodbye.code), 1001);
    assert_eq!(demo.process.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn it_misbehaves_as_asked() {
    let settings =
        [("DEMO_NEVER_READY", "1"), ("DEMO_CRASH_AFTER_MS", "1500"), ("DEMO_EXIT_CODE", "42")];
    let mut demo = Demo::start(&settings);
    let health = demo.request("/healthz").send().await.unwrap();
    assert_eq!(health.status(), 405, "a health check is a GET");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let health = client.get(format!("http://{}/healthz", demo.address)).send().await.unwrap();
    assert_eq!(health.status(), 503);
    assert!(health.text().await.unwrap().contains("DEMO_NEVER_READY"));
    assert_eq!(demo.process.wait().unwrap().code(), Some(42));
    let log: Vec<String> = demo.log.by_ref().map_while(Result::ok).collect();
    assert!(log.iter().any(|line| line.starts_with("WARNING is not ready")), "{log:?}");
    assert!(log.iter().any(|line| line.contains("exit code 42")), "{log:?}");
}
