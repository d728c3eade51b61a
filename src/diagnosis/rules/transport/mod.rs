//! Name look-up, connection, proxy, TLS.

pub(crate) mod answer_is_not_http;
pub(crate) mod blob_host_blocked;
pub(crate) mod certificate_dates;
pub(crate) mod certificate_fault_ignored;
pub(crate) mod certificate_name_mismatch;
pub(crate) mod dns_failure;
pub(crate) mod http_registry_asked_as_https;
pub(crate) mod http_version_refused;
pub(crate) mod https_registry_asked_as_http;
pub(crate) mod ipv6_broken;
pub(crate) mod no_answer;
pub(crate) mod no_certificate_store;
pub(crate) mod presigned_url_expired;
pub(crate) mod proxy_required_or_refusing;
pub(crate) mod redirect_changes_path;
pub(crate) mod redirect_to_wrong_place;
pub(crate) mod signed_address_refused;
pub(crate) mod some_addresses_fail;
pub(crate) mod tcp_timeout_or_refused;
pub(crate) mod tls_handshake_failed;
pub(crate) mod tls_intercepted_on_blob_host;
pub(crate) mod unknown_ca;

#[cfg(test)]
mod tests;

use super::listed;
use crate::diagnosis::Case;
use crate::evidence::{CertificateFault, Exchange, ExchangeId, Failure, FailureKind};
use crate::knowledge::is_public_registry;
use crate::oci::address::{AddressClass, address_class, is_private_name};

/// Whether an exchange went to this machine or to somebody's own network, as far as name and address tell. A registry
/// that is known as a public one never is one's own: sign-in pages of networks are where any name leads to.
pub(crate) fn is_own_network(case: &Case<'_>, id: ExchangeId) -> bool {
    let exchange = case.journal().get(id);
    let host = exchange.request.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if case.circumstances().known.is_some() || is_public_registry(&host) {
        return false;
    }
    let own = |ip| matches!(address_class(ip), AddressClass::Loopback | AddressClass::Private);
    if let Ok(address) = host.parse() {
        return own(address);
    }
    let addresses = &exchange.connection.addresses;
    is_private_name(&host) || (!addresses.is_empty() && addresses.iter().all(|address| own(address.ip())))
}

/// Whether plain HTTP went to a port that is for TLS, and nothing that makes sense came back.
fn is_likely_tls_port(exchange: &Exchange) -> bool {
    let kind = exchange.failure.as_ref().map(|failure| &failure.kind);
    let url = &exchange.request.url;
    url.scheme() == "http"
        && matches!(url.port_or_known_default(), Some(443 | 8443))
        && matches!(kind, Some(FailureKind::NotHttp | FailureKind::Closed))
}

/// The exchange in which plain HTTP was answered with what begins as TLS does.
fn answered_in_tls(case: &Case<'_>) -> Option<ExchangeId> {
    case.journal().iter().find(|(_, exchange)| exchange.connection.answers_in_tls()).map(|(id, _)| id)
}

/// What to add to a cause where it is not the registry itself that failed.
fn on_the_way(case: &Case<'_>, id: ExchangeId) -> String {
    let mut text = String::new();
    if let Some(&(first, _)) = case.hops(id).first() {
        text.push_str(&format!(" {} itself answered: it redirected the request there.", case.host_of(first)));
    }
    if let Some(proxy) = &case.journal().get(id).connection.proxy {
        text.push_str(&format!(" The request went through the proxy {} (from {}).", proxy.address, proxy.because));
    }
    text
}

/// The addresses that were tried, for a sentence.
fn addresses(case: &Case<'_>, id: ExchangeId) -> String {
    let addresses = &case.journal().get(id).connection.addresses;
    let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    if shown.is_empty() { String::new() } else { format!(" Tried: {}.", listed(&shown, 4)) }
}

/// The certificate fault that the asking client met.
fn certificate<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Failure, &'a CertificateFault)> {
    let (id, failure) = case.failure()?;
    match &failure.kind {
        FailureKind::Certificate(fault) => Some((id, failure, fault)),
        _ => None,
    }
}
