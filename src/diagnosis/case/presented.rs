//! The evidence in presented certificates about why they are not trusted here.

use super::network::is_own_network;
use crate::diagnosis::{Case, Finding, Word, WordKind, words};
use crate::evidence::{CertificateDetails, ExchangeId};
use crate::knowledge::{TlsInspection, is_public_registry, tls_inspection};
use crate::text::Untrusted;

/// The longest certificate name in a sentence, in characters.
const NAME: usize = 120;

/// The reason that a chain does not end at a trusted authority, as far as the certificates show.
#[derive(Debug, Clone)]
pub(crate) enum Distrust<'a> {
    /// The chain names a product that intercepts TLS.
    Inspection(&'static TlsInspection, &'a CertificateDetails),
    /// The server's own certificate is signed with its own key.
    SelfSigned(&'a CertificateDetails),
    /// The server presents only its own certificate: its issuer is an intermediate, or a private authority.
    Alone(&'a CertificateDetails),
    /// The chain ends at a certificate whose issuer was not presented.
    Open(&'a CertificateDetails),
    /// The chain ends at a root that is not trusted here.
    Root(&'a CertificateDetails),
    /// The presented certificates are unknown or unreadable.
    Unknown,
}

/// The reason that the certificates of an exchange are not trusted.
pub(crate) fn distrust<'a>(case: &Case<'a>, id: ExchangeId) -> Distrust<'a> {
    let Some(chain) = &case.journal().get(id).connection.presented else { return Distrust::Unknown };
    let (Some(leaf), Some(top)) = (chain.leaf(), chain.top().and_then(|at| chain.certificates.get(at))) else {
        return Distrust::Unknown;
    };
    let Ok(top) = &top.details else { return Distrust::Unknown };
    let readable = || chain.certificates.iter().filter_map(|certificate| certificate.details.as_ref().ok());
    let named = |details: &CertificateDetails| {
        tls_inspection(details.issuer.as_str()).or_else(|| tls_inspection(details.subject.as_str()))
    };
    if let Some((product, details)) = readable().find_map(|details| Some((named(details)?, details))) {
        return Distrust::Inspection(product, details);
    }
    match (leaf.self_issued, top.self_issued, chain.certificates.len()) {
        (true, _, _) => Distrust::SelfSigned(leaf),
        (false, true, _) => Distrust::Root(top),
        (false, false, 1) => Distrust::Alone(leaf),
        (false, false, _) => Distrust::Open(top),
    }
}

/// The name, for a sentence, of the host that presented the certificates: that of the exchange, or a proxy.
pub(crate) fn presenter(case: &Case<'_>, id: ExchangeId) -> String {
    let exchange = case.journal().get(id);
    let asked = exchange.request.url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    match &exchange.connection.presented {
        Some(chain) if exchange.connection.proxy.is_some() && chain.asked_for.trim_end_matches('.') != asked => {
            format!("the proxy {}", Untrusted::from(chain.asked_for.as_str()).named_within(NAME))
        }
        _ => case.host_of(id),
    }
}

impl Distrust<'_> {
    /// The finding's title, about the certificate of `host`.
    pub(crate) fn title(&self, host: &str) -> String {
        match self {
            Self::Inspection(product, _) => format!("the certificate of {host} is from {}", product.name),
            Self::SelfSigned(_) => format!("the certificate of {host} is self-signed and not trusted here"),
            Self::Alone(_) => format!("the certificate of {host} is presented without a trusted issuer"),
            _ => format!("the authority that signed {host}'s certificate is not trusted here"),
        }
    }

    /// Returns whether the reading is only a likely one.
    pub(crate) fn is_likely(&self) -> bool {
        matches!(self, Self::Inspection(..) | Self::Alone(_))
    }

    /// The finding's cause.
    pub(crate) fn cause(&self, case: &Case<'_>, id: ExchangeId) -> String {
        let host = presenter(case, id);
        let public = is_public(case, id);
        let subject = |details: &CertificateDetails| details.subject.named_within(NAME);
        let issuer = |details: &CertificateDetails| details.issuer.named_within(NAME);
        let reading = match self {
            Self::Inspection(product, details) => format!(
                "The chain names {}. {} {}: most likely it intercepts this machine's TLS connections and presents its \
                 own certificates.",
                issuer(details),
                product.name,
                product.where_it_runs(),
            ),
            _ if public => "Public registries have certificates of public authorities, so this is not its own. Most \
                            likely a proxy or a filter in between intercepts TLS and presents its own certificate."
                .to_owned(),
            Self::SelfSigned(leaf) => format!(
                "{host} presented {}, which it signed itself, so no authority vouches for it. Every client needs the \
                 certificate.",
                subject(leaf)
            ),
            Self::Alone(leaf) => {
                let tells = if leaf.issuer_addresses.is_empty() {
                    "It lacks the address of its issuer's certificate, which certificates of public authorities have, so \
                     a private authority is likelier."
                } else {
                    "It has the address of its issuer's certificate, as certificates of public authorities do, so a \
                     missing intermediate is likelier: browsers download it from there, container clients do not."
                };
                format!(
                    "{host} presented one certificate, issued by {}. Either the server does not send the intermediate \
                     certificate that links it to a trusted root, or the issuer is a private authority. {tells}",
                    issuer(leaf)
                )
            }
            Self::Open(top) => format!(
                "The presented chain ends at {}. Its issuer {} was not presented and is not trusted here. Most likely \
                 it is a private authority, or one that is newer than the local certificate store.",
                subject(top),
                issuer(top)
            ),
            Self::Root(top) => {
                format!(
                    "The presented chain ends at the root {}, which is not trusted here: a private authority, or \
                     that of a proxy that intercepts TLS.",
                    subject(top)
                )
            }
            Self::Unknown if is_own_network(case, id) => {
                "Most likely the registry has a certificate of a private authority.".to_owned()
            }
            Self::Unknown => "Either the registry has a certificate of a private authority, or a proxy in between \
                              intercepts TLS and presents its own certificate. For a public registry, the proxy is \
                              likelier."
                .to_owned(),
        };
        format!("{reading}{}", further_faults(case, id))
    }

    /// Adds the fixes; `verb` is the command to run again.
    pub(crate) fn fixes(&self, case: &Case<'_>, id: ExchangeId, finding: Finding, verb: &'static str) -> Finding {
        let host = presenter(case, id);
        let command = words!["ociscope", verb, "--cacert", "FILE", Word::input(case.reference())];
        let url = &case.journal().get(id).request.url;
        let name = url.host_str().unwrap_or_default();
        let at = |host: &str| Word::chosen(WordKind::Host, &host.into());
        let address = at(&format!("{name}:{}", url.port_or_known_default().unwrap_or(443)));
        let operator = if is_public(case, id) { "the network operator" } else { "the registry or network operator" };
        match self {
            Self::Inspection(product, _) => finding
                .fix_with(
                    format!("Get the root certificate of {} from the network operator, and trust it:", product.name),
                    command,
                )
                .fix(format!("Or have {host} exempted from TLS inspection."))
                .fix(in_engines(case, id)),
            Self::SelfSigned(_) => finding
                .fix_with(
                    format!(
                        "Get the certificate from {operator}, compare its SHA-256 with the presented one, and trust it:"
                    ),
                    command,
                )
                .fix(in_engines(case, id)),
            Self::Alone(_) => finding
                .fix_with(
                    "To find out, check whether the server also sends the issuer's certificate:",
                    words!["openssl", "s_client", "-showcerts", "-servername", at(name), "-connect", address],
                )
                .fix(
                    "If the intermediate is missing, the operator has to configure the full chain on the server \
                     (fullchain.pem, not cert.pem).",
                )
                .fix_with(
                    format!("If it is a private authority, get its certificate from {operator}, and trust it:"),
                    command,
                )
                .fix(in_engines(case, id)),
            _ => finding
                .fix_with(format!("Get that authority's certificate from {operator}, and trust it:"), command)
                .fix(in_engines(case, id)),
        }
    }
}

/// Returns whether the request went to a public registry, which does not issue its own certificate.
fn is_public(case: &Case<'_>, id: ExchangeId) -> bool {
    let exchange = case.journal().get(id);
    let host = exchange.request.url.host_str().unwrap_or_default();
    is_public_registry(host) && !presenter(case, id).starts_with("the proxy ")
}

/// The files in which container engines look for a trusted certificate, as a fix.
pub(crate) fn in_engines(case: &Case<'_>, id: ExchangeId) -> String {
    let host = case.host_of(id);
    format!(
        "For engines: Docker reads /etc/docker/certs.d/{host}/ca.crt, Podman, Buildah, skopeo and CRI-O read \
         /etc/containers/certs.d/{host}/ca.crt, and containerd reads the file named by ca in \
         /etc/containerd/certs.d/{host}/hosts.toml."
    )
}

/// Further faults of the server's certificate, which trusting it does not fix.
fn further_faults(case: &Case<'_>, id: ExchangeId) -> String {
    let Some(chain) = &case.journal().get(id).connection.presented else { return String::new() };
    let Some(leaf) = chain.leaf() else { return String::new() };
    let mut faults = String::new();
    if leaf.names.is_empty() {
        faults.push_str(
            " It has no subject alternative names, so current clients reject it even if it is trusted: the common name \
             does not count.",
        );
    } else if !chain.names_the_host() {
        faults.push_str(&format!(" Its names do not cover {} either.", presenter(case, id)));
    }
    match chain.judged_at {
        Some(now) if now > leaf.not_after => faults.push_str(" It has also expired."),
        Some(now) if now < leaf.not_before => faults.push_str(" It is also not valid yet."),
        _ => {}
    }
    faults
}
