//! `headers`: the headers of several exchanges side by side.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::evidence::Redactor;
use crate::report::{Block, Form, Published, ShownExchange, WrittenExchange, exchanges_side_by_side};
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The most exchanges in one table.
const MOST: usize = 50;

/// The description of `headers`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Exchanges, at: (1, 1), usage: "headers 3 7", about: "compare headers" }),
    examples: &[("headers 1 2", "those of two exchanges")],
    forms: &[Published::of::<WrittenHeaders<'_>>()],
    ..CommandSpec::named("headers")
};

/// The arguments of `headers`.
#[derive(Debug, Args)]
pub(in crate::shell) struct HeadersArguments {
    /// Numbers of exchanges [default: the exchange of the last command]
    #[arg(value_name = "NUMBER")]
    numbers: Vec<u64>,
}

/// Several exchanges.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenHeaders<'a> {
    /// The exchanges, in the given order, with the fields of exchanges in a report.
    #[schemars(length(min = 1))]
    exchanges: Vec<WrittenExchange<'a>>,
}

impl Form for WrittenHeaders<'_> {
    const NAME: &'static str = "headers";
    const TITLE: &'static str = "headers";
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
        let json = WrittenHeaders { exchanges: shown.iter().map(WrittenExchange::of).collect() }.to_json();
        let known = state.secrets();
        let mut redactor = Redactor::new(known.iter().map(|(what, secret)| (*what, secret)));
        let document = vec![Block::Table(exchanges_side_by_side(&sides))];
        output.fetched(&document, &json, &mut redactor).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}
