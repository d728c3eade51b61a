use super::{first, login, missed};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{HelperOutcome, Seen};

rule! {
    /// Credential helper is missing or does not answer
    ///
    /// ## What it means
    /// The configuration names a program that stores the credentials, and that program is not on `PATH`, hangs or
    /// fails. Docker calls it before every pull, even of public images, and sends nothing to the registry if the call
    /// fails.
    ///
    /// ## How it is recognised
    /// `credHelpers` or `credsStore` names a program that is not on `PATH`, or that ran and gave no usable answer. Its
    /// output is not shown, because it may contain secrets.
    ///
    /// ## What to do
    /// Install the helper for the user that pulls, or remove the entry and log in again. Docker Desktop's helper is
    /// only on machines with Docker Desktop: not in WSL without its integration, not in containers, not in CI.
    ///
    /// ## References
    /// docker/for-mac#3785; docker/docker-credential-helpers#149; rancher-sandbox/rancher-desktop#9516; docker/cli#2121
    "credential-helper-missing" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let step = first(case, |step| matches!(&step.seen, Seen::Helper { outcome, .. } if outcome.is_failure()))?;
    let Seen::Helper { helper, server, outcome } = &step.seen else { return None };
    let (file, program) = (step.place.named(), format!("docker-credential-{}", helper.printable_within(64)));
    let client = step.place.reader.client();
    let missed = missed(case);
    let id = missed.or_else(|| case.decisive().map(|(id, _)| id))?;
    let title = match outcome {
        HelperOutcome::NotFound => format!("{program} is not on PATH"),
        HelperOutcome::NameRefused | HelperOutcome::ServerRefused => "credential helper cannot be run".to_owned(),
        HelperOutcome::TimedOut(_) => format!("{program} does not answer"),
        _ => format!("{program} fails"),
    };
    let registry = case.reference().registry();
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)).cause(format!(
        "{file} names a helper that stores the credential for {}. It {}. {client} calls it before it contacts the \
         registry, and gives up if that fails; this run continued anonymously.",
        registry,
        outcome.words(server)
    ));
    // Clients that do not call the helper can pull a public image.
    let finding = if missed.is_some() { finding } else { finding.likely() };
    let again = login(step.place.reader, registry);
    Some(match outcome {
        HelperOutcome::NotFound => {
            let finding = if helper.as_str().starts_with("desktop") {
                finding.fix(format!(
                    "The helper comes with Docker Desktop. Without Docker Desktop, as in WSL or a container, remove \
                     credsStore from {file}."
                ))
            } else {
                finding.fix(format!("Install {program} for the user that pulls, or remove its entry from {file}."))
            };
            finding.fix_with("After removing the entry, log in again:", again)
        }
        HelperOutcome::NameRefused | HelperOutcome::ServerRefused => {
            finding.fix(format!("Check credHelpers and credsStore in {file}.")).fix_with("Then log in again:", again)
        }
        _ => finding
            .fix(format!(
                "Run the helper by hand: enter `{program} get`, then the line {}, then Ctrl-D. It may print a secret.",
                server.printable_within(120)
            ))
            .fix_with("Or log in again:", again),
    })
}
