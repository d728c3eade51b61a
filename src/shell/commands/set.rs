//! `set`: what every further command is told.

use std::collections::BTreeMap;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::{Global, INSECURE, complain};
use crate::commands::{CommandError, CommandSpec, Group, Output, Overview, PROBE};
use crate::diagnosis::ExitStatus;
use crate::report::{Block, Form, Label, Published, Span};
use crate::session::{Bound, Settings};
use crate::shell::error::ShellError;
use crate::shell::state::State;
use crate::shell::sticky::{OPTIONS, OWN, SWITCHES, Sticky};

/// The description of `set`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Change,
        at: (3, 0),
        usage: "set accept oci-index",
        about: "for all that follows; set shows what is set",
    }),
    examples: &[
        ("set", "what is set"),
        ("set accept oci-index docker-v2", "ask as a client that accepts these"),
        ("set accept", "ask as a current client again"),
        ("set header 'X-Trace: 1'", "with every request"),
        ("set pager on", "for what is longer than the screen"),
    ],
    forms: &[Published::of::<WrittenSettings>()],
    ..CommandSpec::named("set")
};

/// What `set` is told.
#[derive(Debug, Args)]
pub(in crate::shell) struct SetArguments {
    /// What to set; without it, everything is shown
    #[arg(value_name = "NAME")]
    setting: Option<String>,

    /// To what; without it, it is as it was in the beginning
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    values: Vec<String>,
}

/// What is set.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenSettings {
    /// What is set; values of headers are not shown.
    #[schemars(with = "BTreeMap<String, String>")]
    settings: Map<String, Value>,
}

impl Form for WrittenSettings {
    const NAME: &'static str = "settings";
    const TITLE: &'static str = "set";
}

impl SetArguments {
    /// `options_of` reads the options of a line.
    pub fn run(
        &self,
        state: &mut State,
        output: &mut Output<'_>,
        options_of: impl Fn(&[String]) -> Result<Global, clap::Error>,
    ) -> Result<ExitStatus, ShellError> {
        let Some(name) = &self.setting else { return show(state, output) };
        let name = Sticky::known(name).ok_or_else(|| ShellError::Setting(unknown(name)))?;
        let values = values(name, &self.values)?;
        let mut bound = Bound::default();
        if let Some(words) = sample(name, &values) {
            let options = options_of(&words).map_err(|error| ShellError::Setting(reason(name, &error)))?;
            // What only shows when it is used is seen here already.
            let mut said = options.settings_over(&Settings::new()).map_err(ShellError::Setting)?;
            bound = said.take_bound(state.current.as_ref().map(|place| place.registry().clone()));
        }
        if !Sticky::is_bound(name) {
            state.sticky.put(name, values);
            return Ok(ExitStatus::Success);
        }
        if bound.insecure {
            complain(INSECURE);
        }
        state.sticky.put_bound(name, values, bound);
        Ok(ExitStatus::Success)
    }
}

fn values(name: &str, given: &[String]) -> Result<Vec<String>, ShellError> {
    let one_only = !matches!(name, "accept" | "header" | "trust-realm");
    if !SWITCHES.contains(&name) {
        // Whoever writes types as a header has them, with commas between them, means each of them.
        let parts = given.iter().flat_map(|value| match name {
            "accept" => value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect(),
            _ => vec![value.clone()],
        });
        let parts: Vec<_> = parts.collect();
        return match parts.len() {
            0 | 1 => Ok(parts),
            _ if one_only => Err(ShellError::Setting(format!("{name} is one value; quote it where it has blanks"))),
            _ => Ok(parts),
        };
    }
    match given {
        [] => Ok(Vec::new()),
        [word] if word == "on" => Ok(vec!["on".to_owned()]),
        [word] if word == "off" => Ok(Vec::new()),
        _ => Err(ShellError::Setting(format!("{name} is on or off"))),
    }
}

/// A line that says the same of one command, to see whether it is understood.
fn sample(name: &str, values: &[String]) -> Option<Vec<String>> {
    if !OPTIONS.iter().any(|(option, _)| *option == name) || values.is_empty() {
        return None;
    }
    let mut words = vec![PROBE.name.to_owned()];
    words.extend(values.iter().map(|value| match SWITCHES.contains(&name) {
        true => format!("--{name}"),
        false => format!("--{name}={value}"),
    }));
    words.push("registry.example/name".to_owned());
    Some(words)
}

/// What the parser has against a value, without its advice for a command line.
fn reason(name: &str, error: &clap::Error) -> String {
    let words = error.render().to_string();
    let line = words.lines().next().unwrap_or_default();
    // A header's value may be a secret.
    match line.strip_prefix("error: ").filter(|_| name != "header") {
        Some(line) => line.to_owned(),
        None => format!("{name} cannot be set to that"),
    }
}

fn unknown(name: &str) -> String {
    let names: Vec<_> = OPTIONS.iter().chain(&OWN).map(|(name, _)| *name).collect();
    let name = crate::text::Untrusted::new(name).cut_within(40);
    format!("there is nothing named {name} to set; there are {}", names.join(", "))
}

fn show(state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
    let shown = |name: &str| state.sticky.shown(name);
    let rows = OPTIONS.iter().chain(&OWN).map(|(name, about)| {
        let value = shown(name).unwrap_or_else(|| "–".to_owned());
        let registry = state.sticky.registry(name).map(|registry| format!(" {registry}")).unwrap_or_default();
        ((*name).to_owned(), format!("{value}{registry}   ({about})"))
    });
    let document = vec![
        Block::Glossary(rows.collect()),
        Block::Text(vec![Span::new("`set NAME VALUE` sets, `set NAME` clears.", Label::Quiet)]),
    ];
    let values = OPTIONS.iter().chain(&OWN).filter_map(|(name, _)| Some(((*name).to_owned(), shown(name)?.into())));
    let values = values.collect();
    let json = WrittenSettings { settings: values }.to_json();
    output.document(&document, &json).map_err(CommandError::from)?;
    Ok(ExitStatus::Success)
}
