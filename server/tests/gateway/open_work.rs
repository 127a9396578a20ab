//! What is open is described: a drain is watched by people.

use std::sync::Arc;

use axum::{Router, body::Bytes, routing::post};
use handover::{
    model::{Millis, OpenWork},
    traffic::ProtonTraffic,
};
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    replica::Replica,
    stage::{GOOD, Stage, until},
    upgrades::{echoing, open},
};

/// By kind alone; when something is open, it has an age.
fn seen(proton: &ProtonTraffic) -> OpenWork {
    let work = proton.open_work(Millis::minutes(1_000_000));
    assert_eq!(work.oldest.is_some(), OpenWork { oldest: None, ..work } != OpenWork::default());
    OpenWork { oldest: None, ..work }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_one_until_its_last_byte_and_then_waits_for_its_answer() {
    let answer = Arc::new(Notify::new());
    let may_answer = Arc::clone(&answer);
    let whole = async move |body: Bytes| {
        may_answer.notified().await;
        body.len().to_string()
    };
    let replica = Replica::serving(Router::new().route("/", post(whole))).await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let (write, written) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let body = reqwest::Body::wrap_stream(ReceiverStream::new(written));
    let request = reqwest::Client::new().post(stage.url("/")).header("authorization", GOOD);
    let sent = tokio::spawn(request.body(body).send());
    write.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let uploading = OpenWork { uploads: 1, ..OpenWork::default() };
    until("the upload is seen", || seen(&proton) == uploading).await;
    drop(write);
    let waiting = OpenWork { waiting: 1, ..OpenWork::default() };
    until("its last byte is seen", || seen(&proton) == waiting).await;
    answer.notify_one();
    assert_eq!(sent.await.unwrap().unwrap().text().await.unwrap(), "5");
    until("it is over", || seen(&proton) == OpenWork::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_is_one_for_as_long_as_it_is_open() {
    let replica = echoing("a").await;
    let (stage, proton) = Stage::before(&[replica.address]);
    let socket = open(stage.address, &[("authorization", GOOD)]).await.unwrap();
    let one = OpenWork { sockets: 1, ..OpenWork::default() };
    until("it is seen", || seen(&proton) == one).await;
    drop(socket);
    until("it is over", || seen(&proton) == OpenWork::default()).await;
}
