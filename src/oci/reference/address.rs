//! Pasted URLs: API addresses of a registry, which are understood, and web pages, which are rejected with a suggestion.

use super::changes::Change;
use super::part::Part;
use super::refusal::Problem;
use super::violation::Violation;
use super::{characters, grammar};
use crate::oci::Digest;

/// The parts of an API address.
pub(super) struct ApiAddress<'a> {
    pub(super) repository: Part<'a>,
    pub(super) tag: Option<Part<'a>>,
    pub(super) digest: Option<Digest>,
    pub(super) change: Change,
}

#[derive(Clone, Copy)]
enum Endpoint {
    Manifests,
    Blobs,
    Referrers,
    Tags,
}

/// The endpoints after the repository (distribution-spec, "Endpoints").
const ENDPOINTS: [(&str, Endpoint); 4] = [
    ("/manifests/", Endpoint::Manifests),
    ("/blobs/", Endpoint::Blobs),
    ("/referrers/", Endpoint::Referrers),
    ("/tags/list", Endpoint::Tags),
];

/// Parses the path after `https://host/` if it is an API path; any other path is a repository.
pub(super) fn read_api_path(path: Part<'_>) -> Result<Option<ApiAddress<'_>>, Problem> {
    // `v1` is the path under which credential stores keep the Docker Hub login.
    if matches!(path.text.trim_end_matches('/'), "" | "v1" | "v2" | "v2/_catalog") {
        return Err(Problem::new(path.start.saturating_sub(1)..path.end(), Violation::NoRepository));
    }
    // A repository may have a component `manifests`, so the last endpoint counts.
    let found = ENDPOINTS.iter().filter_map(|&(mark, endpoint)| Some((path.text.rfind(mark)?, mark, endpoint)));
    let Some((index, mark, endpoint)) = found.max_by_key(|(index, ..)| *index) else {
        return Ok(None);
    };
    let (before, selector) = (path.before(index), path.after(index + mark.len()));
    let Some(repository) = before.text.strip_prefix("v2/").map(|_| before.after("v2/".len())) else {
        return match format!("/{}/", before.text).find("/v2/") {
            Some(0) => Err(Problem::new(path.range(), Violation::NoRepository)),
            Some(length) => Err(Problem::new(path.at(0, length - 1), Violation::PathBeforeApi)),
            None => Ok(None),
        };
    };
    let mut address = ApiAddress { repository, tag: None, digest: None, change: Change::ManifestAddress };
    match endpoint {
        Endpoint::Tags if selector.text.is_empty() => address.change = Change::TagListAddress,
        Endpoint::Tags => return Ok(None),
        _ if selector.text.is_empty() => {
            return Err(Problem::new(path.at(index, mark.len()), Violation::EmptyTag));
        }
        Endpoint::Blobs if selector.text.starts_with("uploads") => {
            address.change = Change::BlobAddress { digest: None }
        }
        _ if selector.text.ends_with('/') => {
            let slashes = selector.after(selector.text.trim_end_matches('/').len()).range();
            return Err(Problem::new(slashes.clone(), Violation::TrailingSlash).replaced(slashes, ""));
        }
        Endpoint::Blobs => address.change = Change::BlobAddress { digest: Some(grammar::read_plain_digest(selector)?) },
        Endpoint::Referrers => {
            address.digest = Some(grammar::read_plain_digest(selector)?);
            address.change = Change::ReferrersAddress;
        }
        Endpoint::Manifests if selector.text.contains(':') => {
            address.digest = Some(grammar::read_plain_digest(selector)?)
        }
        Endpoint::Manifests => address.tag = Some(selector),
    }
    Ok(Some(address))
}

/// Strips `?ns=HOST` from the address of a manifest; with it, containerd names the upstream registry to a mirror
/// (containerd, docs/hosts.md). Any other query is kept, and rejected later.
pub(super) fn without_namespace(input: &str) -> &str {
    let Some((address, query)) = input.split_once('?') else { return input };
    let is_of_manifest = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme))
        && address.contains("/v2/")
        && address.contains("/manifests/");
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    let names_registry = query.strip_prefix("ns=").is_some_and(|host| !host.is_empty() && host.chars().all(is_host));
    if is_of_manifest && names_registry { address } else { input }
}

/// Rejects the web page of an image, and suggests the reference of the image.
pub(super) fn refuse_web_page(input: &str) -> Result<(), Problem> {
    let whole = Part::whole(input);
    let schemes = ["https://", "http://", "docker://", "oci://"];
    let address = schemes.iter().find_map(|scheme| whole.strip_prefix_ignoring_case(scheme)).unwrap_or(whole);
    let address = address.strip_prefix_ignoring_case("www.").unwrap_or(address);
    let Some((host, rest)) = address.split_once('/') else {
        return Ok(());
    };
    let (path, query) = rest.text.split_once(['?', '#']).unwrap_or((rest.text, ""));
    let components: Vec<&str> = path.split('/').filter(|component| !component.is_empty()).collect();
    let site = host.text.to_ascii_lowercase();
    let Some(meant) = image_of_page(&site, &components) else {
        return Ok(());
    };
    let problem = Problem::new(address.range(), Violation::WebPage);
    let Some(name) = meant.as_deref().and_then(characters::decode) else {
        return Err(problem);
    };
    let tag = query.split('&').find_map(|pair| pair.strip_prefix("tag=")).filter(|_| !name.contains(':'));
    Err(problem.instead(match tag {
        Some(tag) => format!("{name}:{tag}"),
        None => name,
    }))
}

/// `None` if the address is not a web page about images, `Some(None)` if it is one that names no image.
fn image_of_page(site: &str, components: &[&str]) -> Option<Option<String>> {
    let image = match (site, components) {
        ("hub.docker.com", ["_", name, ..] | [name]) if *name != "_" => Some(format!("docker.io/library/{name}")),
        ("hub.docker.com", ["layers", owner, name, tag, ..]) => Some(format!("docker.io/{owner}/{name}:{tag}")),
        (
            "hub.docker.com",
            ["r", owner, name, ..]
            | ["repository", "docker", owner, name, ..]
            | ["v2", "repositories", owner, name, ..]
            | [owner, name],
        ) => Some(format!("docker.io/{owner}/{name}")),
        ("hub.docker.com", _) => None,
        ("quay.io", ["repository", owner, name, ..]) => Some(format!("quay.io/{owner}/{name}")),
        (
            "github.com",
            [owner, _, "pkgs", "container", name, ..]
            | ["orgs" | "users", owner, "packages", "container", "package", name, ..]
            | ["orgs" | "users", owner, "packages", "container", name, ..]
            | [owner, name],
        ) => Some(format!("ghcr.io/{owner}/{name}").to_ascii_lowercase()),
        ("github.com", _) => None,
        ("gallery.ecr.aws", [_, _, ..]) => Some(format!("public.ecr.aws/{}", components.join("/"))),
        ("gallery.ecr.aws", _) => None,
        _ => return None,
    };
    Some(image)
}
