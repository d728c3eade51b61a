//! `lab list`: scenarios, in short; and `lab`: the registries that they simulate.

use clap::Args;

use super::WrittenLab;
use crate::commands::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::lab::{Scenario, scenarios};
use crate::report::{Block, Form, Layout, plain};

/// The arguments of `lab list`.
#[derive(Debug, Default, Args)]
pub(super) struct ListArguments {
    /// Only scenarios with these words in their name, registry or title
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

impl ListArguments {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let chosen: Vec<_> = scenarios().filter(|scenario| self.are_in(scenario)).collect();
        output.document(&outline(&chosen), &WrittenLab::of(chosen.iter().copied()).to_json())?;
        Ok(ExitStatus::Success)
    }

    fn are_in(&self, scenario: &Scenario) -> bool {
        let text = format!("{} {} {}", scenario.name, scenario.registry, scenario.title).to_lowercase();
        self.words.iter().all(|word| text.contains(&word.to_lowercase()))
    }
}

/// Lists the registries that are simulated, with the number of scenarios of each. In JSON, all scenarios.
pub(super) fn groups(output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
    let all: Vec<_> = scenarios().collect();
    let groups = all.chunk_by(|one, next| one.registry == next.registry);
    let row = |group: &[&Scenario]| {
        let first = group.first().map(|first| first.registry.clone()).unwrap_or_default();
        (first, if group.len() == 1 { "1 scenario".to_owned() } else { format!("{} scenarios", group.len()) })
    };
    let words = format!(
        "{} scenarios; `ociscope lab list WORD` lists those with a word in name, registry or title, `ociscope lab list` all.",
        all.len()
    );
    let document = vec![Block::Glossary(groups.map(row).collect()), Block::Gap, Block::Remark(vec![plain(words)])];
    output.document(&document, &WrittenLab::of(all.into_iter()).to_json())?;
    Ok(ExitStatus::Success)
}

fn outline(chosen: &[&Scenario]) -> Layout {
    let mut document = Layout::new();
    for group in chosen.chunk_by(|one, next| one.registry == next.registry) {
        document.extend(group.first().map(|first| Block::Heading(first.registry.clone())));
        document.extend(group.iter().map(|scenario| Block::Entry {
            name: scenario.name.clone(),
            about: scenario.title.clone(),
            command: scenario.command(),
        }));
        document.push(Block::Gap);
    }
    let words = match chosen.len() {
        0 => "No scenario matches; `ociscope lab` lists the registries.".to_owned(),
        1 => "1 scenario; `ociscope lab show NAME` describes it.".to_owned(),
        count => format!("{count} scenarios; `ociscope lab show NAME` describes one."),
    };
    document.push(Block::Remark(vec![plain(words)]));
    document
}
