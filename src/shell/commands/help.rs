//! `help`: all commands on one screen, or one command with examples to type.

use clap::{ArgAction, Args};
use schemars::JsonSchema;
use serde::Serialize;

use super::{spec, specs};
use crate::commands::{CommandError, CommandSpec, Example, Group, Output, Overview};
use crate::diagnosis::{CommandLine, ExitStatus};
use crate::report::{Block, Form, Label, Layout, Published, Span, plain};
use crate::shell::error::ShellError;
use crate::text::Untrusted;

/// The description of `help`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Rest, at: (2, 0), usage: "help COMMAND", about: "examples" }),
    examples: &[("help", "all commands on one screen"), ("help query", "one command")],
    forms: &[Published::of::<WrittenHelp<'_>>()],
    ..CommandSpec::named("help")
};

/// The arguments of `help`.
#[derive(Debug, Args)]
pub(in crate::shell) struct HelpArguments {
    /// Command
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// The commands, or examples of one.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct WrittenHelp<'a> {
    /// All commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    commands: Option<Vec<&'a str>>,
    /// The command.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    command: Option<&'a str>,
    /// Lines to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    examples: Option<Vec<&'a str>>,
}

impl Form for WrittenHelp<'_> {
    const NAME: &'static str = "help";
    const TITLE: &'static str = "help";
}

/// The row for every command.
const REDIRECTION: Overview = Overview {
    group: Group::Rest,
    at: (1, 0),
    usage: "… > report.md",
    about: "write to a new file; >! replaces, >> appends",
};

/// The number of names from which on they are separated by one space.
const MANY: usize = 3;

/// The longest example with its purpose on the same line, in characters.
const ALIGNED: usize = 50;

impl HelpArguments {
    pub fn run(&self, grammar: &clap::Command, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let (document, written) = match &self.command {
            None => (overview(), WrittenHelp { commands: Some(names(grammar)), ..WrittenHelp::default() }),
            Some(name) => {
                let command = grammar.find_subcommand(name);
                let printable = || Untrusted::from(name.as_str()).named_within(60);
                let command = command.ok_or_else(|| ShellError::NoCommand(printable()))?;
                let lines = examples(command.get_name()).iter().map(|(line, _)| *line).collect::<Vec<_>>();
                (about(command), WrittenHelp { command: Some(name), examples: Some(lines), commands: None })
            }
        };
        output.document(&document, &written.to_json()).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}

fn names(grammar: &clap::Command) -> Vec<&str> {
    grammar.get_subcommands().map(clap::Command::get_name).collect()
}

fn overview() -> Layout {
    let mut document = Layout::new();
    let groups = Group::ALL.map(|group| (group, rows(group)));
    // One column for all groups.
    let width = groups.iter().flat_map(|(_, rows)| rows).map(|(name, _)| name.chars().count()).max();
    for (group, rows) in groups {
        document.push(Block::Text(vec![Span::new(group.question(), Label::Strong)]));
        let padded = |name: String| format!("{name:<width$}", width = width.unwrap_or_default());
        document.push(Block::Glossary(rows.into_iter().map(|(name, about)| (padded(name), about)).collect()));
    }
    document
}

/// The rows of a group: one or a few commands, and their purpose. The last row lists the commands without a row.
fn rows(group: Group) -> Vec<(String, String)> {
    let mut all: Vec<_> = specs().filter_map(|spec| spec.overview).chain([REDIRECTION]).collect();
    all.retain(|one| one.group == group);
    all.sort_by_key(|one| one.at);
    let row = |row: &[Overview]| {
        let usages: Vec<_> = row.iter().map(|one| one.usage).collect();
        let abouts: Vec<_> = row.iter().map(|one| one.about).filter(|about| !about.is_empty()).collect();
        (usages.join(if row.len() < MANY { "  " } else { " " }), abouts.join("; "))
    };
    let mut rows: Vec<_> = all.chunk_by(|one, next| one.at.0 == next.at.0).map(row).collect();
    if let Some((_, about)) = rows.last_mut().filter(|_| group == Group::Rest) {
        let others: Vec<_> = specs().filter(|spec| spec.overview.is_none()).map(|spec| spec.name).collect();
        about.push_str(&format!(". Also: {}", others.join(", ")));
    }
    rows
}

fn examples(name: &str) -> &'static [Example] {
    spec(name).map_or(&[], |spec| spec.examples)
}

/// The purpose, arguments and examples of a command.
fn about(command: &clap::Command) -> Layout {
    let name = command.get_name();
    let mut document = Layout::new();
    document.push(Block::Text(vec![Span::new(usage(command), Label::Strong)]));
    let words = command.get_about().map(ToString::to_string).unwrap_or_default();
    document.push(Block::Text(vec![plain(format!("{words}."))]));
    let own = command.get_arguments().filter(|argument| !argument.is_global_set() && !argument.is_hide_set());
    let own: Vec<_> = own.filter(|argument| !is_help(argument)).collect();
    if !own.is_empty() {
        let rows = own.iter().map(|argument| {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            (argument_name(argument), help)
        });
        document.extend([Block::Gap, Block::Glossary(rows.collect())]);
    }
    let examples = examples(name);
    if !examples.is_empty() {
        document.push(Block::Gap);
        let are_short = examples.iter().all(|(line, _)| line.chars().count() <= ALIGNED);
        if are_short {
            let rows = examples.iter().map(|(line, purpose)| ((*line).to_owned(), (*purpose).to_owned()));
            document.push(Block::Glossary(rows.collect()));
        } else {
            document.extend(examples.iter().map(|(line, purpose)| Block::Command {
                command: CommandLine::ours(line),
                purpose: (*purpose).to_owned(),
            }));
        }
    }
    let rest = format!("`{name} --help` lists all options.");
    document.extend([Block::Gap, Block::Text(vec![Span::new(rest, Label::Quiet)])]);
    document
}

fn is_help(argument: &clap::Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong)
}

fn usage(command: &clap::Command) -> String {
    let positional = command.get_positionals().map(|argument| {
        let name = argument_name(argument);
        // In the shell, the reference may be omitted.
        let optional = !argument.is_required_set() || matches!(argument.get_id().as_str(), "reference" | "references");
        let more = argument.get_num_args().is_some_and(|range| range.max_values() > 1);
        let name = if more { format!("{name}…") } else { name };
        if optional { format!(" [{name}]") } else { format!(" {name}") }
    });
    format!("{}{}", command.get_name(), positional.collect::<String>())
}

fn argument_name(argument: &clap::Arg) -> String {
    let value = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let takes = argument.get_action().takes_values();
    match (argument.get_long(), value) {
        (Some(long), Some(value)) if takes => format!("--{long} {value}"),
        (Some(long), _) => format!("--{long}"),
        (None, value) => value.unwrap_or_else(|| argument.get_id().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Style, to_terminal};
    use crate::shell::grammar::grammar;

    #[test]
    fn overview_fits_on_one_screen_and_names_every_command() {
        let text = to_terminal(&overview(), Style::new(false), 80);
        assert!(text.lines().count() < 24, "{} lines:\n{text}", text.lines().count());
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
        for command in grammar().get_subcommands() {
            assert!(words.contains(&command.get_name()), "{} is not in it", command.get_name());
        }
    }

    #[test]
    fn every_command_has_one_description() {
        let known: Vec<_> = grammar().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        let mut described: Vec<_> = specs().map(|spec| spec.name.to_owned()).collect();
        described.sort();
        let mut sorted = known.clone();
        sorted.sort();
        assert_eq!(described, sorted);
    }

    #[test]
    fn every_command_has_examples_of_existing_commands() {
        for command in grammar().get_subcommands() {
            let examples = examples(command.get_name());
            assert!(!examples.is_empty(), "{}", command.get_name());
            for (line, _) in examples {
                let first = line.split(' ').next().unwrap_or_default();
                let is_place = first.contains([':', '/']);
                assert!(is_place || grammar().find_subcommand(first).is_some(), "{line}");
            }
        }
    }
}
