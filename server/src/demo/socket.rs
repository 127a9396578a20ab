//! `/ws`: an echo over a WebSocket. On SIGTERM it says goodbye with code 1001 instead of being cut.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};

use super::{Demo, stopped};

pub(super) async fn echo(mut socket: WebSocket, demo: Arc<Demo>) {
    loop {
        let message = tokio::select! {
            message = socket.recv() => message,
            () = stopped(demo.stopping.clone()) => {
                let goodbye = CloseFrame { code: close_code::AWAY, reason: "going away".into() };
                drop(socket.send(Message::Close(Some(goodbye))).await);
                return;
            }
        };
        let answer = match message {
            Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => message,
            // Pings are answered by the library.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Close(_)) | Err(_)) | None => return,
        };
        if socket.send(answer).await.is_err() {
            return;
        }
    }
}
