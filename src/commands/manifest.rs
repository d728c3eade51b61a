//! `manifest`: the manifest or index of a reference.

use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::accept::accepted_type;
use super::envelope::{Envelope, Fetched};
use super::fetched::NotFetched;
use super::{CommandError, CommandSpec, EntryKind, FROM, Format, Group, Output, Overview, Shown, fetched};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, Method, Observation, Query};
use crate::oci::{Digest, media_type};
use crate::report::{Block, Label, Published, Span, plain};
use crate::session::{Conversation, Session};
use crate::text::{MOST_VALUES, Untrusted};

/// The most lines of a document that are shown, and the most characters of each.
const LINES: usize = 600;
const LINE: usize = 400;

/// The description of `manifest`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Content,
        at: (0, 0),
        usage: "manifest",
        about: "of REF, or of the current image",
    }),
    one_shot: &[
        ("ociscope manifest alpine:3.20", ""),
        ("ociscope manifest --raw alpine:3.20 | jq .", "the bytes as received"),
        ("ociscope manifest --accept docker-v1 alpine:3.20", "as an old client gets it"),
    ],
    examples: &[
        ("manifest", "of the current image"),
        ("manifest --accept docker-v1", "as an old client gets it"),
        ("manifest --raw > manifest.json", "write the bytes as received"),
    ],
    takes: Some(EntryKind::Manifest),
    shown: Shown::of_a_manifest,
    forms: &[Published::of::<Envelope<WrittenManifest>>()],
    asks_a_registry: true,
    ..CommandSpec::named("manifest")
};

/// The arguments of `manifest`.
#[derive(Debug, Args)]
pub struct ManifestArguments {
    /// Image reference
    #[arg(value_name = "REF", required_unless_present = FROM)]
    pub(super) reference: Option<String>,

    /// Accept this media type (or short name, such as oci-index); repeatable [default: the four types of current clients]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,

    /// Write the bytes as received, as in a pipe
    #[arg(long)]
    pub(super) raw: bool,
}

impl ManifestArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = fetched::begin(session, self.reference.as_deref()).await?;
        let answer = conversation.answer(&Query::manifest(Method::Get, &self.accept)).await?;
        let exchange = conversation.journal().get(answer);
        let observation = Observation::of(exchange).filter(|_| exchange.is_success());
        let Some(observation) = observation.filter(|observation| output.is_bytes() || observation.document.is_some())
        else {
            return self.refused(conversation, answer, output).await;
        };
        // A schema 1 manifest is digested without its signatures, so its bytes prove nothing.
        let named = conversation.reference().digest().or(observation.announced.as_ref());
        let named = named.filter(|_| !observation.is_schema1());
        let exit = match named.and_then(|named| fetched::has_digest(exchange, named)) {
            Some(false) => ExitStatus::Integrity,
            _ => ExitStatus::Success,
        };
        if output.is_bytes() {
            let bytes = exchange.response.as_ref().map_or(&[][..], |response| &response.body.bytes);
            output.raw(bytes, &conversation.redactor())?;
            return Ok(exit);
        }
        let mut redactor = conversation.redactor();
        // A part of a document is not shown.
        let whole = observation.document.as_ref().filter(|document| !document.is_cut());
        let value = whole.map(|document| redactor.json(document.value()));
        let written = WrittenManifest {
            media_type: observation.served.as_str().to_owned(),
            digest: observation.digest().map(ToString::to_string),
            size: observation.size,
            // It can be long, and only JSON needs it.
            manifest: value.clone().filter(|_| output.format() == Format::Json),
        };
        let object = fetched::object(&conversation, answer, written);
        let mut document = fetched::titled(&conversation);
        document.push(Block::Text(about(&observation)));
        document.extend(value.as_ref().map_or_else(|| vec![too_many_values()], bounded));
        document.push(fetched::request_line(&conversation, answer, named, &mut redactor));
        output.fetched(&document, &object, &mut redactor)?;
        Ok(exit)
    }

    async fn refused(
        &self,
        mut conversation: Conversation<'_>,
        answer: ExchangeId,
        output: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let judgement = conversation.judge_closely(answer, &self.accept).await?;
        let refusal = NotFetched::judged(answer, judgement, None);
        fetched::failed::<WrittenManifest>(&conversation, refusal, output)
    }
}

/// A manifest or an index.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenManifest {
    /// The media type of the header, without parameters; that of the document if there is no header; empty if neither has one.
    media_type: String,
    /// The digest of the header, else that of the bytes.
    digest: Option<String>,
    /// Its length in bytes.
    size: Option<u64>,
    /// The document as it was served; null if it has more than 200000 values.
    #[schemars(with = "Option<Map<String, Value>>")]
    manifest: Option<Value>,
}

impl Fetched for WrittenManifest {
    const NAME: &'static str = "manifest";
    const TITLE: &'static str = "Output of `ociscope manifest REF --json`";
}

/// `oci index · sha256:…`
fn about(observation: &Observation) -> Vec<Span> {
    let served = &observation.served;
    let kind = match media_type::plain_words(served.as_str()) {
        Some(words) => Span::new(words, Label::Strong),
        None if served.as_str().is_empty() => Span::new("no media type", Label::Strong),
        None => plain(served.named_within(100)),
    };
    let mut line = vec![kind];
    let digest = observation.digest().map(Digest::to_string);
    line.extend(digest.map(|digest| Span::new(format!(" · {digest}"), Label::Quiet)));
    line
}

/// Why a document is not shown.
pub(super) fn too_many_values() -> Block {
    let words = format!("The document has more than {MOST_VALUES} values and is not shown; --raw writes its bytes.");
    Block::Text(vec![Span::new(words, Label::Caution)])
}

/// The beginning of a document, and how much is left out.
fn bounded(document: &Value) -> Vec<Block> {
    let mut first = FirstLines::default();
    // This cannot fail: the document was JSON, and the writer takes all bytes.
    let _ = serde_json::to_writer_pretty(&mut first, document);
    let all = Untrusted::from_bytes(&first.kept).printable_lines();
    let lines: Vec<_> = all.iter().map(|line| Untrusted::from(line.as_str()).printable_within(LINE)).collect();
    let hidden = (first.breaks + 1).saturating_sub(LINES);
    let is_cut = hidden > 0 || lines.iter().zip(&all).any(|(shown, line)| shown != line);
    let words = match hidden {
        0 => "Long lines are cut; --raw and --json have the whole document.".to_owned(),
        hidden => format!("{hidden} more lines are left out; --raw and --json have the whole document."),
    };
    let mut blocks = vec![Block::Words(lines)];
    blocks.extend(is_cut.then(|| Block::Text(vec![Span::new(words, Label::Caution)])));
    blocks
}

/// A writer that keeps the first lines and counts the others.
#[derive(Default)]
struct FirstLines {
    kept: Vec<u8>,
    breaks: usize,
}

impl Write for FirstLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            self.breaks += usize::from(byte == b'\n');
            if self.breaks < LINES {
                self.kept.push(byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_document_is_cut_with_a_remark() {
        let long = json!(vec![1; 699]);
        let [Block::Words(lines), Block::Text(words)] = &bounded(&long)[..] else {
            panic!("not two blocks");
        };
        assert_eq!(lines.len(), 600);
        assert!(words[0].text.starts_with("101 more lines"), "{words:?}");
        let wide = json!(["b".repeat(5000)]);
        let [Block::Words(lines), Block::Text(_)] = &bounded(&wide)[..] else {
            panic!("not two blocks");
        };
        assert_eq!(crate::text::cut_at_marks(&lines[1]).chars().count(), 400);
        let shown = ["{", "  \"a\": []", "}"].map(str::to_owned).to_vec();
        assert_eq!(bounded(&json!({ "a": [] })), [Block::Words(shown)], "nothing is left out");
        let whole = bounded(&json!(vec![1; 598]));
        assert!(matches!(&whole[..], [Block::Words(lines)] if lines.len() == 600), "{}", whole.len());
    }
}
