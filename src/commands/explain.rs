//! `explain`: what a word or a pasted error means, without asking anybody.

use std::io::{self, IsTerminal, Read};

use clap::Args;

use super::{CommandError, Format, Output};
use crate::diagnosis::ExitStatus;
use crate::explanation::{UnknownTopic, explain};
use crate::report::{Block, Label, Span};
use crate::text::Untrusted;

/// The most that is read from standard input, in bytes; a program that never ends must not keep this one.
const INPUT_LIMIT: u64 = 1 << 20;
/// The most that is looked at, in bytes: the end of the text, because that is where programs say why they stopped.
const TEXT_LIMIT: usize = 64 << 10;

/// What `explain` is told.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// A rule, an error code, an HTTP status, a header, a media type, or what a client printed; without it, or with -,
    /// what stands on standard input
    #[arg(value_name = "TOPIC")]
    words: Vec<String>,
}

impl ExplainArguments {
    /// `is_alone` says that no other command reads standard input.
    pub(super) fn run(&self, is_alone: bool, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let text = self.text(is_alone)?;
        let end = &text[text.len().saturating_sub(TEXT_LIMIT)..];
        match explain(&Untrusted::from_bytes(end)) {
            Ok(mut explanation) => {
                if end.len() < text.len() {
                    let words = format!("Only the last {} KiB of the text were looked at.", TEXT_LIMIT >> 10);
                    explanation.document.push(Block::Text(vec![Span::new(words, Label::Quiet)]));
                }
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

    fn text(&self, is_alone: bool) -> Result<Vec<u8>, CommandError> {
        let piped = match &self.words[..] {
            [] => !io::stdin().is_terminal(),
            [word] => word == "-",
            _ => false,
        };
        let mut text = self.words.join(" ").into_bytes();
        if piped && is_alone {
            text.clear();
            let read = io::stdin().lock().take(INPUT_LIMIT).read_to_end(&mut text);
            read.map_err(CommandError::Input)?;
        }
        if text.trim_ascii().is_empty() {
            return Err(CommandError::NoTopic);
        }
        Ok(text)
    }
}
