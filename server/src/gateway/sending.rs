//! A request's body on its way to a replica. It says when its last byte was passed on, because until then the
//! request is an upload to those who watch a drain.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use handover::traffic::Uploading;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

pub(super) struct Sending {
    body: Incoming,
    /// None once that is said, and for a request without a body.
    upload: Option<Uploading>,
}

impl Sending {
    pub(super) fn new(body: Incoming, upload: Option<Uploading>) -> Self {
        Self { body, upload }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) || this.body.is_end_stream() {
            // Dropping it says so.
            this.upload = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
