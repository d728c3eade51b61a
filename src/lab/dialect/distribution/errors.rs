//! Error answers: JSON with a list of errors, and the plain text of Go's HTTP server.
//!
//! Codes, messages and statuses are those of distribution's `registry/api/errcode/register.go`; the content of `detail`
//! was recorded. 2.8 serializes the fields of a Go error, of which many have no public ones; 3 writes its message.

use serde_json::{Value, json};

use super::route::NameFault;
use super::{Answer, Distribution, Generation};
use crate::lab::dialect::negotiation::error_body;

impl Distribution {
    /// A JSON document, as this generation labels it.
    pub(super) fn json(&self, status: u16, body: impl Into<bytes::Bytes>) -> Answer {
        let content_type = match self.generation {
            Generation::Two => "application/json; charset=utf-8",
            Generation::Three => "application/json",
        };
        Answer::with_body(status, content_type, body)
    }

    /// An answer with one error.
    pub(super) fn error(&self, status: u16, code: &str, message: &str, detail: Option<Value>) -> Answer {
        self.json(status, error_body(code, message, detail))
    }

    /// An internal error of the registry.
    pub(super) fn unknown(&self, detail: Value) -> Answer {
        self.error(500, "UNKNOWN", "unknown error", Some(detail))
    }

    /// The detail of an error in both generations: fields in 2.8, a message in 3.
    pub(super) fn detail(&self, fields: Value, words: String) -> Option<Value> {
        Some(match self.generation {
            Generation::Two => fields,
            Generation::Three => Value::String(words),
        })
    }

    /// The error for a digest without a document.
    pub(super) fn no_such_digest(&self, name: &str, digest: &str) -> Answer {
        let detail = self.detail(
            json!({ "Name": name, "Revision": digest }),
            format!("unknown manifest name={name} revision={digest}"),
        );
        self.error(404, "MANIFEST_UNKNOWN", "manifest unknown", detail)
    }

    /// The error for an invalid file name, such as that of a tag with a colon in it.
    pub(super) fn invalid_path(&self, path: &str) -> Answer {
        let fields = json!({ "Path": path, "DriverName": "filesystem" });
        let detail = self.detail(fields, format!("filesystem: invalid path: {path}"));
        self.unknown(detail.unwrap_or_default())
    }

    /// The error for an invalid repository name, whatever the request. `None` if the name can be looked up.
    pub(super) fn wrong_name(&self, name: &str, fault: NameFault) -> Option<Answer> {
        match fault {
            NameFault::TooLong => {
                let detail = self.detail(json!({ "Name": name, "Reason": {} }), too_long(name));
                Some(self.unknown(detail.unwrap_or_default()))
            }
            // This error has no code, so nothing is written for it.
            NameFault::NotCacheable => Some(self.json(500, "{}\n")),
            NameFault::NotStorable => None,
        }
    }
}

/// The path of a repository in the storage. Only the errors about invalid names contain it.
pub(super) fn folder_of(name: &str) -> String {
    format!("/docker/registry/v2/repositories/{name}")
}

/// The message of `ErrRepositoryNameInvalid`.
fn too_long(name: &str) -> String {
    format!("repository name \"{name}\" invalid: repository name must not be more than 255 characters")
}

/// The answer of Go's HTTP server to an unknown path.
pub(super) fn not_found() -> Answer {
    plain_text(404, "404 page not found\n")
}

/// The answer to a method that is not allowed, and to OPTIONS.
pub(super) fn other_method(method: &http::Method, allowed: &str) -> Answer {
    match *method {
        http::Method::OPTIONS => Answer::new(200).header("Allow", allowed),
        _ => plain_text(405, "Method not allowed\n").header("Allow", allowed),
    }
}

fn plain_text(status: u16, text: &'static str) -> Answer {
    Answer::with_body(status, "text/plain; charset=utf-8", text)
}
