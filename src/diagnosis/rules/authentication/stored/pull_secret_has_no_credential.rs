use super::{first, of_pull_secret, with_new_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{Reader, Seen};

rule! {
    /// Pull secret has no credential for the registry
    ///
    /// ## What it means
    /// The Secret was made from a configuration that does not contain the credentials themselves: Docker Desktop and
    /// others keep them in a credential helper and leave an empty entry in the file. The kubelet has no such helper.
    ///
    /// ## How it is recognised
    /// The registry's entry in the pull secret is empty, or the pull secret has no entries at all.
    ///
    /// ## What to do
    /// Create the Secret with `kubectl create secret docker-registry`, from a user name and a password.
    ///
    /// ## References
    /// kubernetes.io, "Pull an Image from a Private Registry", on credential stores
    "pull-secret-has-no-credential" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let of_secret = |step: &&crate::evidence::TrailStep| step.place.reader == Reader::Kubelet;
    let empty = first(case, |step| {
        of_secret(&step) && matches!(step.seen, Seen::Empty { .. } | Seen::NoEntry { others: 0, .. })
    })?;
    let store = first(case, |step| of_secret(&step) && matches!(step.seen, Seen::StoreNotHeeded { .. }));
    let registry = case.reference().registry();
    let finding = of_pull_secret(case, &format!("pull secret has no credential for {registry}"))?;
    let why = match store.and_then(|step| step.seen.helper()) {
        Some(helper) => format!(
            " The Secret names the helper docker-credential-{}, which held the credential when the Secret was made; \
             the kubelet does not call it.",
            helper.printable_within(64)
        ),
        None => String::new(),
    };
    let what = if matches!(empty.seen, Seen::Empty { .. }) {
        "The registry's entry is empty."
    } else {
        "The Secret has no entries."
    };
    Some(with_new_secret(
        case,
        finding.cause(format!("{what}{why}")),
        "Create the Secret from a user name and a password.",
    ))
}
