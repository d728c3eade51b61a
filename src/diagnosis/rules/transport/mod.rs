//! Name lookup, connection, proxy, TLS.

mod answer_is_not_http;
mod blob_host_blocked;
mod certificate_dates;
mod certificate_fault_ignored;
mod certificate_name_mismatch;
mod certificate_trusted_directly;
mod client_certificate_required;
mod dns_failure;
mod http_registry_asked_as_https;
mod http_version_refused;
mod https_registry_asked_as_http;
mod ipv6_broken;
mod no_answer;
mod no_certificate_store;
mod presigned_url_expired;
mod proxy_required_or_refusing;
mod redirect_changes_path;
mod redirect_to_wrong_place;
mod signed_address_refused;
mod some_addresses_fail;
mod tcp_timeout_or_refused;
mod tls_handshake_failed;
mod tls_intercepted_on_blob_host;
mod unknown_ca;

#[cfg(test)]
mod tests;

use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Rule};
use crate::evidence::{CertificateFault, Exchange, ExchangeId, Failure, FailureKind, Purpose, Query, Step};
use crate::oci::Origin;

/// The rules, in the order in which causes are examined.
pub(crate) const RULES: &[Rule] = &[
    dns_failure::RULE,
    ipv6_broken::RULE,
    some_addresses_fail::RULE,
    tcp_timeout_or_refused::RULE,
    proxy_required_or_refusing::RULE,
    http_registry_asked_as_https::RULE,
    https_registry_asked_as_http::RULE,
    unknown_ca::RULE,
    certificate_name_mismatch::RULE,
    certificate_dates::RULE,
    client_certificate_required::RULE,
    tls_handshake_failed::RULE,
    redirect_to_wrong_place::RULE,
    redirect_changes_path::RULE,
    http_version_refused::RULE,
    answer_is_not_http::RULE,
    no_answer::RULE,
    blob_host_blocked::RULE,
    tls_intercepted_on_blob_host::RULE,
    presigned_url_expired::RULE,
    signed_address_refused::RULE,
    no_certificate_store::RULE,
    certificate_fault_ignored::RULE,
    certificate_trusted_directly::RULE,
];

/// Returns whether the connection to the proxy of a request failed, which is not evidence about the registry.
fn proxy_is_unreachable(case: &Case<'_>, id: ExchangeId) -> bool {
    let exchange = case.journal().get(id);
    let unreached = exchange.failure.as_ref().is_some_and(|failure| {
        matches!(
            failure.kind,
            FailureKind::Refused
                | FailureKind::Unreachable
                | FailureKind::Dns
                | FailureKind::ProxyUnknown
                | FailureKind::Timeout(Step::Dns | Step::Connect)
        )
    });
    unreached && exchange.connection.proxy.is_some() && exchange.connection.remote.is_none()
}

/// The evidence that a port which rejected plain HTTP speaks TLS.
enum TlsPort {
    /// An answer in this exchange began like TLS: that to plain HTTP, or that to a ClientHello.
    Seen(ExchangeId),
    /// The port number; the server was not sent a ClientHello.
    ByNumber,
}

/// Returns whether the port of a failed plain HTTP request speaks TLS. If no answer shows that, the server is asked
/// once.
fn tls_port(case: &Case<'_>, id: ExchangeId) -> Option<TlsPort> {
    let exchange = case.journal().get(id);
    if let Some((by, _)) = case.journal().iter().find(|(_, exchange)| exchange.connection.answers_in_tls()) {
        return Some(TlsPort::Seen(by));
    }
    if let Some((by, hello)) = tls_question(case, id) {
        return hello.connection.answers_in_tls().then_some(TlsPort::Seen(by));
    }
    let failed = exchange.failure.as_ref().map(|failure| &failure.kind);
    let url = &exchange.request.url;
    let is_likely = url.scheme() == "http"
        && matches!(url.port_or_known_default(), Some(443 | 8443))
        && matches!(failed, Some(FailureKind::NotHttp | FailureKind::Closed));
    is_likely.then_some(TlsPort::ByNumber)
}

/// The answer to the ClientHello that a server gets after it left plain HTTP unanswered: it closed the connection, was
/// silent, or sent something that is not HTTP and cannot be quoted.
fn tls_question<'a>(case: &Case<'a>, id: ExchangeId) -> Option<(ExchangeId, &'a Exchange)> {
    let exchange = case.journal().get(id);
    if exchange.request.url.scheme() != "http" || exchange.connection.proxy.is_some() || exchange.response.is_some() {
        return None;
    }
    let is_greeted = || {
        let mut others = case.journal().iter().filter(|(_, other)| other.request.purpose != Purpose::SpeaksTls);
        others.any(|(_, other)| other.connection.begins_with.is_some())
    };
    match exchange.failure.as_ref()?.kind {
        FailureKind::Closed | FailureKind::Timeout(Step::Headers) => {}
        FailureKind::NotHttp if !is_greeted() => {}
        _ => return None,
    }
    case.ask(Query::SpeaksTls(origin(exchange)?))
}

/// The answer to the plain HTTP request (`GET /`) that a server gets after its answer to TLS was not TLS.
fn http_question<'a>(case: &Case<'a>, id: ExchangeId) -> Option<(ExchangeId, &'a Exchange)> {
    let exchange = case.journal().get(id);
    if exchange.failure.as_ref()?.kind != FailureKind::NotTls || exchange.connection.proxy.is_some() {
        return None;
    }
    case.ask(Query::SpeaksHttp(origin(exchange)?))
}

/// Returns whether a server whose answer to a TLS handshake is not TLS does not answer plain HTTP in HTTP either.
/// Malformed HTTP is HTTP.
fn speaks_neither(case: &Case<'_>, id: ExchangeId) -> bool {
    http_question(case, id).is_some_and(|(_, plain)| {
        let is_no_http = plain.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::NotHttp);
        let greeting = plain.connection.begins_with.as_deref();
        is_no_http && greeting.is_some_and(|bytes| !bytes.starts_with(b"HTTP/"))
    })
}

fn origin(exchange: &Exchange) -> Option<Origin> {
    Origin::of(&exchange.request.url)
}

/// The remark to add to a cause if it is not the registry itself that failed.
fn route_remark(case: &Case<'_>, id: ExchangeId) -> String {
    let mut text = String::new();
    if let Some(&(first, _)) = case.hops(id).first() {
        text.push_str(&format!(" {} answered and redirected the request there.", case.host_of(first)));
    }
    if let Some(proxy) = &case.journal().get(id).connection.proxy {
        text.push_str(&format!(" The request went through the proxy {} (from {}).", proxy.address, proxy.because));
    }
    text
}

/// Lists the tried addresses, for a sentence.
fn addresses(case: &Case<'_>, id: ExchangeId) -> String {
    let addresses = &case.journal().get(id).connection.addresses;
    let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    if shown.is_empty() { String::new() } else { format!(" Tried: {}.", listed(&shown, 4)) }
}

/// The directories on this machine in which container engines look for certificates of the registry, for a sentence.
fn certs_folders(case: &Case<'_>) -> String {
    let folders = &case.record().certs_folders;
    if folders.is_empty() { String::new() } else { format!(" This machine has {}.", folders.join(", and ")) }
}

/// The certificate fault that the client met.
fn certificate<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Failure, &'a CertificateFault)> {
    let (id, failure) = case.failure()?;
    match &failure.kind {
        FailureKind::Certificate(fault) => Some((id, failure, fault)),
        _ => None,
    }
}
