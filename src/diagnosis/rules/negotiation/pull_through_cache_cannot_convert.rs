use super::{is_cache_refusal, who};
use crate::diagnosis::case::accept::{asks, refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The registry is likely a pull-through cache that cannot make docker v1 for old clients.
    ///
    /// ## What it means
    /// Distribution 2 makes docker v1 of an image for clients that do not name its type. Docker v1 has a layer for every
    /// step of a build; for a step that changed settings only, the registry stores an empty one as it converts. A cache
    /// takes no uploads, not even its own, so it answers 400 to clients that the registry itself would serve.
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
        Finding::error(ExitStatus::NotAcceptable, "the registry cannot convert it for this client", id, quote)
    } else {
        Finding::info("the registry cannot convert it for old clients", id, quote)
    };
    let finding = finding
        .likely()
        .because(shown, format!("200 {kind}"))
        .cause(format!(
            "Most likely this is a pull-through cache: it was to make docker v1 for clients that do not name \
             {kind}, and could not store the empty layer that this takes. Refused: {}.",
            who(refused.iter().map(|(variant, ..)| *variant))
        ))
        .fix(format!("Name {kind} in the Accept header."));
    Some(finding)
}
