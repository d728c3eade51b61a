use super::{first, of_pull_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{PullSecretFault, Seen};

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
    let name = match fault {
        PullSecretFault::OnlyNames(names) => names.first().map(|name| name.as_str().to_owned()),
        _ => None,
    };
    let name = name.filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)));
    let name = name.unwrap_or_else(|| "NAME".to_owned());
    let namespace = case.circumstances().trail.pull_secret.namespace.as_deref();
    let namespace = namespace.map(|namespace| format!("--namespace={namespace}"));
    let command = ["kubectl", "get", "secret", &name, "-o", "yaml"];
    let command: Vec<_> = command.into_iter().chain(namespace.as_deref()).collect();
    Some(finding.fix_with(
        "See whether the Secret is there, in the namespace of the Pod, and give what this prints to --pull-secret.",
        &command,
    ))
}
