//! A workload's answer on its way to the client: streamed as it comes, counted when it ends. The claim on
//! the proton is held until then, and the connection it came on is given back.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use handover::traffic::{Claim, Outcome};
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::{answer::tame_trailers, body::BoxError, pool::Leased};
use crate::{stopwatch::Stopwatch, telemetry::RequestSpan};

/// What an open request holds until its end.
pub(super) struct Held {
    pub(super) claim: Claim,
    pub(super) since: Stopwatch,
    pub(super) status: StatusCode,
    pub(super) connection: Leased,
    pub(super) span: RequestSpan,
}

/// An answer whose head has been passed on.
pub(super) struct Relay {
    body: Incoming,
    /// None once the end is counted.
    held: Option<Held>,
}

impl Relay {
    pub(super) fn new(body: Incoming, held: Held) -> Self {
        Self { body, held: Some(held) }
    }

    fn complete(&mut self) {
        if let Some(Held { mut claim, since, status, connection, .. }) = self.held.take() {
            claim.ends_as(Outcome::Answered(status.as_u16()), since.micros());
            connection.give_back();
        }
    }

    fn cut(&mut self) {
        if let Some(Held { mut claim, since, span, .. }) = self.held.take() {
            span.failed();
            claim.ends_as(Outcome::Cut, since.micros());
        }
    }
}

impl Body for Relay {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        Poll::Ready(match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
            Some(Ok(mut frame)) => {
                if let Some(trailers) = frame.trailers_mut() {
                    tame_trailers(trailers);
                }
                if this.body.is_end_stream() {
                    this.complete();
                }
                Some(Ok(frame))
            }
            // Handed on as an error, so that the client sees a broken answer and not a short one.
            Some(Err(broke)) => {
                this.cut();
                Some(Err(broke.into()))
            }
            None => {
                this.complete();
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // A body known to be at its end is dropped without being asked for more. Any other was abandoned
        // by its client, which is what dropping the claim counts.
        if self.body.is_end_stream() {
            self.complete();
        }
    }
}
