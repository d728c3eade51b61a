//! A descriptor of a document, parsed leniently, with the faults that a strict parser rejects.

use serde_json::Value;

use super::listed_platform::ListedPlatform;
use crate::oci::{Digest, DigestError};
use crate::text::Untrusted;

/// A descriptor: the entry in a document for another document or a blob (image-spec, content descriptors).
#[derive(Debug, Clone)]
pub struct Descriptor {
    /// The media type that the entry claims.
    pub media_type: Untrusted,
    /// The digest, not validated.
    pub digest: Untrusted,
    /// The size in bytes that the entry claims, if it is a valid size.
    pub size: Option<u64>,
    /// Other locations of the content (image-spec, content descriptors, `urls`), at most eight.
    pub urls: Vec<Untrusted>,
    /// The platform of the entry, if it names one.
    pub platform: Option<ListedPlatform>,
    /// The type of the artifact (image-spec 1.1, content descriptors, `artifactType`).
    pub artifact_type: Option<Untrusted>,
    /// `true` for a build attestation (annotation `vnd.docker.reference.type`), which is not runnable.
    pub attestation: bool,
    /// The image that a build attestation describes (annotation `vnd.docker.reference.digest`).
    pub attests: Option<Untrusted>,
    /// Deviations from the required form (image-spec, content descriptors), the most serious first. JSON types that
    /// clients cannot decode are not among them: see [`super::type_mismatches`].
    pub faults: Vec<DescriptorFault>,
}

/// A deviation of a descriptor from the form that image-spec requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DescriptorFault {
    /// The digest is missing or empty.
    NoDigest,
    /// The digest does not follow the grammar of its algorithm; quoted as written.
    MalformedDigest(Untrusted),
    /// The algorithm of the digest is unknown to clients; the digest is quoted as written.
    UnknownAlgorithm(Untrusted),
    /// The size is negative.
    NegativeSize(i64),
    /// The size is missing, which Go reads as zero.
    NoSize,
    /// The size is zero.
    ZeroSize,
    /// The media type is missing or empty.
    NoMediaType,
}

impl Descriptor {
    /// Parses a JSON value leniently: unreadable fields are left out and listed in [`Descriptor::faults`].
    pub fn read(value: &Value) -> Self {
        let text = |name: &str| Untrusted::new(value.get(name).and_then(Value::as_str).unwrap_or_default());
        let platform = value.get("platform").and_then(ListedPlatform::read);
        let urls = value.get("urls").and_then(Value::as_array).into_iter().flatten().take(8);
        let annotation = |name: &str| value.get("annotations").and_then(|all| all.get(name)).and_then(Value::as_str);
        let artifact_type = value.get("artifactType").and_then(Value::as_str).filter(|kind| !kind.is_empty());
        Self {
            media_type: text("mediaType"),
            digest: text("digest"),
            size: value.get("size").and_then(Value::as_u64),
            urls: urls.filter_map(Value::as_str).map(Untrusted::from).collect(),
            platform,
            artifact_type: artifact_type.map(Untrusted::from),
            attestation: annotation("vnd.docker.reference.type") == Some("attestation-manifest"),
            attests: annotation("vnd.docker.reference.digest").map(Untrusted::from),
            faults: faults(value),
        }
    }
}

fn faults(value: &Value) -> Vec<DescriptorFault> {
    let field = |name: &str| value.get(name).filter(|value| !value.is_null());
    let is_empty = |value: &Value| value.as_str().is_some_and(str::is_empty);
    let media_type = field("mediaType").is_none_or(is_empty);
    let faults =
        [digest_fault(field("digest")), size_fault(field("size")), media_type.then_some(DescriptorFault::NoMediaType)];
    // Only an object can be decoded; null is an object without fields.
    if value.is_object() || value.is_null() { faults.into_iter().flatten().collect() } else { Vec::new() }
}

fn digest_fault(digest: Option<&Value>) -> Option<DescriptorFault> {
    let Some(digest) = digest else { return Some(DescriptorFault::NoDigest) };
    let text = digest.as_str()?;
    match text.parse::<Digest>() {
        Ok(_) => None,
        Err(_) if text.is_empty() => Some(DescriptorFault::NoDigest),
        Err(DigestError::OtherAlgorithm) => Some(DescriptorFault::UnknownAlgorithm(Untrusted::from(text))),
        Err(_) => Some(DescriptorFault::MalformedDigest(Untrusted::from(text))),
    }
}

/// Sizes are int64 in every Go client.
fn size_fault(size: Option<&Value>) -> Option<DescriptorFault> {
    match size.map(Value::as_i64) {
        None => Some(DescriptorFault::NoSize),
        Some(Some(0)) => Some(DescriptorFault::ZeroSize),
        Some(Some(size)) if size < 0 => Some(DescriptorFault::NegativeSize(size)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::image::descriptor::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn faults_of(size: &str, digest: &str, media_type: &str) -> Vec<DescriptorFault> {
        let mut fields = vec![size, digest, media_type];
        fields.retain(|field| !field.is_empty());
        Descriptor::read(&serde_json::from_str(&format!("{{{}}}", fields.join(","))).unwrap()).faults
    }

    #[test]
    fn complete_descriptor_has_no_faults() {
        let digest = format!(r#""digest":"{DIGEST}""#);
        assert_eq!(faults_of(r#""size":96"#, &digest, r#""mediaType":"a/b""#), []);
        assert_eq!(faults_of(r#""size":9223372036854775807"#, &digest, r#""mediaType":"a/b""#), []);
    }

    /// The result of encoding/json for an int64 field.
    #[test]
    fn size_that_go_cannot_use_is_a_fault() {
        let digest = format!(r#""digest":"{DIGEST}""#);
        let of = |size: &str| faults_of(size, &digest, r#""mediaType":"a/b""#);
        assert_eq!(of(""), [DescriptorFault::NoSize]);
        assert_eq!(of(r#""size":null"#), [DescriptorFault::NoSize]);
        assert_eq!(of(r#""size":0"#), [DescriptorFault::ZeroSize]);
        assert_eq!(of(r#""size":-96"#), [DescriptorFault::NegativeSize(-96)]);
        for undecodable in ["96.5", "96.0", "\"96\"", "9223372036854775808", "[]"] {
            assert_eq!(of(&format!(r#""size":{undecodable}"#)), [], "{undecodable}");
        }
    }

    #[test]
    fn digest_that_names_no_content_is_a_fault() {
        let of = |digest: &str| faults_of(r#""size":96"#, digest, r#""mediaType":"a/b""#);
        assert_eq!(of(""), [DescriptorFault::NoDigest]);
        assert_eq!(of(r#""digest":"""#), [DescriptorFault::NoDigest]);
        assert_eq!(of(r#""digest":"sha256:ab""#), [DescriptorFault::MalformedDigest(Untrusted::from("sha256:ab"))]);
        assert_eq!(of(r#""digest":"blake3:ab""#), [DescriptorFault::UnknownAlgorithm(Untrusted::from("blake3:ab"))]);
        assert_eq!(of(r#""digest":7"#), []);
    }

    #[test]
    fn missing_media_type_is_a_fault() {
        let digest = format!(r#""digest":"{DIGEST}""#);
        assert_eq!(faults_of(r#""size":96"#, &digest, ""), [DescriptorFault::NoMediaType]);
        assert_eq!(faults_of(r#""size":96"#, &digest, r#""mediaType":"""#), [DescriptorFault::NoMediaType]);
        assert_eq!(Descriptor::read(&serde_json::json!(7)).faults, []);
        assert_eq!(Descriptor::read(&serde_json::json!(null)).faults[0], DescriptorFault::NoDigest);
    }
}
