//! The end of a run that does not come to it by itself. Waiting for the network listens to Ctrl-C and to the deadline;
//! judging and writing do not await anything, so somebody else has to watch over them.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::complain;
use crate::auth::credentials::end_helpers;
use crate::diagnosis::ExitStatus;
use crate::session::Began;
use crate::transport::{Ended, Stop};

/// How long a run that was interrupted may take to say what it knows by then.
const AFTER_INTERRUPTION: Duration = Duration::from_millis(150);
/// How long a run whose time is used up may take to judge what came, and to say it.
const AFTER_DEADLINE: Duration = Duration::from_secs(1);
/// How many times as long it may take where a part of the result was written, or finished, each time.
const MOST_PARTS: u32 = 20;
/// How often the clocks are looked at.
const TICK: Duration = Duration::from_millis(10);

/// Whether a result is being written: then its reader is waited for, and nothing is computed. And how often something was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writing(Arc<(AtomicBool, AtomicU64)>);

impl Writing {
    fn is_under_way(&self) -> bool {
        self.0.0.load(Ordering::SeqCst)
    }

    fn set(&self, is_under_way: bool) {
        self.0.0.store(is_under_way, Ordering::SeqCst);
    }

    /// A number that is another one once something was written.
    fn times(&self) -> u64 {
        self.0.1.load(Ordering::SeqCst)
    }

    fn count(&self) {
        self.0.1.fetch_add(1, Ordering::SeqCst);
    }
}

/// A stream that says when it is written to.
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

/// Has something go on beside everything else. When this is over, it listens to the signals that it waits for.
pub(crate) async fn beside(task: impl Future<Output = ()> + Send + 'static) {
    let mut task = Box::pin(task);
    let polled = std::future::poll_fn(|context| Poll::Ready(task.as_mut().poll(context))).await;
    if polled.is_pending() {
        tokio::spawn(task);
    }
}

/// Interrupts the run at the first Ctrl-C, and ends the process where the run does not end by itself in a short time, at
/// the second Ctrl-C, and some time after the deadline. What came of its requests is said then, although it was not judged.
pub(super) async fn watch_over(
    stop: watch::Sender<Option<Stop>>,
    writing: Writing,
    began: Began,
    ended: Ended,
    total: Duration,
) {
    tokio::select! {
        // Where the signal cannot be listened to, the system's own way of ending the process stays in place.
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = overdue(&writing, &began, total) => {
            let words = format!(
                "the time for the whole run ({} s) is used up, and the answers were not judged by then; \
                 --timeout SECONDS allows more",
                total.as_secs()
            );
            say(words, &ended).await;
            end(ExitStatus::ToolFailed.code().into());
        }
    }
    stop.send_replace(Some(Stop::Interrupted));
    tokio::select! {
        // Whoever presses it twice does not want the report either, which may wait for a reader.
        _ = tokio::signal::ctrl_c() => {}
        () = passed(AFTER_INTERRUPTION, &writing) => {
            // Where its reader is waited for, the report has begun, and says it itself.
            if !writing.is_under_way() {
                say("you interrupted, and the answers were not judged by then".to_owned(), &ended).await;
            }
        }
    }
    end(ExitStatus::Interrupted.code().into());
}

/// Says why a run ends, and what came of its requests; a reader who does not read is not waited for.
async fn say(why: String, ended: &Ended) {
    const READER: Duration = Duration::from_millis(50);
    let lines = ended.lines();
    let saying = tokio::task::spawn_blocking(move || {
        complain(&why);
        lines.iter().for_each(|line| complain(line));
    });
    let _ = tokio::time::timeout(READER, saying).await;
}

/// Ends the process when somebody asks for it or its terminal goes, and with it what helpers have started.
pub(crate) async fn end_when_told() {
    let signal = told_to_end().await;
    end(128 + signal);
}

fn end(status: i32) -> ! {
    end_helpers();
    std::process::exit(status)
}

/// Comes back when the time of the run is over, and what is computed after it takes too long.
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
        // A list of a million names takes longer, and says meanwhile that it goes on.
        for _ in 0..MOST_PARTS {
            let times = writing.times();
            passed(AFTER_DEADLINE, &Writing::default()).await;
            if writing.times() == times {
                break;
            }
        }
        // A report waits for its reader, and another run may have begun meanwhile.
        while writing.is_under_way() {
            tokio::time::sleep(TICK).await;
        }
        if began.get() == began_at {
            return;
        }
    }
}

/// Waits for as long as this: by the clock of the process, so that a machine that is busy with other things takes nothing
/// from it, but at most ten times as long by any other. Where somebody who reads is waited for, no more is computed.
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

/// How long all threads of this process have computed.
#[cfg(unix)]
fn processor_time() -> Option<Duration> {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).ok().map(Duration::from)
}

#[cfg(not(unix))]
fn processor_time() -> Option<Duration> {
    None
}

/// The number of the signal that tells the program to end: its terminal was closed, or somebody has asked for it. Where
/// that cannot be listened to, the system's own way of ending the process stays in place.
#[cfg(unix)]
pub(crate) async fn told_to_end() -> i32 {
    use tokio::signal::unix::{SignalKind, signal};
    let told = |kind: SignalKind, is_heard: bool| async move {
        if is_heard
            && let Ok(mut signal) = signal(kind)
            && signal.recv().await.is_some()
        {
            return kind.as_raw_value();
        }
        std::future::pending().await
    };
    tokio::select! {
        number = told(SignalKind::hangup(), !ignores_hangup()) => number,
        number = told(SignalKind::terminate(), true) => number,
    }
}

/// Whether whoever started the program wants it to outlive its terminal, as `nohup` does; to listen to the signal would
/// undo that.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The first signal is the lowest bit (proc_pid_status(5)).
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
pub(crate) async fn told_to_end() -> i32 {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn time_that_the_process_computes_counts_and_time_that_it_waits_does_not() {
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
    fn a_stream_says_when_it_is_written_to() {
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
        assert!(!writing.is_under_way(), "also where it failed");
        assert_eq!(writing.times(), 2);
    }
}
