use super::{http_question, on_the_way};
use crate::diagnosis::case::network::is_own_network;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{FailureKind, Response};
use crate::text::Untrusted;

rule! {
    /// HTTPS was tried, and the other side does not speak TLS.
    ///
    /// ## What it means
    /// A registry in one's own network may simply have no TLS. A public registry always has it: there, something
    /// else answers in its place, such as a proxy, a sign-in page or a wrong DNS entry.
    ///
    /// ## How it is recognised
    /// What came back in the TLS handshake is not a TLS message. What answers is asked once over plain HTTP: `GET /`, by its
    /// address, without a path, a name, a credential or a header of yours. Its status and its `Server` header are the proof.
    ///
    /// ## What to do
    /// In one's own network, give the registry a certificate, or ask over plain HTTP, where everybody on the way can
    /// read and change what is sent. For a public registry, find out who answers; plain HTTP is never the fix there.
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
    let way = on_the_way(case, id);
    let plain = http_question(case, id).and_then(|(by, plain)| Some((by, plain.response.as_ref()?)));
    if let Some((by, response)) = plain {
        finding = finding.because(by, front_page(response));
    }
    let speaks = match plain {
        Some(_) => format!("{host} speaks plain HTTP there."),
        None => format!("Most likely {host} speaks plain HTTP."),
    };
    if is_own_network(case, id) && case.hops(id).is_empty() {
        // What was typed may say https:// itself, and would contradict the option.
        let command = words!["ociscope", "probe", "--plain-http", Word::without_https(case.reference())];
        return Some(
            finding
                .cause(format!("HTTPS was tried, and no TLS came back. {speaks}{way}"))
                .fix_with("Ask over plain HTTP. Nothing is protected on the way then.", command)
                .fix("Better: give the registry a certificate."),
        );
    }
    Some(
        finding
            .cause(format!(
                "HTTPS was tried, and no TLS came back. A public registry always speaks TLS, so most likely something \
                 else answers in its place: a proxy, a sign-in page or a wrong DNS entry.{way}"
            ))
            .fix("Check host and port, and whether a proxy or a sign-in page is in between."),
    )
}

/// What a server answers to `GET /`: the status, and what it calls itself.
fn front_page(response: &Response) -> Untrusted {
    let server = response.header("server").map(|server| format!(", Server: {}", server.as_str()));
    Untrusted::new(format!("answers plain HTTP: {}{}", response.status, server.unwrap_or_default()))
}
