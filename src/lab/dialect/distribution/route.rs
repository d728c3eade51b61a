//! Which handler a path leads to: the routes of distribution, and what its router does to paths that are not clean.
//!
//! From distribution's `registry/api/v2/descriptors.go` (the routes), `reference` and `go-digest` (what is allowed in
//! names, tags and digests), and gorilla/mux, whose strict slashes redirect to the path with or without one.

use std::fmt::Write as _;

use crate::lab::wire::{Answer, IncomingRequest};

/// What is asked, with its parts decoded.
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
    /// The repository that is asked about.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Base | Self::Catalog => None,
            Self::Tags { name } | Self::Manifest { name, .. } | Self::Blob { name, .. } | Self::Upload { name, .. } => {
                Some(name)
            }
        }
    }
}

/// Where a request leads.
pub(super) enum Routed {
    /// To a handler.
    Route(Route),
    /// To another path: it was not clean, or has a slash at its end too many or too few.
    Elsewhere(Answer),
    /// Nowhere.
    Nothing,
}

/// Finds the handler of a request.
pub(super) fn find(request: &IncomingRequest) -> Routed {
    let path = decoded(&request.path);
    let clean = clean(&path);
    if clean != path {
        // The router does this itself and says nothing more.
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
        && (is_tag(&last) || has_form_of_digest(&last))
    {
        return Some(Route::Manifest { name, reference: last });
    }
    if let Some(name) = before.strip_suffix("/blobs").and_then(named)
        && has_form_of_digest(&last)
    {
        return Some(Route::Blob { name, digest: last });
    }
    let name = before.strip_suffix("/blobs/uploads").and_then(named)?;
    let is_id = !last.is_empty() && last.chars().all(|c| c.is_ascii_alphanumeric() || "-_.=".contains(c));
    is_id.then_some(Route::Upload { name, id: Some(last) })
}

/// Go's `path.Clean`, but for the slash at the end, which stays.
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

/// A path with its escapes resolved. What is no escape stays.
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

/// A path as Go writes it into a URL.
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

/// Go's `http.Redirect`: a note in HTML for those who read.
fn redirect(request: &IncomingRequest, location: &str) -> Answer {
    if !request.reads() {
        return Answer::new(301).header("Location", location);
    }
    let shown = location.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;");
    let answer = match request.is_head() {
        // Nothing is written, so nothing is counted.
        true => Answer::with_body(301, "text/html; charset=utf-8", "").chunked(),
        false => {
            let note = format!("<a href=\"{}\">Moved Permanently</a>.\n\n", shown.replace('\'', "&#39;"));
            Answer::with_body(301, "text/html; charset=utf-8", note)
        }
    };
    answer.header("Location", location)
}

/// `NameRegexp`: perhaps a host, then components.
fn is_name(name: &str) -> bool {
    let mut parts = name.split('/');
    let components = |mut parts: std::str::Split<'_, char>| parts.all(is_component);
    let first = parts.next().unwrap_or_default();
    let has_rest = parts.clone().next().is_some();
    components(name.split('/')) || (has_rest && is_host(first) && components(parts))
}

/// Lower-case letters and digits, with one dot, one or two underscores, or any number of hyphens between them.
fn is_component(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = text.split(alphanumeric).filter(|separator| !separator.is_empty());
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && separators.all(|found| matches!(found, "." | "_" | "__") || found.bytes().all(|byte| byte == b'-'))
}

/// `DomainRegexp`: labels between dots, in either case, and perhaps a port.
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

/// What looks like a digest to the router, which is more than what is one.
fn has_form_of_digest(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    algorithm.split(['.', '+', '_', '-']).all(part)
        && !encoded.is_empty()
        && encoded.chars().all(|c| c.is_ascii_alphanumeric() || "=_-".contains(c))
}

/// What is wrong with a digest, in the words of `go-digest`.
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

/// What becomes of a name that the router lets through, before anything is looked up under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameTrouble {
    /// It has more than 255 characters.
    TooLong,
    /// The cache of descriptors, which a stock configuration has, cannot make sense of it.
    NotCacheable,
    /// Files cannot have this name: there is a port in it.
    NotStorable,
}

/// What is wrong with a name. The cache takes names as people write them, so that a single component is one of
/// Docker Hub's library to it, and a first component in capital letters no host.
pub(super) fn wrong_with_name(name: &str) -> Option<NameTrouble> {
    let first = name.split('/').next().unwrap_or_default();
    let is_host = first.contains(['.', ':']) || first == "localhost";
    let added = match name.contains('/') {
        true if is_host => 0,
        true => "docker.io/".len(),
        false => "docker.io/library/".len(),
    };
    if name.len() > 255 {
        Some(NameTrouble::TooLong)
    } else if name.len() + added > 255 || (!is_host && name.chars().any(|c| c.is_ascii_uppercase())) {
        Some(NameTrouble::NotCacheable)
    } else {
        name.contains(':').then_some(NameTrouble::NotStorable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_grammar() {
        for name in ["demo", "demo/app", "a__b/c--d.e", "Demo/app", "localhost:5000/a", "a.b.c/d"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "DEMO", "demo/App", "a___b/c", "-a/b", "a//b", "a/", "a..b", "host:/a"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn names_of_the_api_may_stand_in_names() {
        let manifest = |name: &str| Route::Manifest { name: name.to_owned(), reference: "latest".to_owned() };
        assert_eq!(route("/v2/a/manifests/b/manifests/latest"), Some(manifest("a/manifests/b")));
        assert_eq!(route("/v2/blobs/uploads/manifests/latest"), Some(manifest("blobs/uploads")));
        assert_eq!(route("/v2/a/manifests/tags/list"), Some(Route::Tags { name: "a/manifests".to_owned() }));
        assert_eq!(route("/v2/a/blobs/latest"), None);
    }

    #[test]
    fn paths_are_cleaned_as_go_does_it() {
        for (path, cleaned) in [("//", "/"), ("/v2/", "/v2/"), ("/v2//a/../b", "/v2/b"), ("/..", "/"), ("/a/./", "/a/")]
        {
            assert_eq!(clean(path), cleaned);
        }
    }
}
