//! The thread on which connections are read and written. What a server sends can keep it busy, for as long as one piece of
//! work takes; clocks and signals are watched elsewhere, and are not held up by it.

use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// The runtime of that thread, for as long as the process lives; without one where the system gives no thread.
static APART: OnceLock<Option<Runtime>> = OnceLock::new();

/// Where connections are worked on. Without a thread for them, that is where everything else is.
fn handle() -> Handle {
    let started = || {
        // It looks up after every piece of work, so that what ends a connection is heard.
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads(1).event_interval(1).thread_name("connections").enable_all().build().ok()
    };
    APART.get_or_init(started).as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
}

/// Has a connection go on apart.
pub(super) fn spawn<T: Send + 'static>(connection: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    handle().spawn(connection)
}

/// Has the HTTP library spawn what belongs to a connection apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Apart;

impl<F: Future<Output: Send> + Send + 'static> hyper::rt::Executor<F> for Apart {
    fn execute(&self, future: F) {
        spawn(future);
    }
}

/// Work of a library that opens and spawns connections by itself, so that it does so apart.
pub(super) struct Opening<F> {
    thread: Handle,
    work: Pin<Box<F>>,
}

impl<F: Future> Opening<F> {
    pub(super) fn of(work: F) -> Self {
        Self { thread: handle(), work: Box::pin(work) }
    }
}

impl<F: Future> Future for Opening<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let thread = self.thread.clone();
        let _entered = thread.enter();
        self.work.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// A connection that is busy holds up neither a clock nor the one who waits for it.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn busy_connection_holds_up_no_clock() {
        let began = Instant::now();
        let busy = spawn(async move {
            while Instant::now().duration_since(began) < Duration::from_secs(2) {
                std::hint::spin_loop();
            }
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), busy).await.is_err());
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn what_a_library_spawns_is_apart() {
        let name = async { std::thread::current().name().map(str::to_owned) };
        let spawned = Opening::of(async { tokio::spawn(name).await }).await.unwrap();
        assert_eq!(spawned.as_deref(), Some("connections"));
    }
}
