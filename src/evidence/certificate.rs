//! The certificates a server presents in a TLS handshake, as plain values.
//!
//! Every text in them is chosen by the server, so it is [`Untrusted`]. Trust is not decided here: that is up to
//! `transport`, which records the certificates regardless of its decision.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::oid_registry::asn1_rs::Tag;
use x509_parser::oid_registry::{OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS, OID_PKIX_AUTHORITY_INFO_ACCESS};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::oci::{Algorithm, Digest};
use crate::text::Untrusted;

/// The maximum number of certificates kept of a chain.
const CERTIFICATES: usize = 10;
/// The maximum size of a certificate that is read, in bytes.
const CERTIFICATE_BYTES: usize = 64 << 10;
/// The maximum number of names kept of a certificate.
const NAMES: usize = 64;
/// The maximum number of attributes kept of a subject or an issuer.
const ATTRIBUTES: usize = 32;
/// The maximum number of issuer addresses kept.
const ADDRESSES: usize = 4;

/// The certificates of one handshake, the server's own first, at most 10.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedChain {
    /// The requested server name: the host of the request, or of a TLS proxy.
    pub asked_for: String,
    /// The certificates in the order in which they were presented.
    pub certificates: Vec<PresentedCertificate>,
    /// The number of further certificates, which are not kept.
    pub omitted: usize,
    /// The time of their verification, in seconds since 1970. `None` if they were not verified.
    pub judged_at: Option<i64>,
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedCertificate {
    /// Its length in bytes.
    pub size: usize,
    /// The SHA-256 of its bytes, in 64 hexadecimal digits.
    pub sha256: String,
    /// Its contents, or why it was not read.
    pub details: Result<CertificateDetails, Unread>,
}

/// The version of a DER certificate, from 1 to 3 (RFC 5280 §4.1.2.1). `None` if the bytes are not one.
pub fn x509_version(certificate: &[u8]) -> Option<u32> {
    let (_, read) = X509Certificate::from_der(certificate).ok()?;
    // The encoding counts from 0.
    read.version().0.checked_add(1)
}

/// The store that contains a server's own certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeafTrust {
    /// The file given with `--cacert`.
    AuthorityFile,
    /// The certificate store of this system.
    SystemStore,
}

/// Why a certificate was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unread {
    /// It is longer than 64 KiB.
    TooLarge,
    /// It is not an X.509 certificate in DER (RFC 5280 §4.1).
    NotX509,
}

impl Unread {
    /// The reason as a clause.
    pub fn words(self) -> &'static str {
        match self {
            Self::TooLarge => "longer than 64 KiB, not read",
            Self::NotX509 => "not readable as an X.509 certificate",
        }
    }
}

/// The contents of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateDetails {
    /// The subject, as `CN=registry.example, O=Example` (RFC 4514).
    #[serde(with = "crate::text::raw")]
    pub subject: Untrusted,
    /// The issuer, in the same form.
    #[serde(with = "crate::text::raw")]
    pub issuer: Untrusted,
    /// The DNS names and IP addresses it is valid for (RFC 5280 §4.2.1.6), at most 64. The common name is not one.
    #[serde(default, with = "crate::text::raw")]
    pub names: Vec<Untrusted>,
    /// The number of further names, which are not kept.
    pub omitted_names: usize,
    /// The start of its validity, in seconds since 1970.
    pub not_before: i64,
    /// The end of its validity, in seconds since 1970.
    pub not_after: i64,
    /// Whether it may sign other certificates (`CA:TRUE`, RFC 5280 §4.2.1.9).
    pub is_authority: bool,
    /// Whether its issuer equals its subject.
    pub self_issued: bool,
    /// Whether it is self-issued and its signature verifies with its own key.
    pub self_signed: bool,
    /// Whether servers may use it: it has no usage restriction, or one that includes servers (RFC 5280 §4.2.1.12).
    pub for_servers: bool,
    /// Whether it has an unknown critical extension, for which a client has to reject it.
    pub unknown_critical_extension: bool,
    /// The addresses of its issuer's certificate, as it states them (RFC 5280 §4.2.2.1). Nothing is fetched from there.
    #[serde(default, with = "crate::text::raw")]
    pub issuer_addresses: Vec<Untrusted>,
}

impl PresentedChain {
    /// Reads the certificates of a handshake, each in DER. Bytes that are not a certificate are recorded as such.
    pub fn read<'a>(asked_for: impl Into<String>, certificates: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut certificates = certificates.into_iter();
        let kept = certificates.by_ref().take(CERTIFICATES).map(PresentedCertificate::read).collect();
        Self { asked_for: asked_for.into(), certificates: kept, omitted: certificates.count(), judged_at: None }
    }

    /// The server's own certificate, if it could be read.
    pub fn leaf(&self) -> Option<&CertificateDetails> {
        self.certificates.first()?.details.as_ref().ok()
    }

    /// Whether the server's own certificate names the host it was presented for (RFC 9525 §6.3), for messages about a
    /// chain that is rejected for another reason. The TLS library decides about trust.
    pub fn names_the_host(&self) -> bool {
        let asked = self.asked_for.trim_end_matches('.').to_ascii_lowercase();
        self.leaf().is_some_and(|leaf| {
            leaf.names.iter().any(|name| {
                let name = name.as_str().to_ascii_lowercase();
                match name.strip_prefix("*.") {
                    Some(domain) => {
                        asked.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == domain)
                    }
                    None => name == asked,
                }
            })
        })
    }

    /// The position of the first certificate that was not valid at the time of verification.
    pub fn out_of_date(&self) -> Option<usize> {
        let now = self.judged_at?;
        let is_outside = |certificate: &PresentedCertificate| {
            certificate.details.as_ref().is_ok_and(|details| !details.is_valid_at(now))
        };
        self.certificates.iter().position(is_outside)
    }

    /// The position of the certificate at which the chain ends: from the server's own, each next one is the issuer of
    /// the one before. `None` if the server's own could not be read.
    pub fn top(&self) -> Option<usize> {
        let details = |at: usize| self.certificates.get(at)?.details.as_ref().ok();
        details(0)?;
        let mut path = vec![0];
        while let Some(here) = path.last().and_then(|&at| details(at))
            && !here.self_issued
        {
            let is_issuer = |&at: &usize| details(at).is_some_and(|other| other.subject == here.issuer);
            match (0..self.certificates.len()).filter(|at| !path.contains(at)).find(is_issuer) {
                Some(next) => path.push(next),
                None => break,
            }
        }
        path.last().copied()
    }
}

impl PresentedCertificate {
    /// Reads one certificate in DER.
    pub fn read(der: &[u8]) -> Self {
        let details = if der.len() > CERTIFICATE_BYTES {
            Err(Unread::TooLarge)
        } else {
            CertificateDetails::read(der).ok_or(Unread::NotX509)
        };
        Self { size: der.len(), sha256: Digest::of(Algorithm::Sha256, der).hex().to_owned(), details }
    }
}

impl CertificateDetails {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let self_issued = certificate.subject().as_raw() == certificate.issuer().as_raw();
        let alternative = certificate.subject_alternative_name().ok().flatten();
        let mut names = alternative.iter().flat_map(|extension| &extension.value.general_names).filter_map(name);
        let uses = certificate.extended_key_usage();
        let mut extensions = certificate.extensions().iter();
        Some(Self {
            subject: distinguished_name(certificate.subject()),
            issuer: distinguished_name(certificate.issuer()),
            names: names.by_ref().take(NAMES).collect(),
            omitted_names: names.count(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            is_authority: certificate.is_ca(),
            self_issued,
            self_signed: self_issued && certificate.verify_signature(None).is_ok(),
            for_servers: match uses {
                Ok(None) => true,
                Ok(Some(uses)) => uses.value.any || uses.value.server_auth,
                Err(_) => false,
            },
            unknown_critical_extension: extensions.any(|extension| {
                let parsed = extension.parsed_extension();
                extension.critical && (parsed.unsupported() || parsed.error().is_some())
            }),
            issuer_addresses: issuer_addresses(&certificate),
        })
    }

    /// Whether a time, in seconds since 1970, is within its validity.
    pub fn is_valid_at(&self, time: i64) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }
}

/// The day of a time in seconds since 1970, as `2026-01-03`.
pub fn day(time: i64) -> String {
    OffsetDateTime::from_unix_timestamp(time).map_or_else(|_| "unknown".to_owned(), |time| time.date().to_string())
}

/// A time in seconds since 1970 in RFC 3339 format: `2026-01-03T00:00:00Z`.
pub fn instant(time: i64) -> String {
    OffsetDateTime::from_unix_timestamp(time).map_or_else(
        |_| "unknown".to_owned(),
        |time| format!("{}T{:02}:{:02}:{:02}Z", time.date(), time.hour(), time.minute(), time.second()),
    )
}

fn name(name: &GeneralName<'_>) -> Option<Untrusted> {
    match name {
        GeneralName::DNSName(name) => Some(Untrusted::from(*name)),
        GeneralName::Invalid(Tag(2), bytes) => Some(Untrusted::from_bytes(bytes)),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|bytes| Ipv4Addr::from(bytes).to_string());
            let address = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(|bytes| Ipv6Addr::from(bytes).to_string()));
            Some(Untrusted::new(address.unwrap_or_else(|_| hexadecimal(bytes))))
        }
        _ => None,
    }
}

fn issuer_addresses(certificate: &X509Certificate<'_>) -> Vec<Untrusted> {
    let extension = certificate.get_extension_unique(&OID_PKIX_AUTHORITY_INFO_ACCESS).ok().flatten();
    let Some(ParsedExtension::AuthorityInfoAccess(access)) = extension.map(|found| found.parsed_extension()) else {
        return Vec::new();
    };
    let described = access.iter().filter(|one| one.access_method == OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS);
    let addresses = described.filter_map(|one| match &one.access_location {
        GeneralName::URI(address) => Some(Untrusted::from(*address)),
        _ => None,
    });
    addresses.take(ADDRESSES).collect()
}

/// A distinguished name in DER, with nothing after it, in RFC 4514 format. `None` if the bytes are not one.
pub(super) fn distinguished_name_in_der(der: &[u8]) -> Option<Untrusted> {
    let (rest, name) = X509Name::from_der(der).ok()?;
    rest.is_empty().then(|| distinguished_name(&name))
}

/// A name in RFC 4514 format: the last component first.
fn distinguished_name(name: &X509Name<'_>) -> Untrusted {
    let components: Vec<_> = name.iter().take(ATTRIBUTES).collect();
    let component = |attributes: Vec<String>| attributes.join("+");
    let written: Vec<_> = components
        .into_iter()
        .rev()
        .map(|component_of| component(component_of.iter().take(ATTRIBUTES).map(attribute).collect()))
        .collect();
    Untrusted::new(written.join(", "))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let kind = attribute.attr_type();
    let kind = oid2abbrev(kind, oid_registry()).map_or_else(|_| kind.to_id_string(), str::to_owned);
    let bytes = attribute.as_slice();
    let value = match attribute.attr_value().tag() {
        Tag::NumericString | Tag::PrintableString | Tag::Utf8String | Tag::Ia5String => {
            escaped(Untrusted::from_bytes(bytes).as_str())
        }
        // Each byte is one character, as CAs that use this type intend.
        Tag::T61String => escaped(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>()),
        Tag::BmpString => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            escaped(&char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect::<String>())
        }
        _ => format!("#{}", hexadecimal(bytes)),
    };
    format!("{kind}={value}")
}

/// A value in which nothing reads as the start of another component (RFC 4514 §2.4).
fn escaped(value: &str) -> String {
    let mut written = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=') {
            written.push('\\');
        }
        written.push(character);
    }
    written
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
