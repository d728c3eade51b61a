//! Running a line so that Ctrl-C ends the line and not the shell.

use std::time::Duration;

use super::error::ShellError;
use super::execute::execute;
use super::state::State;
use crate::auth::credentials::end_helpers;
use crate::diagnosis::ExitStatus;
use crate::transport::Stop;

/// The time that an interrupted command has to report what is known so far.
const GRACE: Duration = Duration::from_millis(150);

/// The time after which an interrupted command is stuck: it computes, or writes to a reader that does not read.
const DEAF: Duration = Duration::from_millis(200);

/// The context of all lines.
pub(super) struct Surroundings {
    /// The grammar.
    pub grammar: clap::Command,
}

/// Runs a line. Ctrl-C ends it; what is known so far is shown. While a pager shows it, Ctrl-C is the pager's.
///
/// # Errors
/// Where it has no result.
pub(super) async fn run_line(
    text: &str,
    state: &mut State,
    surroundings: &Surroundings,
) -> Result<ExitStatus, ShellError> {
    let status = run_watched(text, state, surroundings).await;
    if let Some(unshown) = state.unshown.take() {
        unshown.show().await?;
    }
    status
}

async fn run_watched(text: &str, state: &mut State, surroundings: &Surroundings) -> Result<ExitStatus, ShellError> {
    let stop = state.stop.clone();
    stop.send_replace(None);
    let _watching = Watching(tokio::spawn(end_at_second_ctrl_c()));
    let running = execute(text, state, &surroundings.grammar);
    tokio::pin!(running);
    tokio::select! {
        biased;
        // Without a handler, the signal ends the process.
        Ok(()) = tokio::signal::ctrl_c() => {}
        status = &mut running => return status,
    }
    stop.send_replace(Some(Stop::Interrupted));
    match tokio::time::timeout(GRACE, running).await {
        Ok(Ok(ExitStatus::Success)) | Err(_) => Ok(ExitStatus::Interrupted),
        Ok(ended) => ended,
    }
}

/// A task that ends with the command that it watches.
struct Watching(tokio::task::JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Ends the process if Ctrl-C is pressed again and the command is still running: a computation cannot be ended otherwise.
async fn end_at_second_ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    tokio::time::sleep(DEAF).await;
    if tokio::signal::ctrl_c().await.is_ok() {
        end_helpers();
        std::process::exit(ExitStatus::Interrupted.code().into());
    }
}
