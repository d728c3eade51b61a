use super::{http_question, route_remark};
use crate::diagnosis::case::network::is_own_network;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{FailureKind, Response};
use crate::text::Untrusted;

rule! {
    /// HTTPS request to a server that does not speak TLS
    ///
    /// ## What it means
    /// A registry in your own network may simply not use TLS. A public registry always does: there, something else
    /// answers instead, such as a proxy, a sign-in page or the target of a wrong DNS entry.
    ///
    /// ## How it is recognised
    /// The server's reply to the TLS handshake is not a TLS message. The server then gets one plain HTTP request:
    /// `GET /`, to its address, without a path, a name, credentials or a header of yours. Its status and its `Server`
    /// header are the proof.
    ///
    /// ## What to do
    /// In your own network, give the registry a certificate, or use plain HTTP, which everyone on the path can read and
    /// modify. For a public registry, find out which server answers; plain HTTP is never the fix there.
    ///
    /// ## References
    /// distribution/distribution#1874; containerd/containerd#4938; docker/cli#3811
    "http-registry-asked-as-https" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure()?;
    if failure.kind != FailureKind::NotTls {
        return None;
    }
    let host = case.host_of(id);
    let title = format!("{host} does not speak TLS on this port");
    let mut finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone());
    let route = route_remark(case, id);
    let plain = http_question(case, id).and_then(|(by, plain)| Some((by, plain.response.as_ref()?)));
    if let Some((by, response)) = plain {
        finding = finding.because(by, front_page(response));
    }
    let speaks = match plain {
        Some(_) => format!("{host} speaks plain HTTP there."),
        None => format!("Most likely {host} speaks plain HTTP."),
    };
    if is_own_network(case, id) && case.hops(id).is_empty() {
        // The input may begin with https://, which would contradict the option.
        let command = words!["ociscope", "probe", "--plain-http", Word::without_https(case.reference())];
        return Some(
            finding
                .cause(format!("The reply to the TLS handshake was not TLS. {speaks}{route}"))
                .fix_with("Use plain HTTP, which protects nothing in transit:", command)
                .fix("Better: give the registry a certificate."),
        );
    }
    Some(
        finding
            .cause(format!(
                "The reply to the TLS handshake was not TLS. A public registry always speaks TLS, so most likely \
                 something else answers instead: a proxy, a sign-in page or the target of a wrong DNS entry.{route}"
            ))
            .fix("Check host and port, and whether there is a proxy or a sign-in page in between."),
    )
}

/// The answer of a server to `GET /`: the status, and the server's name for itself.
fn front_page(response: &Response) -> Untrusted {
    let server = response.header("server").map(|server| format!(", Server: {}", server.as_str()));
    Untrusted::new(format!("answers plain HTTP: {}{}", response.status, server.unwrap_or_default()))
}
