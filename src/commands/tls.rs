//! `tls`: the certificates that a server presents, and whether a pull would accept them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::fetched::{explained, head};
use super::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::{CommandLine, ExitStatus, Finding, Severity, Word};
use crate::evidence::{CertificateRequest, Exchange, ExchangeId, FailureKind, PresentedChain, Redactor};
use crate::oci::{Host, Reference};
use crate::report::{
    Block, Form, Label, Layout, Published, ShownExchange, Span, WrittenChain, WrittenFailure, WrittenFinding, plain,
    presented, shown_exchanges,
};
use crate::session::{Conversation, Session};

/// The description of `tls`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Cause, at: (2, 1), usage: "tls HOST", about: "certificates" }),
    one_shot: &[
        ("ociscope tls r.example.com:5000", ""),
        ("ociscope tls --raw r.example.com > chain.pem", "the certificates as PEM"),
        ("ociscope tls --cacert ca.pem r.example.com", "with another CA"),
    ],
    examples: &[("tls", "of the current registry"), ("tls gcr.io --raw > chain.pem", "write the certificates as PEM")],
    forms: &[Published::of::<WrittenHandshake<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("tls")
};

/// The arguments of `tls`.
#[derive(Debug, Args)]
pub struct TlsArguments {
    /// Server, or an image on it
    #[arg(value_name = "HOST[:PORT]")]
    server: String,

    /// Print the certificates as PEM
    #[arg(long)]
    pub(super) raw: bool,
}

impl TlsArguments {
    /// The server as a registry.
    pub(super) fn reference(&self) -> Option<Reference> {
        server(&self.server).ok()
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let reference = server(&self.server)?;
        let mut conversation = session.converse_without_login(&reference).await?.about_no_repository();
        let (id, certificates) = conversation.handshake().await?;
        let exchange = conversation.journal().get(id);
        let (exit, findings) = judged(&conversation, id);
        if self.raw {
            let mut redactor = conversation.redactor();
            output.raw(pem(&certificates).as_bytes(), &redactor)?;
            if let Some(failure) = &exchange.failure {
                output.remark(&failure.message.printable_within(400), &mut redactor);
            }
            return Ok(exit);
        }
        let mut redactor = conversation.redactor();
        let shown = shown_exchanges(&[id], conversation.journal(), &mut redactor);
        let Some(shown) = shown.first() else { return Ok(exit) };
        let notes = notes(&conversation);
        let document = document(&conversation, exchange, shown, &findings, &notes, &mut redactor);
        let object = WrittenHandshake::of(&conversation, exchange, shown, exit, &findings, &notes).to_json();
        output.fetched(&document, &object, &mut redactor)?;
        Ok(exit)
    }
}

/// Parses a host with an optional port, or a reference, of which only the registry counts. `redis:7` is port 7 of a host, and
/// `redis:latest` an image.
///
/// # Errors
/// Where it is neither.
pub(super) fn server(text: &str) -> Result<Reference, CommandError> {
    let scheme = ["https://", "http://", "oci://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let rest = scheme.map_or(text, |scheme| &text[scheme.len()..]);
    let host = rest.strip_suffix('/').unwrap_or(rest);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let has_port = !host.contains(['/', '@']) && host.rsplit_once(':').is_some_and(|(_, port)| is_port(port));
    if has_port || host.parse::<Host>().is_ok() {
        // The path is never requested.
        return Ok(Reference::parse(&format!("{}{host}/registry", scheme.unwrap_or("oci://")))?);
    }
    Ok(Reference::parse(text)?)
}

/// The exit status and the errors, with commands for `tls`.
fn judged(conversation: &Conversation<'_>, id: ExchangeId) -> (ExitStatus, Vec<Finding>) {
    let Some(failure) = &conversation.journal().get(id).failure else { return (ExitStatus::Success, Vec::new()) };
    if failure.kind == FailureKind::Interrupted {
        return (ExitStatus::Interrupted, Vec::new());
    }
    let judgement = conversation.judge(id, &[]);
    let exit = match judgement.exit_status() {
        ExitStatus::Success => ExitStatus::Network,
        exit => exit,
    };
    let server = conversation.reference().registry();
    let image = Word::input(conversation.reference());
    let findings = judgement.findings.into_iter().filter(|finding| finding.severity == Severity::Error);
    let findings = findings.map(|mut finding| {
        for fix in &mut finding.fix {
            fix.change_command(|command| {
                let mut words = command.into_words();
                for word in &mut words {
                    match () {
                        () if word.is("probe") => *word = "tls".into(),
                        () if *word == image => *word = server.into(),
                        () => {}
                    }
                }
                CommandLine::of(words)
            });
        }
        // This command is about TLS, so plain HTTP is not a fix.
        finding.fix.retain(|fix| fix.command.as_ref().is_none_or(|command| !command.contains("--plain-http")));
        finding
    });
    (exit, findings.collect())
}

fn notes(conversation: &Conversation<'_>) -> Vec<String> {
    let insecure = conversation.is_insecure().then(|| {
        "--insecure has no effect here: this is what clients see that verify certificates. With it, other commands of ociscope \
         would continue, and anyone on the network path could impersonate the registry."
            .to_owned()
    });
    insecure.into_iter().chain(conversation.withheld_certificate().map(str::to_owned)).collect()
}

fn document(
    conversation: &Conversation<'_>,
    exchange: &Exchange,
    shown: &ShownExchange,
    findings: &[Finding],
    notes: &[String],
    redactor: &mut Redactor,
) -> Layout {
    let mut document = head(conversation);
    let server = exchange.request.host().named_within(120);
    let numbered = if conversation.is_remembered() { format!("#{} ", shown.id) } else { String::new() };
    document.push(Block::Title(vec![plain(format!("{numbered}{server}  ")), verdict(exchange)]));
    if let Some(remote) = &shown.connection.remote {
        let proxy = shown.connection.proxy.as_ref().map(|(address, because)| {
            let address = crate::text::Untrusted::from(address.as_str()).printable_within(120);
            format!(", a proxy: {address} ({because})")
        });
        document.push(labelled("over", format!("{remote}{}", proxy.unwrap_or_default())));
    }
    if let Some(agreed) = &exchange.connection.handshake {
        let protocol =
            agreed.protocol.as_ref().map_or("no ALPN".to_owned(), |name| format!("ALPN {}", name.printable_within(40)));
        document.push(labelled("agreed", format!("{}, {}, {protocol}", agreed.version, agreed.cipher)));
    }
    document.push(labelled("client", client(&exchange.connection.certificate_request, exchange)));
    notes.iter().for_each(|note| document.push(labelled("note", note.clone())));
    // Findings show the certificates themselves.
    if let Some(chain) = shown.connection.presented.as_ref().filter(|_| findings.is_empty()) {
        document.extend(presented(chain));
    }
    if let Some(own) = fingerprint(exchange) {
        let words = format!("SHA-256 {own}: compare it with the operator of {server} before you trust it");
        document.push(labelled("check", words));
    }
    if !findings.is_empty() {
        document.push(Block::Gap);
    }
    for finding in findings {
        explained(finding, conversation, redactor, &mut document);
        document.push(Block::Text(vec![plain(&finding.cause)]));
    }
    document
}

fn verdict(exchange: &Exchange) -> Span {
    match &exchange.failure {
        None => Span::new("✓ TLS succeeds", Label::Good),
        Some(failure) => Span::new(format!("✗ {}", failure.message.printable_within(300)), Label::Bad),
    }
}

/// The request for a client certificate, in words.
fn client(request: &Option<CertificateRequest>, exchange: &Exchange) -> String {
    match request {
        None if exchange.connection.handshake.is_some() => "not asked for a certificate".to_owned(),
        None => "no request for a certificate was seen".to_owned(),
        Some(request) => {
            let of = request.authorities_in_words().map(|names| format!(" of {names}")).unwrap_or_default();
            let sent = if request.answered { "yours was sent" } else { "none was sent" };
            format!("asked for a certificate{of}; {sent}")
        }
    }
}

fn labelled(label: &'static str, words: String) -> Block {
    Block::Labelled { label, line: vec![plain(words)], command: None }
}

/// The SHA-256 of the server's own certificate.
fn fingerprint(exchange: &Exchange) -> Option<&str> {
    let chain: &PresentedChain = exchange.connection.presented.as_ref()?;
    chain.certificates.first().map(|own| own.sha256.as_str())
}

/// The certificates that a server presents in a TLS handshake, and whether a pull would accept them. Nothing is sent over the
/// connection.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenHandshake<'a> {
    /// The lab scenario that answered instead of the network; null for the network.
    simulation: Option<&'a str>,
    /// The host, with its port if that is not 443.
    server: String,
    /// The exit status: 0 if a pull would accept the certificates, 16 if not, 15 without a connection.
    exit_code: ExitStatus,
    /// The number of the handshake.
    exchange: ExchangeId,
    /// The remote address with its port, or that of the proxy; null without a connection.
    address: Option<&'a str>,
    /// The negotiated version; null if the handshake was not completed.
    #[schemars(extend("enum" = ["TLS 1.2", "TLS 1.3", null]))]
    version: Option<&'a str>,
    /// The cipher suite by its IANA name; null if the handshake was not completed.
    cipher: Option<&'a str>,
    /// The protocol that the server chose (RFC 7301); null if it chose none.
    alpn: Option<&'a str>,
    /// The server's request for a client certificate; null if there was none.
    client_certificate: Option<WrittenRequest<'a>>,
    /// The SHA-256 of the server's own certificate, to compare with the operator; null if none was presented.
    fingerprint: Option<&'a str>,
    /// The presented certificates; null if there were none.
    presented: Option<WrittenChain<'a>>,
    /// Why the handshake failed; null if it did not.
    failure: Option<WrittenFailure<'a>>,
    /// Notes, in sentences.
    notes: &'a [String],
    /// The errors, as in a report; most important first.
    findings: Vec<WrittenFinding<'a>>,
}

impl Form for WrittenHandshake<'_> {
    const NAME: &'static str = "tls";
    const TITLE: &'static str = "Output of `ociscope tls HOST[:PORT] --json`";
}

/// A server's request for a client certificate.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRequest<'a> {
    /// The accepted authorities (RFC 4514), at most 16; empty if the request names none.
    authorities: Vec<&'a str>,
    /// The number of further authorities, including unreadable ones.
    omitted: usize,
    /// Whether a client certificate was sent.
    shown: bool,
}

impl<'a> WrittenHandshake<'a> {
    fn of(
        conversation: &'a Conversation<'_>,
        exchange: &'a Exchange,
        shown: &'a ShownExchange,
        exit: ExitStatus,
        findings: &'a [Finding],
        notes: &'a [String],
    ) -> Self {
        let agreed = exchange.connection.handshake.as_ref();
        let request = exchange.connection.certificate_request.as_ref();
        Self {
            simulation: conversation.simulation(),
            server: exchange.request.host().named_within(120),
            exit_code: exit,
            exchange: shown.id,
            address: shown.connection.remote.as_deref(),
            version: agreed.map(|agreed| &*agreed.version),
            cipher: agreed.map(|agreed| &*agreed.cipher),
            alpn: agreed.and_then(|agreed| agreed.protocol.as_ref()).map(|name| name.as_str()),
            client_certificate: request.map(|request| WrittenRequest {
                authorities: request.authorities.iter().map(|name| name.as_str()).collect(),
                omitted: request.omitted,
                shown: request.answered,
            }),
            fingerprint: fingerprint(exchange),
            presented: shown.connection.presented.as_ref().map(WrittenChain::of),
            failure: WrittenFailure::of(shown),
            notes,
            findings: WrittenFinding::all(findings),
        }
    }
}

/// Certificates as PEM (RFC 7468 §5).
fn pem(certificates: &[Vec<u8>]) -> String {
    let mut text = String::new();
    for certificate in certificates {
        let encoded = STANDARD.encode(certificate);
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in encoded.as_bytes().chunks(64) {
            text.extend(line.iter().copied().map(char::from));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(text: &str) -> Option<String> {
        server(text).ok().map(|reference| reference.registry().to_string())
    }

    #[test]
    fn server_is_a_host_or_that_of_an_image() {
        for (text, expected) in [
            ("ghcr.io", "ghcr.io"),
            ("GHCR.io/", "ghcr.io"),
            ("r.test:5000", "r.test:5000"),
            ("localhost", "localhost"),
            ("https://r.test:8443/", "r.test:8443"),
            ("http://r.test:5000", "r.test:5000"),
            ("[::1]:5000", "[::1]:5000"),
            ("ghcr.io/acme/api:1", "ghcr.io"),
            ("https://ghcr.io/acme/api:1", "ghcr.io"),
            ("acme/api", "docker.io"),
            ("alpine:latest", "docker.io"),
        ] {
            assert_eq!(registry(text).as_deref(), Some(expected), "{text}");
        }
        for wrong in ["", "https://", "r.test:99999", "a b", "-x"] {
            assert_eq!(registry(wrong), None, "{wrong}");
        }
    }

    /// `openssl x509` and every other reader of PEM expects lines of 64 characters.
    #[test]
    fn certificate_is_written_as_pem() {
        let text = pem(&[vec![0; 49], vec![1]]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "-----BEGIN CERTIFICATE-----");
        assert_eq!((lines[1].len(), lines[2].len()), (64, 4));
        assert_eq!(
            lines[3..],
            ["-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----", "AQ==", "-----END CERTIFICATE-----"]
        );
    }
}
