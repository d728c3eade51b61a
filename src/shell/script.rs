//! Scripts: a file, or standard input that is not a terminal. There is no prompt and no escape code, and the exit status is
//! that of the worst command.

use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::error::ShellError;
use super::run::{Surroundings, run_line};
use super::state::State;
use crate::auth::credentials::end_helpers;
use crate::cli::{complain, standard_output};
use crate::commands::{CommandError, OutputError};
use crate::diagnosis::ExitStatus;
use crate::text::{Untrusted, cut, cut_at_marks};

/// The longest line that is read, in bytes.
const LONGEST: usize = 1 << 20;
/// The most columns of a line of an error: the parser repeats words of a script in full.
const MESSAGE: usize = 400;
/// The byte order mark that some editors put at the beginning of a UTF-8 file.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// The time that a command has after Ctrl-C: it may be writing to a reader that does not read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs every line of a script.
pub(super) async fn run(script: &mut dyn BufRead, state: &mut State, surroundings: &Surroundings) -> ExitStatus {
    let mut worst = ExitStatus::Success;
    let mut number = 0;
    let is_reading = Arc::new(AtomicBool::new(false));
    tokio::spawn(end_at_ctrl_c(Arc::clone(&is_reading)));
    loop {
        let mut bytes = Vec::new();
        is_reading.store(true, Ordering::SeqCst);
        let read = io::Read::take(&mut *script, LONGEST as u64 + 1).read_until(b'\n', &mut bytes);
        is_reading.store(false, Ordering::SeqCst);
        number += 1;
        match read {
            Ok(0) => break,
            Ok(_) if bytes.len() > LONGEST => {
                complain(&format!("line {number} is longer than {LONGEST} bytes"));
                return worse(worst, ExitStatus::Usage);
            }
            Ok(_) => {}
            Err(error) => {
                complain(&format!("the script could not be read: {error}"));
                return worse(worst, ExitStatus::ToolFailed);
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let text = if number == 1 { text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text) } else { text };
        if state.sticky.is_on("echo") && !text.trim().is_empty() {
            let shown = Untrusted::from(text).printable();
            let _ = writeln!(standard_output(), "{}{shown}", super::prompt::END);
        }
        let status = match run_line(text, state, surroundings).await {
            Ok(status) => status,
            // The reader has gone.
            Err(ShellError::Command(CommandError::Output(OutputError::Closed))) => return worst,
            Err(error) => {
                tell(&error, number);
                error.status()
            }
        };
        worst = worse(worst, status);
        let stops = state.sticky.is_on("stop-on-error") && status != ExitStatus::Success;
        if state.is_leaving || stops || status == ExitStatus::Interrupted {
            break;
        }
    }
    worst
}

/// Ends the process at Ctrl-C if no command is running, or the command does not end.
async fn end_at_ctrl_c(is_reading: Arc<AtomicBool>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        if !is_reading.load(Ordering::SeqCst) {
            tokio::time::sleep(PATIENCE).await;
        }
        end_helpers();
        std::process::exit(ExitStatus::Interrupted.code().into());
    }
}

fn tell(error: &ShellError, number: usize) {
    match error {
        ShellError::Grammar(help) if !help.use_stderr() => {
            let _ = write!(standard_output(), "{help}");
        }
        error => {
            let words = cut_at_marks(&error.to_string());
            let lines: Vec<_> = words.trim_end().split('\n').map(|line| cut(line, MESSAGE)).collect();
            // The lines of a picture begin on a line of their own.
            let gap = if lines.len() > 1 { '\n' } else { ' ' };
            complain(&format!("line {number}:{gap}{}", lines.join("\n")));
        }
    }
}

/// The worse of two statuses: errors of the script or the program outweigh those of images, of which the first decides.
pub(super) fn worse(one: ExitStatus, other: ExitStatus) -> ExitStatus {
    let weight = |status: ExitStatus| match status {
        ExitStatus::Success => 0,
        ExitStatus::Usage => 2,
        ExitStatus::ToolFailed => 3,
        ExitStatus::Interrupted => 4,
        _ => 1,
    };
    if weight(other) > weight(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worst_status_decides_and_the_first_of_equals() {
        use ExitStatus::{Interrupted, NotFound, ServerFailed, Success, Usage};
        let of = |all: &[ExitStatus]| all.iter().fold(Success, |worst, status| worse(worst, *status));
        assert_eq!(of(&[Success, NotFound, Success, ServerFailed]), NotFound);
        assert_eq!(of(&[NotFound, Usage, ServerFailed]), Usage);
        assert_eq!(of(&[Usage, Interrupted]), Interrupted);
        assert_eq!(of(&[Success]), Success);
    }
}
