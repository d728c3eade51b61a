//! Addresses of a registry's API, for `get` and `head`.

use crate::oci::{Reference, Refusal};

/// The endpoints after the name of a repository (distribution-spec, "Endpoints"); uploads are below blobs.
const ENDPOINTS: [&str; 4] = ["manifests", "blobs", "tags", "referrers"];

/// The placeholder for a repository in a path without one. It is never sent.
const NO_REPOSITORY: &str = "registry";

/// Why no request is sent to an address. The address is not repeated: it may contain a password.
#[derive(Debug, thiserror::Error)]
pub enum WrongPath {
    /// It is not of the form `https://HOST/v2/…`.
    #[error("write the address with the registry and /v2/: https://HOST/v2/NAME/tags/list")]
    NotTheApi,
    /// A segment is `.` or `..`, perhaps encoded.
    #[error("the path contains . or .. segments; write it in normalized form")]
    Dots,
    /// It contains a user name or password.
    #[error("credentials do not belong in an address; use --username NAME, which asks for the password")]
    Credentials,
    /// A `#`.
    #[error("the part after # is never sent; leave it out, or write %23 for the character itself")]
    Fragment,
    /// A character that has to be encoded.
    #[error("the address contains spaces or other characters that must be percent-encoded, such as %20")]
    Characters,
    /// The host is not valid.
    #[error("{}", .0.explain())]
    Host(Box<Refusal>),
}

/// An address of a registry's API.
#[derive(Debug)]
pub(super) struct ApiPath {
    /// The registry, and the repository and version that the path names.
    pub reference: Reference,
    /// Whether it names a repository; otherwise only the host of the reference counts.
    pub names_repository: bool,
    /// Whether it is the address of a manifest.
    pub is_manifest: bool,
    /// The path, with its query.
    pub path: String,
}

impl ApiPath {
    /// Parses `https://HOST/v2/…`, or the same without the scheme.
    ///
    /// # Errors
    /// Where it is something else, or would be sent in a different form.
    pub fn read(text: &str) -> Result<Self, WrongPath> {
        let (scheme, rest) = ["https://", "http://"]
            .iter()
            .find_map(|scheme| Some((*scheme, text.get(scheme.len()..)?)).filter(|_| begins_with(text, scheme)))
            .unwrap_or(("oci://", text));
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if host.contains('@') {
            return Err(WrongPath::Credentials);
        }
        if rest.contains('#') {
            return Err(WrongPath::Fragment);
        }
        if !rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>".contains(&byte)) {
            return Err(WrongPath::Characters);
        }
        let without_query = path.split_once('?').map_or(path, |(path, _)| path);
        let Some(below) = without_query.strip_prefix("/v2/").filter(|_| !host.is_empty()) else {
            return Err(WrongPath::NotTheApi);
        };
        let components: Vec<_> = below.split('/').collect();
        let is_dots =
            |component: &&str| matches!(component.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
        if components.iter().any(is_dots) {
            return Err(WrongPath::Dots);
        }
        let named = named(&components);
        let parse = |place: &str| {
            let reference = Reference::parse(&format!("{scheme}{host}/{place}"))?;
            // Printed commands use the usual form.
            if scheme == "oci://" { Reference::parse(&reference.to_string()) } else { Ok(reference) }
        };
        // Tags and repositories that are not valid may still be requested.
        let whole = named.as_ref().and_then(|(repository, selector)| parse(&format!("{repository}{selector}")).ok());
        let repository = whole.or_else(|| parse(&named.as_ref()?.0).ok());
        let names_repository = repository.is_some();
        let reference = match repository {
            Some(reference) => reference,
            None => parse(NO_REPOSITORY).map_err(|refusal| WrongPath::Host(Box::new(refusal)))?,
        };
        let is_manifest = named.is_some_and(|(_, selector)| !selector.is_empty());
        Ok(Self { reference, names_repository, is_manifest, path: path.to_owned() })
    }
}

fn begins_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// The repository in a path, and for a manifest its tag or digest, as in a reference. A repository may itself have a segment
/// `manifests`, so the last endpoint that something follows counts.
fn named(components: &[&str]) -> Option<(String, String)> {
    let before_last = components.len().checked_sub(1)?;
    let endpoint = components[..before_last].iter().rposition(|component| ENDPOINTS.contains(component))?;
    let repository = components[..endpoint].join("/");
    let selector = match (components[endpoint], &components[endpoint + 1..]) {
        ("manifests", [digest]) if digest.contains(':') => format!("@{digest}"),
        ("manifests", [tag]) if !tag.is_empty() => format!(":{tag}"),
        _ => String::new(),
    };
    (!repository.is_empty()).then_some((repository, selector))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repository_is_taken_from_the_path() {
        for (text, expected) in [
            ("https://r.example.com/v2/a/b/tags/list?n=5", Some("a/b")),
            ("r.example.com/v2/a/b/manifests/1.0", Some("a/b")),
            ("r.example.com/v2/a/manifests/tags", Some("a")),
            ("r.example.com/v2/a/manifests/b/blobs/uploads/", Some("a/manifests/b")),
            ("http://localhost:5000/v2/x/referrers/sha256:0", Some("x")),
            ("r.example.com/v2/", None),
            ("r.example.com/v2/_catalog?n=1", None),
            ("r.example.com/v2/UPPER/tags/list", None),
            ("r.example.com/v2/manifests/1", None),
        ] {
            let read = ApiPath::read(text).unwrap();
            let repository = read.names_repository.then(|| read.reference.repository());
            assert_eq!(repository, expected, "{text}");
            assert!(text.ends_with(&read.path) && read.path.starts_with("/v2/"), "{text}");
        }
        let manifest = ApiPath::read("https://r.example.com/v2/a/manifests/1.0").unwrap();
        assert_eq!((manifest.reference.tag(), manifest.is_manifest), (Some("1.0"), true));
        assert!(!ApiPath::read("https://r.example.com/v2/a/tags/list").unwrap().is_manifest);
    }

    #[test]
    fn address_that_would_be_sent_differently_is_refused() {
        let refused = |text: &str| ApiPath::read(text).expect_err(text);
        for text in [
            "",
            "/v2/",
            "v2/a/tags/list",
            "https://",
            "r.test",
            "r.test/v2",
            "r.test/v1/_ping",
            "r.test/a/v2/",
            "r.test?/v2/",
        ] {
            assert!(matches!(refused(text), WrongPath::NotTheApi), "{text}");
        }
        for text in ["r.test/v2/../admin", "r.test/v2/a/%2e%2E/b", "r.test/v2/./", "r.test/v2/a/.%2e"] {
            assert!(matches!(refused(text), WrongPath::Dots), "{text}");
        }
        for text in ["https://me:CANARY@r.test/v2/", "CANARY@r.test/v2/", "HTTPS://me:CANARY@r.test"] {
            assert!(matches!(refused(text), WrongPath::Credentials), "{text}");
            assert!(!refused(text).to_string().contains("CANARY"));
        }
        assert!(matches!(refused("r.test/v2/#x"), WrongPath::Fragment));
        for text in ["r.test/v2/a b", "r.test/v2/ä", "r.test/v2/a\\..\\b", "r.test/v2/\u{1b}[2J", "r.test/v2/a\n"] {
            assert!(matches!(refused(text), WrongPath::Characters), "{text}");
        }
        assert!(matches!(refused("-bad-/v2/"), WrongPath::Host(_)));
    }

    proptest::proptest! {
        #[test]
        fn request_is_always_below_v2(text in "(https?://)?[a-z.:@]{0,8}(/v2/)?[ -~]{0,24}|.*") {
            if let Ok(read) = ApiPath::read(&text) {
                let url = url::Url::parse(&format!("https://r.test{}", read.path)).unwrap();
                proptest::prop_assert!(url.path().starts_with("/v2/"));
                proptest::prop_assert_eq!(url.host_str(), Some("r.test"));
            }
        }
    }
}
