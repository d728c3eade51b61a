use super::{missed, sentence, steps};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{Elsewhere, Seen};

rule! {
    /// Credential is in a file that is not read
    ///
    /// ## What it means
    /// A login to this registry exists, but it was made as another user, or before a variable pointed to another
    /// location. `sudo` has its own home directory, and so have services and the users that CI runs as.
    ///
    /// ## How it is recognised
    /// The pull is anonymous and refused, and there is an entry for the registry in the file of the user who called
    /// `sudo`, or in the default file while `DOCKER_CONFIG` or `REGISTRY_AUTH_FILE` names another.
    ///
    /// ## What to do
    /// Log in as the user that pulls, or set `DOCKER_CONFIG` or `REGISTRY_AUTH_FILE` for that user.
    ///
    /// ## References
    /// GoogleCloudPlatform/generative-ai#693; docker/docs#22965; containers-auth.json(5)
    "other-users-config" in Authentication, basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let id = missed(case)?;
    let elsewhere = steps(case, |step| matches!(step.seen, Seen::Elsewhere { .. }));
    let step = elsewhere.first()?;
    let Seen::Elsewhere { why, .. } = &step.seen else { return None };
    let file = step.place.named();
    let title = format!("credential is in {file}, which is not read");
    let said: Vec<_> = elsewhere.iter().take(2).map(|step| sentence(case, step)).collect();
    let finding = Finding::warning(title, id, case.words(id));
    let finding = finding.cause(format!("The pull is anonymous. {}", said.join(" ")));
    Some(match why {
        Elsewhere::Variable(name) => finding.fix(format!("Unset {name}, or log in again while it is set.")),
        Elsewhere::SudoUser(_) => finding.fix(
            "Pull without sudo, or log in as the user that pulls: sudo docker login. Or point DOCKER_CONFIG to the \
             other file.",
        ),
    })
}
