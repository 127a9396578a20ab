//! Bytes on a socket, for what a well-behaved client can't say.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stage::within;

/// Sends `request` and reads until the other side closes.
pub(crate) async fn say(to: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is as good an end as a proper close.
    let _end = within("the answer's end", stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads until `seen` is in what was read.
pub(crate) async fn read_until(stream: &mut TcpStream, seen: &str) -> String {
    let mut read = Vec::new();
    within(seen, async {
        let mut buffer = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&read);
            if text.contains(seen) {
                return text.into_owned();
            }
            match stream.read(&mut buffer).await {
                Ok(count @ 1..) => read.extend_from_slice(&buffer[..count]),
                ended => panic!("ended ({ended:?}) before '{seen}' with: {text}"),
            }
        }
    })
    .await
}
