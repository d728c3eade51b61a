//! Times the HTTP library's connector: whether a request had to connect, and when the connection was established.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use super::notes::Notes;

/// Wraps a connector in a [`Clocked`].
#[derive(Clone)]
pub(crate) struct ConnectClock;

impl<S> Layer<S> for ConnectClock {
    type Service = Clocked<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Clocked(inner)
    }
}

/// A connector that notes its calls in the request's notes.
#[derive(Clone)]
pub(crate) struct Clocked<S>(S);

impl<S, R> Service<R> for Clocked<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let notes = Notes::current();
        if let Some(notes) = &notes {
            notes.lock().connect_began = Some(Instant::now());
        }
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connected = connecting.await?;
            if let Some(notes) = notes {
                notes.lock().connected = Some(Instant::now());
            }
            Ok(connected)
        })
    }
}
