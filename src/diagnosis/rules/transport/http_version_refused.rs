use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Server in front of the registry rejects the HTTP version
    ///
    /// ## What it means
    /// A gateway requires another version of HTTP than that of the request. Most often the client is not too old: a
    /// proxy between the client and the gateway speaks HTTP/1.0 to it, as nginx does by default.
    ///
    /// ## How it is recognised
    /// The answer is 426 (Upgrade Required) or 505 (HTTP Version Not Supported), without a registry error.
    ///
    /// ## What to do
    /// The operator configures every proxy to speak HTTP/1.1: `proxy_http_version 1.1` in nginx.
    ///
    /// ## References
    /// RFC 9110 §15.5.22 and §15.6.6; microsoft/vscode-docker#4321; rpardini/docker-registry-proxy#128
    "http-version-refused" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = case.refusal().filter(|(_, response)| matches!(response.status, 426 | 505))?;
    let host = case.host_of(id);
    let status = response.status;
    let server = response.header("server");
    let server = server.map(|server| format!(" (server: {})", server.quoted_within(40))).unwrap_or_default();
    let upgrade = response.header("upgrade");
    let upgrade = upgrade.map(|upgrade| format!(" It asks for {}.", upgrade.quoted_within(40))).unwrap_or_default();
    let title = format!("{host} rejects the HTTP version");
    let finding = Finding::error(ExitStatus::Network, title, id, case.words(id))
        .cause(format!(
            "{host}{server} answers {status} to {}.{upgrade} Most often a proxy in between speaks HTTP/1.0 to its \
             upstream server. Logging in does not help.",
            response.http_version
        ))
        .fix(format!("Ask the operator of {host} to set HTTP/1.1 on every proxy (nginx: proxy_http_version 1.1)."));
    Some(finding)
}
