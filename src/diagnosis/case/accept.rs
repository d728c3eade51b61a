//! The answers to several Accept headers: what is stored under the reference, and who is refused it.

use super::Case;
use crate::evidence::{ExchangeId, Observation, Response, Variant, error_entries, variant};
use crate::oci::media_type;
use crate::text::Untrusted;

/// A variant that was refused, and how.
pub(crate) type Refused<'a> = (&'a Variant, ExchangeId, &'a Response);

/// A variant that was served something, and what.
pub(crate) type Served<'a> = (&'a Variant, ExchangeId, Observation);

/// What is stored under the reference, as far as it can be told: what a current client is served, else what the first
/// other variant is. It has one of the four current types; schema 1 is what registries make on the way.
pub(crate) fn stored<'a>(case: &Case<'a>) -> Option<Served<'a>> {
    let served = case.all_served();
    let is_stored = |(_, _, observation): &&Served<'a>| {
        media_type::CURRENT.contains(&observation.served.as_str()) && !observation.is_schema1()
    };
    let mut current = served.iter().filter(|(variant, ..)| variant.id() == variant::ALL).filter(is_stored);
    current.next().or_else(|| served.iter().find(is_stored)).cloned()
}

/// The variants that were refused in a way that an Accept header can be the reason for.
pub(crate) fn refused_by_accept<'a>(case: &Case<'a>) -> Vec<Refused<'a>> {
    let mut refused = case.all_refused();
    refused.retain(|(_, _, response)| matches!(response.status, 400 | 404 | 405 | 406 | 415));
    refused
}

/// Whether it is the asking client.
pub(crate) fn asks(case: &Case<'_>, variant: &Variant) -> bool {
    case.asking().is_some_and(|asking| asking.id() == variant.id())
}

/// What people call a type, with its article; the type itself where nobody calls it anything.
pub(crate) fn a_document(kind: &str) -> String {
    let words = media_type::plain_words(kind).map_or_else(|| Untrusted::from(kind).named_within(100), str::to_owned);
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let noun = if words.ends_with("manifest") || words.ends_with("index") || words.ends_with("list") {
        ""
    } else {
        " manifest"
    };
    format!("{article} {words}{noun}")
}

/// Whether a refusal says that a document of this type is there, and that the request did not name it (CNCF distribution,
/// registry/handlers/manifests.go). Without a type: of any.
pub(crate) fn says_it_is_there(response: &Response, kind: Option<&str>) -> bool {
    let words = match kind {
        Some(media_type::OCI_MANIFEST) => "OCI manifest found, but accept header does not support",
        Some(media_type::OCI_INDEX) => "OCI index found, but accept header does not support",
        Some(_) => return false,
        None => "found, but accept header does not support",
    };
    error_entries(response).iter().any(|entry| entry.message.as_str().contains(words))
}
