//! Rules as likely causes: those that fit the reference, with a few words each.

use crate::diagnosis::catalogue;
use crate::knowledge::{Cause, TagKind, causes};
use crate::oci::Reference;
use crate::report::Block;

/// A likely cause.
pub(super) struct Likely {
    /// The rule's name.
    pub rule: &'static str,
    /// The cause in a few words.
    pub why: &'static str,
    /// Whether it is one for tags of some kind only, digests aside.
    pub of_some_tags: bool,
}

/// The causes among these rules that fit the reference, in the same order.
pub(super) fn likely(rules: &'static [String], reference: Option<&Reference>) -> Vec<Likely> {
    let fitting = rules.iter().filter_map(|rule| match causes().iter().find(|cause| cause.rule == *rule) {
        Some(cause) => {
            let of_some_tags = matches!(cause.tag, Some(TagKind::Latest | TagKind::Version));
            fits(cause, reference).then_some(Likely { rule, why: &cause.why, of_some_tags })
        }
        None => {
            let rule = catalogue().iter().find(|other| other.name == *rule)?;
            Some(Likely { rule: rule.name, why: rule.summary(), of_some_tags: false })
        }
    });
    fitting.collect()
}

/// The causes, one below the other.
pub(super) fn glossary(likely: &[Likely]) -> Block {
    Block::Glossary(likely.iter().map(|one| (one.rule.to_owned(), one.why.to_owned())).collect())
}

/// Whether a cause can be one. Where no reference is known, its tag may be any; a place has to be known.
fn fits(cause: &Cause, reference: Option<&Reference>) -> bool {
    let Some(reference) = reference else { return cause.under.is_empty() };
    let place = format!("{}/{}", reference.registry(), reference.repository());
    let below = cause.under.is_empty() || cause.under.iter().any(|prefix| place.starts_with(prefix));
    let tag = reference.tag().filter(|_| reference.digest().is_none()).unwrap_or_default();
    below
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
