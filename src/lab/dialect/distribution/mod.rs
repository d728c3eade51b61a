//! CNCF distribution, of which most registries are forks: 2.8 and 3, with the differences between the two.
//!
//! A lab is read-only, so this is a registry in maintenance mode (`storage.maintenance.readonly`); a cache does not
//! have that mode and refuses uploads by itself. 2.8 is compared with the real one, request by request, and 3 with
//! recordings of it, both in `tests/it/lab/`.

mod access;
mod blobs;
mod cache;
mod errors;
mod lists;
mod manifests;
mod route;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use http::Method;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::json;

use self::errors::{not_found, other_method};
use self::route::{NameFault, Route, wrong_with_name};
use super::negotiation::Generation;
use crate::lab::host::{Dialect, Host, Visit};
use crate::lab::store::Store;
use crate::lab::wire::Answer;

/// A distribution registry.
pub(crate) struct Distribution {
    generation: Generation,
    role: Role,
}

/// The role of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It stores its content itself.
    Registry,
    /// It fetches content from another registry, and caches it (`proxy.remoteurl`).
    Cache,
}

/// Distribution 2.8.
pub(crate) static TWO: Distribution = Distribution { generation: Generation::Two, role: Role::Registry };
/// Distribution 3.
pub(crate) static THREE: Distribution = Distribution { generation: Generation::Three, role: Role::Registry };
/// Distribution 2.8 as a pull-through cache of the registry that it is `of`.
pub(crate) static TWO_AS_CACHE: Distribution = Distribution { generation: Generation::Two, role: Role::Cache };

impl Dialect for Distribution {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let request = visit.request;
        if request.path == "/" {
            let answer = Answer::new(200).header("Cache-Control", "no-cache");
            // Go writes no body for HEAD, so it sets no Content-Length.
            return if request.is_head() { answer.chunked() } else { answer };
        }
        let answer = match route::find(request) {
            route::Routed::Route(route) => self.routed(visit, &route).header("X-Content-Type-Options", "nosniff"),
            route::Routed::Elsewhere(answer) => answer,
            route::Routed::Nothing => not_found().header("X-Content-Type-Options", "nosniff"),
        };
        answer.header("Docker-Distribution-Api-Version", "registry/2.0")
    }
}

impl Distribution {
    fn routed(&self, visit: &Visit<'_>, route: &Route) -> Answer {
        if let Some(refusal) = self.refuses(visit, route) {
            return refusal;
        }
        let fault = route.name().and_then(|name| Some((name, wrong_with_name(name)?)));
        if let Some((name, fault)) = fault
            && let Some(answer) = self.wrong_name(name, fault)
        {
            return answer;
        }
        if let Route::Blob { digest, .. } = route
            && let Some(answer) = self.wrong_digest(digest)
        {
            return answer;
        }
        let method = &visit.request.method;
        let only_read = |handle: &dyn Fn() -> Answer| match visit.request.reads() {
            true => handle(),
            false => other_method(method, "GET, HEAD"),
        };
        let only_get = |handle: &dyn Fn() -> Answer| match *method {
            Method::GET => handle(),
            _ => other_method(method, "GET"),
        };
        let not_storable = matches!(fault, Some((_, NameFault::NotStorable)));
        let folder = route.name().map(errors::folder_of).unwrap_or_default();
        match route {
            Route::Base => self.json(200, "{}"),
            Route::Tags { name } => only_get(&|| match not_storable {
                true => self.invalid_path(&format!("{folder}/_manifests/tags")),
                false => self.tags(visit, name),
            }),
            Route::Catalog => only_get(&|| self.catalog(visit)),
            Route::Upload { id: Some(_), .. } => self.no_such_upload(),
            _ if self.role == Role::Cache && !visit.request.reads() => self.write_to_cache(route, visit),
            Route::Upload { .. } => {
                let unknown = "blob upload unknown to registry";
                only_read(&|| self.error(404, "BLOB_UPLOAD_UNKNOWN", unknown, None))
            }
            Route::Blob { name, digest } => only_read(&|| match not_storable {
                true => self.invalid_path(&format!("{folder}/_layers/{}/link", digest.replace(':', "/"))),
                false => self.blob(visit, name, digest),
            }),
            Route::Manifest { name, reference } => only_read(&|| match not_storable {
                true => self.unstorable(name, reference),
                false => self.manifest(visit, name, reference),
            }),
        }
    }

    /// The error for an upload without the state that the registry issues with each: the lab has no uploads.
    fn no_such_upload(&self) -> Answer {
        match self.generation {
            Generation::Two => self.error(404, "BLOB_UPLOAD_INVALID", "blob upload invalid", Some(json!({}))),
            Generation::Three => {
                let detail = json!("blob upload unknown");
                self.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", Some(detail))
            }
        }
    }

    /// The store with the content that is served.
    fn store<'a>(&self, visit: &Visit<'a>) -> Option<&'a Store> {
        match self.role {
            Role::Registry => Some(visit.host.store()),
            Role::Cache => visit.other_host().map(Host::store),
        }
    }
}

/// Generates random bytes, in hexadecimal.
fn random_hex(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    // Without a random source the result is the same each time, which is harmless here.
    let _ = SystemRandom::new().fill(&mut random);
    random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
