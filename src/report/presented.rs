//! The certificates a server presented, as lines for people and as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Block, Layout, plain};
use super::value::{CertificateMark, Report, ShownCertificate, ShownChain};
use crate::diagnosis::Finding;
use crate::evidence::{
    CertificateFault, Exchange, FailureKind, PresentedCertificate, PresentedChain, Redactor, day, instant,
};
use crate::text::Untrusted;

/// The most names of a certificate that are shown to people.
const NAMES: usize = 8;
/// The indentation of what is said of a certificate below its subject.
const DETAIL: &str = "   ";
/// What points to the part that makes the connection fail.
const MARK: char = '←';
/// How much of a subject, an issuer or a name is shown to people.
const TEXT: usize = 200;

/// The certificates of an exchange, where they matter.
pub fn shown_chain(exchange: &Exchange, redactor: &mut Redactor) -> Option<ShownChain> {
    let chain = exchange.certificates_at_issue()?;
    let mark = exchange.failure.as_ref().and_then(|failure| mark(&failure.kind, chain));
    let certificates = chain.certificates.iter().enumerate();
    let mark_at = |at: usize| mark.filter(|(marked, _)| *marked == at).map(|(_, mark)| mark);
    Some(ShownChain {
        asked_for: redactor.text(&chain.asked_for).into(),
        certificates: certificates.map(|(at, one)| shown_certificate(one, mark_at(at), redactor)).collect(),
        omitted: chain.omitted,
    })
}

/// Which certificate is at fault, and how.
fn mark(kind: &FailureKind, chain: &PresentedChain) -> Option<(usize, CertificateMark)> {
    let FailureKind::Certificate(fault) = kind else { return None };
    match fault {
        CertificateFault::UnknownAuthority => {
            let top = chain.top()?;
            let details = chain.certificates.get(top)?.details.as_ref().ok()?;
            let mark = if details.self_issued { CertificateMark::Untrusted } else { CertificateMark::UntrustedIssuer };
            Some((top, mark))
        }
        CertificateFault::WrongName(_) => Some((0, CertificateMark::OtherName)),
        CertificateFault::Expired => Some((chain.out_of_date()?, CertificateMark::Expired)),
        CertificateFault::NotYetValid => Some((chain.out_of_date()?, CertificateMark::NotYetValid)),
        CertificateFault::AuthorityAsServer => Some((0, CertificateMark::AuthorityAsServer)),
        CertificateFault::Other => None,
    }
}

fn shown_certificate(
    certificate: &PresentedCertificate,
    mark: Option<CertificateMark>,
    redactor: &mut Redactor,
) -> ShownCertificate {
    let mut clean = |text: &Untrusted| Untrusted::new(redactor.text(text.as_str()));
    let details = certificate.details.as_ref().ok();
    ShownCertificate {
        size: certificate.size,
        sha256: certificate.sha256.clone(),
        unread: certificate.details.as_ref().err().map(|unread| unread.words()),
        subject: details.map(|details| clean(&details.subject)),
        issuer: details.map(|details| clean(&details.issuer)),
        names: details.iter().flat_map(|details| &details.names).map(&mut clean).collect(),
        omitted_names: details.map_or(0, |details| details.omitted_names),
        not_before: details.map(|details| details.not_before),
        not_after: details.map(|details| details.not_after),
        is_authority: details.is_some_and(|details| details.is_authority),
        self_signed: details.is_some_and(|details| details.self_signed),
        mark,
    }
}

impl CertificateMark {
    /// The mark behind the line that it is about.
    fn words(self) -> &'static str {
        match self {
            Self::Untrusted | Self::UntrustedIssuer => "  ← not trusted here",
            Self::OtherName => "  ← not the requested name",
            Self::Expired => "  ← expired",
            Self::NotYetValid => "  ← not valid yet",
            Self::AuthorityAsServer => "  ← an authority (CA:TRUE)",
        }
    }
}

/// The certificates with a line that says who presented them. Each text of a certificate is between quotation marks where
/// it is more than a plain word, so that none can be taken for ours.
pub fn presented(chain: &ShownChain) -> Layout {
    let number = chain.certificates.len() + chain.omitted;
    let what = if number == 1 { "1 certificate".to_owned() } else { format!("{number} certificates") };
    let who = format!("{} presented {what} in the TLS handshake", chain.asked_for.named_within(TEXT));
    let mut lines: Vec<_> = chain.certificates.iter().zip(1..).flat_map(|(one, number)| lines(one, number)).collect();
    if chain.omitted > 0 {
        lines.push(format!("… and {} more, which are not shown", chain.omitted));
    }
    vec![Block::Labelled { label: "tls", line: vec![plain(who)], command: None }, Block::Words(lines)]
}

/// The certificates of the first exchange that proves a finding and has any to show, where the finding is about them:
/// what was let pass or accepted with a remark has a finding of its own.
pub(super) fn presented_in(report: &Report, finding: &Finding) -> Layout {
    let about_certificates = finding.rule.starts_with("certificate-");
    let exchanges = finding.evidence.iter().filter_map(|evidence| report.exchange(evidence.exchange));
    let mut exchanges = exchanges.filter(|exchange| exchange.failure.is_some() || about_certificates);
    let chain = exchanges.find_map(|exchange| exchange.connection.presented.as_ref());
    chain.map(presented).unwrap_or_default()
}

/// The same, of each certificate its subject and what makes the connection fail.
pub(super) fn presented_in_short(report: &Report, finding: &Finding) -> Layout {
    let mut layout = presented_in(report, finding);
    let Some(Block::Words(lines)) = layout.pop() else { return layout };
    let matters = |line: &String| !line.starts_with(DETAIL) || line.contains(MARK);
    let shown = lines.into_iter().filter(matters);
    layout.extend(shown.map(|line| Block::Labelled { label: "", line: vec![plain(line)], command: None }));
    layout
}

fn lines(certificate: &ShownCertificate, number: usize) -> Vec<String> {
    let mark = |wanted: &[CertificateMark]| {
        certificate.mark.filter(|mark| wanted.contains(mark)).map(CertificateMark::words).unwrap_or_default()
    };
    let sha256 = format!("{DETAIL}SHA-256 {}", certificate.sha256);
    let (Some(subject), Some(issuer)) = (&certificate.subject, &certificate.issuer) else {
        let why = certificate.unread.unwrap_or_default();
        return vec![format!("{number}  {} bytes, {why}", certificate.size), sha256];
    };
    let own = mark(&[CertificateMark::Untrusted, CertificateMark::AuthorityAsServer]);
    let mut lines = vec![format!("{number}  {}{own}", subject.named_within(TEXT))];
    lines.push(if certificate.self_signed {
        format!("{DETAIL}self-signed")
    } else {
        format!("{DETAIL}issued by {}{}", issuer.named_within(TEXT), mark(&[CertificateMark::UntrustedIssuer]))
    });
    if !certificate.names.is_empty() || !certificate.is_authority {
        let names: Vec<_> = certificate.names.iter().take(NAMES).map(|name| name.named_within(TEXT)).collect();
        let more = certificate.names.len().saturating_sub(NAMES) + certificate.omitted_names;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
        lines.push(format!("{DETAIL}for {names}{more}{}", mark(&[CertificateMark::OtherName])));
    }
    if let (Some(from), Some(to)) = (certificate.not_before, certificate.not_after) {
        let dates = mark(&[CertificateMark::Expired, CertificateMark::NotYetValid]);
        lines.push(format!("{DETAIL}valid from {} to {}{dates}", day(from), day(to)));
    }
    lines.push(sha256);
    lines
}

/// Certificates as JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "presented")]
pub struct WrittenChain<'a> {
    /// The name they were presented for: the host of the request, or of a proxy that speaks TLS.
    asked_for: &'a str,
    /// The certificates, the server's own first; at most 10.
    certificates: Vec<WrittenCertificate<'a>>,
    /// How many further certificates were presented.
    omitted: usize,
}

/// One certificate.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenCertificate<'a> {
    /// Its subject (RFC 4514); null where it could not be read.
    subject: Option<&'a str>,
    /// Its issuer, in the same form.
    issuer: Option<&'a str>,
    /// The DNS names and IP addresses it is for; at most 64.
    names: Vec<&'a str>,
    /// How many further names it has.
    omitted_names: usize,
    /// The start of its validity (RFC 3339).
    not_before: Option<String>,
    /// The end of its validity.
    not_after: Option<String>,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    sha256: &'a str,
    /// Its length in bytes.
    size: usize,
    /// Whether it may sign other certificates (CA:TRUE).
    is_authority: bool,
    /// Whether it is signed with its own key.
    self_signed: bool,
    /// Why it could not be read.
    unread: Option<&'static str>,
    /// What makes the connection fail at this certificate; there may be new ones.
    #[schemars(with = "Option<String>", extend("examples" = [
        "untrusted", "untrusted-issuer", "other-name", "expired", "not-yet-valid", "authority-as-server",
    ]))]
    fault: Option<CertificateMark>,
}

impl<'a> WrittenChain<'a> {
    /// Certificates that can be shown.
    pub fn of(chain: &'a ShownChain) -> Self {
        Self {
            asked_for: chain.asked_for.as_str(),
            certificates: chain.certificates.iter().map(WrittenCertificate::of).collect(),
            omitted: chain.omitted,
        }
    }
}

impl<'a> WrittenCertificate<'a> {
    fn of(one: &'a ShownCertificate) -> Self {
        Self {
            subject: one.subject.as_ref().map(Untrusted::as_str),
            issuer: one.issuer.as_ref().map(Untrusted::as_str),
            names: one.names.iter().map(Untrusted::as_str).collect(),
            omitted_names: one.omitted_names,
            not_before: one.not_before.map(instant),
            not_after: one.not_after.map(instant),
            sha256: &one.sha256,
            size: one.size,
            is_authority: one.is_authority,
            self_signed: one.self_signed,
            unread: one.unread,
            fault: one.mark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Style, to_terminal};

    fn certificate(subject: &str, issuer: &str) -> ShownCertificate {
        ShownCertificate {
            size: 900,
            sha256: "9f1c".repeat(16),
            unread: None,
            subject: Some(subject.into()),
            issuer: Some(issuer.into()),
            names: vec!["registry.corp".into()],
            omitted_names: 0,
            not_before: Some(1_767_398_400),
            not_after: Some(1_798_934_400),
            is_authority: false,
            self_signed: false,
            mark: None,
        }
    }

    #[test]
    fn chain_is_shown_with_the_part_that_is_not_trusted() {
        let leaf = certificate("CN=registry.corp", "CN=Zscaler Intermediate Root CA");
        let mut top = certificate("CN=Zscaler Intermediate Root CA", "CN=Zscaler Root CA");
        (top.mark, top.is_authority, top.names) = (Some(CertificateMark::UntrustedIssuer), true, Vec::new());
        let chain = ShownChain { asked_for: "registry.corp".into(), certificates: vec![leaf, top], omitted: 0 };
        let expected = "  tls    registry.corp presented 2 certificates in the TLS handshake
  │ 1  CN=registry.corp
  │    issued by “CN=Zscaler Intermediate Root CA”
  │    for registry.corp
  │    valid from 2026-01-03 to 2027-01-03
  │    SHA-256 9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c
  │ 2  “CN=Zscaler Intermediate Root CA”
  │    issued by “CN=Zscaler Root CA”  ← not trusted here
  │    valid from 2026-01-03 to 2027-01-03
  │    SHA-256 9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c9f1c
";
        assert_eq!(to_terminal(&presented(&chain), Style::new(false), 80), expected);
    }

    /// A certificate that says so itself has not said it.
    #[test]
    fn subject_cannot_be_taken_for_a_mark_of_ours() {
        let hostile = certificate("CN=a  ← not trusted here\n2  CN=b", "CN=a” ← trusted “");
        let lines = lines(&hostile, 1);
        assert_eq!(lines[0], "1  “CN=a  ← not trusted here\\n2  CN=b”");
        assert_eq!(lines[1], "   issued by “CN=a\" ← trusted \"”");
    }
}
