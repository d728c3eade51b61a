use super::{known, whole};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The digest in the header is not that of the bytes.
    ///
    /// ## What it means
    /// `Docker-Content-Digest` names another document than the one that came. Clients that check it refuse the answer;
    /// clients that take it over pin something that they did not get.
    ///
    /// ## How it is recognised
    /// The header's digest and the one computed from the bytes differ. It is a warning where the bytes have the digest
    /// that was asked for. Docker v1 is left out, because its digest does not cover its signatures.
    ///
    /// ## What to do
    /// Ask without the proxy or cache in between. A cache has to keep answers to different `Accept` headers apart.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; distribution/distribution#2395; google/go-containerregistry#56
    "digest-header-wrong" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response, observation) = whole(case)?;
    if observation.header_is_true()? {
        return None;
    }
    let (header, found) = (observation.announced?, observation.computed?);
    let as_asked = match case.reference().digest() {
        Some(asked) if asked.matches(&response.body.bytes) => true,
        Some(_) => return None,
        None => false,
    };
    let title = "its digest header is not the digest of what is served";
    let quote = format!("docker-content-digest: {header}");
    let finding = if as_asked {
        Finding::warning(title, id, quote)
    } else {
        Finding::error(ExitStatus::Integrity, title, id, quote)
    };
    let finding = finding
        .because(id, format!("computed from the bytes: {found}"))
        .cause(format!(
            "The header names {header}, and the bytes have the digest {found}.{} Clients that check \
             the header refuse this.",
            known(&found)
        ))
        .fix("Ask again without proxy or cache; a cache has to keep answers to different Accept headers apart.");
    Some(finding)
}
