//! `explain`: what a word or a pasted error means, offline.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{CommandError, CommandSpec, Format, FreeText, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::explanation::{
    Condensed, Condenser, UnknownTopic, WrittenExplanation, explain, is_name, is_utf_16, text_of,
};
use crate::report::{Block, Label, Published, Span};
use crate::text::Untrusted;
use crate::transport::{UnreadFile, read_long_file};

/// The most bytes that are read in full. Of a longer text, only the lines around its errors are read.
const CLOSELY: usize = 8 << 20;

/// The most bytes that are read at all: input may be endless.
const LIMIT: u64 = 1 << 30;

/// The prompt for a paste.
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
    one_shot: &[
        ("ociscope explain \"manifest for acme/api:1 not found\"", ""),
        ("kubectl get events -A | ociscope explain", "a whole log"),
        ("ociscope explain MANIFEST_UNKNOWN", "an error code"),
        ("ociscope explain tag-not-found", "a rule"),
        ("ociscope explain build.log", "a file"),
    ],
    examples: &[
        ("explain", "the last answer"),
        ("explain MANIFEST_UNKNOWN", "an error code"),
        ("explain config-only-as-blob", "a rule"),
        ("explain manifest for acme/api:latest not found: manifest unknown", "client output, without quotes"),
    ],
    text: Some(FreeText {
        leading: LEADING,
        with_value: &["--format", "--color"],
        after: &["--json", "--help", "-h", "--no-pager"],
    }),
    forms: &[Published::of::<WrittenExplanation<'_>>()],
    ..CommandSpec::named("explain")
};

/// The options of every command that take a value. A test compares them with the grammar.
const LEADING: &[&str] = &[
    "--record",
    "--from",
    "--output",
    "--format",
    "--color",
    "--platform",
    "--username",
    "--login-host",
    "--auth-file",
    "--pull-secret",
    "--trust-realm",
    "--cacert",
    "--cert",
    "--key",
    "--resolve",
    "--header",
    "--timeout",
];

/// The arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Rule, error code, HTTP status, header, media type, client output, or a file with it; without it, or with -, standard input
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

/// A text to explain.
struct Text {
    text: Untrusted,
    /// The part of it that was skipped, in a sentence.
    left_out: Option<String>,
}

impl ExplainArguments {
    /// `is_alone` says whether no other command reads standard input.
    pub(super) fn run(&self, is_alone: bool, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let Text { text, left_out } = self.text(is_alone)?;
        if text.as_str().trim().is_empty() && left_out.is_none() {
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

    /// An unknown topic is a result in JSON, and an error otherwise.
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

/// Reads standard input, with a prompt on a terminal.
fn piped() -> Result<Text, CommandError> {
    if io::stdin().is_terminal() {
        let _ = writeln!(io::stderr(), "{WAITING}");
    }
    let mut input = Input::default();
    let mut stream = io::stdin().lock().take(LIMIT);
    let mut piece = vec![0; 1 << 16];
    let is_whole = loop {
        match stream.read(&mut piece) {
            Ok(0) => break stream.limit() > 0,
            Ok(read) => input.take(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(CommandError::Input(error)),
        }
    };
    Ok(input.finish(is_whole))
}

fn in_file(path: &Path) -> Result<Text, CommandError> {
    let failed = |unread: UnreadFile| CommandError::Unreadable { path: PathBuf::from(path), why: unread.words(LIMIT) };
    let mut input = Input::default();
    let is_whole = read_long_file(path, LIMIT, |piece| input.take(piece)).map_err(failed)?;
    Ok(input.finish(is_whole))
}

/// A text, read piece by piece.
#[derive(Default)]
struct Input {
    /// All of it, as long as it is read in full; else its beginning.
    bytes: Vec<u8>,
    condenser: Option<Condenser>,
    /// The number of bytes after that, if it is UTF-16, which is not condensed.
    unread: u64,
}

impl Input {
    fn take(&mut self, piece: &[u8]) {
        if let Some(condenser) = &mut self.condenser {
            return condenser.take(piece);
        }
        let fits = piece.len().min(CLOSELY - self.bytes.len());
        self.bytes.extend_from_slice(&piece[..fits]);
        let rest = &piece[fits..];
        if rest.is_empty() {
            return;
        }
        if is_utf_16(&self.bytes) {
            self.unread += rest.len() as u64;
            return;
        }
        let condenser = self.condenser.insert(Condenser::new(CLOSELY));
        condenser.take(&std::mem::take(&mut self.bytes));
        condenser.take(rest);
    }

    fn finish(self, is_whole: bool) -> Text {
        let (text, left_out) = match self.condenser {
            Some(condenser) => {
                let Condensed { bytes, left_out } = condenser.finish();
                let words =
                    format!("The text is long: {} of it, far from any known error, was skipped.", size(left_out));
                (text_of(&bytes), (left_out > 0).then_some(words))
            }
            None => {
                let words = format!("The last {} of the text was not read.", size(self.unread));
                (text_of(&self.bytes), (self.unread > 0).then_some(words))
            }
        };
        let cut = (!is_whole).then(|| format!("Reading stopped after {}.", size(LIMIT)));
        let left_out: Vec<_> = left_out.into_iter().chain(cut).collect();
        Text { text, left_out: (!left_out.is_empty()).then(|| left_out.join(" ")) }
    }
}

/// A number of bytes in words.
fn size(bytes: u64) -> String {
    match (bytes >> 20, bytes >> 10) {
        (0, 0) => format!("{bytes} bytes"),
        (0, kib) => format!("{kib} KiB"),
        (mib, _) => format!("{mib} MiB"),
    }
}
