//! `set`: the settings of the session.

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
        usage: "set NAME VALUE",
        about: "for all further commands; set alone lists them",
    }),
    examples: &[
        ("set", "list the settings"),
        ("set accept oci-index docker-v2", "accept only these media types"),
        ("set platform arm64", "judge for this platform"),
        ("set header 'X-Trace: 1'", "send this with every request"),
        ("set pager on", "show long results in a pager"),
    ],
    forms: &[Published::of::<WrittenSettings>()],
    ..CommandSpec::named("set")
};

/// The arguments of `set`.
#[derive(Debug, Args)]
pub(in crate::shell) struct SetArguments {
    /// Setting; without it, all are listed
    #[arg(value_name = "NAME")]
    setting: Option<String>,

    /// Its value; without it, the setting is cleared
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    values: Vec<String>,
}

/// The settings.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenSettings {
    /// The settings that have a value; values of headers are not shown.
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
            // Files and hosts are checked now and not at the next command.
            let mut said = options.settings_over(&Settings::new()).map_err(ShellError::Setting)?;
            bound = said.take_bound(state.current.as_ref().map(|place| place.registry().clone()));
        }
        if bound.insecure {
            complain(INSECURE);
        }
        match Sticky::is_bound(name) {
            true => state.sticky.put_bound(name, values, bound),
            false => state.sticky.put(name, values),
        }
        echo(name, state, output)
    }
}

/// Clears a setting.
pub(super) fn clear(name: &str, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
    let name = Sticky::known(name).ok_or_else(|| ShellError::Setting(unknown(name)))?;
    match Sticky::is_bound(name) {
        true => state.sticky.put_bound(name, Vec::new(), Bound::default()),
        false => state.sticky.put(name, Vec::new()),
    }
    echo(name, state, output)
}

/// Shows the new value of a setting to a user at the prompt. Scripts know what they set.
pub(in crate::shell) fn echo(
    name: &'static str,
    state: &State,
    output: &mut Output<'_>,
) -> Result<ExitStatus, ShellError> {
    if !state.is_interactive {
        return Ok(ExitStatus::Success);
    }
    let registry = state.sticky.registry(name).map(|registry| format!(" {registry}")).unwrap_or_default();
    let words = match state.sticky.shown(name) {
        Some(value) => format!("{name}: {value}{registry}"),
        None => format!("{name}: not set"),
    };
    let document = vec![Block::Text(vec![Span::new(words, Label::Quiet)])];
    output.document(&document, &written(state).to_json()).map_err(CommandError::from)?;
    Ok(ExitStatus::Success)
}

fn values(name: &str, given: &[String]) -> Result<Vec<String>, ShellError> {
    let one_only = !matches!(name, "accept" | "header" | "trust-realm");
    if !SWITCHES.contains(&name) {
        // Media types may be separated by commas, as in a header.
        let parts = given.iter().flat_map(|value| match name {
            "accept" => value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect(),
            _ => vec![value.clone()],
        });
        let parts: Vec<_> = parts.collect();
        return match parts.len() {
            0 | 1 => Ok(parts),
            _ if one_only => Err(ShellError::Setting(format!("{name} takes one value; quote a value with spaces"))),
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

/// A line that gives the option to a command, to check the value.
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

/// The error of the parser, without its advice for a command line.
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
    format!("there is no setting {name}; settings are {}", names.join(", "))
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
        Block::Text(vec![Span::new("`set NAME VALUE` sets, `unset NAME` clears.", Label::Quiet)]),
    ];
    output.document(&document, &written(state).to_json()).map_err(CommandError::from)?;
    Ok(ExitStatus::Success)
}

fn written(state: &State) -> WrittenSettings {
    let names = OPTIONS.iter().chain(&OWN).map(|(name, _)| *name);
    let values = names.filter_map(|name| Some((name.to_owned(), state.sticky.shown(name)?.into())));
    WrittenSettings { settings: values.collect() }
}
