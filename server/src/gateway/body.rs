//! The bodies that a gateway thread writes to its clients. An enum, so that the common one is not boxed.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;

use super::{elsewhere::Pumped, relay::Relay};

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(super) enum Outgoing {
    /// A workload's answer, as it comes.
    Relayed(Relay),
    /// A page or an API answer, made on the main runtime.
    Pumped(Pumped),
    /// The gateway's own words.
    Whole(Full<Bytes>),
}

impl Outgoing {
    pub(super) fn whole(text: impl Into<Bytes>) -> Self {
        Self::Whole(Full::new(text.into()))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Relayed(body) => Pin::new(body).poll_frame(cx),
            Self::Pumped(body) => Pin::new(body).poll_frame(cx),
            Self::Whole(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Relayed(body) => body.is_end_stream(),
            Self::Pumped(body) => body.is_end_stream(),
            Self::Whole(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Relayed(body) => body.size_hint(),
            Self::Pumped(body) => body.size_hint(),
            Self::Whole(body) => body.size_hint(),
        }
    }
}
