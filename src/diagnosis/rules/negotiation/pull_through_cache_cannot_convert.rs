use super::{is_cache_refusal, variant_names};
use crate::diagnosis::case::accept::{asks, refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Likely pull-through cache cannot convert for old clients
    ///
    /// ## What it means
    /// Distribution 2 converts an image to Docker schema 1 for clients that do not name its type. Docker schema 1 has a
    /// layer for every step of a build; for a step that changed only settings, the registry stores an empty layer as it
    /// converts. A cache accepts no uploads, not even its own, so it answers 400 to clients that the registry itself
    /// would serve.
    ///
    /// ## How it is recognised
    /// Clients that do not name the stored type get a 400 `manifest invalid`; all others are served.
    ///
    /// ## What to do
    /// Name the stored type in the `Accept` header.
    ///
    /// ## References
    /// distribution/distribution registry/handlers/manifests.go (2.8)
    "pull-through-cache-cannot-convert" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case)?;
    let mut refused = refused_by_accept(case);
    refused.retain(|(_, _, response)| is_cache_refusal(response));
    let asking = refused.iter().find(|(variant, ..)| asks(case, variant));
    let &(_, id, response) = asking.or(refused.first())?;
    let kind = stored.served.as_str();
    let quote = response_words(response);
    let finding = if asking.is_some() {
        Finding::error(ExitStatus::NotAcceptable, "registry cannot convert the manifest for this client", id, quote)
    } else {
        Finding::info("registry cannot convert the manifest for old clients", id, quote)
    };
    let finding = finding
        .likely()
        .because(shown, format!("200 {kind}"))
        .cause(format!(
            "Most likely this is a pull-through cache: it has to make Docker schema 1 for clients that do not name \
             {kind}, and cannot store the empty layer that this takes. Refused: {}.",
            variant_names(refused.iter().map(|(variant, ..)| *variant))
        ))
        .fix(format!("Name {kind} in the Accept header."));
    Some(finding)
}
