use super::{login, missed, sentence, steps};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{NearMiss, Reader, Seen};

rule! {
    /// A credential is stored under a key that is not this registry's.
    ///
    /// ## What it means
    /// Somebody has logged in, and the pull goes without a credential all the same: clients look for the exact host with
    /// its port, and Docker looks for Docker Hub under `https://index.docker.io/v1/` alone.
    ///
    /// ## How it is recognised
    /// The registry refuses a pull without credentials, and a file has an entry whose key is nearly the registry's:
    /// another port, another name of Docker Hub, a repository behind it, blanks, another region.
    ///
    /// ## What to do
    /// Log in to the registry under the name that stands in the reference, or rename the key.
    ///
    /// ## References
    /// docker/hub-feedback#1484; keel-hq/keel#419; knative/build#195; aws/aws-sam-cli#2904
    "credential-under-wrong-key" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let id = missed(case)?;
    let near = steps(case, |step| matches!(step.seen, Seen::NearMiss { .. }) && step.place.reader != Reader::Kubelet);
    let step = near.first()?;
    let Seen::NearMiss { key, why, .. } = &step.seen else { return None };
    let registry = case.reference().registry();
    let title = format!("no credential is stored for {registry}, only for {}", key.named_within(80));
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)).likely();
    let cause: Vec<_> = near.iter().take(3).map(|step| sentence(case, step)).collect();
    let finding = finding.cause(format!("The pull goes without a credential. {}", cause.join(" ")));
    let command = login(step.place.reader, registry);
    let meant = match why {
        NearMiss::SameService | NearMiss::Domain | NearMiss::Repository => "If that login is for another place",
        NearMiss::Port | NearMiss::HubAlias(_) | NearMiss::Blank | NearMiss::NotPlain(_) => "So that the key is right",
    };
    Some(finding.fix_with(format!("{meant}, log in to {registry} itself."), command))
}
