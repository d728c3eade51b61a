use super::{first, of_pull_secret, with_new_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{PullSecretFault, Reader, Seen};

rule! {
    /// The pull secret is not in a form that the kubelet reads.
    ///
    /// ## What it means
    /// The kubelet takes Secrets of the type `kubernetes.io/dockerconfigjson` with data under `.dockerconfigjson`, encoded
    /// in base64 once, and passes over anything else without a word. The pull then goes without credentials.
    ///
    /// ## How it is recognised
    /// The Secret that was given is of another type, has no such data, its data cannot be decoded or was encoded twice,
    /// what is inside is no configuration of registries, or the entry of this registry is damaged.
    ///
    /// ## What to do
    /// Have `kubectl create secret docker-registry` write it.
    ///
    /// ## References
    /// kubernetes.io, "Pull an Image from a Private Registry"; fluxcd/source-controller#193
    "pull-secret-malformed" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let step = first(case, |step| match &step.seen {
        Seen::PullSecret(PullSecretFault::NoSecret(_) | PullSecretFault::OnlyNames(_)) => false,
        Seen::PullSecret(_) => true,
        Seen::Damaged { .. } => step.place.reader == Reader::Kubelet,
        _ => false,
    })?;
    let registry = case.reference().registry().to_string();
    let finding = of_pull_secret(case, "the pull secret is malformed")?;
    let cause = format!("{}: {}.", step.place.named(), step.seen.words(&registry, step.place.reader));
    let finding = finding.cause(format!("{cause} The kubelet passes over it and pulls without."));
    Some(with_new_secret(case, finding, "Have it written, in place of writing it by hand."))
}
