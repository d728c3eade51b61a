//! The answers to several Accept headers: the stored document, and the clients that are refused it.

use super::Case;
use crate::evidence::{ExchangeId, Observation, Response, Variant, error_entries, variant};
use crate::oci::media_type;
use crate::text::Untrusted;

/// A refused variant, and its refusal.
pub(crate) type Refused<'a> = (&'a Variant, ExchangeId, &'a Response);

/// A served variant, and its document.
pub(crate) type Served<'a> = (&'a Variant, ExchangeId, Observation);

/// The stored document, as far as can be determined: the one that a current client is served, or the one that the first
/// other variant is. It has one of the four current types; registries convert to schema 1 on request.
pub(crate) fn stored<'a>(case: &Case<'a>) -> Option<Served<'a>> {
    let served = case.all_served();
    let is_stored = |(_, _, observation): &&Served<'a>| {
        media_type::CURRENT.contains(&observation.served.as_str()) && !observation.is_schema1()
    };
    let mut current = served.iter().filter(|(variant, ..)| variant.id() == variant::ALL).filter(is_stored);
    current.next().or_else(|| served.iter().find(is_stored)).cloned()
}

/// The variants whose refusal an Accept header can explain.
pub(crate) fn refused_by_accept<'a>(case: &Case<'a>) -> Vec<Refused<'a>> {
    let mut refused = case.all_refused();
    refused.retain(|(_, _, response)| matches!(response.status, 400 | 404 | 405 | 406 | 415));
    refused
}

/// Returns whether a variant is the client.
pub(crate) fn asks(case: &Case<'_>, variant: &Variant) -> bool {
    case.asking().is_some_and(|asking| asking.id() == variant.id())
}

/// The name of a media type in a sentence, with its article; the type itself if it has no name.
pub(crate) fn a_document(kind: &str) -> String {
    let name = match kind {
        media_type::DOCKER_V1 => "a Docker schema 1 manifest",
        media_type::DOCKER_V1_SIGNED => "a signed Docker schema 1 manifest",
        media_type::DOCKER_V2 => "a Docker v2 manifest",
        media_type::DOCKER_LIST => "a Docker manifest list",
        media_type::OCI_MANIFEST => "an OCI manifest",
        media_type::OCI_INDEX => "an OCI index",
        _ => {
            let words =
                media_type::plain_words(kind).map_or_else(|| Untrusted::from(kind).named_within(100), str::to_owned);
            let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            return format!("{article} {words} manifest");
        }
    };
    name.to_owned()
}

/// Returns whether a refusal reports that a document of this type exists and that the request did not accept it (CNCF
/// distribution, registry/handlers/manifests.go). Without a type: of any type, also in the words of GCR, which compares
/// types with the whole header (appc/docker2aci#255).
pub(crate) fn says_it_is_there(response: &Response, kind: Option<&str>) -> bool {
    let words: &[&str] = match kind {
        Some(media_type::OCI_MANIFEST) => &["OCI manifest found, but accept header does not support"],
        Some(media_type::OCI_INDEX) => &["OCI index found, but accept header does not support"],
        Some(_) => &[],
        None => &["found, but accept header does not support", "', but client accepts '"],
    };
    let says_so = |message: &str| words.iter().any(|words| message.contains(words));
    error_entries(response).iter().any(|entry| says_so(entry.message.as_str()))
}
