//! The routes of distribution, and its router's redirects for paths that are not clean.
//!
//! From distribution's `registry/api/v2/descriptors.go` (the routes), `reference` and `go-digest` (the grammar of
//! names, tags and digests), and gorilla/mux, whose strict slashes redirect to the path with or without one.

use std::fmt::Write as _;

use crate::lab::wire::{Answer, IncomingRequest};

/// The route of a request, with its parts decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// `/v2/`
    Base,
    /// `/v2/<name>/tags/list`
    Tags { name: String },
    /// `/v2/<name>/manifests/<reference>`
    Manifest { name: String, reference: String },
    /// `/v2/<name>/blobs/<digest>`
    Blob { name: String, digest: String },
    /// `/v2/<name>/blobs/uploads/` without, or `/v2/<name>/blobs/uploads/<id>` with the id of an upload.
    Upload { name: String, id: Option<String> },
    /// `/v2/_catalog`
    Catalog,
}

impl Route {
    /// The repository in the request.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Base | Self::Catalog => None,
            Self::Tags { name } | Self::Manifest { name, .. } | Self::Blob { name, .. } | Self::Upload { name, .. } => {
                Some(name)
            }
        }
    }
}

/// The result of routing a request.
pub(super) enum Routed {
    /// A handler.
    Route(Route),
    /// A redirect to another path: this one is not clean, or has a slash at its end too many or too few.
    Elsewhere(Answer),
    /// No handler.
    Nothing,
}

/// Finds the handler of a request.
pub(super) fn find(request: &IncomingRequest) -> Routed {
    let path = decoded(&request.path);
    let clean = clean(&path);
    if clean != path {
        // The router itself sends this redirect, without a body.
        let answer = Answer::new(301).header("Location", location(request, &clean));
        return Routed::Elsewhere(if request.is_head() { answer.chunked() } else { answer });
    }
    if let Some(route) = route(&path) {
        return Routed::Route(route);
    }
    let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    match route(&other) {
        Some(_) => Routed::Elsewhere(redirect(request, &location(request, &other))),
        None => Routed::Nothing,
    }
}

fn route(path: &str) -> Option<Route> {
    let rest = path.strip_prefix("/v2/")?;
    match rest {
        "" => return Some(Route::Base),
        "_catalog" => return Some(Route::Catalog),
        _ => {}
    }
    let named = |name: &str| is_name(name).then(|| name.to_owned());
    if let Some(name) = rest.strip_suffix("/tags/list").and_then(named) {
        return Some(Route::Tags { name });
    }
    if let Some(name) = rest.strip_suffix("/blobs/uploads/").and_then(named) {
        return Some(Route::Upload { name, id: None });
    }
    let (before, last) = rest.rsplit_once('/')?;
    let last = last.to_owned();
    if let Some(name) = before.strip_suffix("/manifests").and_then(named)
        && (is_tag(&last) || matches_digest_pattern(&last))
    {
        return Some(Route::Manifest { name, reference: last });
    }
    if let Some(name) = before.strip_suffix("/blobs").and_then(named)
        && matches_digest_pattern(&last)
    {
        return Some(Route::Blob { name, digest: last });
    }
    let name = before.strip_suffix("/blobs/uploads").and_then(named)?;
    let is_id = !last.is_empty() && last.chars().all(|c| c.is_ascii_alphanumeric() || "-_.=".contains(c));
    is_id.then_some(Route::Upload { name, id: Some(last) })
}

/// Cleans a path like Go's `path.Clean`, but keeps the slash at its end.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let slash = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("/{}{slash}", parts.join("/"))
}

/// Decodes the escapes in a path. Invalid escapes are kept.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Escapes a path as Go does for a URL.
fn escaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn location(request: &IncomingRequest, path: &str) -> String {
    let path = escaped(path);
    if request.query.is_empty() { path } else { format!("{path}?{}", request.query) }
}

/// The redirect of Go's `http.Redirect`, with an HTML body for GET.
fn redirect(request: &IncomingRequest, location: &str) -> Answer {
    if !request.reads() {
        return Answer::new(301).header("Location", location);
    }
    let shown = location.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;");
    let answer = match request.is_head() {
        // Go writes no body for HEAD, so it sets no Content-Length.
        true => Answer::with_body(301, "text/html; charset=utf-8", "").chunked(),
        false => {
            let note = format!("<a href=\"{}\">Moved Permanently</a>.\n\n", shown.replace('\'', "&#39;"));
            Answer::with_body(301, "text/html; charset=utf-8", note)
        }
    };
    answer.header("Location", location)
}

/// Matches `NameRegexp`: an optional host, then components.
fn is_name(name: &str) -> bool {
    let mut parts = name.split('/');
    let components = |mut parts: std::str::Split<'_, char>| parts.all(is_component);
    let first = parts.next().unwrap_or_default();
    let has_rest = parts.clone().next().is_some();
    components(name.split('/')) || (has_rest && is_host(first) && components(parts))
}

/// Matches lower-case letters and digits, with one dot, one or two underscores, or any number of hyphens between them.
fn is_component(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = text.split(alphanumeric).filter(|separator| !separator.is_empty());
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && separators.all(|found| matches!(found, "." | "_" | "__") || found.bytes().all(|byte| byte == b'-'))
}

/// Matches `DomainRegexp`: labels between dots, in either case, and an optional port.
fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    let is_label = |label: &str| {
        label.starts_with(alphanumeric)
            && label.ends_with(alphanumeric)
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    host.split('.').all(is_label) && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128 && text.starts_with(word) && text.chars().all(|c| word(c) || c == '.' || c == '-')
}

/// Matches the router's pattern for digests, which accepts more than valid digests.
fn matches_digest_pattern(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    algorithm.split(['.', '+', '_', '-']).all(part)
        && !encoded.is_empty()
        && encoded.chars().all(|c| c.is_ascii_alphanumeric() || "=_-".contains(c))
}

/// The error of `go-digest` for a malformed digest.
pub(super) fn wrong_with_digest(digest: &str) -> Option<&'static str> {
    let Some((algorithm, encoded)) = digest.split_once(':') else { return Some("invalid checksum digest format") };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Some("unsupported digest algorithm"),
    };
    if encoded.len() != length {
        return Some("invalid checksum digest length");
    }
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (!encoded.bytes().all(hexadecimal)).then_some("invalid checksum digest format")
}

/// A fault in a name that the router accepts, found before any lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameFault {
    /// The name has more than 255 characters.
    TooLong,
    /// The descriptor cache of the default configuration cannot parse the name.
    NotCacheable,
    /// The name has a port in it, which file names cannot have.
    NotStorable,
}

/// The fault in a name, if any. The cache normalizes names as Docker does, so a single component is in Docker Hub's
/// library to it, and a first component in capital letters is not a host.
pub(super) fn wrong_with_name(name: &str) -> Option<NameFault> {
    let first = name.split('/').next().unwrap_or_default();
    let is_host = first.contains(['.', ':']) || first == "localhost";
    let added = match name.contains('/') {
        true if is_host => 0,
        true => "docker.io/".len(),
        false => "docker.io/library/".len(),
    };
    if name.len() > 255 {
        Some(NameFault::TooLong)
    } else if name.len() + added > 255 || (!is_host && name.chars().any(|c| c.is_ascii_uppercase())) {
        Some(NameFault::NotCacheable)
    } else {
        name.contains(':').then_some(NameFault::NotStorable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_the_grammar() {
        for name in ["demo", "demo/app", "a__b/c--d.e", "Demo/app", "localhost:5000/a", "a.b.c/d"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "DEMO", "demo/App", "a___b/c", "-a/b", "a//b", "a/", "a..b", "host:/a"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn names_may_contain_words_of_the_api() {
        let manifest = |name: &str| Route::Manifest { name: name.to_owned(), reference: "latest".to_owned() };
        assert_eq!(route("/v2/a/manifests/b/manifests/latest"), Some(manifest("a/manifests/b")));
        assert_eq!(route("/v2/blobs/uploads/manifests/latest"), Some(manifest("blobs/uploads")));
        assert_eq!(route("/v2/a/manifests/tags/list"), Some(Route::Tags { name: "a/manifests".to_owned() }));
        assert_eq!(route("/v2/a/blobs/latest"), None);
    }

    #[test]
    fn paths_are_cleaned_as_in_go() {
        for (path, cleaned) in [("//", "/"), ("/v2/", "/v2/"), ("/v2//a/../b", "/v2/b"), ("/..", "/"), ("/a/./", "/a/")]
        {
            assert_eq!(clean(path), cleaned);
        }
    }
}
