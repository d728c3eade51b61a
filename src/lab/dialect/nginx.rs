//! nginx, in front of a registry or instead of one.
//!
//! Its refusal: apache/apisix-docker#64 (2020), a mirror that was closed to the public. Its message for plain HTTP on a
//! port for TLS: Hubs-Foundation/hubs-cloud#376 (2025), and `ngx_http_special_response.c`.

use super::distribution;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// nginx that answers 403 to every request.
pub(crate) struct NginxRefusal;
/// nginx in front of CNCF distribution 3.
pub(crate) struct Front;

const TO_PLAIN_HTTP: &str = "HTTP/1.1 400 Bad Request\r\nServer: nginx/1.27.4\r\nContent-Type: text/html\r\n\
    Content-Length: 255\r\nConnection: close\r\n\r\n<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS \
    port</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was \
    sent to HTTPS port</center>\r\n<hr><center>nginx/1.27.4</center>\r\n</body>\r\n</html>\r\n";

impl Dialect for NginxRefusal {
    fn answer(&self, _: &Visit<'_>) -> Answer {
        let body = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body bgcolor=\"white\">\r\n\
                    <center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx/1.14.0 (Ubuntu)</center>\r\n\
                    </body>\r\n</html>\r\n";
        Answer::with_body(403, "text/html", body).header("Server", "nginx/1.14.0 (Ubuntu)")
    }

    fn answer_to_plain_http(&self) -> &'static [u8] {
        TO_PLAIN_HTTP.as_bytes()
    }
}

impl Dialect for Front {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        distribution::THREE.answer(visit).header("Server", "nginx/1.27.4")
    }

    fn answer_to_plain_http(&self) -> &'static [u8] {
        TO_PLAIN_HTTP.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Front};
    use crate::lab::testing::in_scenario;

    /// apache/apisix-docker#64 (2020).
    #[test]
    fn every_request_is_refused_with_a_page() {
        let answer = in_scenario("nginx-forbidden").to("GET https://mirror.example/v2/demo/app/manifests/1.0", &[]);
        answer.assert_reproduces(
            "HTTP/1.1 403 Forbidden
            Server: nginx/1.14.0 (Ubuntu)
            Content-Type: text/html

<html>\r
<head><title>403 Forbidden</title></head>\r
<body bgcolor=\"white\">\r
<center><h1>403 Forbidden</h1></center>\r
<hr><center>nginx/1.14.0 (Ubuntu)</center>\r
</body>\r
</html>\r⏎",
        );
    }

    /// Hubs-Foundation/hubs-cloud#376 (2025).
    #[test]
    fn plain_http_gets_a_page_of_its_own() {
        let answer = String::from_utf8_lossy(Front.answer_to_plain_http());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            body.replace('\r', ""),
            "<html>
<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>
<body>
<center><h1>400 Bad Request</h1></center>
<center>The plain HTTP request was sent to HTTPS port</center>
<hr><center>nginx/1.27.4</center>
</body>
</html>
"
        );
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{}", body.len());
    }
}
