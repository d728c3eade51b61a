//! Digests and sizes.

mod blob_missing_behind_manifest;
mod body_cut_short;
mod body_transformed;
mod content_does_not_match_digest;
pub(crate) mod content_encoding_false;
mod descriptor_malformed;
mod digest_algorithm_not_supported;
mod digest_header_wrong;
mod foreign_layer;
mod json_type_mismatch;
pub(crate) mod layer_bytes_vs_media_type;
mod layers_do_not_match_config;
mod manifest_over_4mib;
mod range_answered_as_whole;
mod size_mismatch;
mod tag_digest_not_served;

#[cfg(test)]
mod tests;

use crate::diagnosis::content::{self, Part, chosen, is_for_running};
use crate::diagnosis::{Case, Rule, delivery};
use crate::evidence::{Exchange, ExchangeId, Failure, Method, Observation, Response};
use crate::oci::Digest;
use crate::oci::media_type::is_schema1;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    content_does_not_match_digest::RULE,
    tag_digest_not_served::RULE,
    digest_header_wrong::RULE,
    json_type_mismatch::RULE,
    descriptor_malformed::RULE,
    digest_algorithm_not_supported::RULE,
    blob_missing_behind_manifest::RULE,
    body_cut_short::RULE,
    manifest_over_4mib::RULE,
    content_encoding_false::RULE,
    body_transformed::RULE,
    size_mismatch::RULE,
    range_answered_as_whole::RULE,
    layer_bytes_vs_media_type::RULE,
    layers_do_not_match_config::RULE,
    foreign_layer::RULE,
];

/// The document that the asking client was served, where all its bytes came as they are stored: not by HEAD, not cut,
/// not encoded, and not schema 1, whose digest leaves out its signatures.
pub(crate) fn whole<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response, Observation)> {
    let (id, exchange) = case.decisive()?;
    let (_, observation) = case.served()?;
    let response = exchange.response.as_ref()?;
    let whole = exchange.is_success() && exchange.request.method == Method::Get && !response.body.truncated;
    (whole && !response.is_transformed() && !observation.is_schema1()).then_some((id, response, observation))
}

/// Something that the reference is made of, as it was looked at: an entry of the index, the configuration, a layer.
struct Piece<'a> {
    /// What it is, to follow "what came for".
    name: String,
    /// Whether the wanted image needs it; other entries of the index do not matter to it.
    needed: bool,
    /// What came of looking at it.
    part: Part<'a>,
}

/// Whether a document was served for a digest that is not its own. What such a document says of other things is no
/// ground for anything.
fn is_served_falsely(case: &Case<'_>) -> bool {
    let asked = case.reference().digest();
    let of_reference =
        asked.zip(whole(case)).is_some_and(|(asked, (_, response, _))| !asked.matches(&response.body.bytes));
    of_reference || content::children(case).iter().any(|child| is_other(child).is_some())
}

/// Everything that the reference is made of, as far as it was asked for: entries first, in the order of a pull.
fn pieces<'a>(case: &Case<'a>) -> Vec<Piece<'a>> {
    let children = content::children(case);
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let wanted = chosen(&entries, &case.record().platform).map(|entry| entry.digest.clone());
    let children = children.iter().cloned().map(|part| {
        let platform = part.descriptor.platform.as_ref().filter(|_| is_for_running(&part.descriptor));
        let name = match platform {
            Some(platform) => format!("its entry for {}", platform.text().named_within(40)),
            None => "one of its entries".to_owned(),
        };
        Piece { name, needed: Some(&part.descriptor.digest) == wanted.as_ref(), part }
    });
    let config = delivery::config(case).into_iter();
    let config = config.map(|part| Piece { name: "its configuration".to_owned(), needed: true, part });
    let layers = delivery::layers(case);
    let all = layers.len();
    let layers = layers.iter().cloned().enumerate().map(move |(number, part)| {
        let name = format!("its layer {} of {all}", number + 1);
        Piece { name, needed: true, part }
    });
    children.chain(config).chain(layers).collect()
}

/// Whether the bytes of a piece are known, all of them, and others than its digest names. Schema 1 is digested without
/// its signatures, and what a page answers is another story.
fn is_other<'a>(part: &Part<'a>) -> Option<(ExchangeId, &'a Response, Digest)> {
    let (id, response) = part.whole().filter(|_| !delivery::is_page(part))?;
    let digest = part.digest.as_ref()?;
    let kind = response.served_type().unwrap_or_default();
    let found = response.body.digest(digest.algorithm());
    (found != *digest && !is_schema1(kind.as_str())).then_some((id, response, found))
}

/// The failure that ended a success.
fn broken_success<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response, &'a Failure)> {
    let (id, Exchange { response, failure, .. }) = case.decisive()?;
    let response = response.as_ref().filter(|response| (200..300).contains(&response.status))?;
    Some((id, response, failure.as_ref()?))
}

/// What is known of digests that turn up where they should not.
fn known(digest: &Digest) -> &'static str {
    match digest.short() {
        "e3b0c44298fc" => " That is the digest of nothing at all: the body is empty.",
        "44136fa355b3" => " That is the digest of an empty JSON object, {}.",
        _ => "",
    }
}
