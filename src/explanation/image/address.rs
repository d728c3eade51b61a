//! Addresses in a message: the repository that a request was about, and the host that was asked.

use super::{MOST_PLACES, Named, behind, first_word, parsed, without_user, written_behind};
use crate::explanation::reading::Pasted;
use crate::oci::{Host, Reference};

/// What comes after the repository in an address of the API (distribution-spec, "Endpoints").
const ENDPOINTS: [&str; 4] = ["/manifests/", "/blobs/", "/tags/list", "/referrers/"];

/// Hosts of token services, and the registries that they are of.
const SERVICES: [(&str, &str); 3] =
    [("registry.docker.io", "docker.io"), ("auth.docker.io", "docker.io"), ("gitlab.com", "registry.gitlab.com")];

/// A host that was asked for content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::explanation) struct Asked {
    /// The host.
    pub host: Host,
    /// The registry that it was asked in place of, where the address says so (`?ns=docker.io`).
    pub of: Option<Host>,
}

/// An address, in parts.
struct Address<'a> {
    scheme: &'static str,
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

fn addresses<'a>(text: &'a Pasted) -> impl Iterator<Item = Address<'a>> {
    ["https://", "http://"].into_iter().flat_map(move |scheme| {
        written_behind(text, scheme).filter_map(move |rest| {
            let rest = without_user(first_word(rest));
            let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            let (path, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
            (!host.is_empty()).then_some(Address { scheme, host, path, query })
        })
    })
}

impl Address<'_> {
    /// The repository, and what comes after its endpoint, where this is an address of a registry's API.
    fn repository(&self) -> Option<(&str, &str)> {
        let path = self.path.strip_prefix("/v2/")?;
        let (at, endpoint) =
            ENDPOINTS.iter().filter_map(|end| Some((path.rfind(end)?, *end))).max_by_key(|(at, _)| *at)?;
        Some((&path[..at], path[at + endpoint.len()..].trim_end_matches(['.', ':'])))
    }

    fn is_manifest(&self) -> bool {
        self.path.contains("/manifests/")
    }

    /// The registry that a mirror was asked in place of.
    fn namespace(&self) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix("ns=")).filter(|host| !host.is_empty())
    }

    /// The image that the address is about. A digest of a blob says nothing about it.
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

    /// The first API of Docker Hub: `/v1/repositories/library/redis/images`.
    fn of_old_api(&self) -> Option<String> {
        let path = self.path.strip_prefix("/v1/repositories/")?;
        let name = path.trim_end_matches("/images").split("/tags").next()?;
        let host = if self.host.ends_with("docker.io") { "docker.io" } else { self.host };
        Some(format!("{host}/{name}"))
    }
}

/// Addresses of manifests first: those of lists and blobs do not say which tag was asked for.
pub(super) fn by_address(text: &Pasted) -> impl Iterator<Item = Named> {
    let manifests = addresses(text).filter(Address::is_manifest).filter_map(|address| address.named());
    let others = addresses(text).filter(|address| !address.is_manifest()).filter_map(|address| address.named());
    manifests.chain(others)
}

/// The hosts that were asked for something of a registry's API, in their order.
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

/// The scope and the service that a token was asked for: `scope=repository:NAME:pull&service=HOST`.
pub(super) fn by_scope(text: &Pasted) -> impl Iterator<Item = Named> {
    ["scope=repository%3a", "scope=repository:"].iter().flat_map(|lead| written_behind(text, lead)).filter_map(|rest| {
        let scope = rest.split(['"', ' ', '\'', '&']).next()?.replace("%2F", "/").replace("%2f", "/");
        let name = scope.split([':', '%']).next()?;
        let service = behind(text.lower(), "service=").next()?.split(|c: char| !is_of_host(c)).next()?;
        let service = service.trim_end_matches(':');
        let host = SERVICES.iter().find(|(known, _)| *known == service).map_or(service, |(_, host)| host);
        host.contains('.').then(|| parsed(&format!("{host}/{name}")).map(|reference| Named::new(reference, false)))?
    })
}

/// Whether a request to Docker Hub, or to a registry about itself, has a host in its path; and whether one asked Docker Hub
/// for a repository of one component, which is where official images are not.
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

/// The registry whose host is the first component of a repository of Docker Hub.
pub(super) fn host_in_path(reference: &Reference) -> Option<Host> {
    let (first, rest) = reference.repository().split_once('/')?;
    let is_host = reference.registry().is_docker_hub() && first.contains('.') && !rest.is_empty();
    is_host.then(|| first.parse().ok())?
}

fn is_of_host(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | ':')
}
