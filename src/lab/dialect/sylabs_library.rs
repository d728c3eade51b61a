//! A Sylabs container library: the server for `library://` references in Singularity and Apptainer. It has an API of
//! its own, and redirects clients that support it to a registry elsewhere.
//!
//! From sylabs/scs-library-client, `client/*.go` and `api/server/openapi.yml`, and sylabs/json-resp, which formats its
//! answers. Its answer below `/v2/` is inferred: that of Go's HTTP server to an unknown path.

use serde_json::{Value, json};

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// See the module.
pub(crate) struct Library;

impl Dialect for Library {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let path = visit.request.path.as_str();
        if path == "/version" {
            return response(200, &json!({ "data": { "version": "v1.2.0-0-gdeadbee", "apiVersion": "v1.0.0" } }));
        }
        match path.strip_prefix("/v1/images/") {
            Some(reference) => image(visit, reference),
            None => Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n")
                .header("X-Content-Type-Options", "nosniff"),
        }
    }
}

fn response(status: u16, body: &Value) -> Answer {
    Answer::with_body(status, "application/json", format!("{body}\n"))
}

/// An image of one architecture, by entity, collection and container.
fn image(visit: &Visit<'_>, reference: &str) -> Answer {
    let (name, tag) = reference.split_once(':').unwrap_or((reference, "latest"));
    let Some((digest, document)) = visit.document(name, tag) else {
        return response(404, &json!({ "error": { "code": 404, "message": "Not found" } }));
    };
    let mut parts = name.split('/');
    let mut part = || parts.next().unwrap_or_default();
    let data = json!({
        "id": digest.get(7..31).unwrap_or_default(),
        "hash": digest.replacen(':', ".", 1),
        "entityName": part(),
        "collectionName": part(),
        "containerName": part(),
        "size": document.bytes.len(),
        "uploaded": true,
        "arch": visit.request.parameter("arch").unwrap_or_else(|| "amd64".to_owned()),
        "tags": [tag],
    });
    response(200, &json!({ "data": data }))
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    /// sylabs/json-resp, `WriteResponse` and `WriteError`; `openapi.yml`, `json404error`.
    #[test]
    fn answers_have_data_or_an_error() {
        let lab = in_scenario("library-not-a-registry");
        let found = lab.to("GET https://library.sylabs.io/v1/images/library/default/alpine:latest?arch=amd64", &[]);
        let body: serde_json::Value = serde_json::from_slice(&found.body).unwrap();
        assert_eq!((found.status, &body["data"]["containerName"]), (200, &serde_json::json!("alpine")));
        let missing = lab.to("GET https://library.sylabs.io/v1/images/library/default/nothing:latest", &[]);
        assert_eq!(missing.status, 404);
        assert_eq!(missing.body, "{\"error\":{\"code\":404,\"message\":\"Not found\"}}\n");
    }
}
