use super::{first, login, missed};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{HelperOutcome, Seen};

rule! {
    /// The credential helper that is to be asked is not there, or gives no answer.
    ///
    /// ## What it means
    /// The configuration names a program that keeps the credentials, and it is not on `PATH`, hangs, or fails. Docker asks
    /// it before every pull, also of public images, and sends nothing to the registry when that fails.
    ///
    /// ## How it is recognised
    /// `credHelpers` or `credsStore` names a program that was looked for on `PATH` and not found, or was run and gave no
    /// answer that can be used. What it printed is not shown: it may hold secrets.
    ///
    /// ## What to do
    /// Install the helper for the user that pulls, or remove the entry and log in again. Docker Desktop's helper is on
    /// machines with Docker Desktop alone: not in WSL without its integration, not in containers, not in CI.
    ///
    /// ## References
    /// docker/for-mac#3785; docker/docker-credential-helpers#149; rancher-sandbox/rancher-desktop#9516; docker/cli#2121
    "credential-helper-missing" in Authentication
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
        HelperOutcome::NameRefused | HelperOutcome::ServerRefused => "the credential helper cannot be run".to_owned(),
        HelperOutcome::TimedOut(_) => format!("{program} gives no answer"),
        _ => format!("{program} fails"),
    };
    let registry = case.reference().registry();
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)).cause(format!(
        "{file} names a helper that keeps the credential for {}. It {}. {client} asks it before it asks the registry, and \
         gives up when that fails; this run went on without a credential.",
        registry,
        outcome.words(server)
    ));
    // Where the image is there for everybody, other clients than this one get it.
    let finding = if missed.is_some() { finding } else { finding.likely() };
    let again = login(step.place.reader, registry);
    Some(match outcome {
        HelperOutcome::NotFound => {
            let finding = if helper.as_str().starts_with("desktop") {
                finding.fix(format!(
                    "It comes with Docker Desktop. Where that is not, as in WSL or a container, remove credsStore from \
                     {file}."
                ))
            } else {
                finding.fix(format!("Install {program} for whoever pulls, or remove its entry from {file}."))
            };
            finding.fix_with("Without the entry, log in again.", again)
        }
        HelperOutcome::NameRefused | HelperOutcome::ServerRefused => {
            finding.fix(format!("Look at credHelpers and credsStore in {file}.")).fix_with("Then log in again.", again)
        }
        _ => finding
            .fix(format!(
                "See what it says, by hand: type `{program} get`, the line {}, and Ctrl-D. It may print a secret.",
                server.printable_within(120)
            ))
            .fix_with("Or log in again.", again),
    })
}
