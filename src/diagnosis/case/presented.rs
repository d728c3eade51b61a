//! What the certificates that a server presented say about why they are not trusted here.

use super::network::is_own_network;
use crate::diagnosis::{Case, Finding, Word, WordKind, words};
use crate::evidence::{CertificateDetails, ExchangeId};
use crate::knowledge::{TlsInspection, is_public_registry, tls_inspection};
use crate::text::Untrusted;

/// How much of a name in a certificate is shown in a sentence.
const NAME: usize = 120;

/// Why a chain does not end at a trusted authority, as far as the certificates tell.
#[derive(Debug, Clone)]
pub(crate) enum Distrust<'a> {
    /// A product that opens TLS connections is named in it.
    Inspection(&'static TlsInspection, &'a CertificateDetails),
    /// The server's own certificate is signed with its own key.
    SelfSigned(&'a CertificateDetails),
    /// The server presents its own certificate alone: its issuer is an intermediate, or an authority that is private.
    Alone(&'a CertificateDetails),
    /// The chain ends at a certificate whose issuer was not presented.
    Open(&'a CertificateDetails),
    /// The chain ends at a root that is not trusted here.
    Root(&'a CertificateDetails),
    /// What was presented is not known, or could not be read.
    Unknown,
}

/// Why the certificates of an exchange are not trusted.
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

/// The host that presented the certificates, as it is named in a sentence: that of the exchange, or a proxy.
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
    /// What is not trusted, as a title about the certificate of `host`.
    pub(crate) fn title(&self, host: &str) -> String {
        match self {
            Self::Inspection(product, _) => format!("the certificate of {host} is from {}", product.name),
            Self::SelfSigned(_) => format!("the certificate of {host} is self-signed and not trusted here"),
            Self::Alone(_) => format!("the certificate of {host} is presented without a trusted issuer"),
            _ => format!("the certificate of {host} is signed by an authority that is not trusted here"),
        }
    }

    /// Whether the reading is only the likeliest one.
    pub(crate) fn is_likely(&self) -> bool {
        matches!(self, Self::Inspection(..) | Self::Alone(_))
    }

    /// What happened and why.
    pub(crate) fn cause(&self, case: &Case<'_>, id: ExchangeId) -> String {
        let host = presenter(case, id);
        let public = is_public(case, id);
        let subject = |details: &CertificateDetails| details.subject.named_within(NAME);
        let issuer = |details: &CertificateDetails| details.issuer.named_within(NAME);
        let reading = match self {
            Self::Inspection(product, details) => format!(
                "Its chain names {}. {} {}: most likely it opens the TLS connections of this machine and presents its own \
                 certificates.",
                issuer(details),
                product.name,
                product.where_it_runs(),
            ),
            _ if public => "A public registry has a certificate of a public authority, so this is not its own. Most likely \
                            a proxy or a filter on the way opens TLS connections and shows its own certificate."
                .to_owned(),
            Self::SelfSigned(leaf) => format!(
                "{host} presented {}, which it signed itself, so no authority vouches for it. Each client has to be given \
                 the certificate.",
                subject(leaf)
            ),
            Self::Alone(leaf) => {
                let tells = if leaf.issuer_addresses.is_empty() {
                    "It does not say where its issuer's certificate is, which certificates of public authorities do, so a \
                     private authority is likelier."
                } else {
                    "It says where its issuer's certificate is, as certificates of public authorities do, so a missing \
                     intermediate is likelier: browsers fetch it from there, container clients do not."
                };
                format!(
                    "{host} presented one certificate, issued by {}. Either the server does not send the intermediate \
                     certificate that links it to a trusted root, or the issuer is a private authority. {tells}",
                    issuer(leaf)
                )
            }
            Self::Open(top) => format!(
                "The presented chain ends at {}. Its issuer {} was not presented and is not trusted here. Most likely it is \
                 a private authority, or one that is newer than the certificate store here.",
                subject(top),
                issuer(top)
            ),
            Self::Root(top) => {
                format!("The presented chain ends at the root {}, which is not trusted here: a private authority, or that of a \
                     proxy that opens TLS connections.", subject(top))
            }
            Self::Unknown if is_own_network(case, id) => {
                "Most likely the registry has a certificate of a private authority.".to_owned()
            }
            Self::Unknown => "Either the registry has a certificate of a private authority, or a proxy on the way opens TLS \
                              connections and shows its own certificate. For a public registry it is most likely the proxy."
                .to_owned(),
        };
        format!("{reading}{}", further_faults(case, id))
    }

    /// Adds what can be done; `verb` is the command that is to be tried again.
    pub(crate) fn fixes(&self, case: &Case<'_>, id: ExchangeId, finding: Finding, verb: &'static str) -> Finding {
        let host = presenter(case, id);
        let command = words!["ociscope", verb, "--cacert", "FILE", Word::input(case.reference())];
        let url = &case.journal().get(id).request.url;
        let name = url.host_str().unwrap_or_default();
        let at = |host: &str| Word::chosen(WordKind::Host, &host.into());
        let address = at(&format!("{name}:{}", url.port_or_known_default().unwrap_or(443)));
        let operator = if is_public(case, id) {
            "the operator of the network"
        } else {
            "the operator of the registry or the network"
        };
        match self {
            Self::Inspection(product, _) => finding
                .fix_with(
                    format!(
                        "Get the root certificate of {} from the operator of the network, and trust it:",
                        product.name
                    ),
                    command,
                )
                .fix(format!("Or have {host} exempted from inspection."))
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
                    "To tell which: see whether the server sends the certificate of that issuer, too:",
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

/// Whether a public registry was asked, which has no certificate of its own making.
fn is_public(case: &Case<'_>, id: ExchangeId) -> bool {
    let exchange = case.journal().get(id);
    let host = exchange.request.url.host_str().unwrap_or_default();
    is_public_registry(host) && !presenter(case, id).starts_with("the proxy ")
}

/// Where container engines read a trusted certificate.
pub(crate) fn in_engines(case: &Case<'_>, id: ExchangeId) -> String {
    let host = case.host_of(id);
    format!(
        "For the engines: Docker reads /etc/docker/certs.d/{host}/ca.crt, Podman, Buildah, skopeo and CRI-O read \
         /etc/containers/certs.d/{host}/ca.crt, and containerd the file that is named as ca in \
         /etc/containerd/certs.d/{host}/hosts.toml."
    )
}

/// What else is wrong with the server's certificate, which trust alone does not mend.
fn further_faults(case: &Case<'_>, id: ExchangeId) -> String {
    let Some(chain) = &case.journal().get(id).connection.presented else { return String::new() };
    let Some(leaf) = chain.leaf() else { return String::new() };
    let mut faults = String::new();
    if leaf.names.is_empty() {
        faults.push_str(
            " It has no subject alternative names, so current clients refuse it even where it is trusted: the common name \
             does not count.",
        );
    } else if !chain.names_the_host() {
        faults.push_str(&format!(" It is also for other names than {}.", presenter(case, id)));
    }
    match chain.judged_at {
        Some(now) if now > leaf.not_after => faults.push_str(" It has also expired."),
        Some(now) if now < leaf.not_before => faults.push_str(" It is also not valid yet."),
        _ => {}
    }
    faults
}
