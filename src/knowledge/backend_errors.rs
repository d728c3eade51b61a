//! Error messages of registries about their backend.

use std::sync::LazyLock;

use serde::Deserialize;

/// The backend of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackendPart {
    /// The storage of its content.
    Storage,
    /// The upstream registry of a cache.
    Upstream,
}

/// The kind of a backend error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackendReason {
    /// A wrong clock.
    Clock,
    /// A missing permission of the registry itself.
    Permission,
    /// A full disk.
    Space,
    /// Missing content or a missing bucket.
    Missing,
    /// A failing disk or volume.
    InputOutput,
    /// A rate limit.
    Limit,
    /// Rejected credentials of the registry itself.
    Login,
    /// A failed connection.
    Unreachable,
    /// Unspecified by the message.
    Unknown,
}

/// An error message about a backend, and its meaning.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendError {
    /// The backend that it is about.
    pub part: BackendPart,
    any: Vec<String>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    /// Its kind.
    pub reason: BackendReason,
    /// Its meaning, in one sentence.
    pub means: String,
    /// The fix for the operator, in one sentence.
    pub fix: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    checked: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    source: String,
}

#[derive(Deserialize)]
struct File {
    error: Vec<BackendError>,
}

static ERRORS: LazyLock<Vec<BackendError>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("backend_errors.toml"))
        .expect("the file is part of the program, and a test reads it");
    file.error
});

/// The first entry that matches a message. `of_a_failure`: the message is the detail of a server error (5xx), which is
/// about the storage unless it says otherwise, so that it does not need to name a driver.
pub fn backend_error(words: &str, of_a_failure: bool) -> Option<&'static BackendError> {
    let words = words.to_ascii_lowercase();
    let has = |patterns: &[String]| patterns.iter().any(|pattern| begins_a_word(&words, pattern));
    let named = |error: &BackendError| {
        error.with.is_empty() || has(&error.with) || (of_a_failure && error.part == BackendPart::Storage)
    };
    ERRORS.iter().find(|error| has(&error.any) && named(error) && !has(&error.unless))
}

/// Returns whether a text contains a pattern at the beginning of a word.
fn begins_a_word(text: &str, pattern: &str) -> bool {
    text.match_indices(pattern).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !pattern.starts_with(|first: char| first.is_ascii_alphanumeric())
            || before.is_none_or(|before| !before.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str) -> Option<(BackendPart, BackendReason)> {
        backend_error(words, false).map(|error| (error.part, error.reason))
    }

    #[test]
    fn every_entry_is_dated_and_in_lower_case() {
        for error in ERRORS.iter() {
            assert!(error.checked.len() == 10 && !error.source.is_empty() && !error.any.is_empty(), "{error:?}");
            assert!(error.means.ends_with('.') && error.fix.ends_with('.'), "{error:?}");
            let mut patterns = error.any.iter().chain(&error.with).chain(&error.unless);
            assert!(patterns.all(|pattern| *pattern == pattern.to_ascii_lowercase()), "{error:?}");
        }
    }

    #[test]
    fn storage_driver_message_names_the_reason() {
        use BackendReason::*;
        for (words, reason) in [
            ("s3: The difference between the request time and the current time is too large.", Clock),
            ("filesystem: mkdir /var/lib/registry/docker: permission denied", Permission),
            (
                r#"{"DriverName":"filesystem","Enclosed":{"Op":"mkdir","Path":"/var/lib/registry/docker","Err":13}}"#,
                Permission,
            ),
            (
                r#"{"DriverName":"filesystem","Enclosed":{"Op":"write","Path":"/var/lib/registry/docker","Err":28}}"#,
                Space,
            ),
            ("write /storage/docker/registry/v2/blobs/x: no space left on device", Space),
            ("read /var/lib/registry/x: input/output error", InputOutput),
            ("s3aws: AccessDenied: Access Denied\n\tstatus code: 403, request id: 4442587FB7D0A2F9", Permission),
            ("s3aws: NoSuchBucket: The specified bucket does not exist", Missing),
            ("s3aws: RequestError: send request failed\ncaused by: dial tcp: lookup minio: no such host", Unreachable),
            ("swift: Timeout expired while waiting for segments of /docker to show up", Unreachable),
            ("azure: AuthenticationFailed", Permission),
            ("gcs: something new", Unknown),
        ] {
            assert_eq!(found(words), Some((BackendPart::Storage, reason)), "{words}");
        }
    }

    #[test]
    fn upstream_message_names_the_reason() {
        use BackendReason::*;
        let ecr = "The authentication to the upstream registry failed or the image does not exist in the upstream \
            registry. Verify the credentials that are stored for the upstream registry.";
        for (words, reason) in [
            (ecr, Login),
            ("Docker remote repository reached the request rate limit set by the Docker registry.", Limit),
            ("upstream registry answered: toomanyrequests", Limit),
            ("dial upstream registry-1.docker.io: connection refused", Unreachable),
            ("the image does not exist in the upstream registry", Missing),
            ("http status code: 401, body: ", Login),
            ("http status code: 400, body: ", Unreachable),
            ("Remote Auto Blocked until 2024-08-13T07:45:05.681Z", Unreachable),
            ("operation unsupported", Unknown),
        ] {
            assert_eq!(found(words), Some((BackendPart::Upstream, reason)), "{words}");
        }
    }

    /// distribution/distribution#664 has only this in the detail of a 500.
    #[test]
    fn detail_of_a_failure_needs_no_name_of_a_driver() {
        let found = |words| backend_error(words, true).map(|error| (error.part, error.reason));
        assert_eq!(found("Access Denied"), Some((BackendPart::Storage, BackendReason::Permission)));
        assert_eq!(found("unexpected EOF"), None);
    }

    /// The messages of CNCF distribution and others for missing content and missing permission.
    #[test]
    fn ordinary_refusal_is_not_a_backend_error() {
        for words in [
            "unknown tag=1.0",
            r#"{"Tag":"1.0"}"#,
            "unknown manifest name=demo/app revision=sha256:0000",
            "requested access to the resource is denied",
            "denied: permission denied",
            "access denied",
            r#"{"Path":"/docker/registry/v2/repositories/demo/app/_manifests/tags/sha256:abc/current/link","DriverName":"filesystem"}"#,
            "filesystem: invalid path: /docker/registry/v2/repositories/x",
            "s3aws: Path not found: /docker/registry/v2/repositories/x",
            r#"[{"Type":"repository","Class":"","Name":"demo/app","Action":"pull"}]"#,
            "repository demo/upstream not found",
            "",
        ] {
            assert_eq!(found(words), None, "{words}");
        }
    }
}
