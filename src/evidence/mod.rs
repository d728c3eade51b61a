//! What was observed, as plain values: no I/O happens here, and no clock is read.
//!
//! In reading order: [`Exchange`] is the fact that everything rests on, [`Journal`] keeps them in order, [`Matrix`]
//! lays the answers to the Accept variants side by side, [`Authentication`] is the story of the credentials.
//! [`Untrusted`] and [`Secret`] are how text from outside and values that must not leak are kept apart from the rest.

mod authentication;
mod cache;
mod certificate;
mod certificate_request;
mod client_challenge;
mod cuts;
mod descriptor;
mod disputed;
mod document;
mod error_body;
mod exchange;
mod failure;
mod go_json;
mod go_types;
mod image_config;
mod journal;
mod magic;
mod matrix;
mod observation;
mod redaction;
mod schema1;
mod secret;
#[cfg(test)]
pub(crate) mod testing;
mod trail;
mod untrusted;
pub mod variant;
mod written_secrets;

pub use authentication::{Authentication, ChallengeSeen, CredentialUse, Outcome, OverHttp, TokenClaims};
pub use cache::{CacheSign, cache_sign};
pub use certificate::{CertificateDetails, LeafTrust, PresentedCertificate, PresentedChain, Unread, day, instant};
pub use certificate_request::CertificateRequest;
pub use client_challenge::{ClientChallenge, client_challenges};
pub use cuts::cut_at_marks;
pub use descriptor::{Descriptor, DescriptorFault};
pub use disputed::{DisputedField, disputed_fields, disputed_in_config};
pub use document::{Document, ListedPlatform, Shape};
pub use error_body::{
    BodyKind, DETAIL_LIMIT, ErrorEntry, body_kind, error_entries, is_from_in_front, markup_words, page_words,
};
pub use exchange::{
    Body, Connection, Exchange, ExchangeId, Handshake, Method, ProxyChoice, Purpose, Request, Response, Timing,
    http_date, is_in_encoding,
};
pub use failure::{CertificateFault, Failure, FailureKind, PROXY_UNKNOWN, Step, TlsFault};
pub use go_json::{TypeMismatch, type_mismatches};
pub use go_types::{GoDocument, GoReader};
pub use image_config::{BuildStep, ImageConfig};
pub use journal::Journal;
pub use magic::{Magic, magic};
pub use matrix::{Answer, Matrix, Probe};
pub use observation::Observation;
pub use redaction::{
    AddressPart, Leak, Pseudonyms, Redaction, Redactor, address_parts, own_header_is_secret, removed, withheld,
};
pub use schema1::Schema1;
pub use secret::Secret;
pub use trail::{
    CredentialForm, CredentialPlace, CredentialTrail, Damage, Elsewhere, HelperOutcome, NearMiss, PlaceReason,
    PullSecretFault, PullSecretName, Reader, Seen, TrailStep,
};
pub use untrusted::{Untrusted, cut, is_safe};
pub use variant::Variant;
pub use written_secrets::{secrets_in, without_secrets};
