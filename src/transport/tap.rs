//! Notes the first bytes that a server sends, in case they are not HTTP.
//!
//! The HTTP library reports only that it could not parse them. The bytes identify the service: an SSH server, a mail
//! server, or a port that speaks TLS.
//!
//! Endless interim responses and framing are detected here too: see [`super::interim`].

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::interim::{Flooded, HeadCount};
use super::notes::Notes;

/// How many bytes are noted.
const FIRST: usize = 48;

/// A stream whose first bytes are noted as they are read, and that is not read any further once it is flooded.
pub(super) struct Tapped<S> {
    stream: S,
    notes: Arc<Notes>,
    flooded: Flooded,
    /// Present for HTTP/2.
    heads: Option<HeadCount>,
}

impl<S> Tapped<S> {
    /// A tap on a stream that carries HTTP/1, or HTTP/2.
    pub(super) fn new(stream: S, notes: &Arc<Notes>, flooded: &Flooded, is_second: bool) -> Self {
        let heads = is_second.then(|| HeadCount::new(flooded.clone()));
        Self { stream, notes: Arc::clone(notes), flooded: flooded.clone(), heads }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(flood) = self.flooded.get() {
            return Poll::Ready(Err(io::Error::other(flood)));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = &buffer.filled()[before..];
        match &mut self.heads {
            Some(heads) => heads.read(read),
            None => self.flooded.count(read.len()),
        }
        if let Some(flood) = self.flooded.get() {
            return Poll::Ready(Err(io::Error::other(flood)));
        }
        if !read.is_empty() {
            let mut noted = self.notes.lock();
            let room = FIRST.saturating_sub(noted.first_bytes.len());
            noted.first_bytes.extend_from_slice(&read[..read.len().min(room)]);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
