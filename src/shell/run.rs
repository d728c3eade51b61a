//! Running a line so that Ctrl-C ends it, and nothing else.

use std::time::Duration;

use super::error::ShellError;
use super::execute::execute;
use super::state::State;
use crate::diagnosis::ExitStatus;
use crate::transport::Stop;

/// How long a command that was interrupted may take to say what it knows by then.
const GRACE: Duration = Duration::from_millis(150);

/// What is the same for all lines.
pub(super) struct Surroundings {
    /// What can be said.
    pub grammar: clap::Command,
}

/// Runs a line. Ctrl-C ends what it does; what is known by then is shown.
///
/// # Errors
/// Where it comes to no result.
pub(super) async fn run_line(
    text: &str,
    state: &mut State,
    surroundings: &Surroundings,
) -> Result<ExitStatus, ShellError> {
    let stop = state.stop.clone();
    stop.send_replace(None);
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
