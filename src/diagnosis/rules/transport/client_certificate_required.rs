use super::{certs_folders, route_remark};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{CertificateRequest, Exchange, ExchangeId, FailureKind, Response, TlsFault};
use crate::oci::Origin;

rule! {
    /// Registry requires a client certificate
    ///
    /// ## What it means
    /// The server authenticates clients by a certificate (mutual TLS), before or in addition to a login. The client
    /// presented none, or one that the server does not accept.
    ///
    /// ## How it is recognised
    /// A handshake alert that says so; a handshake in which the server requested a certificate and then closed the
    /// connection; or nginx's page for it, with status 400. The authorities that the server accepts are quoted from its
    /// request.
    ///
    /// ## What to do
    /// Get a client certificate from the registry operator and pass it with `--cert FILE --key FILE`. It is presented
    /// to that registry only. Container engines read theirs from a directory named after the registry: Docker
    /// `client.cert` and `client.key` in `/etc/docker/certs.d/HOST[:PORT]/`; Podman, Skopeo and CRI-O also in
    /// `/etc/containers/certs.d/HOST[:PORT]/` and `~/.config/containers/certs.d/HOST[:PORT]/`; containerd by `client`
    /// in `/etc/containerd/certs.d/HOST[:PORT]/hosts.toml`.
    ///
    /// ## References
    /// RFC 8446 §4.3.2, §6.2 (certificate_required); containers-certs.d(5);
    /// https://docs.docker.com/engine/security/certificates/
    "client-certificate-required" in Transport, instead_of: ["tls-handshake-failed", "no-answer"]
}

/// The title of nginx's page if no certificate was presented, and if one was presented that it does not accept.
const NONE: &str = "No required SSL certificate was sent";
const REFUSED: &str = "The SSL certificate error";

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, demand) = demand(case)?;
    let host = case.host_of(id);
    let title = match demand.refused {
        true => format!("{host} does not accept the client certificate"),
        false => format!("{host} requires a client certificate"),
    };
    let accepted = request(case, id).and_then(CertificateRequest::authorities_in_words);
    let accepted = match accepted {
        Some(names) => format!(" The server accepts certificates of {names}."),
        None => " The server does not say whose certificates it accepts.".to_owned(),
    };
    let shown = if demand.refused { "The server rejected the certificate." } else { "The client presented none." };
    let folders = certs_folders(case);
    let finding = Finding::error(ExitStatus::Tls, title, id, demand.quote)
        .cause(format!("{shown}{accepted}{folders}{}", route_remark(case, id)))
        .fix_with(
            format!("Get a client certificate for {host} from its operator, and present it:"),
            words!["ociscope", "probe", "--cert", "FILE", "--key", "FILE", Word::input(case.reference())],
        )
        .fix(format!(
            "Container engines: Docker reads client.cert and client.key in /etc/docker/certs.d/{host}/, Podman and CRI-O \
             also in /etc/containers/certs.d/{host}/ and ~/.config/containers/certs.d/{host}/; containerd reads client in \
             /etc/containerd/certs.d/{host}/hosts.toml."
        ));
    Some(if demand.is_certain { finding } else { finding.likely() })
}

struct Demand {
    quote: String,
    /// Whether a certificate was presented and not accepted.
    refused: bool,
    is_certain: bool,
}

fn demand(case: &Case<'_>) -> Option<(ExchangeId, Demand)> {
    let (id, exchange) = case.decisive()?;
    let request = request(case, id);
    let was_shown = request.is_some_and(|request| request.answered);
    if let Some(response) = &exchange.response {
        let words = [NONE, REFUSED].into_iter().find(|words| says(response, words))?;
        return Some((id, Demand { quote: words.to_owned(), refused: words == REFUSED, is_certain: true }));
    }
    let failure = exchange.failure.as_ref()?;
    let quote = failure.message.as_str().to_owned();
    let is_certain = match &failure.kind {
        // Alerts other than that of TLS 1.3 have several reasons; a request for a certificate leaves only this one.
        FailureKind::Tls(TlsFault::ClientCertificate) => request.is_some() || quote.contains("certificate_required"),
        // TLS before 1.3 has no alert for it.
        FailureKind::Tls(TlsFault::NoAgreement | TlsFault::AccessDenied) if !was_shown => false,
        // A reset connection loses the alert; another connection to the same server may have received it.
        FailureKind::Closed if !was_shown => has_alert(case, id),
        _ => return None,
    };
    // Other failures count only if the server has requested a certificate.
    let is_named = matches!(failure.kind, FailureKind::Tls(TlsFault::ClientCertificate));
    (is_named || is_certain || request.is_some()).then_some((id, Demand { quote, refused: was_shown, is_certain }))
}

/// The server's request for a client certificate, from any of its handshakes.
fn request<'a>(case: &Case<'a>, id: ExchangeId) -> Option<&'a CertificateRequest> {
    let origin = |id| Origin::of(&case.journal().get(id).request.url);
    let own = case.journal().get(id).connection.certificate_request.as_ref();
    let same = case.journal().iter().filter(|&(other, _)| origin(other) == origin(id));
    own.or_else(|| same.filter_map(|(_, exchange)| exchange.connection.certificate_request.as_ref()).next_back())
}

/// Returns whether any connection to the same server ended for lack of a client certificate.
fn has_alert(case: &Case<'_>, id: ExchangeId) -> bool {
    let origin = |exchange: &Exchange| Origin::of(&exchange.request.url);
    let own = origin(case.journal().get(id));
    let demands = |exchange: &Exchange| {
        let kind = exchange.failure.as_ref().map(|failure| &failure.kind);
        matches!(kind, Some(FailureKind::Tls(TlsFault::ClientCertificate)))
    };
    case.journal().iter().any(|(_, exchange)| demands(exchange) && origin(exchange) == own)
}

fn says(response: &Response, words: &str) -> bool {
    response.status == 400 && String::from_utf8_lossy(&response.body.bytes).contains(words)
}
