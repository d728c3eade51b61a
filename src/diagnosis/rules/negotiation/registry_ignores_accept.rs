use super::who;
use crate::diagnosis::case::accept::{Served, a_document, asks, refused_by_accept};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::media_type;

rule! {
    /// The registry serves a type that was not asked for.
    ///
    /// ## What it means
    /// It answers with what it has, whatever the `Accept` header says. That is allowed, but a client has to look at the
    /// `Content-Type` before it reads on. One that cannot use the type fails later, with words of its own.
    ///
    /// ## How it is recognised
    /// A success whose `Content-Type` is an image's, is not among the types that were asked for, and is not docker v1. An
    /// OCI document for an asking client that names Docker's types only is `old-client-rejects-oci`.
    ///
    /// ## What to do
    /// Use a client that can read the type that is stored.
    ///
    /// ## References
    /// RFC 9110 §12.5.1; containerd/containerd#4521; distribution/distribution registry/handlers/manifests.go
    "registry-ignores-accept" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let all = case.all_served();
    let is_unasked = |(variant, _, observation): &&Served<'_>| {
        let kind = observation.served.as_str();
        media_type::CURRENT.contains(&kind) && !observation.is_schema1() && !variant.accepts(kind)
    };
    let served: Vec<_> = all.iter().filter(is_unasked).collect();
    let asking = served.iter().find(|(variant, ..)| asks(case, variant));
    let (_, id, observation) = asking.or(served.first())?;
    let kind = observation.served.as_str();
    let quote = format!("200 {kind}");
    if asking.is_some() {
        let title = format!("it is {}, which this client does not accept", a_document(kind));
        let finding = Finding::error(ExitStatus::NotAcceptable, title, *id, quote)
            .cause(
                "The registry serves it although the client did not ask for this type. A client that cannot \
                 use it fails.",
            )
            .fix("Use a client that accepts this type.");
        return Some(finding);
    }
    let title = match refused_by_accept(case).is_empty() {
        true => "the registry serves what it has, whatever is asked for",
        false => "some clients are served what they did not ask for",
    };
    let finding = Finding::info(title, *id, quote).cause(format!(
        "Served {} without having asked for it were: {}. A client has to look at the Content-Type before it reads on.",
        a_document(kind),
        who(served.iter().map(|(variant, ..)| *variant))
    ));
    Some(finding)
}
