use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// A server in front of the registry does not take this version of HTTP.
    ///
    /// ## What it means
    /// A gateway wants another version of HTTP than it was asked in. Most often it is not the client that is too old: a
    /// proxy between the client and the gateway speaks HTTP/1.0 to it, as nginx does where nothing else is set.
    ///
    /// ## How it is recognised
    /// The answer is 426 (Upgrade Required) or 505 (HTTP Version Not Supported), without an error of a registry.
    ///
    /// ## What to do
    /// The operator has every proxy speak HTTP/1.1: `proxy_http_version 1.1` in nginx.
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
    let upgrade = upgrade.map(|upgrade| format!(" It wants {}.", upgrade.quoted_within(40))).unwrap_or_default();
    let title = format!("{host} does not take this version of HTTP");
    let finding = Finding::error(ExitStatus::Network, title, id, case.words(id))
        .cause(format!(
            "{host}{server} answers {status} to {}.{upgrade} Most often a proxy on the way speaks HTTP/1.0 to the server \
             behind it. No login changes that.",
            response.http_version
        ))
        .fix(format!("Tell the operator of {host} to have every proxy speak HTTP/1.1 (proxy_http_version 1.1 in nginx)."));
    Some(finding)
}
