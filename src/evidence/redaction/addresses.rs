//! Addresses as they can be shown. Storage services put signatures into queries and paths, so only what is known to be
//! harmless stays.

use url::{Url, form_urlencoded};

use super::Redactor;
use super::labels::labels_in;
use super::structure::{LONGEST_NAME, is_harmless};
use crate::text::Untrusted;

/// A segment of a path that is longer may be a signature.
pub(super) const LONGEST_SEGMENT: usize = 96;

impl Redactor {
    /// A URL that can be shown: without user and password, and without query values that may be signatures.
    pub fn url(&mut self, url: &Url) -> String {
        let mut shown = without_user(url);
        if !url.username().is_empty() || url.password().is_some() {
            let secret = url.password().unwrap_or(url.username()).to_owned();
            self.counts.add("password", &secret);
        }
        shown.set_query(None);
        let mut text = self.path(shown.as_str());
        if let Some(query) = url.query() {
            text.push_str(&self.query(query));
        }
        self.text(&text)
    }

    /// A query with its question mark, and without values that may be signatures.
    fn query(&mut self, query: &str) -> String {
        let mut text = String::new();
        for (index, (name, value)) in form_urlencoded::parse(query.as_bytes()).enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            let hidden = Hidden::of(&name, &value);
            if hidden == Hidden::All {
                text.push_str(&self.removed("query value", &name));
                continue;
            }
            text.push_str(&Untrusted::new(name.clone()).cut_within(LONGEST_NAME));
            text.push('=');
            if hidden == Hidden::Nothing {
                text.push_str(&Untrusted::new(value).printable());
            } else {
                text.push_str(&self.removed("query value", &value));
            }
        }
        text
    }

    /// Long segments of a path may be a signature too, unless they are digests.
    fn path(&mut self, url: &str) -> String {
        let mut shown = Vec::new();
        for segment in url.split('/') {
            if let Some(label) = percent_encoded_label(segment) {
                shown.push(self.removed("path segment", &label));
            } else if is_signature(segment) {
                shown.push(self.removed("path segment", segment));
            } else {
                shown.push(segment.to_owned());
            }
        }
        shown.join("/")
    }
}

/// An address without user, password and fragment.
pub(super) fn without_user(url: &Url) -> Url {
    let mut shown = url.clone();
    shown.set_fragment(None);
    // Refused only by URLs without a host, which have no user either.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown
}

/// The segment of a path that has a label in it, decoded.
fn percent_encoded_label(segment: &str) -> Option<String> {
    if !segment.contains("%E2%80%B9") {
        return None;
    }
    // A plus sign is itself in a path.
    let pairs = segment.replace('+', "%2B");
    let (decoded, _) = form_urlencoded::parse(pairs.as_bytes()).next()?;
    let has_label = labels_in(&decoded).next().is_some();
    has_label.then(|| decoded.into_owned())
}

/// What must not be shown of a parameter in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    Nothing,
    Value,
    /// A name without a value may be a value without a name.
    All,
}

impl Hidden {
    pub(super) fn of(name: &str, value: &str) -> Self {
        if is_harmless(name) {
            Self::Nothing
        } else if value.is_empty() {
            Self::All
        } else {
            Self::Value
        }
    }
}

/// A part of an address, as it was asked: with whatever is percent-encoded in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressPart {
    /// What can be shown.
    Shown(String),
    /// A value in the query, or a parameter in it, that may be secret.
    QueryValue,
    /// A part of the path, between two slashes, that may be secret.
    PathSegment,
}

/// An address in parts, of which those that may be secret are only named: the same that [`Redactor::url`] takes out,
/// for whoever makes something of an address that has to stay usable. User, password and fragment are in none.
///
/// Nothing is known here of the secrets of a run, so what is made of the parts has to be searched for those.
pub fn address_parts(url: &Url) -> Vec<AddressPart> {
    let mut parts = Vec::new();
    let scheme = url.scheme();
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    show(&mut parts, &format!("{scheme}://{host}{port}"));
    for segment in url.path().split('/').skip(1) {
        show(&mut parts, "/");
        if is_signature(segment) || has_token_form(segment) || percent_encoded_label(segment).is_some() {
            parts.push(AddressPart::PathSegment);
        } else {
            show(&mut parts, segment);
        }
    }
    for (index, pair) in url.query().iter().flat_map(|query| query.split('&')).enumerate() {
        show(&mut parts, if index == 0 { "?" } else { "&" });
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else { continue };
        let hidden = match Hidden::of(&name, &value) {
            _ if name.len() > LONGEST_NAME || has_token_form(&name) => Hidden::All,
            Hidden::Nothing if has_token_form(&value) || labels_in(&value).next().is_some() => Hidden::Value,
            hidden => hidden,
        };
        let (name, value) = pair.split_once('=').map_or((pair, ""), |(name, _)| (name, &pair[name.len()..]));
        match hidden {
            Hidden::All => parts.push(AddressPart::QueryValue),
            Hidden::Value => {
                show(&mut parts, &format!("{name}="));
                parts.push(AddressPart::QueryValue);
            }
            Hidden::Nothing => show(&mut parts, &format!("{name}{value}")),
        }
    }
    parts
}

fn show(parts: &mut Vec<AddressPart>, text: &str) {
    match parts.last_mut() {
        Some(AddressPart::Shown(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(AddressPart::Shown(text.to_owned())),
    }
}

fn has_token_form(text: &str) -> bool {
    let mut found = Vec::new();
    super::tokens::find(text, &mut found);
    !found.is_empty()
}

/// Whether a segment of a path is long and random, and no digest.
pub(super) fn is_signature(segment: &str) -> bool {
    let hex = segment.rsplit(':').next().is_some_and(|end| end.chars().all(|c| c.is_ascii_hexdigit()));
    segment.len() > LONGEST_SEGMENT && !hex && looks_random(segment)
}

/// Whether a long word mixes cases and digits the way that encoded bytes do and names do not.
fn looks_random(word: &str) -> bool {
    let has = |test: fn(&char) -> bool| word.chars().filter(test).count() * 16 > word.len();
    has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit)
}
