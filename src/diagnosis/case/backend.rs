//! Error messages about a server's storage, or about the upstream registry of a cache.

use super::Case;
use crate::evidence::{BodyKind, Response, body_kind, error_entries};
use crate::knowledge::{BackendError, BackendPart, backend_error};
use crate::oci::Reference;
use crate::text::Untrusted;

/// The longest part of a text that is searched for such messages, in bytes.
const LOOKED_AT: usize = 2048;

/// Returns the backend error that an answer reports. `reference` is the requested one: the answer may repeat its parts,
/// which are not evidence.
pub(crate) fn backend_message(
    response: &Response,
    reference: Option<&Reference>,
) -> Option<(&'static BackendError, Untrusted)> {
    // These statuses are about credentials and rate limits, whatever the message. A 401 without a challenge does not
    // ask the client for credentials: a cache received it from its upstream registry and passes it on.
    let passed_on = response.status == 401 && response.header("www-authenticate").is_none();
    if response.status < 400 || matches!(response.status, 407 | 429) || (response.status == 401 && !passed_on) {
        return None;
    }
    let own: Vec<_> =
        reference.map(|reference| [reference.repository().to_owned(), reference.selector()]).into_iter().collect();
    let without_own = |text: &str| {
        own.iter()
            .flatten()
            .filter(|own| own.len() > 1)
            .fold(text.to_owned(), |text, own| text.replace(own.as_str(), "…"))
    };
    let understood = |words: &Untrusted, of_a_failure: bool| {
        let error = backend_error(&without_own(words.as_str()), of_a_failure)?;
        (!passed_on || error.part == BackendPart::Upstream).then(|| (error, words.clone()))
    };
    let entries = error_entries(response);
    let in_entries = entries.iter().find_map(|entry| {
        // The detail is more specific than the message, which mostly is that of the code. As JSON it may be anything.
        let of_a_failure = response.status >= 500 && !entry.detail.as_str().starts_with(['{', '[']);
        understood(&entry.detail, of_a_failure).or_else(|| understood(&entry.message, false))
    });
    in_entries.or_else(|| {
        let is_text = response.status >= 500 && body_kind(response) == BodyKind::Text;
        let bytes = &response.body.bytes[..response.body.bytes.len().min(LOOKED_AT)];
        is_text
            .then(|| Untrusted::new(String::from_utf8_lossy(bytes).trim()))
            .and_then(|words| understood(&words, true))
    })
}

/// Returns whether the message of a refusal is about the server's backend: its code is then not evidence.
pub(crate) fn explains(case: &Case<'_>, response: &Response) -> bool {
    let explains = || backend_message(response, Some(case.reference())).is_some();
    match case.refusal() {
        Some((_, refusal)) if std::ptr::eq(refusal, response) => *case.answers.refused_by_backend.get_or_init(explains),
        _ => explains(),
    }
}
