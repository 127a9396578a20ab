//! Bodies pass as they come, in both directions, however large.

use axum::{Router, body::Body, extract::State, response::IntoResponse, routing::get};
use bytes::Bytes;
use futures::StreamExt;
use tokio::sync::{Mutex, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    replica::Replica,
    stage::{GOOD, Stage, until, within},
};

type Piece = Result<Bytes, std::io::Error>;

#[tokio::test(flavor = "multi_thread")]
async fn each_event_arrives_before_the_next_is_made() {
    let (tell, told) = mpsc::channel::<Piece>(1);
    let told = std::sync::Arc::new(Mutex::new(Some(told)));
    let events =
        async |State(told): State<std::sync::Arc<Mutex<Option<mpsc::Receiver<Piece>>>>>| {
            let told = told.lock().await.take().unwrap();
            let body = Body::from_stream(ReceiverStream::new(told));
            ([("content-type", "text/event-stream")], body).into_response()
        };
    let replica =
        Replica::serving(Router::new().route("/events", get(events)).with_state(told)).await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let request = reqwest::Client::new().get(stage.url("/events")).header("authorization", GOOD);
    let mut answer = within("the head, before any event", request.send()).await.unwrap();
    assert_eq!(proton.totals().begun, 1);
    for number in 0..5 {
        let event = Bytes::from(format!("data: {number}\n\n"));
        tell.send(Ok(event.clone())).await.unwrap();
        let came = within("the event", answer.chunk()).await.unwrap();
        assert_eq!(came, Some(event));
        assert_eq!(proton.open(), 1);
    }
    drop(tell);
    assert_eq!(within("the end", answer.chunk()).await.unwrap(), None);
    until("the claim ends with the stream", || proton.open() == 0).await;
    assert_eq!(proton.totals().answered, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_body_reaches_the_replica_while_it_is_being_written() {
    let replica = Replica::ordinary("a").await;
    let (stage, _) = Stage::before(&[replica.address]);
    let (write, written) = mpsc::channel::<Piece>(1);
    let body = reqwest::Body::wrap_stream(ReceiverStream::new(written));
    let request = reqwest::Client::new().post(stage.url("/echo")).header("authorization", GOOD);
    write.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let mut answer = within("the head", request.body(body).send()).await.unwrap();
    assert_eq!(within("the first piece", answer.chunk()).await.unwrap().unwrap(), "first");
    write.send(Ok(Bytes::from_static(b"second"))).await.unwrap();
    assert_eq!(within("the second piece", answer.chunk()).await.unwrap().unwrap(), "second");
    drop(write);
    assert_eq!(within("the end", answer.chunk()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_pass_both_ways_unchanged() {
    const PIECES: u32 = 800;
    const PIECE: usize = 65_536;
    // Every piece is different, so that a lost or doubled one shows.
    fn piece(number: u32) -> Bytes {
        Bytes::from([number.to_be_bytes(), (!number).to_be_bytes()].concat().repeat(PIECE / 8))
    }
    let replica = Replica::ordinary("a").await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let pieces = futures::stream::iter((0..PIECES).map(|number| Piece::Ok(piece(number))));
    let request = reqwest::Client::new()
        .post(stage.url("/echo"))
        .header("authorization", GOOD)
        .body(reqwest::Body::wrap_stream(pieces));
    let mut body = request.send().await.unwrap().bytes_stream();
    let (mut at, mut buffer) = (0, Vec::new());
    while let Some(chunk) = body.next().await {
        buffer.extend_from_slice(&chunk.unwrap());
        while buffer.len() >= PIECE {
            assert!(buffer[..PIECE] == piece(at), "piece {at} differs");
            buffer.drain(..PIECE);
            at += 1;
        }
    }
    assert_eq!((at, buffer.len()), (PIECES, 0));
    until("counted", || proton.totals().answered == 1).await;
}
