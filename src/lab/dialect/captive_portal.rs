//! A sign-in page instead of every answer: the network of a hotel, or single sign-on in front of a whole host.
//!
//! It answers every request with the same page and a success, which makes it hard to notice:
//! fscarmen2/Cloudflare-Accel#13, moby/moby#40507 (`error unmarshalling content: invalid character '<'`). A host that
//! is `of` another redirects there first. The page itself is ours; every network has its own.

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// See the module.
pub(crate) struct CaptivePortal;

const PAGE: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>Sign in to this network</title></head>
<body>
<h1>Welcome</h1>
<p>Sign in to use this network.</p>
<form method=\"post\" action=\"/login\">
<label>Room number <input name=\"room\"></label>
<label>Surname <input name=\"surname\"></label>
<button>Sign in</button>
</form>
</body>
</html>
";

impl Dialect for CaptivePortal {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let Some(portal) = visit.other_host() else {
            return Answer::with_body(200, "text/html; charset=utf-8", PAGE).header("Cache-Control", "no-store");
        };
        let address = format!("{}{}", visit.host.origin(), visit.request.path);
        let from: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        Answer::new(302)
            .header("Location", format!("{}/login?redirect_url={from}", portal.origin()))
            .header("Cache-Control", "no-store")
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    #[test]
    fn every_request_is_answered_with_the_page() {
        let lab = in_scenario("captive-portal");
        for path in ["/v2/", "/v2/demo/app/manifests/1.0", "/anything"] {
            let answer = lab.to(&format!("GET http://registry.example{path}"), &[]);
            assert_eq!((answer.status, answer.get("content-type")), (200, Some("text/html; charset=utf-8")));
            assert!(answer.body.starts_with(b"<!DOCTYPE html>"));
        }
    }

    #[test]
    fn host_of_another_redirects_there() {
        let lab = in_scenario("captive-portal-redirect");
        let answer = lab.to("GET https://registry.example/v2/", &[]);
        let there = "https://login.example/login?redirect_url=https%3A%2F%2Fregistry.example%2Fv2%2F";
        assert_eq!((answer.status, answer.get("location")), (302, Some(there)));
        assert_eq!(lab.to(&format!("GET {there}"), &[]).status, 200);
    }
}
