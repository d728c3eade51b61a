//! The image that a word at the prompt refers to: a reference, or a short form within the current repository.

use super::state::State;
use crate::commands::EntryKind;
use crate::image::Manifest;
use crate::oci::{Digest, Platform, Reference, Refusal, Scheme};
use crate::text::Untrusted;

/// Operating systems of platforms. Only with one of these a word with a slash is a platform and not a repository.
const SYSTEMS: [&str; 12] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "illumos",
    "linux",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
];

/// The fewest digits of a short digest without a prefix.
const SHORTEST: usize = 7;

/// Why a word refers to no image.
#[derive(Debug, thiserror::Error)]
pub(super) enum TargetError {
    /// There is no current image.
    #[error("{0} needs an image: name one, or go to one with `use REF` first")]
    Nowhere(String),
    /// A path is missing.
    #[error("{0} needs a path: {0} manifests/TAG, {0} tags/list or {0} /v2/")]
    NoPath(&'static str),
    /// It cannot be parsed.
    #[error("{}", .0.explain())]
    Reference(Box<Refusal>),
    /// No known digest begins like this.
    #[error("no known digest begins with {0}; write it in full")]
    UnknownDigest(String),
    /// Several known digests begin like this.
    #[error("{0} known digests begin with {1}; write more digits")]
    AmbiguousDigest(usize, String),
    /// The last list is shorter, or there is none.
    #[error("the last list has no entry {0}; {1}")]
    NoEntry(usize, String),
    /// The entry of the last list has no valid digest.
    #[error("entry {0} of the last list has no valid digest")]
    NoDigest(usize),
    /// The command does not take entries of this kind.
    #[error("entry {number} of the last list is {kind}; `{instead} {number}` shows it")]
    OtherKind {
        /// Its number.
        number: String,
        /// Its kind.
        kind: &'static str,
        /// The command that takes such entries.
        instead: &'static str,
    },
    /// No index in this session lists the platform.
    #[error("no index with {0} was fetched in this session; `platforms` fetches it")]
    NoPlatform(Platform),
}

impl From<Refusal> for TargetError {
    fn from(refusal: Refusal) -> Self {
        Self::Reference(Box::new(refusal))
    }
}

/// The platform that a word is, if it is one.
pub(super) fn platform(word: &str) -> Option<Platform> {
    let (system, _) = word.split_once('/')?;
    SYSTEMS.contains(&system).then(|| word.parse().ok()).flatten()
}

/// Whether a word may be a short digest without its algorithm.
pub(super) fn is_hex(word: &str) -> bool {
    word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a word may be the number of a list entry.
pub(super) fn is_number(word: &str) -> bool {
    (1..5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The image that a word refers to.
///
/// # Errors
/// Where it refers to none.
pub(super) fn reference(word: &str, state: &State) -> Result<Reference, TargetError> {
    let current = || state.current.as_ref().ok_or_else(|| TargetError::Nowhere(Untrusted::from(word).named_within(60)));
    if let Some(tag) = word.strip_prefix(':') {
        return Ok(current()?.with_tag(tag)?);
    }
    if let Some(start) = digest_start(word) {
        return match digest(&start, state)? {
            Some(digest) => Ok(current()?.with_digest(digest)),
            None if word.contains(':') || word.starts_with('@') => Err(TargetError::UnknownDigest(start)),
            None => Ok(Reference::parse(word)?),
        };
    }
    if let Ok(number) = word.parse::<usize>()
        && word.len() < 5
    {
        return entry(number, state);
    }
    if let Some(platform) = platform(word) {
        return of_platform(platform, current()?, state);
    }
    Ok(Reference::parse(word)?)
}

/// A reference as it is typed, with its scheme, if it has one.
pub(super) fn written(reference: &Reference) -> String {
    match reference.scheme() {
        None => reference.to_string(),
        Some(scheme) => {
            let text = reference.to_string();
            let bare = text.strip_prefix("oci://").unwrap_or(&text);
            let scheme = if scheme == Scheme::Http { "http" } else { "https" };
            format!("{scheme}://{bare}")
        }
    }
}

/// The beginning of a digest, with its algorithm: of `@sha256:c0acf3`, `sha256:c0acf3`, or `c0acf3d5` alone.
pub(super) fn digest_start(word: &str) -> Option<String> {
    let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let bare = word.strip_prefix('@').unwrap_or(word);
    match bare.split_once(':') {
        Some((algorithm @ ("sha256" | "sha384" | "sha512"), hex)) if is_hex(hex) => Some(format!("{algorithm}:{hex}")),
        None if is_hex(bare) && (bare.len() >= SHORTEST || word.starts_with('@')) && bare.len() <= 64 => {
            // Numbers are list entries.
            Some(format!("sha256:{bare}"))
                .filter(|_| word.starts_with('@') || !bare.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => None,
    }
}

/// The digest that begins like this: itself if it is complete, else the only known one. `None` if there is none.
fn digest(start: &str, state: &State) -> Result<Option<Digest>, TargetError> {
    if let Ok(whole) = start.parse() {
        return Ok(Some(whole));
    }
    let seen = state.seen.digests().filter(|seen| seen.starts_with(start));
    let mut found: Vec<Digest> = seen.filter_map(|seen| seen.parse().ok()).collect();
    match found.len() {
        0 => Ok(None),
        1 => Ok(found.pop()),
        many => Err(TargetError::AmbiguousDigest(many, start.to_owned())),
    }
}

fn entry(number: usize, state: &State) -> Result<Reference, TargetError> {
    let entries = &state.list.entries;
    let words = || match entries.len() {
        0 => "`platforms`, `layers`, `tags` and `referrers` make lists".to_owned(),
        1 => "it has 1".to_owned(),
        count => format!("it has {count}"),
    };
    let found = number.checked_sub(1).and_then(|at| entries.get(at));
    let found = found.ok_or_else(|| TargetError::NoEntry(number, words()))?;
    // Parsed again, as if it had been typed.
    Ok(Reference::parse(&written(found.as_ref().ok_or(TargetError::NoDigest(number))?))?)
}

/// The kind of the list entry with this number; `None` if there is none.
pub(super) fn kind_of_entry(word: &str, state: &State) -> Option<EntryKind> {
    let number = word.parse::<usize>().ok().filter(|_| is_number(word))?;
    state.list.entries.get(number.checked_sub(1)?).map(|_| state.list.kind)
}

/// The image for a platform, by the last index of the current repository that lists it.
fn of_platform(platform: Platform, current: &Reference, state: &State) -> Result<Reference, TargetError> {
    let exchanges = state.memory.exchanges();
    let same_place = exchanges.iter().rev().filter(|one| {
        one.reference.registry() == current.registry() && one.reference.repository() == current.repository()
    });
    let mut entries = same_place.filter_map(|one| {
        let document = Manifest::read(&one.exchange.response.as_ref()?.body.bytes)?;
        let is_it = |entry: &crate::image::Descriptor| entry.platform.as_ref().is_some_and(|it| it.is(&platform));
        let entry = document.manifests().into_iter().find(is_it)?;
        entry.digest.as_str().parse::<Digest>().ok()
    });
    let digest = entries.next().ok_or(TargetError::NoPlatform(platform.clone()))?;
    Ok(current.with_digest(digest))
}
