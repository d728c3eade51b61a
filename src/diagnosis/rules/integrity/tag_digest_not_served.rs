use crate::diagnosis::delivery::refusal_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};
use crate::evidence::{Exchange, ExchangeId, FailureKind, Method, Observation, Query};
use crate::image::Shape;
use crate::knowledge::KnownRegistry;
use crate::oci::Digest;

rule! {
    /// Tag is served, but its digest is not
    ///
    /// ## What it means
    /// containerd, and with it Kubernetes, resolves a tag to a digest and fetches that; so does Docker since 20.10,
    /// which falls back to the tag if the digest is unknown. Every pin (`NAME@sha256:…`) starts at the digest. A
    /// registry that makes manifests on request, or several servers under one name of which not all have the manifest,
    /// serve only the tag.
    ///
    /// ## How it is recognised
    /// The registry served the tag with a digest, and the same client with the same `Accept` header is refused that
    /// digest below `/manifests/`, or is served content with another digest. Where a registry counts manifest GETs as
    /// pulls, ociscope sends HEAD, and GET only if HEAD is refused. Rate limits do not count. As a warning: the media
    /// types differ, which stops oras.
    ///
    /// ## What to do
    /// If a mirror or several servers answer for the name, wait until all of them have the manifest, or push it again.
    /// The operator has to make sure that content served by tag is also served by digest.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; tazjin/nixery#102; siderolabs/talos#13342; containerd/containerd#5799
    "tag-digest-not-served" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (tag, observation, digest) = own_digest(case)?;
    let (id, exchange) = asked(case, &digest)?;
    let short = format!("sha256:{}", digest.short());
    let named = if digest.to_string().starts_with("sha256") { short } else { digest.short().to_owned() };
    let because = |finding: Finding| finding.because(tag, format!("docker-content-digest: {digest}"));
    if let Some(response) = exchange.response.as_ref().filter(|response| response.status >= 400) {
        let (exit, is_certain) = match response.status {
            401 => (ExitStatus::Unauthenticated, false),
            403 | 412 | 451 => (ExitStatus::Denied, false),
            404 | 410 => (ExitStatus::Integrity, true),
            429 => return None,
            _ => (ExitStatus::ServerFailed, false),
        };
        let title = "tag is served, but its digest is not";
        let finding = because(Finding::error(exit, title, id, refusal_words(case, id))).cause(format!(
            "The tag is served as {named}, but {} answers {} for that digest. containerd, Kubernetes and every pin \
             request the digest and fail; Docker falls back to the tag and pulls.",
            case.host_of(id),
            response.status
        ));
        let finding = finding
            .fix("Retry: if several servers share this name, some may not have the manifest yet.")
            .fix("Push the tag again, and ask the operator to serve every manifest by its digest as well.");
        return Some(if is_certain { finding } else { finding.likely() });
    }
    if let Some(failure) = &exchange.failure {
        let ended = matches!(failure.kind, FailureKind::Interrupted | FailureKind::Deadline);
        let title = "tag is served, but its digest gets no answer";
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(format!(
            "The tag is served as {named}, but the request to {} for that digest failed. Clients resolve a tag to its \
             digest.",
            case.host_of(id)
        ));
        return (!ended).then(|| because(finding).likely().fix("Retry; if it fails again, tell the operator."));
    }
    differs(case, id, exchange, &digest).map(because).or_else(|| {
        let by_digest = case.journal().observation(id)?;
        let (one, other) = (observation.served.named_within(100), by_digest.served.named_within(100));
        let finding = Finding::warning(
            "tag and digest are served with different media types",
            id,
            format!("content-type: {other}"),
        )
        .cause(format!("The media type is {one} by tag and {other} by digest. oras fails if the two differ."))
        .fix("Ask the operator to serve the manifest with one media type.");
        (one != other && !other.is_empty()).then(|| because(finding))
    })
}

/// The finding about content that was served for the digest and has another one.
fn differs(case: &Case<'_>, id: ExchangeId, exchange: &Exchange, digest: &Digest) -> Option<Finding> {
    let response = exchange.response.as_ref().filter(|response| (200..300).contains(&response.status))?;
    let by_digest = case.journal().observation(id)?;
    let whole = exchange.request.method == Method::Get && !response.body.truncated && !response.is_transformed();
    let found = if whole { response.body.digest(digest.algorithm()) } else { by_digest.announced.clone()? };
    if found == *digest {
        return None;
    }
    let title = "content served for the tag's digest does not match it";
    let finding = Finding::error(ExitStatus::Integrity, title, id, format!("has the digest {found}"))
        .cause(format!(
            "The tag is served as {digest}, but for that digest the registry serves {found}. Clients reject it."
        ))
        .fix("Retry without the proxy or mirror to find out where the bytes change.");
    Some(finding)
}

/// The exchange that served the tag, the served document, and the digest that the answer names.
fn own_digest(case: &Case<'_>) -> Option<(ExchangeId, Observation, Digest)> {
    if case.reference().digest().is_some() {
        return None;
    }
    let (tag, observation) = case.served()?;
    let document = observation.document.as_ref()?;
    let is_image = match document.shape() {
        Shape::Manifest => content::image(case).is_some_and(|image| image.is_for_engines()),
        Shape::Index => document.manifests().iter().any(content::is_for_running),
        Shape::Schema1 | Shape::Ambiguous | Shape::Unknown => false,
    };
    let is_current = is_image && !observation.is_schema1();
    // A false header is reported by `digest-header-wrong`.
    let is_true = observation.header_is_true() != Some(false);
    let digest = observation.digest().filter(|_| is_current && is_true)?.clone();
    Some((tag, observation, digest))
}

/// The last answer to the request for the digest.
fn asked<'a>(case: &Case<'a>, digest: &Digest) -> Option<(ExchangeId, &'a Exchange)> {
    let by_get = || case.ask(Query::OwnDigest(digest.clone(), Method::Get));
    if !case.record().known().is_some_and(KnownRegistry::counts_gets_as_pulls) {
        return by_get();
    }
    let (id, by_head) = case.ask(Query::OwnDigest(digest.clone(), Method::Head))?;
    // Some registries answer HEAD wrongly, so a refused HEAD alone does not prove that the digest is missing.
    let is_refused = matches!(by_head.status(), Some(status) if status >= 400 && status != 429);
    if is_refused { by_get() } else { Some((id, by_head)) }
}
