//! Ending a run that does not end by itself. Network I/O reacts to Ctrl-C and to the deadline; judging and writing never await,
//! so another task watches them.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::complain;
use super::file::end_writing;
use super::held::Held;
use super::pager::end_pager;
use crate::auth::credentials::end_helpers;
use crate::diagnosis::ExitStatus;
use crate::session::Began;
use crate::transport::{Ended, Stop};

/// The time that an interrupted run has to report what is known so far.
const AFTER_INTERRUPTION: Duration = Duration::from_millis(150);
/// The time that an interrupted run has if it is also to be recorded.
const AFTER_INTERRUPTED_RECORDING: Duration = Duration::from_secs(2);
/// The time that a run has after its deadline to judge and report the answers.
const AFTER_DEADLINE: Duration = Duration::from_secs(1);
/// The most such times that a run has while it goes on writing or preparing its result.
const MOST_TIMES: u32 = 20;
/// The interval between looks at the clocks.
const TICK: Duration = Duration::from_millis(10);

/// The state of the writing of a result: whether a write is in progress, during which the run waits for its reader and
/// computes nothing, and the number of writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writing(Arc<(AtomicBool, AtomicU64)>);

impl Writing {
    fn is_under_way(&self) -> bool {
        self.0.0.load(Ordering::SeqCst)
    }

    fn set(&self, is_under_way: bool) {
        self.0.0.store(is_under_way, Ordering::SeqCst);
    }

    /// The number of writes so far.
    fn times(&self) -> u64 {
        self.0.1.load(Ordering::SeqCst)
    }

    fn count(&self) {
        self.0.1.fetch_add(1, Ordering::SeqCst);
    }
}

/// A stream that notes when it is written to.
pub(crate) struct Announced<W> {
    stream: W,
    writing: Writing,
}

impl<W: Write> Announced<W> {
    pub(crate) fn new(stream: W, writing: &Writing) -> Self {
        Self { stream, writing: writing.clone() }
    }

    fn announced<T>(&mut self, write: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        self.writing.set(true);
        let written = write(&mut self.stream);
        self.writing.set(false);
        self.writing.count();
        written
    }
}

impl<W: Write> Write for Announced<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.announced(|stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.announced(Write::flush)
    }
}

/// Runs a task in the background. On return, the task listens to its signals. What is returned ends it; `None` where it is
/// over already.
pub(crate) async fn in_background(task: impl Future<Output = ()> + Send + 'static) -> Option<AbortHandle> {
    let mut task = Box::pin(task);
    let polled = std::future::poll_fn(|context| Poll::Ready(task.as_mut().poll(context))).await;
    polled.is_pending().then(|| tokio::spawn(task).abort_handle())
}

/// What is said where a run ends before its result is there.
pub(super) struct LastWords {
    /// What came of its requests.
    pub ended: Ended,
    /// Results of several that were to be shown together.
    pub unfinished: Held,
    /// Whether nothing is said.
    pub is_quiet: bool,
    /// Whether the run is recorded, so that its end takes longer.
    pub is_recorded: bool,
}

/// Interrupts the run at the first Ctrl-C. Ends the process if the run does not end soon, at the second Ctrl-C, and some time
/// after the deadline; then the answers are listed without being judged.
pub(super) async fn watch_over(
    stop: watch::Sender<Option<Stop>>,
    writing: Writing,
    began: Began,
    last: LastWords,
    total: Duration,
) {
    tokio::select! {
        // Without a handler, the signal ends the process.
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = overdue(&writing, &began, total) => {
            let words = format!(
                "the time limit of the run ({} s) was reached before the answers were judged; --timeout SECONDS raises it",
                total.as_secs()
            );
            last.say(words).await;
            end(ExitStatus::ToolFailed.code().into());
        }
    }
    stop.send_replace(Some(Stop::Interrupted));
    tokio::select! {
        // The second Ctrl-C also stops the report, which may wait for a reader.
        _ = tokio::signal::ctrl_c() => {}
        () = passed(last.after_interruption(), &writing) => {
            // A report that is being written says so itself.
            if !writing.is_under_way() {
                last.say("interrupted before the answers were judged".to_owned()).await;
            }
        }
    }
    end(ExitStatus::Interrupted.code().into());
}

impl LastWords {
    fn after_interruption(&self) -> Duration {
        if self.is_recorded { AFTER_INTERRUPTED_RECORDING } else { AFTER_INTERRUPTION }
    }

    /// Says why a run ends, and what came of its requests, after the results that are there; a reader who does not read is
    /// not waited for.
    async fn say(&self, why: String) {
        const READER: Duration = Duration::from_millis(50);
        if self.is_quiet {
            return;
        }
        let (lines, unfinished) = (self.ended.lines(), self.unfinished.clone());
        let saying = tokio::task::spawn_blocking(move || {
            unfinished.print();
            complain(&why);
            lines.iter().for_each(|line| complain(line));
        });
        let _ = tokio::time::timeout(READER, saying).await;
    }
}

/// Ends the process, and the programs of credential helpers, at SIGTERM or when the terminal is closed.
pub(crate) async fn end_at_signal() {
    let signal = end_signal().await;
    end(128 + signal);
}

/// Interrupts a run that is recorded at SIGTERM or when the terminal is closed, so that what is known is written. Ends the
/// process if that takes long.
pub(super) async fn stop_at_signal(stop: watch::Sender<Option<Stop>>, told: Told) {
    let signal = end_signal().await;
    told.0.store(signal, Ordering::SeqCst);
    stop.send_replace(Some(Stop::Interrupted));
    passed(AFTER_INTERRUPTED_RECORDING, &Writing::default()).await;
    end(128 + signal);
}

/// The signal that a recorded run was told to end by; 0 for none.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(Arc<AtomicI32>);

impl Told {
    /// Ends the process if a signal has told it to.
    pub fn end(&self) {
        let signal = self.0.load(Ordering::SeqCst);
        if signal != 0 {
            end(128 + signal);
        }
    }
}

fn end(status: i32) -> ! {
    end_helpers();
    end_pager();
    end_writing();
    std::process::exit(status)
}

/// Returns when the deadline is over and the computation after it takes too long.
async fn overdue(writing: &Writing, began: &Began, total: Duration) {
    loop {
        let left = began.get().map(|began| total.saturating_sub(began.elapsed()));
        match left {
            Some(Duration::ZERO) => {}
            left => {
                tokio::time::sleep(left.unwrap_or(total).max(TICK)).await;
                continue;
            }
        }
        let began_at = began.get();
        // A list of a million names takes longer, and is written piece by piece meanwhile.
        for _ in 0..MOST_TIMES {
            let times = writing.times();
            passed(AFTER_DEADLINE, &Writing::default()).await;
            if writing.times() == times {
                break;
            }
        }
        // A report may wait for its reader, and another run may have begun meanwhile.
        while writing.is_under_way() {
            tokio::time::sleep(TICK).await;
        }
        if began.get() == began_at {
            return;
        }
    }
}

/// Waits for this much processor time, so that a busy machine does not shorten it, but at most ten times as long by the clock.
/// While the run waits for its reader, the clock counts.
async fn passed(allowed: Duration, writing: &Writing) {
    const BUSY: u32 = 10;
    let (began, used) = (Instant::now(), processor_time());
    loop {
        tokio::time::sleep(TICK).await;
        let waited = began.elapsed();
        let computed = processor_time().zip(used).map_or(waited, |(now, used)| now.saturating_sub(used));
        let waits_for_reader = writing.is_under_way() && waited >= allowed;
        if computed >= allowed || waits_for_reader || waited >= allowed * BUSY {
            return;
        }
    }
}

/// The processor time of this process.
#[cfg(unix)]
fn processor_time() -> Option<Duration> {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).ok().map(Duration::from)
}

#[cfg(not(unix))]
fn processor_time() -> Option<Duration> {
    None
}

/// The number of the signal that ends the program: SIGHUP or SIGTERM. Without a handler, the signal ends the process.
#[cfg(unix)]
pub(crate) async fn end_signal() -> i32 {
    use tokio::signal::unix::{SignalKind, signal};
    let received = |kind: SignalKind, is_handled: bool| async move {
        if is_handled
            && let Ok(mut signal) = signal(kind)
            && signal.recv().await.is_some()
        {
            return kind.as_raw_value();
        }
        std::future::pending().await
    };
    tokio::select! {
        number = received(SignalKind::hangup(), !ignores_hangup()) => number,
        number = received(SignalKind::terminate(), true) => number,
    }
}

/// Whether SIGHUP is ignored, as `nohup` does; a handler would undo that.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The first signal is the lowest bit (proc_pid_status(5)).
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
pub(crate) async fn end_signal() -> i32 {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::delivery::{Delivery, Place};
    use crate::cli::file::Existing;
    use crate::cli::pager::Pager;

    #[tokio::test]
    async fn processor_time_counts_and_waiting_does_not() {
        let busy = std::thread::spawn(|| {
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(3) && processor_time().is_some() {
                std::hint::spin_loop();
            }
        });
        let began = Instant::now();
        passed(Duration::from_millis(50), &Writing::default()).await;
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        drop(busy);
    }

    #[test]
    fn stream_notes_when_it_is_written_to() {
        struct Looking(Writing, Vec<bool>);
        impl Write for Looking {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1.push(self.0.is_under_way());
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(io::Error::other("full"))
            }
        }
        let writing = Writing::default();
        let mut stream = Announced::new(Looking(writing.clone(), Vec::new()), &writing);
        stream.write_all(b"a").unwrap();
        assert!(stream.flush().is_err());
        assert_eq!(stream.stream.1, [true]);
        assert!(!writing.is_under_way(), "also after an error");
        assert_eq!(writing.times(), 2);
    }

    #[test]
    fn result_that_is_held_counts_its_writes() {
        let pager = Pager::of_this_user(Some("more")).expect("a pager that is named");
        let file = Place::File { path: "unwritten".into(), existing: Existing::Replace };
        for place in [Place::Pager(pager), file, Place::Stream] {
            let (writing, place_name) = (Writing::default(), format!("{place:?}"));
            let mut stream = Delivery::to(place, true).stream(&writing);
            assert_eq!(stream.write(&[]).unwrap(), 0);
            assert_eq!(writing.times(), 1, "{place_name}");
        }
    }
}
