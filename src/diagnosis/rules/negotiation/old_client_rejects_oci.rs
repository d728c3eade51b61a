use super::names;
use crate::diagnosis::case::accept::a_document;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Observation};
use crate::oci::media_type::{self, DOCKER_LIST, DOCKER_V2, OCI_INDEX, OCI_MANIFEST};

rule! {
    /// Client that names only Docker types gets an OCI document
    ///
    /// ## What it means
    /// Nothing is wrong with registry and image: the image was published with OCI types, and the registry serves it to
    /// all clients. A client older than these types reads it as one of its own and fails with a message such as
    /// `mediaType in manifest should be 'application/vnd.docker.distribution.manifest.v2+json'`.
    ///
    /// ## How it is recognised
    /// The types that the asking client accepts (`--accept`) are Docker's, without any OCI type, and it was served an
    /// OCI manifest or index. If it also accepts anything (`*/*`), it may know more than it names, so the finding is
    /// only a likely warning.
    ///
    /// ## What to do
    /// Use a newer client: Docker Engine names OCI types since 19.03. Or publish with Docker media types: `docker
    /// buildx build --output type=image,oci-mediatypes=false`.
    ///
    /// ## References
    /// docker-library/official-images#14025; apache/dolphinscheduler#14383; containers/image docker/docker_client.go
    "old-client-rejects-oci" in Negotiation, instead_of: ["registry-ignores-accept"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, observation) = served_to_an_old_client(case)?;
    let kind = observation.served.as_str();
    let what = a_document(kind);
    let quote = format!("200 {kind}");
    let finding = if case.asking()?.accepts(kind) {
        Finding::warning(format!("served as {what}, which an old client cannot read"), id, quote).likely().cause(
            "The client names only Docker types and also accepts anything. If it does not know OCI types, it fails at \
             the media type. Registry and image are fine.",
        )
    } else {
        let title = format!("served as {what}, which this client does not know");
        Finding::error(ExitStatus::NotAcceptable, title, id, quote).cause(
            "The client names only Docker types, and the registry serves what it has. Registry and image are fine; a \
             client older than the OCI types fails at the media type.",
        )
    };
    Some(finding.fix("Use a newer client: Docker Engine knows these types since 19.03.").fix(
        "For old clients, publish with Docker media types: docker buildx build --output \
         type=image,oci-mediatypes=false.",
    ))
}

/// The OCI document that the asking client was served, if that client names Docker types and no OCI type.
fn served_to_an_old_client(case: &Case<'_>) -> Option<(ExchangeId, Observation)> {
    let asking = case.asking()?;
    let names_any = |kinds: &[&str]| kinds.iter().any(|kind| names(asking, kind));
    let old = names_any(&[DOCKER_V2, DOCKER_LIST, media_type::DOCKER_V1, media_type::DOCKER_V1_SIGNED])
        && !names_any(&[OCI_MANIFEST, OCI_INDEX]);
    case.served().filter(|(_, served)| old && matches!(served.served.as_str(), OCI_MANIFEST | OCI_INDEX))
}
