//! `lab list`: scenarios, in short; and `lab`: the registries that they simulate.

use clap::Args;
use serde_json::Value;

use super::WrittenLab;
use crate::commands::{CommandError, Format, Output};
use crate::diagnosis::ExitStatus;
use crate::lab::{Summary, summaries};
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
        let chosen: Vec<_> = summaries().filter(|scenario| self.are_in(*scenario)).collect();
        output.document(&outline(&chosen), &json(&chosen, output.format()))?;
        Ok(ExitStatus::Success)
    }

    fn are_in(&self, scenario: Summary) -> bool {
        let text = format!("{} {} {}", scenario.name(), scenario.registry(), scenario.title()).to_lowercase();
        self.words.iter().all(|word| text.contains(&word.to_lowercase()))
    }
}

/// Lists the registries that are simulated, with the number of scenarios of each. In JSON, all scenarios.
pub(super) fn groups(output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
    let all: Vec<_> = summaries().collect();
    let groups = all.chunk_by(|one, next| one.registry() == next.registry());
    let row = |group: &[Summary]| {
        let first = group.first().map(|first| first.registry().to_owned()).unwrap_or_default();
        (first, if group.len() == 1 { "1 scenario".to_owned() } else { format!("{} scenarios", group.len()) })
    };
    let words = format!(
        "{} scenarios; `ociscope lab list WORD` lists those with a word in name, registry or title, `ociscope lab list` all.",
        all.len()
    );
    let document = vec![Block::Glossary(groups.map(row).collect()), Block::Gap, Block::Remark(vec![plain(words)])];
    output.document(&document, &json(&all, output.format()))?;
    Ok(ExitStatus::Success)
}

/// Scenarios in JSON. In the other formats null: their files are not parsed.
fn json(chosen: &[Summary], format: Format) -> Value {
    match format {
        Format::Json => WrittenLab::of(chosen.iter().map(|summary| summary.scenario())).to_json(),
        Format::Terminal | Format::Markdown | Format::Html => Value::Null,
    }
}

fn outline(chosen: &[Summary]) -> Layout {
    let mut document = Layout::new();
    for group in chosen.chunk_by(|one, next| one.registry() == next.registry()) {
        document.extend(group.first().map(|first| Block::Heading(first.registry().to_owned())));
        document.extend(group.iter().map(|scenario| Block::Entry {
            name: scenario.name().to_owned(),
            about: scenario.title().to_owned(),
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
