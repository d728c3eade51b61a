use super::asks_for_indexes_only;
use crate::diagnosis::case::accept::{a_document, asks, refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The client asks for indexes only, and the tag is a single manifest.
    ///
    /// ## What it means
    /// The client takes every image for one with several platforms. This one has a manifest and no index.
    ///
    /// ## How it is recognised
    /// The `Accept` header names only indexes or lists and is refused; a manifest is served to others.
    ///
    /// ## What to do
    /// The client has to name the types of single manifests too.
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
    let title = format!("it is {}, and this client asks for indexes only", a_document(kind));
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response))
        .because(shown, format!("200 {kind}"))
        .cause(
            "It is there, for one platform and without an index. The registry shows it only to clients that \
             name its type.",
        )
        .fix(format!("The client has to name {kind} too in its Accept header."));
    Some(finding)
}
