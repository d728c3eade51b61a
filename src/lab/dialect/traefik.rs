//! Traefik without a route for the request: it forwards neither the name nor the path.
//!
//! Its answer is that of Go's library (`net/http/server.go`, `NotFound` and `Error`), which other Go programs send too,
//! on a port that is not the registry's.

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// See the module.
pub(crate) struct NoRoute;

impl Dialect for NoRoute {
    fn answer(&self, _: &Visit<'_>) -> Answer {
        Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n")
            .header("X-Content-Type-Options", "nosniff")
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    /// The bytes that CNCF distribution 3.1.1 sends for an unknown path, which are also those of Go's library
    /// (`tests/recordings/distribution-3.1.1-answers.txt`).
    #[test]
    fn every_path_is_404_page_not_found() {
        for path in ["/v2/", "/v2/team/app/manifests/1.0", "/"] {
            in_scenario("no-route").to(&format!("GET https://apps.example{path}"), &[]).assert_reproduces(
                "HTTP/1.1 404 Not Found
                Content-Type: text/plain; charset=utf-8
                X-Content-Type-Options: nosniff
                Content-Length: 19

404 page not found⏎",
            );
        }
    }
}
