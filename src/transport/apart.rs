//! The thread that reads and writes connections. A server can keep it busy for as long as one piece of work takes;
//! clocks and signals are watched on other threads and are not delayed.

use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// The runtime of that thread, which lives as long as the process; `None` if the system cannot create a thread.
static APART: OnceLock<Option<Runtime>> = OnceLock::new();

/// The runtime for connections. Without a thread of its own, it is the current one.
fn handle() -> Handle {
    let started = || {
        // Checks for events after every task, so that the end of a connection is noticed.
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads(1).event_interval(1).thread_name("connections").enable_all().build().ok()
    };
    APART.get_or_init(started).as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
}

/// Spawns a connection on the separate thread.
pub(super) fn spawn<T: Send + 'static>(connection: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    handle().spawn(connection)
}

/// An executor that makes the HTTP library spawn its connection tasks on the separate thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Apart;

impl<F: Future<Output: Send> + Send + 'static> hyper::rt::Executor<F> for Apart {
    fn execute(&self, future: F) {
        spawn(future);
    }
}

/// Wraps the work of a library that opens and spawns connections itself, so that it runs on the separate thread.
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

    /// A busy connection delays neither a clock nor the task that waits for it.
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
