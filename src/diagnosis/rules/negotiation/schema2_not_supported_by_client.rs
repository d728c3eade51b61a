use super::{is_schema2_unsupported, variant_names};
use crate::diagnosis::case::accept::{asks, refused_by_accept};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Registry does not convert a manifest list for old clients
    ///
    /// ## What it means
    /// For clients that do not accept manifest lists, the registry selects the image for linux/amd64. That is a Docker
    /// v2 manifest. Registries before distribution 3 converted it to Docker schema 1; this one answers 400 instead.
    ///
    /// ## How it is recognised
    /// A 400 with the message `Schema 2 manifest not supported by client`.
    ///
    /// ## What to do
    /// Name Docker manifest lists or Docker v2 manifests in the `Accept` header.
    ///
    /// ## References
    /// distribution/distribution registry/handlers/manifests.go (3.0.0)
    "schema2-not-supported-by-client" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut refused = refused_by_accept(case);
    refused.retain(|(_, _, response)| is_schema2_unsupported(response));
    let asking = refused.iter().find(|(variant, ..)| asks(case, variant));
    let &(_, id, response) = asking.or(refused.first())?;
    let quote = response_words(response);
    let finding = if asking.is_some() {
        let title = "this client accepts neither manifest lists nor Docker v2";
        Finding::error(ExitStatus::NotAcceptable, title, id, quote)
    } else {
        Finding::info("clients without manifest lists and Docker v2 are refused", id, quote)
    };
    let finding = finding
        .cause(format!(
            "The registry has a Docker manifest list. For clients that do not accept one, it selects the Docker v2 \
             image for linux/amd64, which it no longer converts. Refused: {}.",
            variant_names(refused.iter().map(|(variant, ..)| *variant))
        ))
        .fix("Use a client that accepts Docker manifest lists or Docker v2 manifests.");
    Some(finding)
}
