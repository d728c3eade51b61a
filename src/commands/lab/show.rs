//! `lab show`: one scenario.

use clap::Args;

use super::WrittenLab;
use crate::commands::{CommandError, Output};
use crate::diagnosis::{CommandLine, ExitStatus, Word, words};
use crate::lab::{Scenario, dialects, scenario};
use crate::report::{Block, Form, Label, Layout, Span, plain};

/// The arguments of `lab show`.
#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// Scenario
    #[arg(value_name = "NAME")]
    scenario: String,
}

impl ShowArguments {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let scenario = scenario(&self.scenario)?;
        output.document(&outline(scenario), &WrittenLab::of([scenario].into_iter()).to_json())?;
        Ok(ExitStatus::Success)
    }
}

fn outline(scenario: &'static Scenario) -> Layout {
    let mut document = vec![
        Block::Title(vec![Span::new(&scenario.name, Label::Strong)]),
        Block::Text(vec![plain(&scenario.title)]),
        Block::Gap,
        Block::Text(vec![plain(flowing(&scenario.story))]),
        Block::Gap,
        Block::Heading("What to look at".to_owned()),
    ];
    document.extend(scenario.look.iter().map(|look| Block::Item(vec![plain(look)])));
    document.extend([Block::Gap, Block::Heading("Where".to_owned())]);
    document.extend(hosts(scenario));
    document.extend([Block::Gap, Block::Heading("How it is known".to_owned())]);
    let known = format!("{}, {}: {}.", scenario.registry, scenario.year, scenario.known.words());
    document.push(Block::Text(vec![plain(known)]));
    document.extend(scenario.sources.iter().map(|source| Block::Item(vec![Span::new(source, Label::Quiet)])));
    document.extend([Block::Gap, Block::Heading("Try".to_owned())]);
    let serve = words!["ociscope", "lab", "serve", scenario.name.as_str()];
    for (words, purpose) in [(probe(scenario), ""), (serve, "for other clients")] {
        let command = CommandLine::of(words).ok();
        document.extend(command.map(|command| Block::Command { command, purpose: purpose.to_owned() }));
    }
    document
}

/// The command to try.
fn probe(scenario: &'static Scenario) -> Vec<Word> {
    let mut words = Vec::new();
    if let Some(password) = scenario.password() {
        words.extend([Word::from("echo"), password.into(), Word::syntax("|")]);
    }
    words.push("ociscope".into());
    words.push(match scenario.is_found_by_its_reference() {
        true => "--lab".into(),
        false => Word::from(scenario.name.as_str()).after("--lab="),
    });
    words.push("probe".into());
    words.extend(scenario.options.iter().map(|option| Word::from(option.as_str())));
    words.push(scenario.reference.as_str().into());
    words
}

/// The hosts, and what they store.
fn hosts(scenario: &Scenario) -> Layout {
    let mut document = Layout::new();
    for host in scenario.hosts() {
        let title = dialects().find(|(name, _)| *name == host.dialect).map_or("", |(_, title)| title);
        let like = format!(" answers like: {title}");
        document.push(Block::Text(vec![Span::new(host.origin, Label::Strong), plain(like)]));
        let images = host.images.iter().map(|(image, about)| format!("{image}, {about}"));
        let accounts = host.accounts.iter().map(|(name, password)| format!("account {name}, password {password}"));
        document.extend(images.chain(accounts).map(|stored| Block::Item(vec![plain(stored)])));
    }
    document
}

/// Removes the line breaks of the scenario file.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
