//! `referrers`: what is attached to a manifest: signatures, lists of parts, attestations.

use std::collections::BTreeMap;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::envelope::{Envelope, Fetched};
use super::fetched::{aside, begin, further_page, list_refused, object, refused, request_line, titled};
use super::{CommandError, CommandSpec, EntryKind, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, Method, Query, Redactor};
use crate::oci::Digest;
use crate::oci::media_type::{OCI_INDEX, plain_words};
use crate::report::{Block, Label, Published, Span, plain};
use crate::session::{Conversation, Session, SessionError};
use crate::text::{ListField, Untrusted, read_list};

/// The most entries of the list that are shown.
const MOST_SHOWN: usize = 1000;

/// The description of `referrers`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Content, at: (1, 2), usage: "referrers", about: "" }),
    examples: &[("referrers", "signatures and the like, attached to the image")],
    takes: Some(EntryKind::Manifest),
    shown: Shown::of_an_index,
    forms: &[Published::of::<Envelope<WrittenReferrers>>()],
    asks_a_registry: true,
    ..CommandSpec::named("referrers")
};

/// What `referrers` is told.
#[derive(Debug, Args)]
pub struct ReferrersArguments {
    /// The image, as any tool writes it; a tag is asked for its digest first
    #[arg(value_name = "REF")]
    pub(super) reference: String,
}

impl ReferrersArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = begin(session, &self.reference).await?;
        let reference = conversation.reference().clone();
        let digest = match reference.digest() {
            Some(digest) => digest.clone(),
            None => match resolve(&mut conversation).await? {
                Ok(digest) => digest,
                Err(answer) => return refused::<WrittenReferrers>(&conversation, answer, &[], output),
            },
        };
        let pages = conversation.ask(&Query::Referrers(digest.clone())).await?;
        let exchange = |id: &ExchangeId| conversation.journal().get(*id);
        let is_unknown = pages.last().is_some_and(|last| exchange(last).status() == Some(404));
        // Where a page was served, a 404 for the next one is about that one.
        if !is_unknown || pages.iter().any(|page| exchange(page).is_success()) {
            return List { digest, tag: None, pages }.write(&conversation, output);
        }
        // 404 says that the registry does not know the question (distribution-spec, "Referrers Tag Schema").
        let tag = tag_of(&digest);
        let path = format!("/v2/{}/manifests/{tag}", reference.repository());
        let answer = conversation.answer(&Query::Path(Method::Get, path, vec![OCI_INDEX.to_owned()])).await?;
        let is_missing = conversation.journal().get(answer).status() == Some(404);
        // Whatever is missing answers 404 here, the image as well; that nothing is attached to it is another matter.
        if is_missing
            && reference.digest().is_some()
            && let Err(answer) = resolve(&mut conversation).await?
        {
            return refused::<WrittenReferrers>(&conversation, answer, &[], output);
        }
        List { digest, tag: Some(tag), pages: vec![answer] }.write(&conversation, output)
    }
}

/// The digest of what the reference names: by HEAD, which no registry counts as a pull, and else by its bytes. Without
/// one, the answer that says why.
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
    // A page that is served in the place of a manifest has a digest too.
    let is_manifest = observed.announced.is_some() || observed.document.is_some();
    observed.digest().filter(|_| is_manifest).cloned()
}

/// The tag under which clients keep what refers to a digest where the registry does not (distribution-spec, "Referrers
/// Tag Schema"): the algorithm, cut to 32 characters, and the digits, cut to 64.
fn tag_of(digest: &Digest) -> String {
    let text = digest.to_string();
    let algorithm = text.split_once(':').map_or("", |(algorithm, _)| algorithm);
    let cut = |text: &str, limit| text.chars().take(limit).collect::<String>();
    format!("{}-{}", cut(algorithm, 32), cut(digest.hex(), 64))
}

/// Answers that list what refers to a manifest, if they do.
struct List {
    digest: Digest,
    /// The tag that was asked for, where the registry did not know the question.
    tag: Option<String>,
    /// The answer, page by page, with the redirects before each.
    pages: Vec<ExchangeId>,
}

impl List {
    fn write(&self, conversation: &Conversation<'_>, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let Some(&last) = self.pages.last() else { return Ok(ExitStatus::Interrupted) };
        let exchange = conversation.journal().get(last);
        let is_missing = self.tag.is_some() && exchange.status() == Some(404);
        let pages = self.pages.iter().map(|&id| conversation.journal().get(id)).filter(|page| page.is_success());
        let pages: Vec<_> = pages.map(|page| entries(&page.response.as_ref()?.body.bytes)).collect();
        let unlisted: usize = pages.iter().flatten().map(|(_, unread)| unread).sum();
        if pages.iter().flatten().next().is_none() && !is_missing {
            return list_refused::<WrittenReferrers>(conversation, last, output);
        }
        let unread = || "there may be more: a further page is no list".to_owned();
        let unread = pages.contains(&None).then(unread);
        let goes_on = further_page(exchange).filter(|_| !is_missing).or(unread);
        let mut entries: Vec<_> = pages.into_iter().flatten().flat_map(|(entries, _)| entries).collect();
        let left_out = entries.len().saturating_sub(MOST_SHOWN) + unlisted;
        entries.truncate(MOST_SHOWN);
        let too_many = || format!("there are more: {left_out} entries after the first {MOST_SHOWN} were left out");
        let goes_on = (left_out > 0).then(too_many).or(goes_on);
        let mut redactor = conversation.redactor();
        let complete = goes_on.is_none();
        let mut document = titled(conversation);
        for entry in &entries {
            document.push(shown(entry, &mut redactor));
        }
        if !entries.is_empty() {
            document.push(Block::Gap);
        }
        document.push(request_line(conversation, last, None, &mut redactor));
        let words = match entries.len() {
            0 if is_missing => "nothing is known that refers to".to_owned(),
            0 => "nothing refers to".to_owned(),
            1 => "1 manifest refers to".to_owned(),
            count => format!("{count} manifests refer to"),
        };
        document.push(Block::Text(vec![plain(format!("{words} {}", self.digest))]));
        if let Some(tag) = &self.tag {
            let found = if is_missing { "is not there either" } else { "holds the list in its place" };
            let words = format!("The registry does not answer at /referrers/; the tag {tag} {found}.");
            document.push(Block::Text(vec![Span::new(words, Label::Quiet)]));
        }
        if let Some(words) = goes_on {
            document.push(Block::Text(vec![Span::new(words, Label::Caution)]));
        }
        let written = WrittenReferrers {
            digest: self.digest.to_string(),
            tag: self.tag.clone(),
            complete,
            referrers: entries.iter().map(|entry| WrittenReferrer::of(entry, &mut redactor)).collect(),
        };
        let object = object(conversation, last, written);
        output.fetched(&document, &object, &mut redactor)?;
        // What is known is shown, and a script still hears that the registry broke off.
        Ok(if exchange.is_success() || is_missing { ExitStatus::Success } else { aside(conversation, last).exit })
    }
}

/// The entries of an index, each a descriptor (image-spec, image index), and how many there are after the most that are
/// shown. `None` where it is no index.
fn entries(bytes: &[u8]) -> Option<(Vec<Map<String, Value>>, usize)> {
    let mut descriptor = |entry| if let Value::Object(fields) = entry { Some(fields) } else { None };
    match read_list(bytes, "manifests", MOST_SHOWN, &mut descriptor)? {
        ListField::List(list) => Some((list.entries, list.unread)),
        // Harbor's answer where there is nothing is an empty object, and writers in Go say null.
        ListField::Null | ListField::Missing => {
            let is_error = read_list(bytes, "errors", 0, &mut Some)? != ListField::Missing;
            (!is_error).then(|| (Vec::new(), 0))
        }
        ListField::Other => None,
    }
}

fn text<'a>(entry: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn annotations(entry: &Map<String, Value>) -> Option<&Map<String, Value>> {
    entry.get("annotations").and_then(Value::as_object)
}

fn shown(entry: &Map<String, Value>, redactor: &mut Redactor) -> Block {
    let mut clean = |name: &str| text(entry, name).map(|text| Untrusted::new(redactor.text(text)));
    let mut named = |name: &str| clean(name).map(|text| text.named_within(160));
    let media_type = text(entry, "mediaType").and_then(plain_words).map(str::to_owned).or_else(|| named("mediaType"));
    let size = entry.get("size").and_then(Value::as_u64).map(|size| format!("{size} bytes"));
    let annotations = match annotations(entry).map_or(0, Map::len) {
        0 => None,
        1 => Some("1 annotation".to_owned()),
        count => Some(format!("{count} annotations")),
    };
    let about: Vec<_> = [media_type, size, annotations].into_iter().flatten().collect();
    Block::Entry {
        name: named("artifactType").unwrap_or_else(|| "no artifact type".to_owned()),
        about: about.join(" · "),
        command: clean("digest").map_or_else(|| "no digest".to_owned(), |digest| digest.printable_within(160)),
    }
}

/// What refers to a manifest.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenReferrers {
    /// The digest that was asked about.
    digest: String,
    /// The tag that was asked for because the registry does not answer at /referrers/; else null.
    tag: Option<String>,
    /// Whether every page of the list was fetched and read.
    complete: bool,
    /// What refers to the digest, in the order of the registry.
    referrers: Vec<WrittenReferrer>,
}

impl Fetched for WrittenReferrers {
    const NAME: &'static str = "referrers";
    const TITLE: &'static str = "Output of `ociscope referrers REF --json`";
}

/// One artifact that refers to the digest.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenReferrer {
    /// What kind of artifact it is.
    artifact_type: Option<String>,
    /// The type of its manifest.
    media_type: Option<String>,
    /// Its digest, as the list has it.
    digest: Option<String>,
    /// The length of its manifest in bytes.
    size: Option<u64>,
    /// Its annotations.
    #[schemars(with = "BTreeMap<String, String>")]
    annotations: Map<String, Value>,
}

impl WrittenReferrer {
    fn of(entry: &Map<String, Value>, redactor: &mut Redactor) -> Self {
        let mut clean = |text: &str| redactor.text(text);
        Self {
            artifact_type: text(entry, "artifactType").map(&mut clean),
            media_type: text(entry, "mediaType").map(&mut clean),
            digest: text(entry, "digest").map(&mut clean),
            size: entry.get("size").and_then(Value::as_u64),
            annotations: annotations(entry)
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((clean(name), Value::String(clean(value.as_str()?)))))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_a_digest_is_that_of_the_specification() {
        let hex = "0123456789abcdef".repeat(8);
        let tag = |text: String| tag_of(&text.parse().unwrap());
        assert_eq!(tag(format!("sha256:{}", &hex[..64])), format!("sha256-{}", &hex[..64]));
        assert_eq!(tag(format!("sha512:{hex}")), format!("sha512-{}", &hex[..64]));
    }

    #[test]
    fn what_lists_nothing_is_told_from_what_is_no_list() {
        assert_eq!(entries(b"{}"), Some((Vec::new(), 0)));
        assert_eq!(entries(br#"{"manifests":null}"#), Some((Vec::new(), 0)));
        assert_eq!(entries(br#"{"manifests":[7,{}]}"#).map(|(entries, unread)| (entries.len(), unread)), Some((1, 0)));
        for no_list in [&b"<html>"[..], b"[]", br#"{"manifests":"x"}"#, br#"{"errors":[]}"#] {
            assert_eq!(entries(no_list), None);
        }
    }
}
