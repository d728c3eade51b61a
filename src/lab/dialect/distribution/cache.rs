//! Distribution 2.8 as a pull-through cache in front of another registry.
//!
//! The answers were compared with a real cache in front of an upstream that answers alike; the two errors in one for a
//! refused image are from distribution/distribution-library-image#146 (2023). The cache of a lab has everything
//! already: the differences between the first and the second answer for a blob (an entity tag without quotes, no
//! ranges) are not reproduced.

use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

use super::route::Route;
use super::{Answer, Distribution, Role, other_method};
use crate::lab::fault::Outcome;
use crate::lab::host::Visit;
use crate::lab::wire::IncomingRequest;
use crate::oci::media_type::CURRENT;

impl Distribution {
    /// The answer of a cache to uploads. It accepts none, but it has the handlers.
    pub(super) fn write_to_cache(&self, route: &Route, visit: &Visit<'_>) -> Answer {
        let method = &visit.request.method;
        let (refused, allowed): (&[Method], _) = match route {
            Route::Manifest { .. } => (&[Method::PUT, Method::DELETE], "DELETE, GET, HEAD, PUT"),
            Route::Upload { .. } => (&[Method::POST], "DELETE, GET, HEAD, PATCH, POST, PUT"),
            _ => (&[Method::DELETE], "DELETE, GET, HEAD"),
        };
        if matches!(route, Route::Upload { .. }) && [Method::PUT, Method::PATCH, Method::DELETE].contains(method) {
            return self.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", None);
        }
        // The real cache checks the type before the body; the lab does not check the body.
        let is_manifest = visit.request.header("content-type").is_some_and(|sent| CURRENT.contains(&sent));
        if *method == Method::PUT && !is_manifest {
            return match route {
                Route::Manifest { .. } => self.not_convertible(),
                _ => other_method(method, allowed),
            };
        }
        if refused.contains(method) {
            return self.error(405, "UNSUPPORTED", "The operation is unsupported.", None);
        }
        other_method(method, allowed)
    }

    /// The answer of a cache if its upstream does not have the document with this digest, or refuses it. A tag that
    /// cannot be resolved upstream is looked up in the cache, which does not have it either.
    pub(super) fn origin_refuses(&self, visit: &Visit<'_>, name: &str, reference: &str) -> Option<Answer> {
        if !reference.contains(':') {
            return None;
        }
        self.trouble_with_origin(visit, name, &format!("manifests/{reference}"))
    }

    /// The answer of a cache if its upstream refuses a blob. For a missing blob, the cache has its own answer.
    pub(super) fn origin_refuses_blob(&self, visit: &Visit<'_>, name: &str, digest: &str) -> Option<Answer> {
        if self.can_read(visit, name) || visit.other_host()?.store().repository(name).is_none() {
            return None;
        }
        self.trouble_with_origin(visit, name, &format!("blobs/{digest}"))
    }

    /// Returns whether the registry can read a repository: a cache has no account with its upstream.
    pub(super) fn can_read(&self, visit: &Visit<'_>, name: &str) -> bool {
        self.role == Role::Registry || visit.other_host().is_some_and(|origin| origin.is_public(name))
    }

    fn trouble_with_origin(&self, visit: &Visit<'_>, name: &str, what: &str) -> Option<Answer> {
        if self.role == Role::Registry {
            return None;
        }
        let origin = visit.other_host()?;
        let accept = http::HeaderValue::from_str(&CURRENT.join(", ")).ok()?;
        let request = IncomingRequest {
            method: Method::GET,
            path: format!("/v2/{name}/{what}"),
            query: String::new(),
            headers: HeaderMap::from_iter([(http::header::ACCEPT, accept)]),
        };
        let Outcome::Answer(answer) = visit.world.reply(origin, &request) else { return None };
        let detail = match answer.status {
            // An anonymous token is enough for public repositories.
            401 if origin.is_public(name) => return None,
            400..500 => json!({ "errors": errors_of(&answer) }),
            500.. => json!({ "Status": status_line(answer.status) }),
            _ => return None,
        };
        Some(self.unknown(detail))
    }
}

/// The errors in an answer as the cache reports them: a refusal becomes two errors, and fields are sorted.
fn errors_of(answer: &Answer) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let denied = json!({ "code": "DENIED", "message": "requested access to the resource is denied" });
    let refused = (answer.status == 401).then_some(denied);
    refused.into_iter().chain(errors.into_iter().map(|error| with_sorted_detail(&error))).collect()
}

fn with_sorted_detail(error: &Value) -> Value {
    let mut sorted = Map::new();
    for field in ["code", "message", "detail"] {
        if let Some(value) = error.get(field) {
            let mut value = value.clone();
            value.sort_all_objects();
            sorted.insert(field.to_owned(), value);
        }
    }
    Value::Object(sorted)
}

fn status_line(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{status} {}", reason.unwrap_or_default())
}
