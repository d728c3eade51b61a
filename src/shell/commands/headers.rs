//! `headers`: those of several exchanges side by side.

use clap::Args;
use serde_json::json;

use crate::commands::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::evidence::Redactor;
use crate::report::{Block, ShownExchange, exchange_as_json, exchanges_side_by_side};
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The most exchanges that are put side by side.
const MOST: usize = 50;

/// What `headers` is told.
#[derive(Debug, Args)]
pub(in crate::shell) struct HeadersArguments {
    /// Their numbers [default: the one that the last command was about]
    #[arg(value_name = "NUMBER")]
    numbers: Vec<u64>,
}

impl HeadersArguments {
    pub fn run(&self, state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let mut numbers: Vec<_> = self.numbers.iter().copied().map(Some).take(MOST).collect();
        if numbers.is_empty() {
            numbers.push(None);
        }
        let ones: Vec<_> = numbers.into_iter().map(|number| state.exchange(number)).collect::<Result<_, _>>()?;
        let shown: Vec<ShownExchange> = ones.iter().map(|one| state.shown_exchange(one).0).collect();
        let sides: Vec<&ShownExchange> = shown.iter().collect();
        let json = json!({
            "schema": "ociscope.headers/1",
            "exchanges": shown.iter().map(exchange_as_json).collect::<Vec<_>>(),
        });
        let known = state.secrets();
        let mut redactor = Redactor::new(known.iter().map(|(what, secret)| (*what, secret)));
        let document = vec![Block::Table(exchanges_side_by_side(&sides))];
        output.fetched(&document, &json, &mut redactor).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}
