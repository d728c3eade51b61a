//! `curl`: a command that repeats an exchange outside of this program.

use clap::Args;
use serde_json::json;

use crate::commands::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::report::{Block, Document, Label, Span, curl};
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// What `curl` is told.
#[derive(Debug, Args)]
pub(in crate::shell) struct CurlArguments {
    /// Its number [default: the one that the last command was about]
    #[arg(value_name = "NUMBER")]
    number: Option<usize>,
}

impl CurlArguments {
    pub fn run(&self, state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let one = state.exchange(self.number)?;
        let repeated = curl(&one.exchange);
        let json = json!({
            "schema": "ociscope.curl/1",
            "exchange": one.id.0,
            "simulation": one.simulation,
            "comments": repeated.comments,
            "command": repeated.command,
        });
        let mut document: Document =
            repeated.comments.iter().map(|line| Block::Text(vec![Span::new(line, Label::Quiet)])).collect();
        document.push(Block::Command { command: repeated.command, purpose: String::new() });
        if let Some(scenario) = one.simulation {
            let words = format!(
                "Only the lab answers like this: `ociscope lab serve {scenario}` serves it on ports of this machine."
            );
            document.push(Block::Text(vec![Span::new(words, Label::Caution)]));
        }
        output.fetched(&document, &json, &mut one.redactor()).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}
