//! `open`: take all answers from a recording instead of the network.

use std::path::Path;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{at_home, read_recording, requests};
use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::evidence::Redactor;
use crate::report::{Block, Form, Label, Published, Span, plain, provenance_in_words};
use crate::session::OpenedRecording;
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The number of references that are named.
const NAMED: usize = 10;

/// The description of `open`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Exchanges, at: (3, 1), usage: "open FILE", about: "" }),
    examples: &[("open night.json", "answers come from the file until `close`")],
    forms: &[Published::of::<WrittenOpening>()],
    ..CommandSpec::named("open")
};

/// The arguments of `open`.
#[derive(Debug, Args)]
pub(in crate::shell) struct OpenArguments {
    /// Recording, report in JSON, HAR file, or log of curl, crane, oras or ctr
    #[arg(value_name = "FILE")]
    file: String,
}

/// An opened recording.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenOpening {
    /// The references of its runs.
    references: Vec<String>,
    /// How many requests it contains, in how many runs.
    contents: String,
}

impl Form for WrittenOpening {
    const NAME: &'static str = "open";
    const TITLE: &'static str = "open";
}

impl OpenArguments {
    /// Opens the file and goes to its first reference.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn run(&self, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let recording = read_recording(&at_home(Path::new(&self.file)), None)?;
        let references = recording.references();
        let names: Vec<_> = references.iter().map(ToString::to_string).collect();
        let first = recording.runs.first();
        let words = first.and_then(|run| provenance_in_words(run.simulation.as_deref(), run.provenance.as_ref()));
        let mut document: Vec<Block> =
            words.map(|words| Block::Remark(vec![Span::new(words, Label::Caution)])).into_iter().collect();
        document.push(Block::Gap);
        let contents = requests(&recording);
        document.push(Block::Text(vec![plain(format!(
            "{contents}; `diagnose` judges the answers again, `close` ends it"
        ))]));
        if names.len() > 1 {
            document.extend(names.iter().take(NAMED).map(|name| Block::Item(vec![plain(name.clone())])));
            let more = names.len().saturating_sub(NAMED);
            let words = format!("and {more} more");
            document.extend((more > 0).then(|| Block::Text(vec![Span::new(words, Label::Quiet)])));
        }
        let json = WrittenOpening { references: names, contents }.to_json();
        output.fetched(&document, &json, &mut Redactor::default()).map_err(CommandError::from)?;
        let first = references.first().map(|reference| (*reference).clone());
        state.settings.recording = Some(OpenedRecording::new(recording));
        (state.last_status, state.verdict) = (None, None);
        first.into_iter().for_each(|first| state.go_to(first));
        Ok(ExitStatus::Success)
    }
}
