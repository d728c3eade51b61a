use super::refused_by_registry_or_service;
use crate::diagnosis::case::backend;
use crate::diagnosis::case::refusal::{speaks_of_expired_credentials, speaks_of_permission};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, WordKind, words};
use crate::evidence::{CredentialUse, ExchangeId, Response, error_entries};
use crate::text::Untrusted;

rule! {
    /// Registry denies access
    ///
    /// ## What it means
    /// Most often, the client has no pull access. But a 403 also comes from network rules, from filters in front of a
    /// registry, for expired credentials, and from some registries for repositories that do not exist.
    ///
    /// ## How it is recognised
    /// A 403 that no more specific rule explains, or a token service that names the missing permission. Google's
    /// registries also name the project, location and repository.
    ///
    /// ## What to do
    /// Read the registry's message. Ask the owner for pull access, check the spelling, and try without credentials if
    /// you sent any: registries refuse even a public image to clients with bad credentials. In Google's Artifact
    /// Registry, the role is `roles/artifactregistry.reader`.
    ///
    /// ## References
    /// distribution-spec, error codes (DENIED); google/go-containerregistry#1691;
    /// terraform-google-modules/terraform-google-kubernetes-engine#1779
    "iam-denied" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = refused(case)?;
    let host = case.host_of(id);
    let finding = Finding::error(ExitStatus::Denied, format!("{host} denies access"), id, case.words(id));
    if let Some(resource) = google_resource(response) {
        return Some(by_google(case, finding, &resource));
    }
    let given = case.authentication().credential != CredentialUse::Anonymous;
    let expired = if given { ", expired credentials" } else { "" };
    let finding = finding
        .likely()
        .cause(format!(
            "Most likely this client has no pull access. It can also be a rule about networks or countries, a filter \
             in front of the registry{expired}, or a name that does not exist."
        ))
        .fix("Check the spelling, and ask the owner of the repository for pull access.");
    let reference = Word::input(case.reference());
    Some(if given {
        finding.fix_with("Check whether the image is public:", words!["ociscope", "probe", "--anonymous", reference])
    } else {
        let login = words!["ociscope", "probe", "--username", "NAME", "--password-stdin", reference];
        finding.fix_with("Log in as a user with pull access:", login)
    })
}

fn refused<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let (id, response) = refused_by_registry_or_service(case)?;
    // Failures of a backend and expired credentials are not about permissions.
    let other = backend::explains(case, response) || speaks_of_expired_credentials(response);
    let given = case.authentication().credential != CredentialUse::Anonymous;
    let by_registry = case.refusal().is_some_and(|(other, _)| other == id);
    (!other && (by_registry || (given && speaks_of_permission(response)))).then_some((id, response))
}

/// The resource that Google's message names: `projects/P/locations/L/repositories/R`.
struct Resource {
    project: Untrusted,
    location: Untrusted,
    repository: Untrusted,
}

fn google_resource(response: &Response) -> Option<Resource> {
    let entries = error_entries(response);
    let path = entries.iter().find_map(|entry| entry.message.as_str().split_once("on resource \""))?.1;
    let mut parts = path.split('"').next()?.split('/');
    let mut part = |name: &str| {
        let value = parts.by_ref().skip_while(|&part| part != name).nth(1)?;
        Some(Untrusted::from(value))
    };
    Some(Resource { project: part("projects")?, location: part("locations")?, repository: part("repositories")? })
}

/// Names the resource in Google's message, which leaves open whether the permission or the name is wrong.
fn by_google(case: &Case<'_>, finding: Finding, resource: &Resource) -> Finding {
    let Resource { project, location, repository } = resource;
    let word = |name| Word::chosen(WordKind::GoogleName, name);
    let reference = case.reference();
    // LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE; gcr.io hosts map to repositories with other names.
    let requested = reference.registry().name().strip_suffix("-docker.pkg.dev");
    let differs = requested.is_some_and(|requested| {
        let mut parts = reference.repository().split('/');
        requested != location.as_str()
            || parts.next() != Some(project.as_str())
            || parts.next() != Some(repository.as_str())
    });
    let of_google = |name: &Untrusted| name.named_within(80);
    let other = if differs { " That is not what the reference names." } else { "" };
    let named = [project, location, repository].map(of_google);
    let [project_name, location_name, repository_name] = &named;
    finding
        .cause(format!(
            "This client may not read the repository {repository_name} (location {location_name}, project \
             {project_name}), or the repository does not exist; Google does not say which.{other}"
        ))
        .fix(format!(
            "Check the spelling: location {location_name}, project {project_name}, repository {repository_name}."
        ))
        .fix_with(
            "As an owner of the project, grant read access:",
            words![
                "gcloud",
                "artifacts",
                "repositories",
                "add-iam-policy-binding",
                word(repository),
                "--location",
                word(location),
                "--project",
                word(project),
                "--member",
                "MEMBER",
                "--role",
                "roles/artifactregistry.reader",
            ],
        )
}
