use super::super::refused_credentials;
use super::{first, login, missed, sentence, with_new_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Reader, Seen};

rule! {
    /// The stored credential is damaged.
    ///
    /// ## What it means
    /// What stands in the file is not what somebody meant to write: base64 that cannot be read or was encoded twice, a
    /// line break behind the password, a name that a shell has changed. Docker reads nothing at all of a file in which
    /// one entry is damaged.
    ///
    /// ## How it is recognised
    /// The entry for the registry cannot be decoded; or it was used and refused, and name or password end in a line
    /// break or a blank; or another entry of the same file is damaged. Nothing of what stands there is shown.
    ///
    /// ## What to do
    /// Log in again. In scripts, write passwords with `printf %s`, and quote names as `robot$ci` in single quotes.
    ///
    /// ## References
    /// fluxcd/source-controller#193; goharbor/harbor#16392; docker/cli, `decodeAuth`
    "credential-bytes-damaged" in Authentication, instead_of: ["bad-credentials"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    unusable(case).or_else(|| refused(case)).or_else(|| others(case))
}

/// The entry cannot be used, so the pull goes without.
fn unusable(case: &Case<'_>) -> Option<Finding> {
    let step = first(case, |step| matches!(step.seen, Seen::Damaged { .. }) && step.place.reader != Reader::Kubelet)?;
    let title = "the stored credential cannot be read";
    let finding = match missed(case) {
        Some(id) => Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)),
        None => case.decisive().map(|(id, _)| Finding::warning(title, id, case.words(id)))?,
    };
    let finding = finding.cause(format!("{} The pull goes without a credential.", sentence(case, step)));
    Some(with_login(case, step.place.reader, finding, "Log in again; that writes the entry anew."))
}

/// It was used, and the registry did not take it.
fn refused(case: &Case<'_>) -> Option<Finding> {
    let step = case.record().trail.chosen().filter(|step| !step.seen.damage().is_empty())?;
    // A server that is given a line break in a password may also fail over it, as Azure's does.
    let failed = || case.token_answer().filter(|(_, response)| response.status >= 500);
    let (id, _) = refused_credentials(case).or_else(failed)?;
    let damage: Vec<_> = step.seen.damage().iter().map(|damage| damage.words()).collect();
    let finding =
        Finding::error(ExitStatus::Unauthenticated, "the stored credential looks damaged", id, case.words(id));
    let finding = finding.likely().cause(format!(
        "The credential from {} was sent and not taken, and {}.",
        step.place.named(),
        damage.join(", and ")
    ));
    let finding = finding.fix("In scripts, write the password with printf %s, which adds no line break.");
    Some(with_login(case, step.place.reader, finding, "Log in again."))
}

/// It was used here, and Docker would not get as far.
fn others(case: &Case<'_>) -> Option<Finding> {
    let step = first(case, |step| matches!(step.seen, Seen::OthersDamaged(_)))?;
    let (id, _) = case.decisive()?;
    let finding = Finding::warning("Docker reads none of its credentials", id, case.words(id));
    Some(
        finding
            .cause(format!("{} Other clients read the rest.", sentence(case, step)))
            .fix("Log in again to the registries whose entries are damaged, or log out of them."),
    )
}

fn with_login(case: &Case<'_>, reader: Reader, finding: Finding, text: &str) -> Finding {
    // What the kubelet reads is in the cluster; logging in on this machine changes nothing there.
    if reader == Reader::Kubelet {
        return with_new_secret(case, finding, "Make the Secret again, in the cluster.");
    }
    let command = login(reader, case.reference().registry());
    finding.fix_with(text, command)
}
