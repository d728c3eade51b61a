//! Digests and sizes.

pub(crate) mod body_cut_short;
pub(crate) mod body_transformed;
pub(crate) mod content_does_not_match_digest;
pub(crate) mod digest_header_wrong;
pub(crate) mod foreign_layer;
pub(crate) mod manifest_over_4mib;

#[cfg(test)]
mod tests;

use crate::diagnosis::Case;
use crate::evidence::{Exchange, ExchangeId, Failure, Method, Observation, Response};
use crate::oci::Digest;

/// The document that the asking client was served, where all its bytes came as they are stored: not by HEAD, not cut,
/// not encoded, and not schema 1, whose digest leaves out its signatures.
pub(crate) fn whole<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response, Observation)> {
    let (id, exchange) = case.decisive()?;
    let (_, observation) = case.served()?;
    let response = exchange.response.as_ref()?;
    let whole = exchange.is_success() && exchange.request.method == Method::Get && !response.body.truncated;
    (whole && encoding(response).is_none() && !observation.is_schema1()).then_some((id, response, observation))
}

/// The encoding that was put on a body, although none was asked for.
pub(crate) fn encoding(response: &Response) -> Option<String> {
    let value = response.header("content-encoding")?;
    let named = value.as_str().trim();
    (!named.is_empty() && !named.eq_ignore_ascii_case("identity")).then(|| value.printable_within(40))
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
