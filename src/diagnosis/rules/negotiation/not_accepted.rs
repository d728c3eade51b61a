//! The rules about a type that clients must name to be served, one for each of the four current types.

use super::{
    asks_for_indexes_only, is_cache_refusal, is_missing_amd64, is_schema2_unsupported, is_unspecific, names, who,
};
use crate::diagnosis::case::accept::{a_document, asks, refused_by_accept, says_it_is_there, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::rule::row;
use crate::diagnosis::{Case, ExitStatus, Finding, Rule};
use crate::evidence::Response;
use crate::oci::media_type;

pub(crate) const OCI_INDEX: Rule = row! {
    /// The tag is an OCI index, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// The registry has it, but shows it only to clients whose `Accept` header names
    /// `application/vnd.oci.image.index.v1+json`. All others get a 404 that looks like a missing tag. Many tags became
    /// indexes unnoticed when builders began to add attestations.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with an OCI index to another.
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
        "For old clients, publish a plain manifest: docker buildx build --provenance=false \
        --sbom=false makes one for a single platform.",
    )
};

pub(crate) const OCI_MANIFEST: Rule = row! {
    /// The tag is an OCI manifest, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// The registry has it, but shows it only to clients whose `Accept` header names
    /// `application/vnd.oci.image.manifest.v1+json`. All others get a 404 that looks like a missing tag; wildcards and
    /// a missing header count as naming nothing.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with an OCI manifest to another.
    ///
    /// ## What to do
    /// Use a client that accepts OCI manifests, or publish with Docker's types: `docker buildx build --output
    /// type=image,oci-mediatypes=false`, `podman push --format v2s2`.
    ///
    /// ## References
    /// distribution/distribution#4385; docker/hub-feedback#2391; Azure/acr#764
    "oci-manifest-not-accepted" in Negotiation,
    examine: |case| not_accepted(
        case,
        media_type::OCI_MANIFEST,
        "For old clients, publish with Docker's types: docker buildx build --output \
        type=image,oci-mediatypes=false, or podman push --format v2s2.",
    )
};

pub(crate) const DOCKER_V2: Rule = row! {
    /// The tag is a docker v2 manifest, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// Most registries serve this type to everybody or convert it. This one shows it only to clients whose `Accept`
    /// header names `application/vnd.docker.distribution.manifest.v2+json`, as Google's Container Registry did.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with a docker v2 manifest to another.
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
        "Clients of your own should name this type by itself, without parameters such as q=0.5.",
    )
};

pub(crate) const DOCKER_LIST: Rule = row! {
    /// The tag is a docker list, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// Most registries choose an image for a client that does not know lists. This one shows the list only to clients
    /// whose `Accept` header names `application/vnd.docker.distribution.manifest.list.v2+json`.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with a docker list to another, and the list has an image
    /// for linux/amd64; without that, see `list-without-amd64`.
    ///
    /// ## What to do
    /// Use a client that accepts lists, or ask for one of the images in it by digest.
    ///
    /// ## References
    /// distribution-spec, content negotiation; Azure/acr#741
    "docker-list-not-accepted" in Negotiation,
    examine: |case| not_accepted(
        case,
        media_type::DOCKER_LIST,
        "For old clients, ask for one of the images in the list by its digest.",
    )
};

/// The finding where nobody was served anything, by what the registry says of the document.
fn by_its_words(case: &Case<'_>, kind: &str) -> Option<Finding> {
    let (id, response) = case.refusal().filter(|_| case.all_served().is_empty())?;
    if !says_it_is_there(response, Some(kind)) {
        return None;
    }
    let what = a_document(kind);
    let title = format!("it is {what}, which the request did not accept");
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response));
    Some(
        finding
            .cause(format!(
                "The registry says that it is there, as {what}, and that the Accept header did not name it."
            ))
            .fix(format!("Send an Accept header that names {kind}.")),
    )
}

/// What the rules about a type that must be named have in common: `kind` is stored, and those who do not name it are
/// refused. An error where the asking client is among those, else a note about others.
fn not_accepted(case: &Case<'_>, kind: &str, publish: &str) -> Option<Finding> {
    let Some((_, shown, stored)) = stored(case).filter(|(_, _, stored)| stored.served.as_str() == kind) else {
        return by_its_words(case, kind);
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
            let title = format!("it is {what}, and the registry refuses the Accept header of this client");
            Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response)).likely().cause(format!(
                "The header names {kind}, and the registry answers {} all the same, while others are served. \
                 Most likely it compares the header as a whole; parameters such as q=0.5 then spoil the \
                 match.",
                status(response)
            ))
        }
        Some(&(_, id, response)) => {
            let title = format!("it is {what}, which this client does not accept");
            Finding::error(ExitStatus::NotAcceptable, title, id, response_words(response)).cause(format!(
                "It is there, as {what}. This registry answers {} to clients that do not name {kind} in their \
                 Accept header.",
                status(response)
            ))
        }
        None => {
            let &(_, id, response) = refused.first()?;
            let others = who(refused.iter().map(|(variant, ..)| *variant));
            let title = format!("it is {what}, and only clients that name that type can see it");
            Finding::info(title, id, response_words(response)).cause(format!(
                "This registry answers {} to clients that do not name {kind} in their Accept header, as if \
                 there were nothing. Refused: {others}.",
                status(response)
            ))
        }
    };
    Some(finding.because(shown, format!("200 {kind}")).fix("Use a client that accepts this type.").fix(publish))
}
