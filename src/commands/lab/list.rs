//! `lab list`: every scenario, in few words.

use clap::Args;
use serde_json::Value;

use super::WrittenLab;
use crate::commands::{CommandError, Format, Output};
use crate::diagnosis::ExitStatus;
use crate::lab::{Summary, summaries};
use crate::report::{Block, Form, Layout, plain};

/// What `lab list` is told.
#[derive(Debug, Default, Args)]
pub(super) struct ListArguments {
    /// Only scenarios with these words in their name, registry or title
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

impl ListArguments {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let chosen: Vec<_> = summaries().filter(|scenario| self.are_in(*scenario)).collect();
        // For people, no file of a scenario is read.
        let json = match output.format() {
            Format::Json => WrittenLab::of(chosen.iter().map(|summary| summary.scenario())).to_json(),
            Format::Terminal | Format::Markdown => Value::Null,
        };
        output.document(&outline(&chosen), &json)?;
        Ok(ExitStatus::Success)
    }

    fn are_in(&self, scenario: Summary) -> bool {
        let text = format!("{} {} {}", scenario.name(), scenario.registry(), scenario.title()).to_lowercase();
        self.words.iter().all(|word| text.contains(&word.to_lowercase()))
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
        0 => "No scenario has these words; `ociscope lab list` shows all.".to_owned(),
        1 => "1 scenario; `ociscope lab show NAME` tells its story.".to_owned(),
        count => format!("{count} scenarios; `ociscope lab show NAME` tells the story of one."),
    };
    document.push(Block::Remark(vec![plain(words)]));
    document
}
