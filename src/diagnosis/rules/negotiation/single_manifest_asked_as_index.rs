use super::asks_for_indexes_only;
use crate::diagnosis::case::accept::{a_document, asks, refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Client accepts only indexes, but this is a single manifest
    ///
    /// ## What it means
    /// The client takes every image for a multi-platform image. This one has a manifest and no index.
    ///
    /// ## How it is recognised
    /// The `Accept` header names only indexes or lists and is refused; other clients are served a manifest.
    ///
    /// ## What to do
    /// Add the types of single manifests to the client's `Accept` header.
    ///
    /// ## References
    /// sergi0g/cup#132; excitedplus1s/docker-tar#6
    "single-manifest-asked-as-index" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case).filter(|(_, _, stored)| !stored.is_index())?;
    let refused = refused_by_accept(case);
    let &(_, id, response) =
        refused.iter().find(|(variant, ..)| asks(case, variant) && asks_for_indexes_only(variant))?;
    let kind = stored.served.as_str();
    let title = format!("stored as {}, but this client accepts only indexes", a_document(kind));
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response))
        .because(shown, format!("200 {kind}"))
        .cause(
            "The image exists, for one platform and without an index. The registry serves it only to clients that name \
             its type.",
        )
        .fix(format!("Add {kind} to the client's Accept header."));
    Some(finding)
}
