//! `show`: one exchange in full.

use clap::Args;
use serde_json::{Value, json};

use crate::commands::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::report::{exchange_as_json, exchange_in_full};
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// What `show` is told.
#[derive(Debug, Args)]
pub(in crate::shell) struct ShowArguments {
    /// Its number [default: the one that the last command was about]
    #[arg(value_name = "NUMBER")]
    number: Option<u64>,
}

impl ShowArguments {
    pub fn run(&self, state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let one = state.exchange(self.number)?;
        let (shown, mut redactor) = state.shown_exchange(&one);
        let mut object = json!({
            "schema": "ociscope.exchange/1",
            "simulation": one.simulation,
            "findings": [],
            "redirects": [],
        });
        if let (Value::Object(object), Value::Object(fields)) = (&mut object, exchange_as_json(&shown)) {
            object.extend(fields);
        }
        output.fetched(&exchange_in_full(&shown), &object, &mut redactor).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}
