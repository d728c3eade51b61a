//! `referrers`: the referrers of a manifest: signatures, SBOMs, attestations.

mod cosign;
mod entry;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::envelope::{Envelope, Fetched};
use super::fetched::{begin, failed, object, refused, request_line, titled};
use super::listing::{End, Follow, Known, counted, limit, unlisted};
use super::output::Elements;
use super::{
    CommandError, CommandSpec, EntryKind, Exchanges, FROM, Format, Group, Output, OutputError, Overview, Shown,
};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, ListOf, Method, Purpose, Query};
use crate::oci::Digest;
use crate::oci::media_type::OCI_INDEX;
use crate::report::{Block, Label, Layout, Published, Span, plain};
use crate::session::{Conversation, Session, SessionError};
use cosign::{CosignTags, WrittenCosignTag};
use entry::{Referrer, WrittenReferrer, entries};

/// The most entries that are read; with more annotations than that, no further page is fetched.
const MOST_ENTRIES: usize = 100_000;

/// The description of `referrers`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Content, at: (1, 2), usage: "referrers", about: "" }),
    one_shot: &[
        ("ociscope referrers ghcr.io/acme/api:1.4.2", ""),
        ("ociscope referrers --json ghcr.io/acme/api:1.4.2", "with annotations"),
    ],
    examples: &[("referrers", "of the current image")],
    takes: Some(EntryKind::Manifest),
    shown: listed,
    forms: &[Published::of::<Envelope<WrittenReferrers>>()],
    asks_a_registry: true,
    ..CommandSpec::named("referrers")
};

/// The arguments of `referrers`.
#[derive(Debug, Args)]
pub struct ReferrersArguments {
    /// Image reference; a tag is resolved to its digest first
    #[arg(value_name = "REF", required_unless_present = FROM)]
    pub(super) reference: Option<String>,

    /// Stop after N entries, without fetching further pages
    #[arg(long, value_name = "N", value_parser = limit)]
    pub(super) limit: Option<usize>,
}

impl ReferrersArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = begin(session, self.reference.as_deref()).await?;
        let reference = conversation.reference().clone();
        let digest = match reference.digest() {
            Some(digest) => digest.clone(),
            None => match resolve(&mut conversation).await? {
                Ok(digest) => digest,
                Err(answer) => return refused::<WrittenReferrers>(&conversation, answer, &[], output),
            },
        };
        let mut follow = Follow::with(ListOf::Referrers(digest.clone()), cosign::queries(&reference, &digest));
        let mut list = List::of(digest, &conversation);
        while let Some(page) = follow.next(&mut conversation).await? {
            if let Some(entries) = list.read(page, self.limit, &mut follow, &conversation) {
                list.show(entries, &conversation, output)?;
            } else if follow.pages() == 1 {
                return failed::<WrittenReferrers>(&conversation, unlisted(&conversation, page, "referrers"), output);
            }
            if follow.goes_on() {
                output.progress().listed(list.count, "referrers", follow.pages());
                if output.is_unread() {
                    return Err(OutputError::Closed.into());
                }
            }
        }
        let Some(last) = follow.last() else { return Ok(ExitStatus::Interrupted) };
        if follow.pages() > 0 {
            return list.write(last, &follow, &conversation, output);
        }
        if conversation.journal().get(last).status() != Some(404) {
            return failed::<WrittenReferrers>(&conversation, unlisted(&conversation, last, "referrers"), output);
        }
        // 404 means that the registry has no referrers API (distribution-spec, "Referrers Tag Schema").
        let tag = tag_of(&list.digest);
        let path = format!("/v2/{}/manifests/{tag}", reference.repository());
        let answer = conversation.answer(&Query::Path(Method::Get, path, vec![OCI_INDEX.to_owned()])).await?;
        let is_missing = conversation.journal().get(answer).status() == Some(404);
        // A missing image answers 404 as well, which is not the same as an image without referrers.
        if is_missing
            && reference.digest().is_some()
            && let Err(answer) = resolve(&mut conversation).await?
        {
            return refused::<WrittenReferrers>(&conversation, answer, &[], output);
        }
        list.tag = Some(tag);
        follow.stop(End::Whole);
        let is_success = conversation.journal().get(answer).is_success();
        let entries = is_success.then(|| list.read(answer, self.limit, &mut follow, &conversation)).flatten();
        if let Some(entries) = entries {
            list.show(entries, &conversation, output)?;
        } else if !is_missing {
            return failed::<WrittenReferrers>(&conversation, unlisted(&conversation, answer, "referrers"), output);
        }
        list.write(answer, &follow, &conversation, output)
    }
}

/// The digest of a reference: by HEAD, which registries do not count as a pull, or else by GET. The error is the answer that
/// has none.
async fn resolve(conversation: &mut Conversation<'_>) -> Result<Result<Digest, ExchangeId>, SessionError> {
    let by_head = conversation.answer(&Query::manifest(Method::Head, &[])).await?;
    if let Some(digest) = digest_of(conversation, by_head) {
        return Ok(Ok(digest));
    }
    let by_get = conversation.answer(&Query::manifest(Method::Get, &[])).await?;
    Ok(digest_of(conversation, by_get).ok_or(by_get))
}

fn digest_of(conversation: &Conversation<'_>, answer: ExchangeId) -> Option<Digest> {
    let observed = conversation.journal().observation(answer)?;
    // A web page served instead of a manifest has a digest too.
    let is_manifest = observed.announced.is_some() || observed.document.is_some();
    observed.digest().filter(|_| is_manifest).cloned()
}

/// The tag under which clients store the referrers of a digest if the registry has no referrers API (distribution-spec,
/// "Referrers Tag Schema"): the algorithm, cut to 32 characters, and the digits, cut to 64.
fn tag_of(digest: &Digest) -> String {
    let text = digest.to_string();
    let algorithm = text.split_once(':').map_or("", |(algorithm, _)| algorithm);
    let cut = |text: &str, limit| text.chars().take(limit).collect::<String>();
    format!("{}-{}", cut(algorithm, 32), cut(digest.hex(), 64))
}

/// The referrers of a manifest, as far as they were read. Each page is formatted at once: as values, the entries of a long
/// list would take many times as much memory.
struct List {
    digest: Digest,
    /// The tag that was requested, if the registry has no referrers API.
    tag: Option<String>,
    /// The number of entries.
    count: usize,
    /// The number of annotations of all entries.
    annotations: usize,
    known: Known,
    /// The entries for JSON.
    elements: Elements,
    /// The document, without the parts that were written already.
    blocks: Layout,
}

impl List {
    /// An empty list.
    fn of(digest: Digest, conversation: &Conversation<'_>) -> Self {
        let (known, blocks) = (Known::of(conversation), titled(conversation));
        Self { digest, tag: None, count: 0, annotations: 0, known, elements: Elements::default(), blocks }
    }

    /// Reads a page, and ends the list at a bound. Returns its entries; `None` if it is not a page of a list.
    fn read(
        &mut self,
        page: ExchangeId,
        limit: Option<usize>,
        follow: &mut Follow,
        conversation: &Conversation<'_>,
    ) -> Option<Vec<Referrer>> {
        let response = conversation.journal().get(page).response.as_ref();
        let bytes = response.map_or(&[][..], |response| &response.body.bytes);
        let Some((mut entries, unread)) = entries(bytes, MOST_ENTRIES - self.count) else {
            follow.stop(End::NotAList);
            return None;
        };
        self.annotations += entries.iter().map(|entry| entry.annotation_count).sum::<usize>();
        if unread > 0 {
            follow.stop(End::Entries(self.count + entries.len(), "referrers"));
        } else if follow.goes_on() && self.annotations > MOST_ENTRIES {
            follow.stop(End::Entries(self.annotations, "annotations"));
        }
        if let Some(limit) = limit {
            let room = limit - self.count;
            let is_whole = !follow.goes_on() && *follow.end() == End::Whole;
            if entries.len() > room || (entries.len() == room && !is_whole) {
                follow.stop(End::Limit(limit));
            }
            entries.truncate(room);
        }
        self.count += entries.len();
        Some(entries)
    }

    /// Writes the entries of a page, or keeps them if the format is written at the end of the list.
    fn show(
        &mut self,
        entries: Vec<Referrer>,
        conversation: &Conversation<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), CommandError> {
        self.known.renew(conversation);
        let redactor = &mut self.known.redactor;
        if output.format() == Format::Json {
            let in_json = |entry: Referrer| serde_json::to_value(entry.written()).expect("it has text for keys");
            let written = entries.into_iter().map(in_json);
            return Ok(self.elements.add(written, output, redactor)?);
        }
        self.blocks.extend(entries.iter().map(|entry| entry.shown(redactor)));
        if output.writes_in_parts(redactor) {
            output.fetched(&std::mem::take(&mut self.blocks), &Value::Null, redactor)?;
        }
        Ok(())
    }

    fn write(
        mut self,
        last: ExchangeId,
        follow: &Follow,
        conversation: &Conversation<'_>,
        output: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let is_missing = conversation.journal().get(last).status() == Some(404) && self.tag.is_some();
        let mut redactor = conversation.redactor();
        let end = follow.end();
        let cosign_tags = CosignTags::of(&self.digest, follow.other_answers(), conversation);
        let why = end.why(&counted(self.count, "referrer", "referrers"));
        let exit = end.exit(conversation);
        if output.format() == Format::Json {
            let written = WrittenReferrers {
                digest: self.digest.to_string(),
                tag: self.tag.clone(),
                complete: why.is_none(),
                why_incomplete: why,
                cosign_tags: cosign_tags.written(),
                referrers: Vec::new(),
            };
            let object = object(conversation, last, written);
            output.fetched_list(object, "referrers", std::mem::take(&mut self.elements), &mut redactor)?;
            return Ok(exit);
        }
        let mut document = std::mem::take(&mut self.blocks);
        if self.count > 0 {
            document.push(Block::Gap);
        }
        document.push(request_line(conversation, last, None, &mut redactor));
        let words = match self.count {
            0 => "no referrers for".to_owned(),
            1 => "1 referrer for".to_owned(),
            count => format!("{count} referrers for"),
        };
        document.push(Block::Text(vec![plain(format!("{words} {}", self.digest))]));
        if let Some(tag) = &self.tag {
            let found = if is_missing { "does not exist either" } else { "has the list" };
            let words = format!("The registry has no referrers API; the fallback tag {tag} {found}.");
            document.push(Block::Text(vec![Span::new(words, Label::Quiet)]));
        }
        let is_limit = matches!(end, End::Limit(_));
        let label = if is_limit { Label::Quiet } else { Label::Caution };
        document.extend(why.clone().map(|words| Block::Text(vec![Span::new(words, label)])));
        document.extend(cosign_tags.shown(&mut redactor));
        output.fetched(&document, &Value::Null, &mut redactor)?;
        if let Some(words) = why.filter(|_| !is_limit && output.writes_names()) {
            output.remark(&words, &mut redactor);
        }
        Ok(exit)
    }
}

/// The entries of all pages of the list, or of the index under the tag.
fn listed(exchanges: &Exchanges<'_>) -> Shown {
    let pages = exchanges.of(Purpose::Referrers);
    let pages = pages.iter().filter(|(_, page)| page.is_success());
    let pages = pages.filter_map(|(_, page)| entries(&page.response.as_ref()?.body.bytes, MOST_ENTRIES));
    let limit = exchanges.selection.limit.unwrap_or(usize::MAX);
    let entries: Vec<_> = pages.flat_map(|(entries, _)| entries).take(limit).collect();
    // The requests for cosign's tags come after that for the list.
    let exchange = exchanges.last_by(Method::Get);
    let Some(reference) = exchanges.reference().filter(|_| !entries.is_empty()) else {
        return Shown { exchange, ..Shown::of_an_index(exchanges) };
    };
    let pinned = |entry: &Referrer| Some(reference.with_digest(entry.digest.as_ref()?.parse().ok()?));
    Shown { exchange, ..Shown::manifests(Some(entries.iter().map(pinned).collect())) }
}

/// The referrers of a manifest.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenReferrers {
    /// The digest.
    digest: String,
    /// The fallback tag that was requested because the registry has no referrers API; else null.
    tag: Option<String>,
    /// Whether every page of the list was fetched and read.
    complete: bool,
    /// Why the list is not complete, in a sentence; null if it is.
    why_incomplete: Option<String>,
    /// The tags under which cosign stores signatures, attestations and an SBOM; none for digests other than SHA-256.
    cosign_tags: Vec<WrittenCosignTag>,
    /// The referrers, in the order of the registry.
    referrers: Vec<WrittenReferrer>,
}

impl Fetched for WrittenReferrers {
    const NAME: &'static str = "referrers";
    const TITLE: &'static str = "Output of `ociscope referrers REF --json`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fallback_tag_is_that_of_the_specification() {
        let hex = "0123456789abcdef".repeat(8);
        let tag = |text: String| tag_of(&text.parse().unwrap());
        assert_eq!(tag(format!("sha256:{}", &hex[..64])), format!("sha256-{}", &hex[..64]));
        assert_eq!(tag(format!("sha512:{hex}")), format!("sha512-{}", &hex[..64]));
    }
}
