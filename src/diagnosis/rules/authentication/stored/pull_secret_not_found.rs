use super::{first, of_pull_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, WordKind, words};
use crate::evidence::{PullSecretFault, Seen};
use crate::text::Untrusted;

rule! {
    /// Pull secret is missing
    ///
    /// ## What it means
    /// A Pod names Secrets in `imagePullSecrets`, and they have to be in its namespace, under exactly that name. If one
    /// is missing, the kubelet reports it in an event, `FailedToRetrieveImagePullSecret`, and pulls without it.
    ///
    /// ## How it is recognised
    /// The given file has a Pod or a similar object whose Secrets are not in the file, or has no Secret at all.
    ///
    /// ## What to do
    /// Check that the Secret exists in the Pod's namespace: `kubectl get secret NAME`. To inspect it, pass the output
    /// of `kubectl get secret NAME -o yaml` to `--pull-secret`.
    ///
    /// ## References
    /// kubernetes/kubernetes#117927; kubernetes/kubernetes#110476
    "pull-secret-not-found" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let is_missing =
        |seen: &Seen| matches!(seen, Seen::PullSecret(PullSecretFault::NoSecret(_) | PullSecretFault::OnlyNames(_)));
    let step = first(case, |step| is_missing(&step.seen))?;
    let Seen::PullSecret(fault) = &step.seen else { return None };
    let finding = of_pull_secret(case, "file contains no pull secret")?;
    let finding = finding.cause(format!("{}: {}.", step.place.named(), fault.words()));
    let named = |name: &str| Word::chosen(WordKind::KubernetesName, &Untrusted::from(name));
    let name = match fault {
        PullSecretFault::OnlyNames(names) => names.first().map(|name| named(name.as_str()).or("NAME")),
        _ => None,
    };
    let namespace = case.record().trail.pull_secret.namespace.as_deref();
    let namespace = namespace.map(|namespace| named(namespace).after("--namespace="));
    let command = words!["kubectl", "get", "secret", name.unwrap_or_else(|| "NAME".into()), "-o", "yaml"];
    Some(finding.fix_with(
        "Check that the Secret exists in the namespace of the Pod, and pass this output to --pull-secret:",
        command.into_iter().chain(namespace),
    ))
}
