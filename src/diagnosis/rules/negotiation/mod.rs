//! Accept headers and media types.

mod content_type_missing_or_generic;
mod content_type_vs_mediatype;
mod digest_depends_on_accept;
mod document_of_two_kinds;
mod field_read_differently;
mod list_without_amd64;
mod mixed_docker_and_oci_tree;
mod mixed_manifest_and_layer_types;
mod not_accepted;
mod old_client_rejects_oci;
mod pull_through_cache_cannot_convert;
mod registry_ignores_accept;
mod response_header_sent_as_request;
mod schema1_downgrade;
mod schema1_only_image;
mod schema2_not_supported_by_client;
mod single_manifest_asked_as_index;
mod wildcard_accept_not_honoured;

#[cfg(test)]
mod tests;

use crate::diagnosis::Rule;
use crate::diagnosis::sentence::listed;
use crate::evidence::{ErrorEntry, Observation, Response, Variant, error_entries};
use crate::oci::{Platform, media_type};

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    not_accepted::OCI_INDEX,
    not_accepted::OCI_MANIFEST,
    not_accepted::DOCKER_V2,
    not_accepted::DOCKER_LIST,
    list_without_amd64::RULE,
    single_manifest_asked_as_index::RULE,
    schema2_not_supported_by_client::RULE,
    pull_through_cache_cannot_convert::RULE,
    schema1_downgrade::RULE,
    schema1_only_image::RULE,
    digest_depends_on_accept::RULE,
    mixed_docker_and_oci_tree::RULE,
    mixed_manifest_and_layer_types::RULE,
    wildcard_accept_not_honoured::RULE,
    old_client_rejects_oci::RULE,
    registry_ignores_accept::RULE,
    document_of_two_kinds::RULE,
    field_read_differently::RULE,
    content_type_vs_mediatype::RULE,
    content_type_missing_or_generic::RULE,
    response_header_sent_as_request::RULE,
];

/// Returns `true` if a variant names a type explicitly, not only by a wildcard.
fn names(variant: &Variant, kind: &str) -> bool {
    let mut ranges = variant.accept().iter().flat_map(|line| line.split(','));
    ranges.any(|range| media_type::essence(range) == kind)
}

/// Returns `true` if a variant names no image type at all: no header, wildcards, any JSON.
fn is_unspecific(variant: &Variant) -> bool {
    let mut ranges = variant.accept().iter().flat_map(|line| line.split(',')).map(media_type::essence);
    ranges.all(|range| range.ends_with("/*") || range == media_type::JSON)
}

/// Returns `true` if a variant accepts only indexes and lists.
fn asks_for_indexes_only(variant: &Variant) -> bool {
    let mut ranges = variant.accept().iter().flat_map(|line| line.split(',')).map(media_type::essence).peekable();
    ranges.peek().is_some() && ranges.all(|range| media_type::is_index(&range))
}

/// Returns `true` for the refusal of a conversion: distribution 3 does not convert to Docker schema 1.
fn is_schema2_unsupported(response: &Response) -> bool {
    let mut entries = error_entries(response).into_iter();
    entries.any(|entry| entry.message.as_str().contains("Schema 2 manifest not supported by client"))
}

/// Returns `true` for the refusal of a pull-through cache that cannot convert to Docker schema 1.
fn is_cache_refusal(response: &Response) -> bool {
    let mut entries = error_entries(response).into_iter();
    response.status == 400
        && entries
            .any(|entry| entry.code.as_str() == "MANIFEST_INVALID" && entry.message.as_str() == "manifest invalid")
}

/// Returns `true` for a 404 that does not mention types, if the stored list has no linux/amd64 image for old clients.
fn is_missing_amd64(response: &Response, stored: &Observation) -> bool {
    let bare = |entry: &ErrorEntry| entry.message.as_str().eq_ignore_ascii_case("manifest unknown");
    let bare = error_entries(response).first().is_some_and(bare);
    let amd64 = Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None };
    let Some(document) = stored.document.as_ref().filter(|_| stored.is_index()) else { return false };
    let mut platforms = document.manifests().into_iter().filter_map(|entry| entry.platform);
    response.status == 404 && bare && !platforms.any(|platform| platform.is(&amd64))
}

/// The names of variants, as a list in a sentence.
fn variant_names<'a>(variants: impl IntoIterator<Item = &'a Variant>) -> String {
    let words: Vec<_> = variants.into_iter().map(|variant| variant.words().to_owned()).collect();
    listed(&words, 4)
}
