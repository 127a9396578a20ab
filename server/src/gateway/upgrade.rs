//! A connection that has changed its protocol (a WebSocket, mostly): bytes both ways until it is closed.
//! It holds its claim all that time, so a switch leaves it on the replica that it talks to.

use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncWriteExt, ReadHalf, WriteHalf, copy, split},
    time::timeout,
};

use super::relay::Held;

/// How long a client may still send to a replica that has said its last word.
const LINGER: Duration = Duration::from_secs(5);

type Io = TokioIo<Upgraded>;

/// Runs until both sides are done. `held` is counted when it ends.
pub(super) async fn run(client: OnUpgrade, replica: OnUpgrade, held: Held) {
    // An error here means that one side went away before the change: there is nothing to pass on.
    if let Ok((client, replica)) = tokio::try_join!(client, replica) {
        let (from_client, to_client) = split(TokioIo::new(client));
        let (from_replica, to_replica) = split(TokioIo::new(replica));
        let up = pass(from_client, to_replica);
        let down = pass(from_replica, to_client);
        tokio::pin!(up, down);
        tokio::select! {
            ended = &mut down => if ended == Ended::Properly {
                // Late is late: whether it came to an end or the time did is the same to us.
                let _in_time = timeout(LINGER, up).await;
            },
            ended = &mut up => if ended == Ended::Properly {
                down.await;
            },
        }
    }
    drop(held);
}

#[derive(PartialEq, Eq)]
enum Ended {
    Properly,
    Broken,
}

async fn pass(mut from: ReadHalf<Io>, mut to: WriteHalf<Io>) -> Ended {
    let copied = async {
        copy(&mut from, &mut to).await?;
        to.shutdown().await
    };
    if copied.await.is_ok() { Ended::Properly } else { Ended::Broken }
}
