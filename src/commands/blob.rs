//! `blob`: what is stored under a digest, and where.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::{Envelope, Fetched};
use super::fetched::NotFetched;
use super::{CommandError, CommandSpec, EntryKind, Group, Output, Overview, fetched};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, FailureKind, Query};
use crate::image::{Magic, magic};
use crate::oci::{Digest, Origin};
use crate::report::{Block, Label, Published, Span, plain};
use crate::session::{Conversation, Session};

/// The description of `blob`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Content,
        at: (2, 0),
        usage: "blob DIGEST",
        about: "what is stored; the beginning of a digest will do",
    }),
    examples: &[
        ("blob sha256:4a7b3c1e31bd", "a beginning will do where it was seen"),
        ("blob sha256:4a7b3c1e31bd --raw > blob", "what is stored"),
    ],
    meant_by: Some(EntryKind::Layer),
    takes: Some(EntryKind::Layer),
    forms: &[Published::of::<Envelope<WrittenBlob>>()],
    asks_a_registry: true,
    ..CommandSpec::named("blob")
};

/// What `blob` is told.
#[derive(Debug, Args)]
pub struct BlobArguments {
    /// The repository and the digest: ghcr.io/o/n@sha256:…
    #[arg(value_name = "REF@DIGEST")]
    pub(super) reference: String,

    /// Write the bytes as they were received, all of them, up to 64 MiB
    #[arg(long)]
    pub(super) raw: bool,
}

impl BlobArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = fetched::begin(session, &self.reference).await?;
        let digest = conversation.reference().digest().cloned().ok_or(CommandError::NoDigest)?;
        let wanted = if self.raw { Query::Blob(digest.clone()) } else { Query::Layer(digest.clone()) };
        let answer = conversation.answer(&wanted).await?;
        let exchange = conversation.journal().get(answer);
        let Some(response) = exchange.response.as_ref().filter(|_| exchange.is_success()) else {
            return refused(&conversation, answer, output);
        };
        let size = response.whole_length();
        // Of a part no digest can be told.
        let is_whole = !response.body.truncated && size.is_none_or(|size| size == response.body.size);
        let named = Some(&digest).filter(|_| is_whole);
        let exit = match named.and_then(|named| fetched::has_digest(exchange, named)) {
            Some(false) => ExitStatus::Integrity,
            _ => ExitStatus::Success,
        };
        if self.raw {
            output.raw(&response.body.bytes, &conversation.redactor())?;
            return Ok(exit);
        }
        let kind = magic(&response.body.bytes);
        let host = exchange.request.host();
        let elsewhere = Origin::of(&exchange.request.url) != conversation.origin();
        let written = WrittenBlob {
            digest: digest.to_string(),
            size,
            kind,
            host: host.as_str().to_owned(),
            redirected: elsewhere,
        };
        let object = fetched::object(&conversation, answer, written);
        let mut redactor = conversation.redactor();
        let mut document = fetched::titled(&conversation);
        let size = size.map_or_else(|| "of unknown length".to_owned(), |size| format!("{size} bytes"));
        document.push(Block::Text(vec![
            Span::new(size, Label::Strong),
            plain(format!(" · its first bytes are {}", kind.words())),
        ]));
        let host = host.named_within(120);
        let place = if elsewhere {
            format!("The registry sends on to {host}, which has it.")
        } else {
            format!("It is served by {host} itself.")
        };
        document.push(Block::Text(vec![plain(place)]));
        document.push(fetched::request_line(&conversation, answer, named, &mut redactor));
        output.fetched(&document, &object, &mut redactor)?;
        Ok(exit)
    }
}

/// What is stored under a digest.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenBlob {
    /// The digest that was asked for.
    digest: String,
    /// The length of the whole blob in bytes; null where the answer does not say.
    size: Option<u64>,
    /// What it is, by its first bytes.
    kind: Magic,
    /// The host that served it.
    host: String,
    /// Whether the registry redirected to another host for it.
    redirected: bool,
}

impl Fetched for WrittenBlob {
    const NAME: &'static str = "blob";
    const TITLE: &'static str = "Output of `ociscope blob REF@DIGEST --json`";
}

/// What the rules say of manifests does not hold where the registry simply does not have a blob, nor where it has one
/// that is too long for us.
fn refused(
    conversation: &Conversation<'_>,
    answer: ExchangeId,
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    let exchange = conversation.journal().get(answer);
    let too_long = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::BodyTooLarge);
    let repository = conversation.reference().repository();
    let digest = conversation.reference().digest().map(Digest::to_string).unwrap_or_default();
    let (problem, exit) = match exchange.status() {
        _ if too_long => ("it is longer than 64 MiB, the most that is written".to_owned(), ExitStatus::ToolFailed),
        Some(404 | 410) => (format!("{repository} has no blob {digest}"), ExitStatus::NotFound),
        _ => return fetched::refused::<WrittenBlob>(conversation, answer, &[], output),
    };
    let refusal = NotFetched { at: answer, exit, findings: Vec::new(), problem: Some(problem) };
    fetched::told::<WrittenBlob>(conversation, refusal, output)
}
