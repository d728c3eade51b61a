use super::{first, of_pull_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, WordKind, words};
use crate::evidence::{PullSecretFault, Seen};
use crate::text::Untrusted;

rule! {
    /// The pull secret that is named is not there.
    ///
    /// ## What it means
    /// A Pod names Secrets in `imagePullSecrets`, and they have to be in its namespace, under exactly that name. Where one
    /// is missing, the kubelet says so in an event, `FailedToRetrieveImagePullSecret`, and pulls without it.
    ///
    /// ## How it is recognised
    /// The file that was given has a Pod or the like whose Secrets are not in it, or has no Secret at all.
    ///
    /// ## What to do
    /// See whether the Secret is there: `kubectl get secret NAME`, in the namespace of the Pod. To look into it, give it
    /// to `--pull-secret` as `kubectl get secret NAME -o yaml` writes it.
    ///
    /// ## References
    /// kubernetes/kubernetes#117927; kubernetes/kubernetes#110476
    "pull-secret-not-found" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let is_missing =
        |seen: &Seen| matches!(seen, Seen::PullSecret(PullSecretFault::NoSecret(_) | PullSecretFault::OnlyNames(_)));
    let step = first(case, |step| is_missing(&step.seen))?;
    let Seen::PullSecret(fault) = &step.seen else { return None };
    let finding = of_pull_secret(case, "there is no pull secret in the file")?;
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
        "See whether the Secret is there, in the namespace of the Pod, and give what this prints to --pull-secret.",
        command.into_iter().chain(namespace),
    ))
}
