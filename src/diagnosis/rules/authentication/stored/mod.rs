//! Stored credentials that do not take effect, or were never stored as intended. The rules judge the search for the
//! credential; the exchange that they quote shows the result of the anonymous request.

pub(super) mod credential_bytes_damaged;
pub(super) mod credential_file_unusable;
pub(super) mod credential_helper_missing;
pub(super) mod credential_under_wrong_key;
pub(super) mod other_users_config;
pub(super) mod pull_secret_has_no_credential;
pub(super) mod pull_secret_malformed;
pub(super) mod pull_secret_not_found;
pub(super) mod pull_secret_wrong_host;

use crate::diagnosis::case::credentials::{is_anonymous, token_refusal};
use crate::diagnosis::{Case, ExitStatus, Finding, Word, WordKind, words};
use crate::evidence::{ExchangeId, Outcome, Reader, Seen, TrailStep};
use crate::text::Untrusted;

/// The refusal of an anonymous pull.
pub(super) fn missed(case: &Case<'_>) -> Option<ExchangeId> {
    if case.served().is_some() || !is_anonymous(case) {
        return None;
    }
    let authentication = case.authentication();
    if authentication.outcome == Outcome::CredentialsMissing {
        return authentication.challenged_by;
    }
    let masks = case.record().known().is_some_and(|known| known.masks_existence());
    let refuses = |status: u16| matches!(status, 401 | 403) || (status == 404 && masks);
    let by_registry = || case.refusal().filter(|(_, response)| refuses(response.status));
    token_refusal(case).or_else(by_registry).map(|(id, _)| id)
}

/// Returns `true` if stored credentials explain why a pull was anonymous, so that advice to log in would not be enough.
pub(super) fn explains(case: &Case<'_>) -> bool {
    let Some(_) = missed(case) else { return false };
    if case.authentication().is_withheld() {
        return true;
    }
    case.record().trail.steps.iter().any(|step| match &step.seen {
        Seen::NearMiss { .. } | Seen::Damaged { .. } | Seen::PullSecret(_) => true,
        Seen::Unreadable(_) | Seen::Unusable(_) => true,
        Seen::Empty { .. } => step.place.reader == Reader::Kubelet,
        Seen::Helper { outcome, .. } => outcome.is_failure(),
        _ => false,
    })
}

/// The steps of the search that match.
fn steps<'a>(case: &Case<'a>, fits: impl Fn(&TrailStep) -> bool) -> Vec<&'a TrailStep> {
    case.record().trail.steps.iter().filter(|step| fits(step)).collect()
}

fn first<'a>(case: &Case<'a>, fits: impl Fn(&TrailStep) -> bool) -> Option<&'a TrailStep> {
    steps(case, fits).into_iter().next()
}

/// A finding about a pull secret: an error if the pull is refused without it, a warning otherwise.
fn of_pull_secret(case: &Case<'_>, title: &str) -> Option<Finding> {
    if let Some(id) = missed(case) {
        return Some(Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)));
    }
    let (id, _) = case.decisive()?;
    Some(Finding::warning(title, id, case.words(id)))
}

/// Adds the commands that create a pull secret for the registry of a case.
fn with_new_secret(case: &Case<'_>, finding: Finding, text: &str) -> Finding {
    let registry = case.reference().registry();
    let server = if registry.is_docker_hub() { "https://index.docker.io/v1/".into() } else { Word::from(registry) };
    let secret = &case.record().trail.pull_secret;
    let named = |name: &String| Word::chosen(WordKind::KubernetesName, &Untrusted::from(name.as_str()));
    let namespace = secret.namespace.as_ref().map(|namespace| named(namespace).after("--namespace="));
    let name = secret.name.as_ref().map(named);
    let mut finding = finding;
    if let Some(name) = name.clone() {
        let command = words!["kubectl", "delete", "secret"].into_iter().chain(namespace.clone()).chain([name]);
        finding = finding.fix_with(format!("{text} Delete the existing one first:"), command);
    }
    let text = if name.is_some() { "Then create it:" } else { text };
    let last =
        words![name.unwrap_or_else(|| "NAME".into()), server.after("--docker-server="), "--docker-username=USER"];
    let create = words!["kubectl", "create", "secret", "docker-registry"];
    let finding = finding.fix_with(text, create.into_iter().chain(namespace.clone()).chain(last));
    let password = "Give the password as --docker-password, quoted so that the shell does not change it";
    match &namespace {
        Some(_) => finding.fix(format!("{password}.")),
        None => finding.fix(format!("{password}, and add --namespace with the namespace of the Pod.")),
    }
}

/// The command that logs in to the registry with the client that reads a file.
fn login(reader: Reader, registry: &crate::oci::Host) -> Vec<Word> {
    let program = if reader == Reader::Containers { "podman" } else { "docker" };
    let mut command = words![program, "login"];
    // Without a registry, Docker logs in to Docker Hub and writes the key that it looks up.
    if !registry.is_docker_hub() || reader == Reader::Containers {
        command.push(registry.into());
    }
    command
}

/// A sentence about a step: its file, and the observation.
fn sentence(case: &Case<'_>, step: &TrailStep) -> String {
    let registry = case.reference().registry().to_string();
    format!("In {}, {}.", step.place.named(), step.seen.words(&registry, step.place.reader))
}

#[cfg(test)]
mod tests;
