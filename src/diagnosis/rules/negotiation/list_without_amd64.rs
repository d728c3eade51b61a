use super::{is_missing_amd64, who};
use crate::diagnosis::case::accept::{a_document, asks, refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::media_type;

rule! {
    /// Clients that do not know lists are told that the tag is unknown, because there is no image for linux/amd64.
    ///
    /// ## What it means
    /// For a client that does not accept lists, registries choose the image for linux/amd64. This list has none, so the
    /// answer is a 404 that looks like a missing tag.
    ///
    /// ## How it is recognised
    /// A list without linux/amd64 is served to those who name lists; all others get a 404 that says nothing of types.
    ///
    /// ## What to do
    /// Use a client that accepts lists, or ask for one of the images in it by digest.
    ///
    /// ## References
    /// distribution/distribution registry/handlers/manifests.go
    "list-without-amd64" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case)?;
    let mut refused = refused_by_accept(case);
    refused.retain(|(_, _, response)| is_missing_amd64(response, &stored));
    let asking = refused.iter().find(|(variant, ..)| asks(case, variant));
    let &(_, id, response) = asking.or(refused.first())?;
    let what = a_document(stored.served.as_str());
    let quote = response_words(response);
    let finding = if asking.is_some() {
        let title = format!("it is {what}, which this client does not accept, and has no image for linux/amd64");
        Finding::error(ExitStatus::NotAcceptable, title, id, quote)
    } else {
        Finding::info("clients that do not know lists are told that it does not exist", id, quote)
    };
    let finding = finding
        .because(shown, format!("200 {}", stored.served.as_str()))
        .cause(format!(
            "It is {what}. For clients that do not accept one, this registry chooses the image for linux/amd64, \
             and there is none. Refused: {}.",
            who(refused.iter().map(|(variant, ..)| *variant))
        ))
        .fix("Use a client that accepts lists, or ask for one of its images by digest.");
    // Only docker lists are known to be converted like this by many registries.
    Some(if stored.served.as_str() == media_type::DOCKER_LIST { finding } else { finding.likely() })
}
