//! `blob`: a blob, by its digest.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::{Envelope, Fetched};
use super::fetched::NotFetched;
use super::{CommandError, CommandSpec, EntryKind, FROM, Group, Output, Overview, fetched};
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
        about: "known digests may be shortened",
    }),
    one_shot: &[
        ("ociscope blob ghcr.io/OWNER/NAME@sha256:DIGEST", "size, type, host"),
        ("ociscope blob --raw ghcr.io/OWNER/NAME@sha256:DIGEST > blob", "fetch it"),
    ],
    examples: &[
        ("blob sha256:4a7b3c1e31bd", "a known digest may be shortened"),
        ("blob sha256:4a7b3c1e31bd --raw > blob", "write it to a file"),
    ],
    meant_by: Some(EntryKind::Layer),
    takes: Some(EntryKind::Layer),
    forms: &[Published::of::<Envelope<WrittenBlob>>()],
    asks_a_registry: true,
    ..CommandSpec::named("blob")
};

/// The arguments of `blob`.
#[derive(Debug, Args)]
pub struct BlobArguments {
    /// Repository and digest: ghcr.io/o/n@sha256:…
    #[arg(value_name = "REF@DIGEST", required_unless_present = FROM)]
    pub(super) reference: Option<String>,

    /// Write the bytes as received, up to 64 MiB
    #[arg(long)]
    pub(super) raw: bool,
}

impl BlobArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = fetched::begin(session, self.reference.as_deref()).await?;
        let digest = conversation.reference().digest().cloned().ok_or(CommandError::NoDigest)?;
        let wanted = if self.raw { Query::Blob(digest.clone()) } else { Query::Layer(digest.clone()) };
        let answer = conversation.answer(&wanted).await?;
        let exchange = conversation.journal().get(answer);
        let Some(response) = exchange.response.as_ref().filter(|_| exchange.is_success()) else {
            return refused(&conversation, answer, output);
        };
        let size = response.whole_length();
        // A part of a blob does not have its digest.
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
        let size = size.map_or_else(|| "unknown size".to_owned(), |size| format!("{size} bytes"));
        document.push(Block::Text(vec![
            Span::new(size, Label::Strong),
            plain(format!(" · first bytes: {}", kind.words())),
        ]));
        let host = host.named_within(120);
        let place = if elsewhere {
            format!("The registry redirects to {host}, which serves it.")
        } else {
            format!("{host} serves it.")
        };
        document.push(Block::Text(vec![plain(place)]));
        document.push(fetched::request_line(&conversation, answer, named, &mut redactor));
        output.fetched(&document, &object, &mut redactor)?;
        Ok(exit)
    }
}

/// A blob.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenBlob {
    /// The requested digest.
    digest: String,
    /// The size of the blob in bytes; null if the answer does not say.
    size: Option<u64>,
    /// Its kind, by its first bytes.
    kind: Magic,
    /// The host that served it.
    host: String,
    /// Whether the registry redirected to another host.
    redirected: bool,
}

impl Fetched for WrittenBlob {
    const NAME: &'static str = "blob";
    const TITLE: &'static str = "Output of `ociscope blob REF@DIGEST --json`";
}

/// Reports a refusal. Rules are about manifests and do not apply to a missing blob or to one above the limit.
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
        _ if too_long => ("the blob is longer than 64 MiB, the limit".to_owned(), ExitStatus::ToolFailed),
        Some(404 | 410) => (format!("{repository} has no blob {digest}"), ExitStatus::NotFound),
        _ => return fetched::refused::<WrittenBlob>(conversation, answer, &[], output),
    };
    let refusal = NotFetched { at: answer, exit, findings: Vec::new(), problem: Some(problem) };
    fetched::failed::<WrittenBlob>(conversation, refusal, output)
}
