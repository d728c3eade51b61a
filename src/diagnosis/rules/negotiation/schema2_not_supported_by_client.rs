use super::{is_schema2_unsupported, who};
use crate::diagnosis::case::accept::{asks, refused_by_accept};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The tag is a docker list, and clients that accept neither lists nor docker v2 are refused.
    ///
    /// ## What it means
    /// For clients that do not know lists, the registry chooses the image for linux/amd64. That image is docker v2.
    /// Registries before distribution 3 made docker v1 of it; this one answers 400 instead.
    ///
    /// ## How it is recognised
    /// A 400 with the words `Schema 2 manifest not supported by client`.
    ///
    /// ## What to do
    /// Name docker lists or docker v2 manifests in the `Accept` header.
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
        let title = "it is a docker list, and this client accepts neither lists nor docker v2";
        Finding::error(ExitStatus::NotAcceptable, title, id, quote)
    } else {
        Finding::info("clients that accept neither docker lists nor docker v2 are refused", id, quote)
    };
    let finding = finding
        .cause(format!(
            "It is a docker list. For clients that do not know lists, this registry chooses the docker v2 image \
             for linux/amd64, and it no longer converts it. Refused: {}.",
            who(refused.iter().map(|(variant, ..)| *variant))
        ))
        .fix("Use a client that accepts docker lists or docker v2 manifests.");
    Some(finding)
}
