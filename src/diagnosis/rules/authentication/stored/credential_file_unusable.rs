use super::{login, missed, steps};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Reader, Seen};

rule! {
    /// Credentials file cannot be read
    ///
    /// ## What it means
    /// A file in which clients look for credentials exists, but its JSON is damaged, or its permissions lock this user
    /// out. Docker then warns and pulls anonymously; Podman, Buildah and skopeo stop with an error.
    ///
    /// ## How it is recognised
    /// The pull is anonymous and refused, and a file in the search for credentials could not be read or is not JSON.
    ///
    /// ## What to do
    /// Repair the file, or move it away and log in again, which writes a new one.
    ///
    /// ## References
    /// docker/cli, cli/config (LoadDefaultConfigFile); containers-auth.json(5)
    "credential-file-unusable" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let id = missed(case)?;
    let damaged = steps(case, |step| matches!(step.seen, Seen::Unreadable(_) | Seen::Unusable(_)));
    let step = damaged.first()?;
    let (file, registry) = (step.place.named(), case.reference().registry());
    let said = step.seen.words(&registry.to_string(), step.place.reader);
    let title = "credentials file cannot be read";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .cause(format!("{file} {said}. The registry refuses the anonymous pull."))
        .likely();
    Some(match (&step.seen, step.place.reader) {
        (Seen::Unreadable(_), _) => finding.fix(format!("Give your user read permission for {file}.")),
        (_, Reader::Kubelet) => finding.fix(format!("Repair {file}.")),
        (_, reader) => {
            finding.fix_with(format!("Repair {file}, or move it away and log in again:"), login(reader, registry))
        }
    })
}
