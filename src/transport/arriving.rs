//! A body that reports when a piece has reached its reader, to distinguish framing without content from content.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::interim::Flooded;
use super::open::SendFault;

/// The body of an answer over one of our own connections.
pub(crate) struct Arriving {
    body: Incoming,
    flooded: Flooded,
}

impl Arriving {
    pub(super) fn new(body: Incoming, flooded: &Flooded) -> Self {
        Self { body, flooded: flooded.clone() }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = SendFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        polled.map(|frame| match frame? {
            Ok(frame) => {
                self.flooded.arrived(true);
                Some(Ok(frame))
            }
            // The library keeps only the message of the error that ended its connection.
            Err(error) => Some(Err(self.flooded.get().map_or_else(|| error.into(), Into::into))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
