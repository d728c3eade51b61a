//! The first-generation registry: docker-registry 0.x, written in Python, which has `/v1/` only.
//!
//! Captured in sameersbn/docker-gitlab#708 (2016): the page has 233 bytes in its log. Its headers on `/v1/_ping`:
//! ekristen/docker-index#14 (2014).

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// See the module.
pub(crate) struct V1;

const NOT_FOUND: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>404 Not Found</title>\n\
    <h1>Not Found</h1>\n<p>The requested URL was not found on the server.  If you entered the URL manually please check \
    your spelling and try again.</p>\n";

impl Dialect for V1 {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if visit.request.path == "/v1/_ping" {
            return Answer::with_body(200, "application/json", "true").header("X-Docker-Registry-Standalone", "True");
        }
        Answer::with_body(404, "text/html", NOT_FOUND)
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    /// sameersbn/docker-gitlab#708 (2016).
    #[test]
    fn v1_is_served_and_v2_is_not_found() {
        let lab = in_scenario("v1-registry");
        assert_eq!(lab.to("GET https://registry.example/v1/_ping", &[]).body, "true");
        let missing = lab.to("GET https://registry.example/v2/tp/test-old-docker/tags/list", &[]);
        missing.assert_reproduces(
            "HTTP/1.1 404 Not Found
            Content-Type: text/html
            Content-Length: 233

<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server.  If you entered the URL manually please check your spelling and try \
again.</p>⏎",
        );
    }
}
