use crate::diagnosis::delivery::refusal_words;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};
use crate::evidence::{Exchange, ExchangeId, FailureKind, Method, Observation, Query};
use crate::image::Shape;
use crate::knowledge::KnownRegistry;
use crate::oci::Digest;

rule! {
    /// The tag is served, and the digest that it stands for is not.
    ///
    /// ## What it means
    /// containerd, and with it Kubernetes, resolves a tag to a digest and fetches that; so does Docker, from 20.10 on,
    /// which asks by tag again where the digest is unknown. Every pin (`NAME@sha256:…`) begins at the digest. A registry
    /// that makes manifests on request, or several servers behind one name of which not all have the manifest, serve
    /// the tag alone.
    ///
    /// ## How it is recognised
    /// The tag was served with a digest, and the same client with the same `Accept` header is refused that digest below
    /// `/manifests/`, or is served something with another digest. Where GETs of manifests are counted as pulls, HEAD is
    /// asked, and GET where HEAD is refused. Limits on requests are left out. As a warning: the media type differs, by
    /// which oras stops.
    ///
    /// ## What to do
    /// Where a mirror or several servers answer for the name, wait until all of them have it, or push it again. The
    /// operator has to see that what is served by a tag is served by its digest.
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
        let title = "the tag is served, and its digest is not";
        let finding = because(Finding::error(exit, title, id, refusal_words(case, id))).cause(format!(
            "The tag is served as {named}, and {} answers {} for that digest. containerd, Kubernetes and every pin go \
             from the tag to its digest and fail; Docker asks by tag again, and pulls.",
            case.host_of(id),
            response.status
        ));
        let finding = finding
            .fix("Ask again: where several servers answer for this name, they may not have the manifest alike yet.")
            .fix("Push the tag again. The operator has to serve every manifest by its digest as well.");
        return Some(if is_certain { finding } else { finding.likely() });
    }
    if let Some(failure) = &exchange.failure {
        let ended = matches!(failure.kind, FailureKind::Interrupted | FailureKind::Deadline);
        let title = "the tag is served, and its digest gets no answer";
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(format!(
            "The tag is served as {named}; the request for that digest to {} failed. Clients go from the tag to its \
             digest.",
            case.host_of(id)
        ));
        return (!ended).then(|| because(finding).likely().fix("Ask again; if it stays so, tell the operator."));
    }
    differs(case, id, exchange, &digest).map(because).or_else(|| {
        let by_digest = case.journal().observation(id)?;
        let (one, other) = (observation.served.named_within(100), by_digest.served.named_within(100));
        let finding =
            Finding::warning("tag and digest are served with two media types", id, format!("content-type: {other}"))
                .cause(format!("By tag it is {one}, by digest {other}. oras stops where the two differ."))
                .fix("The operator has to serve a manifest with one media type.");
        (one != other && !other.is_empty()).then(|| because(finding))
    })
}

/// What came for the digest, where it has another digest.
fn differs(case: &Case<'_>, id: ExchangeId, exchange: &Exchange, digest: &Digest) -> Option<Finding> {
    let response = exchange.response.as_ref().filter(|response| (200..300).contains(&response.status))?;
    let by_digest = case.journal().observation(id)?;
    let whole = exchange.request.method == Method::Get && !response.body.truncated && !response.is_transformed();
    let found = if whole { response.body.digest(digest.algorithm()) } else { by_digest.announced.clone()? };
    if found == *digest {
        return None;
    }
    let title = "what is served for the tag's digest does not have it";
    let finding = Finding::error(ExitStatus::Integrity, title, id, format!("digest: {found}"))
        .cause(format!(
            "The tag is served as {digest}; asked for that digest, the registry serves {found}. Clients refuse it."
        ))
        .fix("Ask again without proxy or mirror, to find out where the bytes change.");
    Some(finding)
}

/// The exchange that served the tag, what it served, and the digest that it names.
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
    // What the header says falsely, another rule tells.
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
    // Not every registry answers HEAD truly, so nothing is called missing for that alone.
    let is_refused = matches!(by_head.status(), Some(status) if status >= 400 && status != 429);
    if is_refused { by_get() } else { Some((id, by_head)) }
}
