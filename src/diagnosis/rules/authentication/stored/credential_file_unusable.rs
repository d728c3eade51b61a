use super::{login, missed, steps};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Reader, Seen};

rule! {
    /// A file with credentials cannot be read.
    ///
    /// ## What it means
    /// There is a file in which clients look for credentials, and its JSON is damaged, or its permissions keep this user
    /// out. Docker then warns and asks without a login; Podman, Buildah and skopeo stop with an error.
    ///
    /// ## How it is recognised
    /// The pull goes without a credential and is refused, and on the way to the credential a file could not be read or
    /// is not JSON.
    ///
    /// ## What to do
    /// Mend the file, or move it away and log in again, which writes a new one.
    ///
    /// ## References
    /// docker/cli, cli/config (LoadDefaultConfigFile); containers-auth.json(5)
    "credential-file-unusable" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let id = missed(case)?;
    let damaged = steps(case, |step| matches!(step.seen, Seen::Unreadable(_) | Seen::Unusable(_)));
    let step = damaged.first()?;
    let (file, registry) = (step.place.named(), case.reference().registry());
    let said = step.seen.words(&registry.to_string(), step.place.reader);
    let title = "the file with its credentials cannot be read";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .cause(format!("{file} {said}. The registry was asked without a login and refuses."))
        .likely();
    Some(match (&step.seen, step.place.reader) {
        (Seen::Unreadable(_), _) => finding.fix(format!("Let your user read {file}.")),
        (_, Reader::Kubelet) => finding.fix(format!("Mend {file}.")),
        (_, reader) => {
            finding.fix_with(format!("Mend {file}, or move it away and log in again:"), login(reader, registry))
        }
    })
}
