use super::proxy_is_unreachable;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, FailureKind};

rule! {
    /// Proxy refused the request, or cannot be used
    ///
    /// ## What it means
    /// The request did not reach the registry. The proxy requires a user name and password, does not allow the host, is
    /// unreachable itself, or its setting is malformed.
    ///
    /// ## How it is recognised
    /// The proxy answered CONNECT with something other than success, the answer was a 407, or the connection to the
    /// proxy failed.
    ///
    /// ## What to do
    /// Check the proxy's address and credentials in `HTTPS_PROXY`, with special characters of the password
    /// percent-encoded, and list hosts that need no proxy in `NO_PROXY`. Container engines have settings of their own.
    ///
    /// ## References
    /// RFC 9110 §15.5.8; moby/moby#40507; docker/cli#4501
    "proxy-required-or-refusing" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let refused = |id: &ExchangeId| {
        let exchange = case.journal().get(*id);
        let kind = exchange.failure.as_ref().map(|failure| &failure.kind);
        matches!(kind, Some(FailureKind::Proxy | FailureKind::ProxyUnknown))
            || exchange.status() == Some(407)
            || proxy_is_unreachable(case, *id)
    };
    let asked = case.decisive().map(|(id, _)| id).into_iter().chain(case.authentication().token);
    let id = asked.into_iter().find(refused)?;
    let host = case.host_of(id);
    let exchange = case.journal().get(id);
    if let (None, None, Some(failure)) = (&exchange.response, &exchange.connection.proxy, &exchange.failure) {
        // The setting itself is malformed, so nothing was sent, not even directly.
        let words = failure.message.printable_within(200);
        let title = "the proxy setting cannot be used";
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
            .cause(format!("Nothing was sent to {host}: {words}."))
            .fix("Correct the variable, or unset it to connect without a proxy.");
        return Some(finding);
    }
    if let (Some(proxy), Some(failure)) = (&exchange.connection.proxy, &exchange.failure)
        && proxy_is_unreachable(case, id)
    {
        let title = format!("the proxy for {host} is unreachable");
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
            .cause(format!(
                "Requests to {host} use the proxy {} (from {}), and the connection to that proxy failed. Nothing is \
                 known about {host}.",
                proxy.address, proxy.because
            ))
            .fix("Check the proxy's address and whether it runs, or list the host in NO_PROXY to connect without it.");
        return Some(finding);
    }
    let which = match &exchange.connection.proxy {
        Some(proxy) => format!("The proxy is {} (from {}).", proxy.address, proxy.because),
        None => "There is a proxy in between.".to_owned(),
    };
    let finding = Finding::error(
        ExitStatus::Network,
        format!("the proxy does not forward requests to {host}"),
        id,
        case.words(id),
    )
    .cause(format!("{which} The request did not reach {host}."))
    .fix(
        "Check the proxy's address and credentials, and whether it allows this host; list hosts that need no proxy in \
         NO_PROXY.",
    );
    Some(finding)
}
