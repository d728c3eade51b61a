//! URLs in a message: the repository of a request, and the contacted host.

use super::{MOST_PLACES, Named, first_word, parsed, texts_after, without_user, written_after};
use crate::explanation::reading::Pasted;
use crate::oci::{Host, Reference};

/// The API path after the repository (distribution-spec, "Endpoints").
const ENDPOINTS: [&str; 4] = ["/manifests/", "/blobs/", "/tags/list", "/referrers/"];

/// Hosts of token services, and the registries that they belong to.
const SERVICES: [(&str, &str); 3] =
    [("registry.docker.io", "docker.io"), ("auth.docker.io", "docker.io"), ("gitlab.com", "registry.gitlab.com")];

/// A host that was asked for content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::explanation) struct Asked {
    /// The host.
    pub host: Host,
    /// The registry it mirrors, if the URL names it (`?ns=docker.io`).
    pub of: Option<Host>,
}

/// The parts of a URL.
struct Address<'a> {
    scheme: &'static str,
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

fn addresses<'a>(text: &'a Pasted) -> impl Iterator<Item = Address<'a>> {
    ["https://", "http://"].into_iter().flat_map(move |scheme| {
        written_after(text, scheme).filter_map(move |rest| {
            let rest = without_user(first_word(rest));
            let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            let (path, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
            (!host.is_empty()).then_some(Address { scheme, host, path, query })
        })
    })
}

impl Address<'_> {
    /// The repository, and the path after its endpoint, if this is a URL of a registry's API.
    fn repository(&self) -> Option<(&str, &str)> {
        let path = self.path.strip_prefix("/v2/")?;
        let (at, endpoint) =
            ENDPOINTS.iter().filter_map(|end| Some((path.rfind(end)?, *end))).max_by_key(|(at, _)| *at)?;
        Some((&path[..at], path[at + endpoint.len()..].trim_end_matches(['.', ':'])))
    }

    fn is_manifest(&self) -> bool {
        self.path.contains("/manifests/")
    }

    /// The registry for which a mirror was contacted.
    fn namespace(&self) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix("ns=")).filter(|host| !host.is_empty())
    }

    /// The image of the URL. The digest of a blob does not identify it.
    fn named(&self) -> Option<Named> {
        if let Some(name) = self.of_old_api() {
            return Some(Named::new(parsed(&name)?, false));
        }
        let (repository, selector) = self.repository()?;
        let scheme = if self.namespace().is_some() || self.scheme == "https://" { "" } else { self.scheme };
        let host = self.namespace().unwrap_or(self.host);
        let bare = format!("{scheme}{host}/{repository}");
        let separator = if selector.contains(':') { '@' } else { ':' };
        if self.is_manifest()
            && !selector.is_empty()
            && let Some(reference) = parsed(&format!("{bare}{separator}{selector}"))
        {
            return Some(Named::whole(reference));
        }
        Some(Named::new(parsed(&bare)?, false))
    }

    /// The image in a URL of Docker Hub's first API: `/v1/repositories/library/redis/images`.
    fn of_old_api(&self) -> Option<String> {
        let path = self.path.strip_prefix("/v1/repositories/")?;
        let name = path.trim_end_matches("/images").split("/tags").next()?;
        let host = if self.host.ends_with("docker.io") { "docker.io" } else { self.host };
        Some(format!("{host}/{name}"))
    }
}

/// The images in URLs, those of manifests first: URLs of tag lists and blobs do not contain the tag.
pub(super) fn by_address(text: &Pasted) -> impl Iterator<Item = Named> {
    let manifests = addresses(text).filter(Address::is_manifest).filter_map(|address| address.named());
    let others = addresses(text).filter(|address| !address.is_manifest()).filter_map(|address| address.named());
    manifests.chain(others)
}

/// The hosts that received requests to a registry's API, in order.
pub(in crate::explanation) fn asked_hosts(text: &Pasted) -> Vec<Asked> {
    let of_api = addresses(text).filter(|address| {
        address.path.starts_with("/v2") && !address.path.contains("/token") && !address.path.contains("/auth")
    });
    let hosts = of_api.filter_map(|address| {
        let of = address.namespace().and_then(|host| host.parse().ok());
        Some(Asked { host: address.host.parse().ok()?, of })
    });
    hosts.take(MOST_PLACES).collect()
}

/// The image in the scope and service of a token request: `scope=repository:NAME:pull&service=HOST`.
pub(super) fn by_scope(text: &Pasted) -> impl Iterator<Item = Named> {
    ["scope=repository%3a", "scope=repository:"].iter().flat_map(|lead| written_after(text, lead)).filter_map(|rest| {
        let scope = rest.split(['"', ' ', '\'', '&']).next()?.replace("%2F", "/").replace("%2f", "/");
        let name = scope.split([':', '%']).next()?;
        let service = texts_after(text.lower(), "service=").next()?.split(|c: char| !is_of_host(c)).next()?;
        let service = service.trim_end_matches(':');
        let host = SERVICES.iter().find(|(known, _)| *known == service).map_or(service, |(_, host)| host);
        host.contains('.').then(|| parsed(&format!("{host}/{name}")).map(|reference| Named::new(reference, false)))?
    })
}

/// Returns two facts about requests: `true` if one to Docker Hub, or to a registry for a path that begins with its own
/// host, has a host in its path; and `true` if one asked Docker Hub for a repository of one component, which no
/// official image has.
pub(in crate::explanation) fn hub_addresses(text: &Pasted) -> (bool, bool) {
    let mut doubled = false;
    let mut bare = false;
    for address in addresses(text) {
        let Some((repository, _)) = address.repository() else { continue };
        let is_hub = address.namespace().is_none()
            && address.host.parse::<Host>().is_ok_and(|host| host.canonical().is_docker_hub());
        let first = repository.split('/').next().unwrap_or_default();
        let has_rest = repository.len() > first.len();
        doubled |= has_rest && (first.eq_ignore_ascii_case(address.host) || is_hub && first.contains('.'));
        bare |= is_hub && !has_rest;
    }
    (doubled, bare)
}

/// The registry whose host is the first component of a repository on Docker Hub.
pub(super) fn host_in_path(reference: &Reference) -> Option<Host> {
    let (first, rest) = reference.repository().split_once('/')?;
    let is_host = reference.registry().is_docker_hub() && first.contains('.') && !rest.is_empty();
    is_host.then(|| first.parse().ok())?
}

fn is_of_host(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | ':')
}
