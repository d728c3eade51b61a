use super::proxy_is_unreachable;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, FailureKind};

rule! {
    /// A proxy refused the request, or cannot be used.
    ///
    /// ## What it means
    /// The registry was not reached. The proxy wants a user name and password, does not allow the host, cannot be reached
    /// itself, or is written in a way that cannot be understood.
    ///
    /// ## How it is recognised
    /// The proxy answered to CONNECT with something else than success, a 407 came back, or no connection to the proxy came
    /// about.
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
        // The setting itself makes no sense, so nothing was sent, not even directly.
        let words = failure.message.printable_within(200);
        let title = "the proxy setting cannot be used";
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
            .cause(format!("Nothing was sent to {host}: {words}."))
            .fix("Correct the variable, or unset it to go without a proxy.");
        return Some(finding);
    }
    if let (Some(proxy), Some(failure)) = (&exchange.connection.proxy, &exchange.failure)
        && proxy_is_unreachable(case, id)
    {
        let title = format!("the proxy for {host} cannot be reached");
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
            .cause(format!(
                "Requests to {host} go through the proxy {} (from {}), and no connection to that proxy came about. \
                 Nothing is known of {host}.",
                proxy.address, proxy.because
            ))
            .fix("Check the address of the proxy and whether it runs, or list the host in NO_PROXY to go without it.");
        return Some(finding);
    }
    let which = match &exchange.connection.proxy {
        Some(proxy) => format!("The proxy is {} (from {}).", proxy.address, proxy.because),
        None => "A proxy stands on the way.".to_owned(),
    };
    let finding = Finding::error(
        ExitStatus::Network,
        format!("the proxy does not let requests to {host} through"),
        id,
        case.words(id),
    )
    .cause(format!("{which} The request did not get to {host}."))
    .fix(
        "Check the proxy's address and credentials, and whether it allows this host; NO_PROXY lists hosts \
         that need no proxy.",
    );
    Some(finding)
}
