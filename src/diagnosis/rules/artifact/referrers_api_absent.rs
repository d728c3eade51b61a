use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Query;
use crate::oci::Digest;

rule! {
    /// The registry has no list of referrers, and tags take its place.
    ///
    /// ## What it means
    /// Signatures, attestations and lists of parts refer to the image that they are about, and since version 1.1 of the
    /// specification a registry can be asked for them. Where it has no such list, clients look for a tag that is made of
    /// the digest, `sha256-…`. Nothing is broken, and a 404 from the list does not mean that there are no referrers.
    ///
    /// ## How it is recognised
    /// A tag of that form is asked for, with or without `.sig`, `.att` or `.sbom`, and the registry answers 404 to the
    /// list of referrers of this digest, which a registry that has lists never does.
    ///
    /// ## What to do
    /// Nothing. Look for referrers under the tag; if there is none, there are no referrers.
    ///
    /// ## References
    /// distribution-spec 1.1, unavailable referrers API; oras-project/rust-oci-client#259; google/go-containerregistry#1647
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
        Finding::info("the registry has no list of referrers", id, case.words(id)).cause(format!(
            "What refers to {subject} is found by a tag here, as the specification provides for registries without such a \
             list: signatures, attestations and lists of parts are under tags like the one that was asked for."
        ))
    })
}

/// The digest that a tag of the referrers tag schema, or one of cosign's, is made of.
fn subject(tag: &str) -> Option<Digest> {
    let name = [".sig", ".att", ".sbom"].iter().find_map(|end| tag.strip_suffix(end)).unwrap_or(tag);
    format!("sha256:{}", name.strip_prefix("sha256-")?).parse().ok()
}
