use super::{is_cache_refusal, is_missing_amd64, is_schema2_unsupported, is_unspecific, variant_names};
use crate::diagnosis::case::accept::{a_document, asks, refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Registry refuses clients that accept any type
    ///
    /// ## What it means
    /// A missing `Accept` header, or `*/*`, means that any type will do. This registry treats it as naming no type, and
    /// hides what it would serve to a client that names the type.
    ///
    /// ## How it is recognised
    /// Only headers that name no image type are refused; those that name one are served. If more headers are refused,
    /// the rule about the stored type covers this as well.
    ///
    /// ## What to do
    /// Name the types in the `Accept` header.
    ///
    /// ## References
    /// RFC 9110 §12.5.1; distribution/distribution#3938; NVIDIA/enroot#273
    "wildcard-accept-not-honoured" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case)?;
    let mut refused = refused_by_accept(case);
    refused.retain(|(_, _, response)| {
        !is_schema2_unsupported(response) && !is_cache_refusal(response) && !is_missing_amd64(response, &stored)
    });
    if !refused.iter().all(|(variant, ..)| is_unspecific(variant)) {
        return None;
    }
    let asking = refused.iter().find(|(variant, ..)| asks(case, variant));
    let &(_, id, response) = asking.or(refused.first())?;
    let kind = stored.served.as_str();
    let quote = response_words(response);
    let finding = if asking.is_some() {
        let title = format!("stored as {}, but this client names no type", a_document(kind));
        Finding::error(ExitStatus::NotAcceptable, title, id, quote)
    } else {
        Finding::info("clients that name no type are refused", id, quote)
    };
    let others = variant_names(refused.iter().map(|(variant, ..)| *variant));
    let finding = finding
        .because(shown, format!("200 {kind}"))
        .cause(format!(
            "The registry treats a missing Accept header, or a wildcard, as naming no type. Refused: {others}."
        ))
        .fix(format!("Name {kind} in the Accept header."));
    Some(finding)
}
