use super::super::rejected_credentials;
use super::{first, login, missed, sentence, with_new_secret};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Reader, Seen};

rule! {
    /// Stored credential is damaged
    ///
    /// ## What it means
    /// The file does not contain what was meant to be stored: base64 that cannot be decoded or was encoded twice, a
    /// line break after the password, a user name that a shell changed. Docker reads nothing at all from a file with
    /// one damaged entry.
    ///
    /// ## How it is recognised
    /// The registry's entry cannot be decoded; or it was used and rejected, and the user name or password ends in a
    /// line break or other whitespace; or another entry of the same file is damaged. The stored values are never shown.
    ///
    /// ## What to do
    /// Log in again. In scripts, write passwords with `printf %s`, and put names such as `robot$ci` in single quotes.
    ///
    /// ## References
    /// fluxcd/source-controller#193; goharbor/harbor#16392; docker/cli, `decodeAuth`
    "credential-bytes-damaged" in Authentication, instead_of: ["bad-credentials"], basis: machine
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    unusable(case).or_else(|| rejected(case)).or_else(|| others(case))
}

/// Reports an entry that cannot be used, so that the pull is anonymous.
fn unusable(case: &Case<'_>) -> Option<Finding> {
    let step = first(case, |step| matches!(step.seen, Seen::Damaged { .. }) && step.place.reader != Reader::Kubelet)?;
    let title = "stored credential cannot be read";
    let finding = match missed(case) {
        Some(id) => Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)),
        None => case.decisive().map(|(id, _)| Finding::warning(title, id, case.words(id)))?,
    };
    let finding = finding.cause(format!("{} The pull is anonymous.", sentence(case, step)));
    Some(with_login(case, step.place.reader, finding, "Log in again, which rewrites the entry:"))
}

/// Reports an entry that was used and rejected.
fn rejected(case: &Case<'_>) -> Option<Finding> {
    let step = case.record().trail.chosen().filter(|step| !step.seen.damage().is_empty())?;
    // A line break in a password may also make a server fail, as it does Azure's.
    let failed = || case.token_answer().filter(|(_, response)| response.status >= 500);
    let (id, _) = rejected_credentials(case).or_else(failed)?;
    let damage: Vec<_> = step.seen.damage().iter().map(|damage| damage.words()).collect();
    let finding = Finding::error(ExitStatus::Unauthenticated, "stored credential looks damaged", id, case.words(id));
    let finding = finding.likely().cause(format!(
        "The credential from {} was rejected, and {}.",
        step.place.named(),
        damage.join(", and ")
    ));
    let finding = finding.fix("In scripts, write the password with printf %s, which adds no line break.");
    Some(with_login(case, step.place.reader, finding, "Log in again:"))
}

/// Reports damaged entries of other registries, because of which Docker ignores the whole file.
fn others(case: &Case<'_>) -> Option<Finding> {
    let step = first(case, |step| matches!(step.seen, Seen::OthersDamaged(_)))?;
    let (id, _) = case.decisive()?;
    let finding = Finding::warning("Docker reads nothing from the damaged credentials file", id, case.words(id));
    Some(
        finding
            .cause(format!("{} Other clients read the other entries.", sentence(case, step)))
            .fix("Log in again to the registries whose entries are damaged, or log out of them."),
    )
}

fn with_login(case: &Case<'_>, reader: Reader, finding: Finding, text: &str) -> Finding {
    // The kubelet reads from the cluster; a login on this machine changes nothing there.
    if reader == Reader::Kubelet {
        return with_new_secret(case, finding, "Create the Secret again, in the cluster.");
    }
    let command = login(reader, case.reference().registry());
    finding.fix_with(text, command)
}
