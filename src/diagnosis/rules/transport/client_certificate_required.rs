use super::{certs_folders, on_the_way};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{CertificateRequest, Exchange, ExchangeId, FailureKind, Response, TlsFault};
use crate::oci::Origin;

rule! {
    /// The registry requires a client certificate.
    ///
    /// ## What it means
    /// The server authenticates clients by a certificate of their own (mutual TLS), before or in addition to a login. The
    /// client showed none, or one that the server does not accept.
    ///
    /// ## How it is recognised
    /// An alert of the handshake that says so; a handshake in which the server asked for a certificate and then closed the
    /// connection; or the page with status 400 that nginx has for it. The authorities that the server accepts are quoted
    /// from its request.
    ///
    /// ## What to do
    /// Get a client certificate from the operator of the registry and give it with `--cert FILE --key FILE`. It is shown to
    /// that registry alone. Container engines read theirs from a folder that is named like the registry: Docker
    /// `client.cert` and `client.key` in `/etc/docker/certs.d/HOST[:PORT]/`; Podman, Skopeo and CRI-O also in
    /// `/etc/containers/certs.d/HOST[:PORT]/` and `~/.config/containers/certs.d/HOST[:PORT]/`; containerd by `client` in
    /// `/etc/containerd/certs.d/HOST[:PORT]/hosts.toml`.
    ///
    /// ## References
    /// RFC 8446 §4.3.2, §6.2 (certificate_required); containers-certs.d(5);
    /// https://docs.docker.com/engine/security/certificates/
    "client-certificate-required" in Transport, instead_of: ["tls-handshake-failed", "no-answer"]
}

/// What nginx says in the title of its page where none was shown, and where one was shown that it does not accept.
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
    let shown = if demand.refused { "The server refused the one that it was shown." } else { "It was shown none." };
    let folders = certs_folders(case);
    let finding = Finding::error(ExitStatus::Tls, title, id, demand.quote)
        .cause(format!("{shown}{accepted}{folders}{}", on_the_way(case, id)))
        .fix_with(
            format!("Get a client certificate for {host} from its operator, and show it."),
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
    /// Whether a certificate was shown and not accepted.
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
        // Other alerts than that of TLS 1.3 have other reasons too; a request for a certificate leaves this one.
        FailureKind::Tls(TlsFault::ClientCertificate) => request.is_some() || quote.contains("certificate_required"),
        // Before TLS 1.3 there was no alert for it.
        FailureKind::Tls(TlsFault::NoAgreement | TlsFault::AccessDenied) if !was_shown => false,
        // A connection that is reset loses the alert; another one to the same server may have had it.
        FailureKind::Closed if !was_shown => has_alert(case, id),
        _ => return None,
    };
    // Other reasons are only taken for this one where the server has asked for a certificate.
    let is_named = matches!(failure.kind, FailureKind::Tls(TlsFault::ClientCertificate));
    (is_named || is_certain || request.is_some()).then_some((id, Demand { quote, refused: was_shown, is_certain }))
}

/// The request of the server for a client certificate, in whichever handshake it was made.
fn request<'a>(case: &Case<'a>, id: ExchangeId) -> Option<&'a CertificateRequest> {
    let origin = |id| Origin::of(&case.journal().get(id).request.url);
    let own = case.journal().get(id).connection.certificate_request.as_ref();
    let same = case.journal().iter().filter(|&(other, _)| origin(other) == origin(id));
    own.or_else(|| same.filter_map(|(_, exchange)| exchange.connection.certificate_request.as_ref()).next_back())
}

/// Whether any connection to the same server was ended for want of a client certificate.
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
