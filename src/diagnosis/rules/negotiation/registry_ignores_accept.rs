use super::variant_names;
use crate::diagnosis::case::accept::{Served, a_document, asks, refused_by_accept};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::media_type;

rule! {
    /// Registry serves a type that was not requested
    ///
    /// ## What it means
    /// The registry answers with what it has, whatever the `Accept` header says. That is allowed, but a client has to
    /// check the `Content-Type` before it reads on. A client that cannot use the type fails later, with an error
    /// message of its own.
    ///
    /// ## How it is recognised
    /// The `Content-Type` of a success is that of an image, is not among the requested types and is not Docker schema
    /// 1. An OCI document for an asking client that names only Docker types is `old-client-rejects-oci`.
    ///
    /// ## What to do
    /// Use a client that can read the stored type.
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
        let title = format!("served as {}, which this client does not accept", a_document(kind));
        let finding = Finding::error(ExitStatus::NotAcceptable, title, *id, quote)
            .cause(
                "The registry serves this type although the client did not request it. A client that cannot use it \
                 fails.",
            )
            .fix("Use a client that accepts this type.");
        return Some(finding);
    }
    let title = match refused_by_accept(case).is_empty() {
        true => "registry serves what it has, whatever the Accept header",
        false => "some clients are served a type that they did not request",
    };
    let finding = Finding::info(title, *id, quote).cause(format!(
        "The registry serves {} to clients that did not request it: {}. A client has to check the Content-Type before \
         it reads on.",
        a_document(kind),
        variant_names(served.iter().map(|(variant, ..)| *variant))
    ));
    Some(finding)
}
