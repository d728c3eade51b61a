//! Rules as likely causes: those that fit the reference, with a few words each.

use crate::diagnosis::catalogue;
use crate::knowledge::{Cause, TagKind, causes};
use crate::oci::{Host, Reference};
use crate::report::Block;

/// A likely cause.
pub(super) struct Likely {
    /// The rule's name.
    pub rule: &'static str,
    /// The cause in a few words.
    pub why: &'static str,
    /// Whether it is one for tags of some kind only, digests aside.
    pub of_some_tags: bool,
    /// What to do about it where Kubernetes pulls.
    pub in_kubernetes: Option<&'static str>,
    /// Whether it is the usual one at the host that was asked.
    is_usual: bool,
}

/// The name under which causes know Docker Hub, whatever host of it was asked.
const HUB: &str = "docker.io";

/// The most causes that are named: who reads more than these has to be told which.
const MOST: usize = 4;

/// What is known about where an image was asked for.
#[derive(Clone, Copy, Default)]
pub(super) struct AskedAt<'a> {
    /// The image.
    pub reference: Option<&'a Reference>,
    /// The host that was asked, where it is another than the image's registry.
    pub mirror: Option<&'a Host>,
}

impl AskedAt<'_> {
    /// The host that was asked.
    fn host(&self) -> Option<String> {
        let host = self.mirror.or(self.reference.map(Reference::registry))?;
        Some(if host.canonical().is_docker_hub() { HUB.to_owned() } else { host.name().to_ascii_lowercase() })
    }
}

/// The causes among these rules that fit the place, those that are usual there first, and at most four.
pub(super) fn likely(rules: impl IntoIterator<Item = &'static str>, place: AskedAt<'_>) -> Vec<Likely> {
    let host = place.host();
    let fitting = rules.into_iter().filter_map(|rule| match causes().iter().find(|cause| cause.rule == *rule) {
        Some(cause) => {
            let of_some_tags = matches!(cause.tag, Some(TagKind::Latest | TagKind::Version));
            let is_usual = host.as_ref().is_some_and(|host| is_one_of(host, &cause.first_at));
            let likely =
                Likely { rule, why: &cause.why, of_some_tags, is_usual, in_kubernetes: cause.in_kubernetes.as_deref() };
            fits(cause, place.reference, host.as_deref()).then_some(likely)
        }
        None => {
            let rule = catalogue().iter().find(|other| other.name == rule)?;
            let why = rule.summary();
            Some(Likely { rule: rule.name, why, of_some_tags: false, is_usual: false, in_kubernetes: None })
        }
    });
    let mut likely: Vec<_> = fitting.collect();
    likely.sort_by_key(|cause| !cause.is_usual);
    if place.reference.is_none() {
        // Whether the tag is such a one cannot be seen, so these are less likely than the others.
        likely.sort_by_key(|cause| cause.of_some_tags);
    }
    likely
}

/// At most four of the causes.
pub(super) fn first_few(mut likely: Vec<Likely>) -> Vec<Likely> {
    likely.truncate(MOST);
    likely
}

/// The causes, one below the other.
pub(super) fn glossary(likely: &[Likely]) -> Block {
    Block::Glossary(likely.iter().map(|one| (one.rule.to_owned(), one.why.to_owned())).collect())
}

/// Whether a host is one of these; `*.` stands for any beginning.
fn is_one_of(host: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|one| match one.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => host == one,
    })
}

/// Whether a cause can be one. Where no reference is known, its tag may be any; a place has to be known.
fn fits(cause: &Cause, reference: Option<&Reference>, host: Option<&str>) -> bool {
    let is_there =
        host.is_none_or(|host| (cause.at.is_empty() || is_one_of(host, &cause.at)) && !is_one_of(host, &cause.not_at));
    let Some(reference) = reference else { return cause.under.is_empty() && is_there };
    let place = format!("{}/{}", reference.registry(), reference.repository());
    let below = cause.under.is_empty() || cause.under.iter().any(|prefix| place.starts_with(prefix));
    let tag = reference.tag().filter(|_| reference.digest().is_none()).unwrap_or_default();
    below
        && is_there
        && match cause.tag {
            None => true,
            Some(TagKind::Latest) => tag == "latest",
            Some(TagKind::Version) => is_version(tag),
            Some(TagKind::Digest) => reference.digest().is_some(),
        }
}

fn is_version(tag: &str) -> bool {
    let number = tag.strip_prefix('v').unwrap_or(tag);
    number.starts_with(|c: char| c.is_ascii_digit()) && number.contains('.')
}
