//! Finds the image of a message. A word counts as an image only after a phrase that clients print before one, or if it
//! has a host, a tag or a digest, so that no ordinary word does.

mod address;
mod leads;
mod words;

use std::fmt;

use crate::oci::{Addition, Platform, Reference};

use super::holds_no_secret;
use super::reading::Pasted;

pub(super) use address::{Asked, asked_hosts, hub_addresses};
pub(super) use leads::LEADS;

/// The maximum number of places that are searched per phrase, and of bytes after each. Names are far shorter; the
/// limits are for texts that are crafted to take long.
const MOST_PLACES: usize = 200;
const LONGEST: usize = 1024;

/// An image that a message names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The image.
    pub reference: Reference,
    /// `true` if the message identifies the version: a tag, a digest, or a name to which clients add a tag.
    pub is_whole: bool,
    /// The registry and the repository, without a default port.
    place: String,
}

impl Named {
    /// A name that is complete, or only identifies the repository.
    pub fn new(reference: Reference, is_whole: bool) -> Self {
        let registry = reference.registry();
        let port = registry.port().filter(|port| *port != 443).map(|port| format!(":{port}")).unwrap_or_default();
        let place = format!("{}{port}/{}", registry.name(), reference.repository());
        Self { reference, is_whole, place }
    }

    fn whole(reference: Reference) -> Self {
        Self::new(reference, true)
    }

    /// The key that names of the same image share.
    pub fn key(&self) -> String {
        let tag = self.reference.tag().filter(|_| !self.is_untagged());
        let selector = tag.map(str::to_owned).or_else(|| self.reference.digest().map(ToString::to_string));
        format!("{}|{}", self.repository(), selector.unwrap_or_default())
    }

    /// The registry and the repository.
    pub fn repository(&self) -> &str {
        &self.place
    }

    /// Returns `true` if neither a tag nor a digest was written.
    pub fn is_untagged(&self) -> bool {
        !self.is_whole || self.reference.additions().contains(&Addition::DefaultTag)
    }

    /// Returns `true` if both names may mean the same image: the same repository, and not two tags or two digests.
    pub fn may_be(&self, other: &Self) -> bool {
        self.repository() == other.repository()
            && (self.is_untagged() || other.is_untagged() || self.agrees_with(other))
    }

    fn agrees_with(&self, other: &Self) -> bool {
        match (self.reference.tag(), other.reference.tag()) {
            (Some(one), Some(two)) => one == two,
            _ => match (self.reference.digest(), other.reference.digest()) {
                (Some(one), Some(two)) => one == two,
                // A tag, and the digest that it resolves to.
                _ => true,
            },
        }
    }

    /// The more specific of two names of one image.
    pub fn better(self, other: Self) -> Self {
        let says = |named: &Self| {
            let tagged = named.reference.tag().is_some() && !named.is_untagged();
            (tagged, named.reference.digest().is_some(), named.is_whole)
        };
        if says(&other) > says(&self) { other } else { self }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole {
            return write!(f, "{}", self.reference);
        }
        write!(f, "{}/{}", self.reference.registry(), self.reference.repository())
    }
}

/// The image that a message names, if any.
pub(super) fn image_in(text: &Pasted) -> Option<Named> {
    let named = leads::by_scheme(text).chain(leads::by_lead(text)).chain(leads::by_tag_and_repository(text));
    let named = named.chain(leads::by_fields(text)).chain(address::by_address(text));
    let mut named = named.chain(words::by_look(text)).chain(address::by_scope(text)).filter(is_harmless);
    let first = named.next().map(|first| corrected(first, text))?;
    if !first.is_untagged() {
        return Some(first);
    }
    // If it is named first without a tag and later with one, as Helm does, the tag counts.
    let same = |other: &Named| !other.is_untagged() && other.repository() == first.repository();
    let version = || leads::version_in(text).and_then(|version| first.reference.with_tag(&version).ok());
    Some(named.find(same).or_else(|| version().map(Named::whole)).unwrap_or(first))
}

/// Corrects a repository on Docker Hub whose name begins with the host of another registry to that registry.
fn corrected(named: Named, text: &Pasted) -> Named {
    match address::host_in_path(&named.reference).and_then(|_| Reference::parse(&written_path(&named.reference)).ok()) {
        Some(reference) if !text.lower().contains("pull access denied for docker.io/") => {
            Named::new(reference, named.is_whole)
        }
        _ => named,
    }
}

/// The repository, tag and digest of a reference, as written after the host.
fn written_path(reference: &Reference) -> String {
    let tag = reference.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = reference.digest().map(|digest| format!("@{digest}")).unwrap_or_default();
    format!("{}{tag}{digest}", reference.repository())
}

/// Returns `true` if nothing in a name looks like a token; other names are not repeated.
fn is_harmless(named: &Named) -> bool {
    // A digest without a name is not an image.
    if ["library/sha256", "library/sha512"].contains(&named.reference.repository()) {
        return false;
    }
    holds_no_secret(&named.reference.to_string(), &['/', ':', '@'])
}

/// The requested platform, if the text names it: `for linux/arm64/v8`, or `architecture "arm64", …, OS "linux"`.
pub(super) fn platform_in(text: &Pasted) -> Option<Platform> {
    let slashed = [" for ", "platform "].iter().flat_map(|lead| texts_after(text.lower(), lead)).find_map(|rest| {
        let word = rest.split(|c: char| c.is_whitespace() || matches!(c, ',' | ')' | '"')).next()?;
        wanted_platform(word.trim_end_matches([':', '.']))
    });
    slashed.or_else(|| {
        let field = |name: &'static str| {
            let rest = texts_after(text.lower(), name).next()?.trim_start_matches([' ', '"']);
            rest.split(|c: char| !c.is_ascii_alphanumeric()).next()
        };
        let variant = field("variant ").filter(|variant| !variant.is_empty());
        let variant = variant.map_or(String::new(), |variant| format!("/{variant}"));
        format!("{}/{}{variant}", field(", os ")?, field("for architecture ")?).parse().ok()
    })
}

/// A platform that images are built for.
fn wanted_platform(text: &str) -> Option<Platform> {
    let platform: Platform = text.parse().ok()?;
    ["linux", "windows", "darwin"].contains(&platform.os.as_str()).then_some(platform)
}

/// The texts after each occurrence of `lead`.
fn texts_after<'a>(text: &'a str, lead: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(lead).take(MOST_PLACES).map(move |(at, _)| beginning(&text[at + lead.len()..]))
}

/// The texts after each occurrence of `lead`, with their case kept. A lead at the end of another word does not count.
fn written_after<'a>(text: &'a Pasted, lead: &'a str) -> impl Iterator<Item = &'a str> {
    let places = text.lower().match_indices(lead).take(MOST_PLACES);
    let begins = |at: usize| {
        let before = text.lower()[..at].chars().next_back();
        !lead.starts_with(|c: char| c.is_ascii_alphanumeric()) || before.is_none_or(|c| !c.is_ascii_alphanumeric())
    };
    places.filter(move |(at, _)| begins(*at)).map(move |(at, _)| beginning(&text.plain()[at + lead.len()..]))
}

/// The beginning of a text, as long as a name can be.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// The first word, without punctuation of the sentence.
fn first_word(text: &str) -> &str {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | ',' | ';' | '”' | '|' | '\\')
    };
    text.split(ends).next().unwrap_or_default().trim_end_matches(['.', ':', '!', '?', '…', ']', '}', '@'])
}

/// The rest of an address after a user and password.
fn without_user(address: &str) -> &str {
    let host = address.split('/').next().unwrap_or_default();
    let digest = host.find("@sha256:").unwrap_or(host.len());
    host[..digest].rfind('@').map_or(address, |at| &address[at + 1..])
}

fn parsed(text: &str) -> Option<Reference> {
    Reference::parse(text).ok()
}

#[cfg(test)]
mod tests;
