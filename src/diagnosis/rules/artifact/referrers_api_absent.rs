use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Query;
use crate::oci::Digest;

rule! {
    /// Registry has no referrers API; tags replace it
    ///
    /// ## What it means
    /// Signatures, attestations and SBOMs refer to their image, and since version 1.1 of the specification a registry
    /// can list them (referrers API). If it does not have that API, clients look for a tag derived from the digest,
    /// `sha256-…`. Nothing is broken, and a 404 from the API does not mean that there are no referrers.
    ///
    /// ## How it is recognised
    /// The reference has a tag of that form, with or without `.sig`, `.att` or `.sbom`, and the registry returns 404
    /// for the referrers of this digest, which a registry with the API never does.
    ///
    /// ## What to do
    /// Nothing. Look for referrers under the tag; if the tag does not exist, there are no referrers.
    ///
    /// ## References
    /// distribution-spec 1.1, unavailable referrers API; oras-project/rust-oci-client#259;
    /// google/go-containerregistry#1647
    "referrers-api-absent" in Artifact
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let subject = subject(case.reference().tag()?).filter(|_| case.reference().digest().is_none())?;
    let refused = case.refusal().filter(|(_, response)| !matches!(response.status, 404 | 410));
    if refused.is_some() || case.failure().is_some() {
        return None;
    }
    let (id, exchange) = case.ask(Query::Referrers(subject.clone()))?;
    let is_absent = exchange.response.as_ref().is_some_and(|response| response.status == 404);
    is_absent.then(|| {
        Finding::info("registry has no referrers API", id, case.words(id)).cause(format!(
            "Referrers of {subject} are found by tag here, as the specification provides for registries without the \
             referrers API: signatures, attestations and SBOMs are under tags like the requested one."
        ))
    })
}

/// The digest in a tag of the referrers tag schema, or in one of cosign's tags.
fn subject(tag: &str) -> Option<Digest> {
    let name = [".sig", ".att", ".sbom"].iter().find_map(|end| tag.strip_suffix(end)).unwrap_or(tag);
    format!("sha256:{}", name.strip_prefix("sha256-")?).parse().ok()
}
