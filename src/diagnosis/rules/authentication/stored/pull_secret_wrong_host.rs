use super::{first, of_pull_secret, sentence, steps, with_new_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{Reader, Seen};

rule! {
    /// Pull secret is for another registry
    ///
    /// ## What it means
    /// The Secret is well-formed and has credentials, but none for the host of this image. The kubelet compares host
    /// and port exactly, and pulls anonymously if nothing matches.
    ///
    /// ## How it is recognised
    /// None of the keys in the given pull secret is the image's registry.
    ///
    /// ## What to do
    /// Create the Secret again with `--docker-server` as in the image's name, including the port; for Docker Hub, that
    /// is `https://index.docker.io/v1/`.
    ///
    /// ## References
    /// kubernetes/kubernetes#110476; kubernetes/kubernetes#102472; docker/hub-feedback#1484
    "pull-secret-wrong-host" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let of_secret = |seen: fn(&Seen) -> bool| {
        move |step: &crate::evidence::TrailStep| step.place.reader == Reader::Kubelet && seen(&step.seen)
    };
    if case.record().trail.chosen().is_some() {
        return None;
    }
    let registry = case.reference().registry();
    let near = steps(case, of_secret(|seen| matches!(seen, Seen::NearMiss { .. })));
    let none = first(case, of_secret(|seen| matches!(seen, Seen::NoEntry { others: 1.., .. })));
    let mut said: Vec<_> = near.iter().take(3).copied().chain(none).map(|step| sentence(case, step)).collect();
    if said.is_empty() {
        return None;
    }
    if let Some(Seen::NoEntry { others, keys }) = none.map(|step| &step.seen) {
        let hosts: Vec<_> = keys.iter().map(|key| key.named_within(100)).collect();
        let more = match others.saturating_sub(hosts.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        said.push(format!("It has credentials for {}{more}.", hosts.join(", ")));
    }
    let finding = of_pull_secret(case, &format!("pull secret is not for {registry}"))?;
    let finding = finding.cause(format!("{} The kubelet pulls anonymously.", said.join(" ")));
    Some(with_new_secret(case, finding, "Create the Secret again for this registry."))
}
