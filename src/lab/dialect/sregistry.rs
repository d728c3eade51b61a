//! Singularity Registry, and its predecessor Singularity Hub: servers of Singularity images, for `shub://` references.
//! They do not have the distribution API, and nothing below `/v2/`.
//!
//! From singularityhub/sregistry, `shub/apps/api/urls/containers.py`, and from its clients (singularity,
//! `client/shub`): an image is a JSON object at `/api/container/` with the URL of the file. The page for an unknown
//! path is inferred: it is that of Django, which both use.

use serde_json::json;

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// See the module.
pub(crate) struct SRegistry;

impl Dialect for SRegistry {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.request.path.strip_prefix("/api/container/") {
            Some(name) => container(visit, name.trim_end_matches('/')),
            None => {
                let path = &visit.request.path;
                let page = format!("<h1>Not Found</h1><p>The requested URL {path} was not found on this server.</p>");
                Answer::with_body(404, "text/html", page)
            }
        };
        answer.header("Server", "nginx")
    }
}

/// The JSON object of an image. For a missing one, Singularity Registry returns an empty object.
fn container(visit: &Visit<'_>, name: &str) -> Answer {
    let (repository, tag) = name.split_once(':').unwrap_or((name, "latest"));
    let body = match visit.document(repository, tag) {
        Some((digest, _)) => {
            let version = digest.rsplit(':').next().unwrap_or_default();
            let (_, short_name) = repository.split_once('/').unwrap_or(("", repository));
            let image = format!("{}/containers/{version}/download", visit.host.origin());
            json!({ "name": short_name, "image": image, "tag": tag, "version": version })
        }
        None => json!({}),
    };
    Answer::with_body(200, "application/json", body.to_string())
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    /// The fields that clients of `shub://` read.
    #[test]
    fn image_is_a_json_object_with_the_url_of_its_file() {
        let lab = in_scenario("shub-not-a-registry");
        let answer = lab.to("GET https://singularity-hub.org/api/container/vsoch/hello-world:latest", &[]);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        for field in ["image", "name", "tag", "version"] {
            assert!(body[field].is_string(), "{body}");
        }
        let missing = lab.to("GET https://singularity-hub.org/api/container/vsoch/nothing:latest", &[]);
        assert_eq!((missing.status, missing.body.as_ref()), (200, &b"{}"[..]));
        assert_eq!(lab.to("GET https://singularity-hub.org/v2/", &[]).status, 404);
    }
}
