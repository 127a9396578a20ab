//! Connections that change their protocol.

use std::net::SocketAddr;

use futures::{SinkExt, StreamExt};
use handover::traffic::Target;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use crate::{
    replica::Replica,
    stage::{GOOD, PATH, Stage, proton, until, within},
    wire::say,
};

pub(crate) async fn echoing(name: &'static str) -> Replica {
    Replica::scripted(move |stream| async move {
        let mut socket = accept_async(stream).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                socket.send(format!("{name}: {text}").into()).await.unwrap();
            }
        }
    })
    .await
}

pub(crate) async fn open(
    to: SocketAddr,
    headers: &[(&'static str, &'static str)],
) -> Result<WebSocketStream<TcpStream>, tungstenite::Error> {
    let mut request = format!("ws://{to}{PATH}/ws").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(to).await.unwrap();
    client_async(request, stream).await.map(|(socket, _)| socket)
}

async fn talk(socket: &mut WebSocketStream<TcpStream>, say: &str) -> String {
    socket.send(say.into()).await.unwrap();
    let answer = within("the echo", socket.next()).await.unwrap().unwrap();
    answer.to_text().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_stays_where_it_is_across_a_switch_until_it_is_closed() {
    let (old_replica, new_replica) = (echoing("old").await, echoing("new").await);
    let (stage, old) = Stage::before(&[old_replica.address]);
    let mut early = open(stage.address, &[("authorization", GOOD)]).await.unwrap();
    assert_eq!(talk(&mut early, "1").await, "old: 1");

    let new = proton(2, &[new_replica.address]);
    stage.endpoint.switch_to(Target::Serving(new.clone()));
    old.close();
    let mut late = open(stage.address, &[("authorization", GOOD)]).await.unwrap();
    assert_eq!(talk(&mut late, "2").await, "new: 2");
    assert_eq!(talk(&mut early, "3").await, "old: 3");
    assert!(!old.is_idle() && old.open() == 1 && new.open() == 1);

    early.close(None).await.unwrap();
    assert!(matches!(within("the close", early.next()).await, Some(Ok(Message::Close(_)))));
    within("the old proton is idle", old.wait_idle()).await;
    assert_eq!(talk(&mut late, "4").await, "new: 4");
    // A client that vanishes without a word is noticed as well.
    drop(late);
    until("the claim ends", || new.open() == 0).await;
    assert_eq!((old.totals().answered, new.totals().failed()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_dies_takes_its_websockets_with_it() {
    let replica = echoing("a").await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let mut socket = open(stage.address, &[("authorization", GOOD)]).await.unwrap();
    assert_eq!(talk(&mut socket, "1").await, "a: 1");
    replica.kill();
    let end = within("the end", socket.next()).await;
    assert!(matches!(end, None | Some(Err(_))), "{end:?}");
    drop(socket);
    until("the claim ends", || proton.open() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_a_websocket_only_from_the_consoles_own_pages() {
    let replica = echoing("a").await;
    let (stage, _) = Stage::before(&[replica.address]);
    let own = format!("http://{}", stage.address).leak();
    let session = ("cookie", crate::stage::SESSION);
    for foreign in [None, Some(("origin", "null")), Some(("origin", "https://evil.example"))] {
        let headers: Vec<_> = [Some(session), foreign].into_iter().flatten().collect();
        match open(stage.address, &headers).await {
            Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), 403),
            other => panic!("{foreign:?}: {:?}", other.map(|_| "opened")),
        }
    }
    assert_eq!(replica.connections(), 0);
    let mut socket = open(stage.address, &[session, ("origin", own)]).await.unwrap();
    assert_eq!(talk(&mut socket, "1").await, "a: 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_another_http_is_not_passed_on() {
    let replica = Replica::ordinary("a").await;
    let (stage, _) = Stage::before(&[replica.address]);
    let request = format!(
        "GET {PATH}/ HTTP/1.1\r\nHost: h\r\nAuthorization: {GOOD}\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings, close\r\n\r\n"
    );
    let answer = say(stage.address, &request).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    let seen = answer.split_once("\r\n\r\n").unwrap().1;
    assert!(!seen.contains("upgrade") && !seen.contains("http2-settings"), "{seen}");
}
