//! Cloudflare where it blocks an address: the page that refused Docker Hub's blobs.
//!
//! The page up to its body: apptainer/singularity#1091 (2018), for production.cloudflare.docker.com; the text further
//! down: dropod/issues#15219 (2022). The headers are those of another refusal, docker/hub-feedback#2502 (2025).

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// See the module.
pub(crate) struct CloudflareRefusal;

const RAY: &str = "5c09e0001ab00000";

/// The page, as captured up to `cf-wrapper` except for the name of the host.
const PAGE: &str = r#"<!DOCTYPE html>
<!--[if lt IE 7]> <html class="no-js ie6 oldie" lang="en-US"> <![endif]-->
<!--[if IE 7]>    <html class="no-js ie7 oldie" lang="en-US"> <![endif]-->
<!--[if IE 8]>    <html class="no-js ie8 oldie" lang="en-US"> <![endif]-->
<!--[if gt IE 8]><!--> <html class="no-js" lang="en-US"> <!--<![endif]-->
<head>
<title>Access denied | {host} used Cloudflare to restrict access</title>
<meta charset="UTF-8" />
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
<meta http-equiv="X-UA-Compatible" content="IE=Edge,chrome=1" />
<meta name="robots" content="noindex, nofollow" />
<meta name="viewport" content="width=device-width,initial-scale=1,maximum-scale=1" />
<link rel="stylesheet" id="cf_styles-css" href="/cdn-cgi/styles/cf.errors.css" type="text/css" media="screen,projection" />
<!--[if lt IE 9]><link rel="stylesheet" id='cf_styles-ie-css' href="/cdn-cgi/styles/cf.errors.ie.css" type="text/css" media="screen,projection" /><![endif]-->
<style type="text/css">body{margin:0;padding:0}</style>
<!--[if gte IE 10]><!--><script type="text/javascript" src="/cdn-cgi/scripts/zepto.min.js"></script><!--<![endif]-->
<!--[if gte IE 10]><!--><script type="text/javascript" src="/cdn-cgi/scripts/cf.common.js"></script><!--<![endif]-->
</head>
<body>
  <div id="cf-wrapper">
    <h1>Access denied</h1>
    <h2>What happened?</h2>
    <p>This website is using a security service to protect itself from online attacks.</p>
    <p>Cloudflare Ray ID: <strong>{ray}</strong></p>
  </div>
</body>
</html>
"#;

impl Dialect for CloudflareRefusal {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let body = PAGE.replace("{host}", visit.host.name()).replace("{ray}", RAY);
        Answer::with_body(403, "text/html; charset=UTF-8", body)
            .header("X-Frame-Options", "SAMEORIGIN")
            .header("Referrer-Policy", "same-origin")
            .header(
                "Cache-Control",
                "private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0",
            )
            .header("Expires", "Thu, 01 Jan 1970 00:00:01 GMT")
            .header("Server", "cloudflare")
            .header("CF-RAY", format!("{RAY}-LAB"))
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    /// apptainer/singularity#1091 (2018); headers as in docker/hub-feedback#2502 (2025).
    #[test]
    fn blobs_are_refused_with_a_page() {
        let lab = in_scenario("cloudflare-html");
        let answer = lab.to("GET https://production.cloudflare.docker.com/anything", &[]);
        answer.assert_reproduces(
            "HTTP/1.1 403 Forbidden
            Content-Type: text/html; charset=UTF-8
            X-Frame-Options: SAMEORIGIN
            Referrer-Policy: same-origin
            Cache-Control: private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0
            Expires: Thu, 01 Jan 1970 00:00:01 GMT
            Server: cloudflare
            CF-RAY: *

<!DOCTYPE html>
<!--[if lt IE 7]> <html class=\"no-js ie6 oldie\" lang=\"en-US\"> <![endif]-->
<!--[if IE 7]>    <html class=\"no-js ie7 oldie\" lang=\"en-US\"> <![endif]-->
<!--[if IE 8]>    <html class=\"no-js ie8 oldie\" lang=\"en-US\"> <![endif]-->
<!--[if gt IE 8]><!--> <html class=\"no-js\" lang=\"en-US\"> <!--<![endif]-->
<head>
<title>Access denied | production.cloudflare.docker.com used Cloudflare to restrict access</title>
<meta charset=\"UTF-8\" />
<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />
<meta http-equiv=\"X-UA-Compatible\" content=\"IE=Edge,chrome=1\" />
<meta name=\"robots\" content=\"noindex, nofollow\" />
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1,maximum-scale=1\" />
<link rel=\"stylesheet\" id=\"cf_styles-css\" href=\"/cdn-cgi/styles/cf.errors.css\" type=\"text/css\" \
media=\"screen,projection\" />
<!--[if lt IE 9]><link rel=\"stylesheet\" id='cf_styles-ie-css' href=\"/cdn-cgi/styles/cf.errors.ie.css\" \
type=\"text/css\" media=\"screen,projection\" /><![endif]-->
<style type=\"text/css\">body{margin:0;padding:0}</style>
<!--[if gte IE 10]><!--><script type=\"text/javascript\" src=\"/cdn-cgi/scripts/zepto.min.js\"></script><!--<![endif]-->
<!--[if gte IE 10]><!--><script type=\"text/javascript\" src=\"/cdn-cgi/scripts/cf.common.js\"></script><!--<![endif]-->
</head>
<body>
  <div id=\"cf-wrapper\">...",
        );
    }
}
