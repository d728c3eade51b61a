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

/// The document that the asking client was served, if all of its bytes arrived as stored: not by HEAD, not cut short,
/// not encoded, and not schema 1, whose digest does not cover its signatures.
pub(crate) fn whole<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response, Observation)> {
    let (id, exchange) = case.decisive()?;
    let (_, observation) = case.served()?;
    let response = exchange.response.as_ref()?;
    let whole = exchange.is_success() && exchange.request.method == Method::Get && !response.body.truncated;
    (whole && !response.is_transformed() && !observation.is_schema1()).then_some((id, response, observation))
}

/// A part of the referenced content, with the answers about it: an index entry, the config or a layer.
struct Piece<'a> {
    /// The name for titles, such as `layer 2 of 3`.
    name: String,
    /// Set if the wanted image needs it; other index entries do not matter to it.
    needed: bool,
    /// The part itself.
    part: Part<'a>,
}

/// Returns `true` if a document was served for a digest that is not its own. Its descriptors prove nothing.
fn is_served_falsely(case: &Case<'_>) -> bool {
    let asked = case.reference().digest();
    let of_reference = asked.zip(whole(case)).is_some_and(|(asked, (_, response, _))| !response.body.has(asked));
    of_reference || content::children(case).iter().any(|child| wrong_bytes(child).is_some())
}

/// All parts of the referenced content that were requested, in the order of a pull: index entries first.
fn pieces<'a>(case: &Case<'a>) -> Vec<Piece<'a>> {
    let children = content::children(case);
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let wanted = chosen(&entries, &case.record().platform).map(|entry| entry.digest.clone());
    let children = children.iter().cloned().map(|part| {
        let platform = part.descriptor.platform.as_ref().filter(|_| is_for_running(&part.descriptor));
        let name = match platform {
            Some(platform) => format!("index entry for {}", platform.text().named_within(40)),
            None => "an index entry".to_owned(),
        };
        Piece { name, needed: Some(&part.descriptor.digest) == wanted.as_ref(), part }
    });
    let config = delivery::config(case).into_iter();
    let config = config.map(|part| Piece { name: "config".to_owned(), needed: true, part });
    let layers = delivery::layers(case);
    let all = layers.len();
    let layers = layers.iter().cloned().enumerate().map(move |(number, part)| {
        let name = format!("layer {} of {all}", number + 1);
        Piece { name, needed: true, part }
    });
    children.chain(config).chain(layers).collect()
}

/// The answer with all bytes of a piece, and their digest, if that differs from the piece's own. Schema 1 is left out
/// because its digest does not cover its signatures, and HTML pages because other rules report them.
fn wrong_bytes<'a>(part: &Part<'a>) -> Option<(ExchangeId, &'a Response, Digest)> {
    let (id, response) = part.whole().filter(|_| !delivery::is_page(part))?;
    let digest = part.digest.as_ref()?;
    let kind = response.served_type().unwrap_or_default();
    let found = response.body.digest(digest.algorithm());
    (found != *digest && !is_schema1(kind.as_str())).then_some((id, response, found))
}

/// The failure that interrupted a successful answer.
fn broken_success<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response, &'a Failure)> {
    let (id, Exchange { response, failure, .. }) = case.decisive()?;
    let response = response.as_ref().filter(|response| (200..300).contains(&response.status))?;
    Some((id, response, failure.as_ref()?))
}

/// A remark on a well-known digest that replaces the right one.
fn digest_remark(digest: &Digest) -> &'static str {
    match digest.short() {
        "e3b0c44298fc" => " That is the digest of zero bytes: the body is empty.",
        "44136fa355b3" => " That is the digest of an empty JSON object, {}.",
        _ => "",
    }
}
