use super::{rejected_credentials, without_credentials};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, WordKind, words};
use crate::evidence::Reader;

rule! {
    /// Image is public, but the credentials block the pull
    ///
    /// ## What it means
    /// A registry that receives credentials checks them. If they are wrong, have expired or were revoked, it refuses
    /// even a public image, and clients do not retry anonymously. Often, the credentials come from a forgotten login.
    ///
    /// ## How it is recognised
    /// The token service or the registry rejected the credentials, and the same request without credentials succeeded.
    ///
    /// ## What to do
    /// Log out of the registry, or log in again. On Windows and macOS, the system's credential store may hold an entry
    /// for the registry that logging out does not remove.
    ///
    /// ## References
    /// dexidp/dex#2672; aws/containers-roadmap#1296; akuity/kargo#778; github/github-mcp-server#282
    "stale-credential-breaks-public-pull" in Authentication, instead_of: ["expired-registry-token", "bad-credentials", "denied-at-token-endpoint", "token-scope-too-narrow", "token-grants-nothing"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    // The credentials alone are at fault then.
    let (id, _) = rejected_credentials(case)?;
    let (without, _) = without_credentials(case).filter(|(_, exchange)| exchange.is_success())?;
    let registry = case.reference().registry();
    let host = registry.to_string();
    let status = case.journal().get(without).status()?;
    let title = "image is public, but the credentials are rejected";
    let trail = &case.record().trail;
    let with = match trail.chosen() {
        Some(step) => format!("the credential from {}", step.place.named()),
        None => "the credentials".to_owned(),
    };
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .because(without, format!("returns {status} without credentials"))
        .cause(format!(
            "{} rejects {with}; the same request without credentials gets {status}. Clients do not fall back to \
             anonymous access.",
            case.host_of(id)
        ));
    let logout = logout(case);
    Some(match trail.chosen().map(|step| step.place.reader) {
        Some(Reader::Kubelet) => finding.fix("Remove the pull secret, or create it again with valid credentials."),
        Some(_) => {
            let named = trail.chosen().and_then(|step| step.place.because.named_by()).is_some();
            let there = if named { " with the same credentials file" } else { "" };
            finding
                .fix_with(format!("Log out of {host}{there}; then the image can be pulled:"), logout)
                .fix("Or log in again, with valid credentials.")
        }
        None => finding
            .fix_with(format!("Log out of {host}; then the image can be pulled:"), logout)
            .fix("Or log in again, with valid credentials. Clients other than Docker keep their own."),
    })
}

/// The command that removes the credential that was used.
fn logout(case: &Case<'_>) -> Vec<Word> {
    let registry = case.reference().registry();
    let chosen = case.record().trail.chosen();
    match chosen.filter(|step| step.place.reader == Reader::Containers) {
        // Podman may have stored it for a part of the registry.
        Some(step) => {
            let place =
                step.seen.key().map_or_else(|| registry.into(), |key| Word::chosen(WordKind::CredentialKey, key));
            words!["podman", "logout", place]
        }
        // Docker stores the credentials of Docker Hub under another name, and logs out of it if no registry is given.
        None if registry.is_docker_hub() => words!["docker", "logout"],
        None => words!["docker", "logout", registry],
    }
}
