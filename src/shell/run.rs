//! Running a line so that Ctrl-C ends it, and nothing else.

use std::time::Duration;

use super::error::ShellError;
use super::execute::execute;
use super::state::State;
use crate::auth::credentials::end_helpers;
use crate::diagnosis::ExitStatus;
use crate::transport::Stop;

/// How long a command that was interrupted may take to say what it knows by then.
const GRACE: Duration = Duration::from_millis(150);

/// After how long a command that was interrupted does not listen: it computes, or writes to a reader who does not read.
const DEAF: Duration = Duration::from_millis(200);

/// What is the same for all lines.
pub(super) struct Surroundings {
    /// What can be said.
    pub grammar: clap::Command,
}

/// Runs a line. Ctrl-C ends what it does; what is known by then is shown. While a pager shows it, Ctrl-C is the pager's.
///
/// # Errors
/// Where it comes to no result.
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
        // Where the signal cannot be listened to, the system's own way of ending the process stays in place.
        Ok(()) = tokio::signal::ctrl_c() => {}
        status = &mut running => return status,
    }
    stop.send_replace(Some(Stop::Interrupted));
    match tokio::time::timeout(GRACE, running).await {
        Ok(Ok(ExitStatus::Success)) | Err(_) => Ok(ExitStatus::Interrupted),
        Ok(ended) => ended,
    }
}

/// A task that is over with the command that it watches over.
struct Watching(tokio::task::JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Ends the process where Ctrl-C is pressed again and the command has not ended: what computes without waiting for
/// anything cannot be ended otherwise.
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
