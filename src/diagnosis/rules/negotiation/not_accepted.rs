//! The rules about a type that a registry serves only to clients that name it, one for each of the four current types.

use super::{
    asks_for_indexes_only, is_cache_refusal, is_missing_amd64, is_schema2_unsupported, is_unspecific, names,
    variant_names,
};
use crate::diagnosis::case::accept::{a_document, asks, refused_by_accept, says_it_is_there, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::row;
use crate::diagnosis::{Case, ExitStatus, Finding, Rule};
use crate::evidence::Response;
use crate::oci::media_type;

pub(crate) const OCI_INDEX: Rule = row! {
    /// OCI index hidden from clients that do not name its type
    ///
    /// ## What it means
    /// The registry has an OCI index, but serves it only to clients whose `Accept` header names
    /// `application/vnd.oci.image.index.v1+json`. All others get a 404 that looks like a missing tag. Many tags
    /// silently became indexes when builders began to add attestations.
    ///
    /// ## How it is recognised
    /// The same URL returns 404 for one `Accept` header and 200 with an OCI index for another.
    ///
    /// ## What to do
    /// Use a client that accepts OCI indexes, or publish a plain manifest: `docker buildx build --provenance=false
    /// --sbom=false` makes one for a single platform.
    ///
    /// ## References
    /// distribution/distribution registry/handlers/manifests.go; NotGlop/docker-drag#31;
    /// argoproj-labs/argocd-image-updater#519
    "oci-index-not-accepted" in Negotiation,
    examine: |case| not_accepted(
        case,
        media_type::OCI_INDEX,
        "For old clients, publish a plain manifest: docker buildx build --provenance=false --sbom=false makes one for \
         a single platform.",
    )
};

pub(crate) const OCI_MANIFEST: Rule = row! {
    /// OCI manifest hidden from clients that do not name its type
    ///
    /// ## What it means
    /// The registry has an OCI manifest, but serves it only to clients whose `Accept` header names
    /// `application/vnd.oci.image.manifest.v1+json`. All others get a 404 that looks like a missing tag; wildcards and
    /// a missing header count as naming nothing.
    ///
    /// ## How it is recognised
    /// The same URL returns 404 for one `Accept` header and 200 with an OCI manifest for another.
    ///
    /// ## What to do
    /// Use a client that accepts OCI manifests, or publish with Docker media types: `docker buildx build --output
    /// type=image,oci-mediatypes=false`, `podman push --format v2s2`.
    ///
    /// ## References
    /// distribution/distribution#4385; docker/hub-feedback#2391; Azure/acr#764
    "oci-manifest-not-accepted" in Negotiation,
    examine: |case| not_accepted(
        case,
        media_type::OCI_MANIFEST,
        "For old clients, publish with Docker media types: docker buildx build --output \
         type=image,oci-mediatypes=false, or podman push --format v2s2.",
    )
};

pub(crate) const DOCKER_V2: Rule = row! {
    /// Docker v2 manifest hidden from clients that do not name it
    ///
    /// ## What it means
    /// Most registries serve this type to all clients or convert it. This one serves it only to clients whose `Accept`
    /// header names `application/vnd.docker.distribution.manifest.v2+json`, as Google Container Registry did.
    ///
    /// ## How it is recognised
    /// The same URL returns 404 for one `Accept` header and 200 with a Docker v2 manifest for another.
    ///
    /// ## What to do
    /// Use a client that names this type, by itself and without parameters such as `q=0.5`.
    ///
    /// ## References
    /// appc/docker2aci#255; camallo/dkregistry-rs#161; singularityhub/sregistry-cli#75
    "docker-v2-not-accepted" in Negotiation,
    examine: |case| not_accepted(
        case,
        media_type::DOCKER_V2,
        "In your own client, name this type by itself, without parameters such as q=0.5.",
    )
};

pub(crate) const DOCKER_LIST: Rule = row! {
    /// Docker manifest list hidden from clients that do not name it
    ///
    /// ## What it means
    /// Most registries select an image for a client that does not accept manifest lists. This one serves the list only
    /// to clients whose `Accept` header names `application/vnd.docker.distribution.manifest.list.v2+json`.
    ///
    /// ## How it is recognised
    /// The same URL returns 404 for one `Accept` header and 200 with a Docker manifest list for another, and the list
    /// has an image for linux/amd64; without that, see `list-without-amd64`.
    ///
    /// ## What to do
    /// Use a client that accepts manifest lists, or pull one of the images in the list by its digest.
    ///
    /// ## References
    /// distribution-spec, content negotiation; Azure/acr#741
    "docker-list-not-accepted" in Negotiation,
    examine: |case| not_accepted(
        case,
        media_type::DOCKER_LIST,
        "For old clients, pull one of the images in the list by its digest.",
    )
};

/// The finding for a document that no client was served, from the registry's message about it.
fn by_message(case: &Case<'_>, kind: &str) -> Option<Finding> {
    let (id, response) = case.refusal().filter(|_| case.all_served().is_empty())?;
    if !says_it_is_there(response, Some(kind)) {
        return None;
    }
    let what = a_document(kind);
    let title = format!("stored as {what}, which the request did not accept");
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response));
    Some(
        finding
            .cause(format!(
                "The registry reports that it has {what} and that the Accept header did not name this type."
            ))
            .fix(format!("Send an Accept header that names {kind}.")),
    )
}

/// The finding of all four rules: `kind` is stored, and clients that do not name it are refused. It is an error if the
/// asking client is among them, else a note about others.
fn not_accepted(case: &Case<'_>, kind: &str, publish: &str) -> Option<Finding> {
    let Some((_, shown, stored)) = stored(case).filter(|(_, _, stored)| stored.served.as_str() == kind) else {
        return by_message(case, kind);
    };
    let mut refused = refused_by_accept(case);
    refused.retain(|(_, _, response)| {
        !is_schema2_unsupported(response) && !is_cache_refusal(response) && !is_missing_amd64(response, &stored)
    });
    if refused.iter().all(|(variant, ..)| is_unspecific(variant)) {
        return None;
    }
    let what = a_document(kind);
    let status = |response: &Response| response.status;
    let finding = match refused.iter().find(|(variant, ..)| asks(case, variant)) {
        Some(&(asking, ..)) if asks_for_indexes_only(asking) && !media_type::is_index(kind) => return None,
        Some(&(asking, id, response)) if names(asking, kind) => {
            let title = format!("stored as {what}; this client's Accept header is refused");
            Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response)).likely().cause(format!(
                "The header names {kind}, but the registry answers {} and serves other clients. Most likely it \
                 compares the header as a whole, and parameters such as q=0.5 prevent a match.",
                status(response)
            ))
        }
        Some(&(_, id, response)) => {
            let title = format!("stored as {what}, which this client does not accept");
            Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response)).cause(format!(
                "The registry has it, as {what}, but answers {} to clients whose Accept header does not name {kind}.",
                status(response)
            ))
        }
        None => {
            let &(_, id, response) = refused.first()?;
            let others = variant_names(refused.iter().map(|(variant, ..)| *variant));
            let title = format!("stored as {what}, visible only to clients that name this type");
            Finding::info(title, id, response_words(response)).cause(format!(
                "The registry answers {} to clients whose Accept header does not name {kind}, as if nothing existed. \
                 Refused: {others}.",
                status(response)
            ))
        }
    };
    Some(finding.because(shown, format!("200 {kind}")).fix("Use a client that accepts this type.").fix(publish))
}
