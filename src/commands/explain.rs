//! `explain`: what a word or a pasted error means, without asking anybody.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{CommandError, CommandSpec, Format, FreeText, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::explanation::{UnknownTopic, WrittenExplanation, explain, is_name, text_of};
use crate::report::{Block, Label, Published, Span};
use crate::text::Untrusted;
use crate::transport::{UnreadFile, read_file};

/// The most that is read, in bytes; a program that never ends must not keep this one.
const LIMIT: u64 = 8 << 20;

/// What is said where a paste is waited for.
const WAITING: &str = if cfg!(windows) {
    "Paste what your client printed, then press Enter, Ctrl-Z and Enter."
} else {
    "Paste what your client printed, then press Enter and Ctrl-D."
};

/// The description of `explain`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Cause,
        at: (3, 0),
        usage: "explain TOPIC",
        about: "what a code, a status or an error text means",
    }),
    examples: &[
        ("explain", "the last answer"),
        ("explain MANIFEST_UNKNOWN", "an error code"),
        ("explain config-only-as-blob", "a rule"),
        ("explain manifest for acme/api:latest not found: manifest unknown", "what a client printed; no quotes needed"),
    ],
    text: Some(FreeText { with_value: &["--format", "--color"], after: &["--json", "--help", "-h"] }),
    forms: &[Published::of::<WrittenExplanation<'_>>()],
    ..CommandSpec::named("explain")
};

/// What `explain` is told.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// A rule, an error code, an HTTP status, a header, a media type, what a client printed, or a file with it; without
    /// it, or with -, standard input is read
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

/// A text to explain.
struct Text {
    text: Untrusted,
    /// What of it was left out.
    left_out: Option<String>,
}

impl ExplainArguments {
    /// `is_alone` says that no other command reads standard input.
    pub(super) fn run(&self, is_alone: bool, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let Text { text, left_out } = self.text(is_alone)?;
        if text.as_str().trim().is_empty() {
            return Err(CommandError::NoTopic);
        }
        match explain(&text) {
            Ok(mut explanation) => {
                explanation.document.extend(left_out.map(|words| Block::Text(vec![Span::new(words, Label::Quiet)])));
                output.document(&explanation.document, &explanation.to_json())?;
                Ok(ExitStatus::Success)
            }
            Err(unknown) => Self::without_answer(unknown, output),
        }
    }

    /// For programs, that nothing is known is an answer too. For people it is a complaint.
    fn without_answer(unknown: Box<UnknownTopic>, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        if output.format() == Format::Json {
            output.document(&Vec::new(), &unknown.to_json())?;
            return Ok(ExitStatus::Usage);
        }
        Err(CommandError::UnknownTopic(unknown))
    }

    fn text(&self, is_alone: bool) -> Result<Text, CommandError> {
        match &self.topic[..] {
            [] if is_alone => piped(),
            [word] if word == "-" && is_alone => piped(),
            [word] if !is_name(word) && Path::new(word).is_file() => in_file(Path::new(word)),
            words => Ok(Text { text: Untrusted::new(words.join(" ")), left_out: None }),
        }
    }
}

/// Reads standard input, and says so where somebody sits before it.
fn piped() -> Result<Text, CommandError> {
    if io::stdin().is_terminal() {
        let _ = writeln!(io::stderr(), "{WAITING}");
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes).map_err(CommandError::Input)?;
    let is_longer = bytes.len() as u64 > LIMIT;
    bytes.truncate(LIMIT as usize);
    let left_out = is_longer.then(|| format!("Only the first {} MiB of the text were looked at.", LIMIT >> 20));
    Ok(Text { text: text_of(&bytes), left_out })
}

fn in_file(path: &Path) -> Result<Text, CommandError> {
    let failed = |unread: UnreadFile| CommandError::Unreadable { path: PathBuf::from(path), why: unread.words(LIMIT) };
    let bytes = read_file(path, LIMIT).map_err(failed)?;
    Ok(Text { text: text_of(&bytes), left_out: None })
}
