use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::case::signed_address::is_signed;
use crate::diagnosis::content::{self, chosen};
use crate::diagnosis::delivery::{Obstacle, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{ExchangeId, FailureKind};
use crate::oci::Origin;

rule! {
    /// Reference is served, but part of the image is refused
    ///
    /// ## What it means
    /// The first request of a pull succeeds, and a later one fails: for the platform image in the index, its config or
    /// a layer. The response itself is the only evidence.
    ///
    /// ## How it is recognised
    /// The index entry for the wanted platform, the config or a layer gets an error or no answer, and no other rule
    /// found an error.
    ///
    /// ## What to do
    /// Read the server's message, and try again later. If it says what is wrong, please report it, so that it can
    /// become a rule.
    ///
    /// ## References
    /// distribution-spec, pulling manifests and pulling blobs
    "content-not-served" in Server
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (title, what, id) = refused_child(case).or_else(|| refused_blob(case))?;
    let exchange = case.journal().get(id);
    let exit = match (exchange.status(), exchange.failure.as_ref().map(|failure| &failure.kind)) {
        (_, Some(FailureKind::Certificate(_) | FailureKind::Tls(_))) => ExitStatus::Tls,
        (None, _) => ExitStatus::Network,
        (Some(401), _) => ExitStatus::Unauthenticated,
        (Some(403 | 412 | 451), _) => ExitStatus::Denied,
        (Some(429), _) => ExitStatus::RateLimited,
        _ => ExitStatus::ServerFailed,
    };
    let later = exchange.response.as_ref().map(when_to_retry).unwrap_or_default();
    let finding = Finding::error(exit, title, id, refusal_words(case, id)).likely().cause(format!(
        "The reference is served. The request for {what} went to {}, with this result: {}.{later}",
        case.host_of(id),
        refusal_words(case, id).named_within(200)
    ));
    Some(match exchange.status() {
        Some(401 | 403) if is_by_registry(case, id) => {
            let login =
                words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())];
            finding
                .fix_with("Authenticate as a user who may pull all of the image:", login)
                .fix("Ask the registry operator why part of the image requires other permissions.")
        }
        Some(401 | 403) => finding.fix(
            "Report the response to the registry operator. Logging in does not help: the address is signed, or its \
             storage does not know the registry's accounts.",
        ),
        _ => finding.fix("Try again later, and report the response to the registry operator."),
    })
}

/// Returns whether the registry refuses, and not its storage: only then do credentials matter.
fn is_by_registry(case: &Case<'_>, id: ExchangeId) -> bool {
    let url = &case.journal().get(id).request.url;
    let asked = case.decisive().and_then(|(manifest, _)| Origin::of(&case.journal().get(manifest).request.url));
    Origin::of(url) == asked && !is_signed(url)
}

/// The index entry for the wanted platform, if it is neither served nor reported missing.
fn refused_child(case: &Case<'_>) -> Option<(String, String, ExchangeId)> {
    let children = content::children(case);
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let wanted = &case.record().platform;
    let own = chosen(&entries, wanted)?.digest.clone();
    let child = children.iter().find(|child| child.descriptor.digest == own)?;
    let stopped = |kind: &FailureKind| matches!(kind, FailureKind::Interrupted | FailureKind::Deadline);
    let failed = || child.failure().filter(|(_, failure)| !stopped(&failure.kind) && !child.is_present());
    let id = child.refused().map(|(id, _)| id).or_else(|| failed().map(|(id, _)| id))?;
    Some((format!("its image for {wanted} is not served"), format!("its image for {wanted}"), id))
}

fn refused_blob(case: &Case<'_>) -> Option<(String, String, ExchangeId)> {
    let mut refused = obstructed(case);
    refused.retain(|one| matches!(one.obstacle, Obstacle::Refused | Obstacle::Unanswered));
    let id = refused.first()?.shown;
    Some(("part of the image is not served".to_owned(), named(case, &refused), id))
}
