//! The connections of a host: their limit, and which one is closed for a new one.
//!
//! A new connection never waits. At the limit, the connection that has been silent longest is closed, and before any
//! other, one that never sent a byte: so no client can lock out others by holding connections. A silent connection
//! below the limit does no harm, so there is no timeout.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};

/// The limit of simultaneous connections to a host.
const MOST: usize = 64;

/// All connections of a host. They are closed when this is dropped.
#[derive(Default)]
pub(super) struct Connections {
    open: Vec<Open>,
    tasks: JoinSet<()>,
}

struct Open {
    life: Arc<Life>,
    task: AbortHandle,
}

/// The activity on a connection.
struct Life {
    began: Instant,
    /// The time of the last read or write, in milliseconds from the start of the connection.
    last: AtomicU64,
    /// Set if a byte was ever received.
    spoke: AtomicBool,
}

/// A connection whose activity is recorded.
pub(super) struct Attended {
    stream: TcpStream,
    life: Arc<Life>,
}

impl Connections {
    /// Accepts a connection and starts a conversation on it, which may be closed later for another one.
    pub async fn take<F>(&mut self, stream: TcpStream, conversation: impl FnOnce(Attended) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.forget_ended().await;
        if self.open.len() >= MOST {
            self.close_one().await;
        }
        let life = Arc::new(Life { began: Instant::now(), last: AtomicU64::new(0), spoke: AtomicBool::new(false) });
        let conversation = conversation(Attended { stream, life: Arc::clone(&life) });
        let task = self.tasks.spawn(conversation);
        self.open.push(Open { life, task });
    }

    /// Closes the connection that has been idle longest; one that never sent a byte goes first.
    pub async fn close_one(&mut self) {
        let rank = |open: &Open| (open.life.spoke.load(Ordering::Relaxed), open.life.last_sign());
        let Some((place, _)) = self.open.iter().enumerate().min_by_key(|(_, open)| rank(open)) else { return };
        self.open.swap_remove(place).task.abort();
        self.forget_ended().await;
    }

    /// Waits for closed connections to end, which is immediate, so that the limit holds at all times.
    async fn forget_ended(&mut self) {
        self.open.retain(|open| !open.task.is_finished());
        while self.tasks.len() > self.open.len() {
            self.tasks.join_next().await;
        }
    }
}

impl Life {
    fn sign(&self) {
        let passed = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(passed, Ordering::Relaxed);
    }

    fn last_sign(&self) -> Instant {
        self.began + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

impl Attended {
    /// Waits for the first byte and leaves it unread. `None` if the client closes without sending any.
    pub async fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let length = self.stream.peek(&mut first).await?;
        self.life.spoke.store(length > 0, Ordering::Relaxed);
        self.life.sign();
        Ok((length > 0).then_some(first[0]))
    }
}

impl AsyncRead for Attended {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_ready() {
            self.life.sign();
        }
        read
    }
}

impl AsyncWrite for Attended {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if written.is_ready() {
            self.life.sign();
        }
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        if written.is_ready() {
            self.life.sign();
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
