//! Content encodings: the one that a header names, and whether the body has it.

use super::Case;
use super::content::Part;
use crate::evidence::{Method, Response, is_in_encoding};
use crate::oci::Digest;

/// The encoding of a body, although the request accepted none.
pub(crate) fn encoding(response: &Response) -> Option<String> {
    response.encoding().map(|value| value.named_within(40))
}

/// Returns whether the document that the client was served has a false encoding header.
pub(crate) fn is_false_of_the_document(case: &Case<'_>) -> bool {
    let Some((id, exchange)) = case.decisive().filter(|(_, exchange)| exchange.is_success()) else { return false };
    let whole = exchange.request.method == Method::Get;
    let announced = || case.journal().observation(id).and_then(|observation| observation.announced.clone());
    let expected = case.reference().digest().cloned().or_else(announced);
    exchange.response.as_ref().is_some_and(|response| whole && is_false(response, expected.as_ref()))
}

/// Returns whether the answer about a part has a false encoding header.
pub(crate) fn is_false_of(part: &Part<'_>) -> bool {
    let answer = part.answer().filter(|(_, exchange)| exchange.is_success() && exchange.request.method == Method::Get);
    let response = answer.and_then(|(_, exchange)| exchange.response.as_ref());
    response.is_some_and(|response| is_false(response, part.digest.as_ref()))
}

fn is_false(response: &Response, expected: Option<&Digest>) -> bool {
    let Some(named) = response.encoding() else { return false };
    let is_stored = !response.body.truncated && expected.is_some_and(|digest| response.body.has(digest));
    is_stored || is_in_encoding(&response.body.bytes, named.as_str()) == Some(false)
}
