//! Pages and API calls: made on the main runtime, only written on a gateway thread.
//!
//! The router runs in a task of the main runtime, and so does whatever its body does when it is asked for
//! more; finished pieces come over a short channel. When the client leaves, the task is told and stops.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{Router, body::Body as AxumBody};
use bytes::Bytes;
use http::{Request, Response, response::Parts};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};
use tower::ServiceExt;
use tracing::Instrument;

use super::{
    body::{BoxError, Outgoing},
    refused::Refused,
};
use crate::{request_id::RequestId, telemetry::RequestSpan};

/// Pieces made ahead of a slow client.
const AHEAD: usize = 8;

enum Piece {
    Frame(Frame<Bytes>),
    End,
    Broken(BoxError),
}

/// The body of an answer that is made elsewhere.
pub(super) struct Pumped {
    pieces: mpsc::Receiver<Piece>,
    size: SizeHint,
    ended: bool,
}

/// Lets `router` answer on the runtime `main`, in a span that names the request in every line of log.
pub(super) async fn answer(
    router: Router,
    main: &Handle,
    mut request: Request<Incoming>,
    id: RequestId,
    traced: &RequestSpan,
) -> Response<Outgoing> {
    let (method, path) = (request.method(), request.uri().path());
    let span = tracing::info_span!("request", id = id.as_str(), %method, path);
    request.extensions_mut().insert(id);
    let (head, arrives) = oneshot::channel();
    let made = make(router, request.map(AxumBody::new), head);
    main.spawn(made.instrument(span).instrument(traced.span().clone()));
    match arrives.await {
        Ok((parts, body)) => {
            Response::from_parts(parts, body.map_or_else(|| Outgoing::whole(""), Outgoing::Pumped))
        }
        // The task panicked; the panic is in the log.
        Err(_) => Refused::Internal.into_response(),
    }
}

type Head = oneshot::Sender<(Parts, Option<Pumped>)>;

async fn make(router: Router, request: Request<AxumBody>, mut head: Head) {
    let answer = tokio::select! {
        answer = router.oneshot(request) => answer,
        () = head.closed() => return,
    };
    let (parts, mut body) = match answer {
        Ok(answer) => answer.into_parts(),
        Err(never) => match never {},
    };
    if body.is_end_stream() {
        // When this fails the client has left, and there is nobody to tell.
        let _told = head.send((parts, None));
        return;
    }
    let (pieces, receiver) = mpsc::channel(AHEAD);
    let pumped = Pumped { pieces: receiver, size: body.size_hint(), ended: false };
    if head.send((parts, Some(pumped))).is_err() {
        return;
    }
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            () = pieces.closed() => return,
        };
        let (piece, more) = match frame {
            Some(Ok(frame)) => (Piece::Frame(frame), true),
            Some(Err(broke)) => (Piece::Broken(broke.into()), false),
            None => (Piece::End, false),
        };
        if pieces.send(piece).await.is_err() || !more {
            return;
        }
    }
}

/// The task that made the body has died in the middle of it.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
struct BrokeOff;

impl Body for Pumped {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        let piece = ready!(this.pieces.poll_recv(cx));
        this.ended = !matches!(piece, Some(Piece::Frame(_)));
        Poll::Ready(match piece {
            Some(Piece::Frame(frame)) => Some(Ok(frame)),
            Some(Piece::End) => None,
            Some(Piece::Broken(broke)) => Some(Err(broke)),
            None => Some(Err(BrokeOff.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}
