use super::{first, of_pull_secret, with_new_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{PullSecretFault, Reader, Seen};

rule! {
    /// Pull secret is malformed
    ///
    /// ## What it means
    /// The kubelet reads Secrets of the type `kubernetes.io/dockerconfigjson` with data under `.dockerconfigjson`,
    /// encoded in base64 once, and silently ignores anything else. The pull is then anonymous.
    ///
    /// ## How it is recognised
    /// The given Secret has another type or no such data, its data cannot be decoded or was encoded twice, its content
    /// is not a Docker config, or this registry's entry is damaged.
    ///
    /// ## What to do
    /// Create the Secret with `kubectl create secret docker-registry`.
    ///
    /// ## References
    /// kubernetes.io, "Pull an Image from a Private Registry"; fluxcd/source-controller#193
    "pull-secret-malformed" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let step = first(case, |step| match &step.seen {
        Seen::PullSecret(PullSecretFault::NoSecret(_) | PullSecretFault::OnlyNames(_)) => false,
        Seen::PullSecret(_) => true,
        Seen::Damaged { .. } => step.place.reader == Reader::Kubelet,
        _ => false,
    })?;
    let registry = case.reference().registry().to_string();
    let finding = of_pull_secret(case, "pull secret is malformed")?;
    let cause = format!("{}: {}.", step.place.named(), step.seen.words(&registry, step.place.reader));
    let finding = finding.cause(format!("{cause} The kubelet ignores it and pulls anonymously."));
    Some(with_new_secret(case, finding, "Create the Secret with kubectl instead of writing it by hand."))
}
