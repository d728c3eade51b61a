use super::{digest_remark, whole};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// `Docker-Content-Digest` does not match the body
    ///
    /// ## What it means
    /// The header names a different document than the one in the body. Clients that check it reject the answer; clients
    /// that trust it pin a document that they did not receive.
    ///
    /// ## How it is recognised
    /// The digest in the header and the one computed from the body differ. It is a warning if the body has the
    /// requested digest. Docker schema 1 is left out, because its digest does not cover its signatures.
    ///
    /// ## What to do
    /// Retry without the proxy or cache in between. A cache has to keep answers to different `Accept` headers apart.
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
        Some(asked) if response.body.has(asked) => true,
        Some(_) => return None,
        None => false,
    };
    let title = "Docker-Content-Digest does not match the body";
    let quote = format!("docker-content-digest: {header}");
    let finding = if as_asked {
        Finding::warning(title, id, quote)
    } else {
        Finding::error(ExitStatus::Integrity, title, id, quote)
    };
    let finding = finding
        .because(id, format!("body has the digest {found}"))
        .cause(format!(
            "The header names {header}, but the body has the digest {found}.{} Clients that check the header reject \
             this answer.",
            digest_remark(&found)
        ))
        .fix("Retry without the proxy or cache; a cache has to keep answers to different Accept headers apart.");
    Some(finding)
}
