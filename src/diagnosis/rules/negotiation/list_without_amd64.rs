use super::{is_missing_amd64, variant_names};
use crate::diagnosis::case::accept::{a_document, asks, refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::media_type;

rule! {
    /// Manifest list has no linux/amd64 image for old clients
    ///
    /// ## What it means
    /// For a client that does not accept manifest lists, registries select the image for linux/amd64. This list has
    /// none, so the answer is a 404 that looks like a missing tag.
    ///
    /// ## How it is recognised
    /// Clients that name lists are served a list without linux/amd64; all others get a 404 that does not mention types.
    ///
    /// ## What to do
    /// Use a client that accepts manifest lists, or pull one of the images in the list by its digest.
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
        let title = format!("no linux/amd64 in {what}, which this client does not accept");
        Finding::error(ExitStatus::NotAcceptable, title, id, quote)
    } else {
        Finding::info("clients that do not accept manifest lists get a 404", id, quote)
    };
    let finding = finding
        .because(shown, format!("200 {}", stored.served.as_str()))
        .cause(format!(
            "The registry has {what}. For clients that do not accept one, it selects the image for linux/amd64, and \
             there is none. Refused: {}.",
            variant_names(refused.iter().map(|(variant, ..)| *variant))
        ))
        .fix("Use a client that accepts manifest lists, or pull one of the images by its digest.");
    // Only Docker manifest lists are known to be converted like this by many registries.
    Some(if stored.served.as_str() == media_type::DOCKER_LIST { finding } else { finding.likely() })
}
