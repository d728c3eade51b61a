use super::{refused_credentials, without_credentials};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, WordKind, words};
use crate::evidence::Reader;

rule! {
    /// The image is public, and the credentials that were given keep it away.
    ///
    /// ## What it means
    /// Who sends credentials is answered for them. If they are wrong, have expired or were revoked, registries refuse
    /// even what everybody may pull, and clients do not ask again without them. Often nobody remembers the login that
    /// they are from.
    ///
    /// ## How it is recognised
    /// The credentials were refused, by the token service or by the registry, and the same request without any
    /// credentials was answered with success.
    ///
    /// ## What to do
    /// Log out of this registry, or log in again. On Windows and macOS, the store of the system may hold an entry for
    /// the registry that logging out does not remove.
    ///
    /// ## References
    /// dexidp/dex#2672; aws/containers-roadmap#1296; akuity/kargo#778; github/github-mcp-server#282
    "stale-credential-breaks-public-pull" in Authentication, instead_of: ["expired-registry-token", "bad-credentials", "denied-at-token-endpoint", "token-scope-too-narrow", "token-grants-nothing"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    // Then they, and nothing else, stand in the way.
    let (id, _) = refused_credentials(case)?;
    let (without, _) = without_credentials(case).filter(|(_, exchange)| exchange.is_success())?;
    let registry = case.reference().registry();
    let host = registry.to_string();
    let status = case.journal().get(without).status()?;
    let title = "it is public, and the credentials keep it away";
    let trail = &case.record().trail;
    let with = match trail.chosen() {
        Some(step) => format!("the credential from {}", step.place.named()),
        None => "the credentials".to_owned(),
    };
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .because(without, format!("{status} without credentials"))
        .cause(format!(
            "With {with}, {} refuses; without any, the same request is answered with {status}. Clients do not \
             fall back to asking without them.",
            case.host_of(id)
        ));
    let logout = logout(case);
    Some(match trail.chosen().map(|step| step.place.reader) {
        Some(Reader::Kubelet) => {
            finding.fix("Take the pull secret away, or make it again with credentials that are good.")
        }
        Some(_) => {
            let named = trail.chosen().and_then(|step| step.place.because.named_by()).is_some();
            let there = if named { " with the same file named" } else { "" };
            finding
                .fix_with(format!("Log out of {host}{there}; then the image can be pulled."), logout)
                .fix("Or log in again, with credentials that are good.")
        }
        None => finding
            .fix_with(format!("Log out of {host}; then the image can be pulled."), logout)
            .fix("Or log in again, with credentials that are good. Other clients than Docker keep their own."),
    })
}

/// The command that takes away the credential that was used.
fn logout(case: &Case<'_>) -> Vec<Word> {
    let registry = case.reference().registry();
    let chosen = case.record().trail.chosen();
    match chosen.filter(|step| step.place.reader == Reader::Containers) {
        // Podman may have it for a part of the registry.
        Some(step) => {
            let place =
                step.seen.key().map_or_else(|| registry.into(), |key| Word::chosen(WordKind::CredentialKey, key));
            words!["podman", "logout", place]
        }
        // Docker has Hub's credentials under another name, and logs out of it where none is given.
        None if registry.is_docker_hub() => words!["docker", "logout"],
        None => words!["docker", "logout", registry],
    }
}
