//! An open connection, and the sender of its requests.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::interim::Flooded;
use super::notes::{Facts, Noted};

/// Why a connection or a request over it failed.
pub(super) type SendFault = Box<dyn Error + Send + Sync>;

/// How long an ended connection may take to report why.
const REASON: Duration = Duration::from_secs(1);

/// An open connection. Over HTTP/2 clones share it.
pub(super) struct Open {
    pub(super) sender: Sender,
    pub(super) remote: Option<SocketAddr>,
    /// The task that reads and writes; it ends with the connection, and returns the reason.
    task: Arc<Mutex<Option<JoinHandle<hyper::Result<()>>>>>,
    pub(super) flooded: Flooded,
    pub(super) facts: Arc<Facts>,
}

/// The sender of requests.
pub(super) enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

impl Open {
    pub(super) fn new(
        sender: Sender,
        remote: Option<SocketAddr>,
        task: JoinHandle<hyper::Result<()>>,
        flooded: Flooded,
        noted: &Noted,
    ) -> Self {
        Self { sender, remote, task: Arc::new(Mutex::new(Some(task))), flooded, facts: Arc::new(Facts::of(noted)) }
    }

    /// The same connection for a concurrent request, if its protocol supports that.
    pub(super) fn shared(&self) -> Option<Self> {
        let Sender::Two(sender) = &self.sender else { return None };
        let (task, flooded, facts) = (Arc::clone(&self.task), self.flooded.clone(), Arc::clone(&self.facts));
        Some(Self { sender: Sender::Two(sender.clone()), remote: self.remote, task, flooded, facts })
    }

    /// Whether concurrent requests can share it.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.sender, Sender::Two(_))
    }

    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::One(sender) => sender.is_closed(),
            Sender::Two(sender) => sender.is_closed(),
        }
    }

    /// Why a request could not be sent. If the connection ended before, the sender only knows that it did.
    pub(super) async fn reason(self, error: hyper::Error) -> SendFault {
        drop(self.sender);
        if let Some(flood) = self.flooded.get() {
            return flood.into();
        }
        if !error.is_canceled() && !error.is_closed() {
            return error.into();
        }
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(task) = task else { return error.into() };
        match timeout(REASON, task).await {
            Ok(Ok(Err(reason))) => reason.into(),
            _ => error.into(),
        }
    }
}
