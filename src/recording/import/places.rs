//! What a request is for, by its address in the API of registries (distribution-spec, endpoints).

use url::Url;

use crate::knowledge::known_registry;
use crate::oci::{Digest, Origin, Reference, Scheme};

/// The resource of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The base of the API, `/v2/`.
    Base,
    /// A manifest, by its tag or digest.
    Manifest(String, String),
    /// A blob.
    Blob(String, Digest),
    /// A page of the tags.
    Tags(String),
    /// A page of the referrers of a manifest.
    Referrers(String, Digest),
    /// A page of the repositories.
    Catalog,
    /// Another address.
    Other,
}

impl Place {
    /// The resource at an address.
    pub fn of(url: &Url) -> Self {
        let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
        let Some(path) = path.strip_prefix("/v2") else { return Self::Other };
        match path {
            "" | "/" => return Self::Base,
            "/_catalog" => return Self::Catalog,
            _ => {}
        }
        let Some(path) = path.strip_prefix('/') else { return Self::Other };
        if let Some(name) = path.strip_suffix("/tags/list").filter(|name| Reference::is_repository(name)) {
            return Self::Tags(name.to_owned());
        }
        let parts = |family: &str| {
            let (name, last) = path.rsplit_once(family)?;
            (Reference::is_repository(name) && !last.contains('/')).then(|| (name.to_owned(), last.to_owned()))
        };
        if let Some((name, selector)) = parts("/manifests/") {
            return Self::Manifest(name, selector);
        }
        let digest = |(name, last): (String, String)| Some((name, last.parse::<Digest>().ok()?));
        if let Some((name, digest)) = parts("/blobs/").and_then(digest) {
            return Self::Blob(name, digest);
        }
        parts("/referrers/").and_then(digest).map_or(Self::Other, |(name, digest)| Self::Referrers(name, digest))
    }

    /// The repository, if the resource is in one.
    pub fn repository(&self) -> Option<&str> {
        match self {
            Self::Manifest(name, _) | Self::Blob(name, _) | Self::Tags(name) | Self::Referrers(name, _) => Some(name),
            Self::Base | Self::Catalog | Self::Other => None,
        }
    }
}

/// The reference to a tag or digest in a repository of the registry at an origin; without a tag, the default one.
/// `None` if it does not follow the grammar.
pub(super) fn reference(origin: &Origin, repository: &str, selector: &str) -> Option<Reference> {
    let host = origin.authority();
    let separator = if selector.contains(':') { "@" } else { ":" };
    let text = match selector {
        "" => format!("{host}/{repository}"),
        selector => format!("{host}/{repository}{separator}{selector}"),
    };
    let is_at = |read: &Reference| {
        let endpoint = known_registry(read.registry().name()).and_then(|known| known.endpoint());
        read.repository() == repository && (read.registry().to_string() == host || endpoint == Some(host.as_str()))
    };
    if let Some(read) = Reference::parse(&text).ok().filter(is_at) {
        return Some(read);
    }
    // A host without a dot is only recognized as one in an address.
    let scheme = origin.scheme().as_str();
    Reference::parse(&format!("{scheme}://{text}")).ok().filter(is_at)
}

/// Whether the scheme has to be said for this registry.
pub(super) fn is_plain(origin: &Origin) -> bool {
    origin.scheme() == Scheme::Http
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_is_recognized_by_its_path() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let parsed = || digest.parse::<Digest>().unwrap();
        let name = || "a/b".to_owned();
        for (path, expected) in [
            ("/v2/".to_owned(), Place::Base),
            ("/v2".to_owned(), Place::Base),
            ("/v2/_catalog?n=1".to_owned(), Place::Catalog),
            ("/v2/a/b/manifests/1.0".to_owned(), Place::Manifest(name(), "1.0".to_owned())),
            (format!("/v2/a/b/manifests/{digest}?ns=docker.io"), Place::Manifest(name(), digest.clone())),
            (format!("/v2/a/b/blobs/{}", digest.replace(':', "%3A")), Place::Blob(name(), parsed())),
            ("/v2/a/b/blobs/uploads/".to_owned(), Place::Other),
            ("/v2/a/b/tags/list?n=5".to_owned(), Place::Tags(name())),
            (format!("/v2/a/b/referrers/{digest}"), Place::Referrers(name(), parsed())),
            (
                "/v2/manifests/manifests/manifests/x".to_owned(),
                Place::Manifest("manifests/manifests".into(), "x".into()),
            ),
            ("/token".to_owned(), Place::Other),
            ("/v2/A/manifests/1".to_owned(), Place::Other),
        ] {
            let url = Url::parse(&format!("https://r.test{path}")).unwrap();
            assert_eq!(Place::of(&url), expected, "{path}");
        }
    }

    #[test]
    fn reference_names_the_registry_as_people_do() {
        let of = |origin: &str, name: &str, selector: &str| {
            reference(&origin.parse().unwrap(), name, selector).map(|reference| reference.to_string())
        };
        assert_eq!(of("https://registry-1.docker.io", "library/nginx", "1").unwrap(), "docker.io/library/nginx:1");
        assert_eq!(of("http://127.0.0.1:5000", "a/b", "1").unwrap(), "127.0.0.1:5000/a/b:1");
        assert_eq!(of("http://registry", "a/b", "1").unwrap(), "oci://registry/a/b:1");
        let digest = format!("sha256:{}", "a".repeat(64));
        assert_eq!(of("https://r.test", "a", &digest).unwrap(), format!("r.test/a@{digest}"));
        assert_eq!(of("https://r.test", "a", "?"), None);
    }
}
