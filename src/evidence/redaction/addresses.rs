//! Shows addresses without secrets. Storage services put signatures into queries and paths, so only parts known to be
//! harmless are kept.

use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};

use super::Redactor;
use super::encodings::percent_encoded;
use super::labels::labels_in;
use super::names::{LONGEST_NAME, is_harmless};
use crate::text::Untrusted;

/// The length from which a path segment may be a signature.
pub(super) const LONGEST_SEGMENT: usize = 96;

impl Redactor {
    /// A URL that can be shown: without user information, and without query values that may be signatures.
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

    /// An address without secrets, in which their labels are percent-encoded: [`Redactor::url`] shows both alike.
    pub(super) fn sealed_url(&mut self, url: &Url) -> Url {
        let mut sealed = without_user(url);
        let segments = url.path().split('/').map(|segment| {
            let shown = if is_signature(segment) { self.removed("path segment", segment) } else { self.clean(segment) };
            if shown == segment { shown } else { percent_encoded(&shown) }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        sealed.set_path(&path);
        let pairs = url.query().map(|query| query.split('&').map(|pair| self.sealed_pair(pair)).collect::<Vec<_>>());
        sealed.set_query(pairs.map(|pairs| pairs.join("&")).as_deref());
        sealed
    }

    fn sealed_pair(&mut self, pair: &str) -> String {
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else { return String::new() };
        let shown = match Hidden::of(&name, &value) {
            Hidden::All => return percent_encoded(&self.removed("query value", &name)),
            // Rules report the expiry of a signed address.
            Hidden::Value if is_time(&name, &value) => return pair.to_owned(),
            Hidden::Value => self.removed("query value", &value),
            Hidden::Nothing => self.clean(&value),
        };
        if shown == value {
            return pair.to_owned();
        }
        format!("{}={}", percent_encoded(&self.clean(&name)), percent_encoded(&shown))
    }

    /// Long segments of a path may be signatures too, unless they are digests.
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

/// An address without user information and fragment.
fn without_user(url: &Url) -> Url {
    let mut shown = url.clone();
    shown.set_fragment(None);
    // Refused only by URLs without a host, which have no user information either.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown
}

/// A path segment that contains a label, decoded.
fn percent_encoded_label(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    let has_label = labels_in(&decoded).next().is_some();
    has_label.then(|| decoded.into_owned())
}

/// Whether a parameter of a signed address is a time: a number of seconds, or a date (Amazon, Google, CloudFront;
/// Azure's shared access signatures).
fn is_time(name: &str, value: &str) -> bool {
    const NAMES: [&str; 5] = ["Expires", "X-Goog-Date", "X-Goog-Expires", "se", "st"];
    const LONGEST: usize = 32;
    let is_of_dates = |byte: u8| byte.is_ascii_digit() || b"TZ:+-.".contains(&byte);
    NAMES.contains(&name)
        && value.len() <= LONGEST
        && value.starts_with(|first: char| first.is_ascii_digit())
        && value.bytes().all(is_of_dates)
}

/// The secret part of a query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hidden {
    Nothing,
    Value,
    /// A name without a value may be a value without a name.
    All,
}

impl Hidden {
    fn of(name: &str, value: &str) -> Self {
        if is_harmless(name) {
            Self::Nothing
        } else if value.is_empty() {
            Self::All
        } else {
            Self::Value
        }
    }
}

/// A part of an address as requested, including its percent-encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressPart {
    /// A part that can be shown.
    Shown(String),
    /// A query value, or a whole parameter, that may be secret.
    QueryValue,
    /// A path segment that may be secret.
    PathSegment,
}

/// An address in parts, in which those that may be secret are only named: the same ones that [`Redactor::url`] removes,
/// for uses in which the address has to remain usable. User information and fragment are in none of the parts.
///
/// This does not know the secrets of a run, so any result made from the parts has to be searched for those.
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

/// Whether a path segment is long and random, but not a digest.
pub(super) fn is_signature(segment: &str) -> bool {
    let hex = segment.rsplit(':').next().is_some_and(|end| end.chars().all(|c| c.is_ascii_hexdigit()));
    segment.len() > LONGEST_SEGMENT && !hex && looks_random(segment)
}

/// Whether a long word mixes cases and digits as encoded bytes do, unlike names.
fn looks_random(word: &str) -> bool {
    let has = |test: fn(&char) -> bool| word.chars().filter(test).count() * 16 > word.len();
    has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit)
}
