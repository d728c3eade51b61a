//! Rules as likely causes: those that match the reference, with a short description each.

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
    /// `true` if it applies only to some tags, apart from digests.
    pub of_some_tags: bool,
    /// The advice if Kubernetes pulls.
    pub in_kubernetes: Option<&'static str>,
    /// `true` if it is usual for the contacted host.
    is_usual: bool,
}

/// The name of Docker Hub in causes, whichever of its hosts was contacted.
const HUB: &str = "docker.io";

/// The maximum number of causes that are named; a longer list would not help.
const MOST: usize = 4;

/// The known facts about a request.
#[derive(Clone, Copy, Default)]
pub(super) struct AskedAt<'a> {
    /// The image.
    pub reference: Option<&'a Reference>,
    /// The contacted host, if it differs from the image's registry.
    pub mirror: Option<&'a Host>,
}

impl AskedAt<'_> {
    /// The contacted host.
    fn host(&self) -> Option<String> {
        let host = self.mirror.or(self.reference.map(Reference::registry))?;
        Some(if host.canonical().is_docker_hub() { HUB.to_owned() } else { host.name().to_ascii_lowercase() })
    }
}

/// The causes among these rules that match the place, those usual there first, at most four.
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
        // Whether these apply depends on the tag, which is unknown here, so they are less likely than the others.
        likely.sort_by_key(|cause| cause.of_some_tags);
    }
    likely
}

/// The first causes, at most four.
pub(super) fn first_few(mut likely: Vec<Likely>) -> Vec<Likely> {
    likely.truncate(MOST);
    likely
}

/// The causes as a list.
pub(super) fn glossary(likely: &[Likely]) -> Block {
    Block::Glossary(likely.iter().map(|one| (one.rule.to_owned(), one.why.to_owned())).collect())
}

/// Returns `true` if a host is in a list; `*.` matches any prefix.
fn is_one_of(host: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|one| match one.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => host == one,
    })
}

/// Returns `true` if a cause can apply. Without a reference, any tag is possible; the host has to be known.
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
