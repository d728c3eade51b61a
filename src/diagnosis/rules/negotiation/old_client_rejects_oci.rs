use super::names;
use crate::diagnosis::case::accept::a_document;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Observation};
use crate::oci::media_type::{self, DOCKER_LIST, DOCKER_V2, OCI_INDEX, OCI_MANIFEST};

rule! {
    /// The registry serves an OCI document to a client that knows Docker's types only.
    ///
    /// ## What it means
    /// Nothing is wrong with registry and image: it was published with OCI types, and the registry serves it to
    /// everybody. A client from before those types reads it as one of its own and stops, with words such as `mediaType
    /// in manifest should be 'application/vnd.docker.distribution.manifest.v2+json'`.
    ///
    /// ## How it is recognised
    /// The types that the asking client was said to accept (`--accept`) are Docker's, with none of OCI's among them,
    /// and it was served an OCI manifest or index. Where it also accepts anything (`*/*`), it may know more than it
    /// names, so that is only a likely warning.
    ///
    /// ## What to do
    /// Use a newer client: Docker Engine names OCI's types since 19.03. Or publish with Docker's types: `docker buildx
    /// build --output type=image,oci-mediatypes=false`.
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
        Finding::warning(format!("it is {what}, which an old client cannot read"), id, quote).likely().cause(
            "The client names Docker's types only, and accepts anything beside. If it does not know OCI's types, it stops \
             at the media type. Registry and image are fine.",
        )
    } else {
        let title = format!("it is {what}, which this client does not know");
        Finding::error(ExitStatus::NotAcceptable, title, id, quote).cause(
            "The client names Docker's types only, and the registry serves what it has. Registry and image are fine; a \
             client from before OCI's types stops at the media type.",
        )
    };
    Some(finding.fix("Use a newer client: Docker Engine knows these types since 19.03.").fix(
        "For old clients, publish with Docker's types: docker buildx build --output type=image,oci-mediatypes=false.",
    ))
}

/// The OCI document that the asking client was served, where it names types of Docker's and none of OCI's.
fn served_to_an_old_client(case: &Case<'_>) -> Option<(ExchangeId, Observation)> {
    let asking = case.asking()?;
    let names_any = |kinds: &[&str]| kinds.iter().any(|kind| names(asking, kind));
    let old = names_any(&[DOCKER_V2, DOCKER_LIST, media_type::DOCKER_V1, media_type::DOCKER_V1_SIGNED])
        && !names_any(&[OCI_MANIFEST, OCI_INDEX]);
    case.served().filter(|(_, served)| old && matches!(served.served.as_str(), OCI_MANIFEST | OCI_INDEX))
}
