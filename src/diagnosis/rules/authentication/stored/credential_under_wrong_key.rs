use super::{login, missed, sentence, steps};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{NearMiss, Reader, Seen};

rule! {
    /// Credential is stored under the wrong key
    ///
    /// ## What it means
    /// A login exists, but the pull is anonymous: clients look up the exact host with its port, and Docker looks up
    /// Docker Hub only as `https://index.docker.io/v1/`.
    ///
    /// ## How it is recognised
    /// The registry refuses an anonymous pull, and a file has an entry with almost the registry's key: another port,
    /// another name of Docker Hub, a repository appended, whitespace, another region.
    ///
    /// ## What to do
    /// Log in to the registry under the name in the reference, or rename the key.
    ///
    /// ## References
    /// docker/hub-feedback#1484; keel-hq/keel#419; knative/build#195; aws/aws-sam-cli#2904
    "credential-under-wrong-key" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let id = missed(case)?;
    let near = steps(case, |step| matches!(step.seen, Seen::NearMiss { .. }) && step.place.reader != Reader::Kubelet);
    let step = near.first()?;
    let Seen::NearMiss { key, why, .. } = &step.seen else { return None };
    let registry = case.reference().registry();
    let title = format!("no credential for {registry}, only for {}", key.named_within(80));
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)).likely();
    let cause: Vec<_> = near.iter().take(3).map(|step| sentence(case, step)).collect();
    let finding = finding.cause(format!("The pull is anonymous. {}", cause.join(" ")));
    let command = login(step.place.reader, registry);
    let purpose = match why {
        NearMiss::SameService | NearMiss::Domain | NearMiss::Repository => "If that login is for something else",
        NearMiss::Port | NearMiss::HubAlias(_) | NearMiss::Blank | NearMiss::NotPlain(_) => "To store the right key",
    };
    Some(finding.fix_with(format!("{purpose}, log in to {registry} itself:"), command))
}
