use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::case::signed_address::is_signed;
use crate::diagnosis::content::{self, chosen};
use crate::diagnosis::delivery::{Obstacle, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{ExchangeId, FailureKind};
use crate::oci::Origin;

rule! {
    /// The reference is served, and a part of the image is refused.
    ///
    /// ## What it means
    /// The first request of a pull succeeds, and a later one does not: for the image in the index, its configuration or
    /// a layer. The answer itself is all there is to go by.
    ///
    /// ## How it is recognised
    /// The entry of the index for the wanted platform, the configuration or a layer is answered with an error, or not at
    /// all, and no other rule found an error.
    ///
    /// ## What to do
    /// Read the server's words, and try again later. If they say what is wrong, please report it, so that a rule can be
    /// made of it.
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
        "The reference is there. The request for {what} went to {} and was answered: {}.{later}",
        case.host_of(id),
        refusal_words(case, id).named_within(200)
    ));
    Some(match exchange.status() {
        Some(401 | 403) if is_by_registry(case, id) => {
            let login = words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())];
            finding.fix_with("Ask as a user who may pull all of it.", login).fix(
                "Ask whoever runs the registry why one part of an image is kept from those who may have the other.",
            )
        }
        Some(401 | 403) => finding.fix(
            "No login changes this: the address is signed, or belongs to a storage that knows nothing of accounts. Tell \
             whoever runs the registry what it answers.",
        ),
        _ => finding.fix("Try again later, and tell whoever runs the registry what it answers."),
    })
}

/// Whether it is the registry that refuses, and not a storage behind it: only there does it matter who asks.
fn is_by_registry(case: &Case<'_>, id: ExchangeId) -> bool {
    let url = &case.journal().get(id).request.url;
    let asked = case.decisive().and_then(|(manifest, _)| Origin::of(&case.journal().get(manifest).request.url));
    Origin::of(url) == asked && !is_signed(url)
}

/// The entry of the index for the wanted platform, where it is neither served nor said to be missing.
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
    Some(("a part of it is not served".to_owned(), named(case, &refused), id))
}
