//! `show`: one exchange in full.

use clap::Args;

use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::report::{ExchangeAlone, Form, Published, WrittenExchange, exchange_in_full};
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The description of `show`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Exchanges, at: (1, 0), usage: "show 7", about: "an exchange in full" }),
    examples: &[("show", "the last exchange"), ("show 1", "the first exchange")],
    forms: &[Published::of::<ExchangeAlone<'_>>()],
    ..CommandSpec::named("show")
};

/// The arguments of `show`.
#[derive(Debug, Args)]
pub(in crate::shell) struct ShowArguments {
    /// Number of the exchange [default: that of the last command]
    #[arg(value_name = "NUMBER")]
    number: Option<u64>,
}

impl ShowArguments {
    pub fn run(&self, state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let one = state.exchange(self.number)?;
        let (shown, mut redactor) = state.shown_exchange(&one);
        let written = ExchangeAlone {
            simulation: one.simulation.as_deref(),
            findings: Vec::new(),
            redirects: Vec::new(),
            last: WrittenExchange::of(&shown),
        };
        output.fetched(&exchange_in_full(&shown), &written.to_json(), &mut redactor).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}
