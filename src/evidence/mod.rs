//! Observations, as plain values: there is no I/O here, and no clock is read.
//!
//! In reading order: [`Exchange`] is the basic fact, [`Journal`] keeps exchanges in order, [`Matrix`] groups the
//! answers to the Accept variants, and [`Authentication`] is the authentication trace. A [`Record`] is all of it
//! together, one run as a value. The [`Redactor`] keeps secrets out of all output made from them.

mod authentication;
mod body;
mod cache;
mod certificate;
mod certificate_request;
mod client_challenge;
mod error_body;
mod exchange;
mod failure;
mod journal;
mod matrix;
mod nanoseconds;
mod observation;
mod options;
mod provenance;
mod purpose;
mod query;
mod record;
mod redaction;
mod request_header;
#[cfg(test)]
pub(crate) mod testing;
mod trail;
pub mod variant;
mod written_secrets;

pub use authentication::{Authentication, ChallengeSeen, CredentialUse, Outcome, OverHttp, TokenClaims};
pub use body::Body;
pub use cache::{CacheSign, cache_sign};
pub use certificate::{
    CertificateDetails, LeafTrust, PresentedCertificate, PresentedChain, day, instant, x509_version,
};
pub use certificate_request::CertificateRequest;
pub use client_challenge::{ClientChallenge, client_challenges};
pub use error_body::{BodyKind, ErrorEntry, body_kind, error_entries, is_from_in_front, markup_words, page_words};
pub use exchange::{
    Connection, Exchange, ExchangeId, Method, ProxyChoice, Request, Response, Timing, TlsHandshake, http_date,
    is_in_encoding,
};
pub use failure::{CertificateFault, Failure, FailureKind, Step, TlsFault};
pub use journal::Journal;
pub use matrix::{DistinctAnswer, Matrix, Probe};
pub use observation::Observation;
pub use options::{LabOption, RunOptions};
pub use provenance::{Build, Maker, Provenance};
pub use purpose::Purpose;
pub use query::{ListOf, Query, Reply};
pub use record::{Depth, Record, UnreadRecord};
pub use redaction::{
    AddressPart, Leak, Pseudonyms, Redaction, Redactor, Shape, address_parts, is_address, is_harmless, is_placeholder,
    is_secret_header, is_secret_name, own_header_is_secret, unlabelled,
};
pub use request_header::{GrantForm, RequestForm, RequestHeader, RequestValue, SecretKind, Withheld};
pub use trail::{
    CredentialField, CredentialForm, CredentialPlace, CredentialTrail, Damage, Elsewhere, HelperOutcome, NearMiss,
    PlaceReason, PullSecretFault, PullSecretName, Reader, Seen, TrailStep,
};
pub use variant::Variant;
pub use written_secrets::{secrets_in, without_secrets};
