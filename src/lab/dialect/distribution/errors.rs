//! Answers that are not content: JSON with errors in it, and what Go itself says.
//!
//! Codes, messages and states are those of distribution's `registry/api/errcode/register.go`; what stands in `detail`
//! was recorded. Where 2.8 writes the fields of a Go value, of which many show none, 3 writes its words.

use serde_json::{Value, json};

use super::route::NameTrouble;
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

    /// Something that went wrong in the registry.
    pub(super) fn unknown(&self, detail: Value) -> Answer {
        self.error(500, "UNKNOWN", "unknown error", Some(detail))
    }

    /// What the two generations say of the same trouble: the one by fields, the other in words.
    pub(super) fn detail(&self, fields: Value, words: String) -> Option<Value> {
        Some(match self.generation {
            Generation::Two => fields,
            Generation::Three => Value::String(words),
        })
    }

    /// A document that is not there by its digest.
    pub(super) fn no_such_digest(&self, name: &str, digest: &str) -> Answer {
        let detail = self.detail(
            json!({ "Name": name, "Revision": digest }),
            format!("unknown manifest name={name} revision={digest}"),
        );
        self.error(404, "MANIFEST_UNKNOWN", "manifest unknown", detail)
    }

    /// A file that cannot have the name that it would have to have, such as that of a tag with a colon in it.
    pub(super) fn invalid_path(&self, path: &str) -> Answer {
        let fields = json!({ "Path": path, "DriverName": "filesystem" });
        let detail = self.detail(fields, format!("filesystem: invalid path: {path}"));
        self.unknown(detail.unwrap_or_default())
    }

    /// What an impossible name is answered with, whatever is asked under it. `None` where it can be looked up.
    pub(super) fn wrong_name(&self, name: &str, trouble: NameTrouble) -> Option<Answer> {
        match trouble {
            NameTrouble::TooLong => {
                let detail = self.detail(json!({ "Name": name, "Reason": {} }), too_long(name));
                Some(self.unknown(detail.unwrap_or_default()))
            }
            // An error that is none of those which have a code, so that nothing is written of it.
            NameTrouble::NotCacheable => Some(self.json(500, "{}\n")),
            NameTrouble::NotStorable => None,
        }
    }
}

/// Where a repository is in the storage, which is in no answer but those about names that it cannot have.
pub(super) fn folder_of(name: &str) -> String {
    format!("/docker/registry/v2/repositories/{name}")
}

/// `ErrRepositoryNameInvalid`, in words.
fn too_long(name: &str) -> String {
    format!("repository name \"{name}\" invalid: repository name must not be more than 255 characters")
}

/// What Go's server says where nothing is.
pub(super) fn not_found() -> Answer {
    plain_text(404, "404 page not found\n")
}

/// The answer to a method that is not among these. To ask for them is a question of its own.
pub(super) fn other_method(method: &http::Method, allowed: &str) -> Answer {
    match *method {
        http::Method::OPTIONS => Answer::new(200).header("Allow", allowed),
        _ => plain_text(405, "Method not allowed\n").header("Allow", allowed),
    }
}

fn plain_text(status: u16, text: &'static str) -> Answer {
    Answer::with_body(status, "text/plain; charset=utf-8", text)
}
