//! Content negotiation of registries built on CNCF distribution: by the reference, the `Accept` header, and the
//! version.
//!
//! Docker Hub, GitLab, Harbor and Azure are forks of it or have it as a backend; their common part is here, and the
//! error messages of each are in its dialect. From distribution's source, `registry/handlers/manifests.go`, and from
//! the recorded matrices of 2.8.3 and 3.1.1.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::lab::host::Visit;
use crate::lab::schema1::{self, Signed};
use crate::lab::store::{Repository, Store, Stored};
use crate::lab::wire::{Answer, IncomingRequest};
use crate::oci::media_type::{DOCKER_LIST, DOCKER_V1_SIGNED, DOCKER_V2, OCI_INDEX, OCI_MANIFEST};

/// The major version of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    /// 2.8: converts images to Docker schema 1 for clients that do not accept Docker v2 manifests, and hides OCI
    /// indexes.
    Two,
    /// 3: converts nothing, and hides OCI manifests only.
    Three,
}

/// The result of negotiation for a reference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A stored document. For a list, possibly the chosen child.
    Stored {
        /// The digest.
        digest: &'a str,
        /// The document.
        document: &'a Stored,
    },
    /// A Docker schema 1 manifest, converted from the image.
    Converted(Signed),
    /// The client has it already (`If-None-Match`).
    NotModified,
    /// The tag or the repository does not exist; both get the same answer.
    NoSuchTag,
    /// There is no document with this digest.
    NoSuchDigest,
    /// The digest is not a manifest's: 2.8 also searches the links of layers and configs.
    NotAManifest,
    /// An OCI manifest, which the client does not accept.
    HiddenManifest,
    /// An OCI index, which the client does not accept.
    HiddenIndex,
    /// A list whose child for linux/amd64 is missing, for a client that does not accept lists.
    MissingChild {
        /// The digest of the child in the list.
        digest: String,
    },
    /// A list without a child for linux/amd64, for a client that does not accept lists.
    NoChild,
    /// A chosen child that the client does not accept (3 only).
    ChildNotAccepted,
    /// The image cannot be converted to Docker schema 1.
    NotConvertible,
}

/// The types of the `Accept` header, without parameters. `q` is ignored, and wildcards match nothing.
pub(crate) fn accepted<'a>(visit: &Visit<'a>) -> Vec<&'a str> {
    let types = visit.request.accept().into_iter().flat_map(|line| line.split(','));
    types.map(|media_type| media_type.split(';').next().unwrap_or_default().trim()).collect()
}

/// Negotiates the answer to a manifest request.
pub(crate) fn find<'a>(
    visit: &Visit<'a>,
    repository: &'a str,
    reference: &'a str,
    generation: Generation,
) -> Found<'a> {
    find_in(visit.host.store(), visit, repository, reference, generation)
}

/// Negotiates the answer to a manifest request with the content of another host's store.
pub(crate) fn find_in<'a>(
    store: &'a Store,
    visit: &Visit<'_>,
    repository_name: &'a str,
    reference: &'a str,
    generation: Generation,
) -> Found<'a> {
    let by_tag = !reference.contains(':');
    let missing = if by_tag { Found::NoSuchTag } else { Found::NoSuchDigest };
    let repository = store.repository(repository_name);
    let digest = match by_tag {
        true => repository.and_then(|repository| repository.digest_of(reference)),
        false => Some(reference),
    };
    let Some(digest) = digest else { return missing };
    // Distribution checks this before it reads the document or its type.
    if has(visit.request, digest) {
        return Found::NotModified;
    }
    let Some(repository) = repository else { return missing };
    let Some((digest, document)) = repository.document(digest) else {
        let linked = generation == Generation::Two && repository.blobs.contains_key(reference);
        return if linked { Found::NotAManifest } else { Found::NoSuchDigest };
    };
    let accepted = accepted(visit);
    // 3 parses media types with Go's library, which ignores case.
    let accepts = |media_type: &str| match generation {
        Generation::Two => accepted.contains(&media_type),
        Generation::Three => accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(media_type)),
    };
    // 2.8 goes by the field in the document: an index without mediaType is not hidden.
    let says_it_is = |media_type: &str| own_type(document).as_deref() == Some(media_type);
    match document.media_type.as_str() {
        OCI_MANIFEST if !accepts(OCI_MANIFEST) => Found::HiddenManifest,
        OCI_INDEX if generation == Generation::Two && says_it_is(OCI_INDEX) && !accepts(OCI_INDEX) => {
            Found::HiddenIndex
        }
        DOCKER_V2 if by_tag && generation == Generation::Two && !accepts(DOCKER_V2) => {
            converted(repository, repository_name, reference, document)
        }
        DOCKER_LIST if by_tag && !accepts(DOCKER_LIST) => {
            let Some(digest) = digest_for_amd64(document) else { return Found::NoChild };
            let Some((digest, child)) = repository.manifests.get_key_value(&digest) else {
                return Found::MissingChild { digest };
            };
            match generation {
                _ if accepts(DOCKER_V2) || child.media_type != DOCKER_V2 => Found::Stored { digest, document: child },
                Generation::Two => converted(repository, repository_name, reference, child),
                Generation::Three => Found::ChildNotAccepted,
            }
        }
        _ => Found::Stored { digest, document },
    }
}

/// Returns whether the client has this document already: `If-None-Match` is its digest, with or without quotation
/// marks.
fn has(request: &IncomingRequest, digest: &str) -> bool {
    let mut said = request.headers.get_all(http::header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    said.any(|said| said == digest || said.strip_prefix('"').and_then(|said| said.strip_suffix('"')) == Some(digest))
}

fn converted<'a>(repository: &Repository, name: &str, tag: &str, document: &Stored) -> Found<'a> {
    schema1::convert(repository, name, tag, document).map_or(Found::NotConvertible, Found::Converted)
}

fn own_type(document: &Stored) -> Option<String> {
    let content: Value = serde_json::from_slice(&document.bytes).ok()?;
    content["mediaType"].as_str().map(str::to_owned)
}

/// An error as distribution and its forks write it, with the line feed at its end.
pub(crate) fn error_body(code: &str, message: &str, detail: Option<Value>) -> String {
    let mut error = json!({ "code": code, "message": message });
    if let Some(detail) = detail {
        error["detail"] = detail;
    }
    format!("{}\n", json!({ "errors": [error] }))
}

/// The function with which a fork writes an error: status, code, message, detail.
pub(crate) type Wording<'a> = &'a dyn Fn(u16, &str, &str, Option<Value>) -> Answer;

impl Found<'_> {
    /// The answer of this generation of distribution, with each error as the fork writes it. Forks with messages of
    /// their own answer those cases themselves.
    pub fn answer(self, repository: &str, reference: &str, generation: Generation, error: Wording<'_>) -> Answer {
        let unknown = |detail: Option<Value>| error(404, "MANIFEST_UNKNOWN", "manifest unknown", detail);
        let hidden = |message: &str| error(404, "MANIFEST_UNKNOWN", message, None);
        let no_such_digest = |digest: &str| {
            unknown(Some(match generation {
                Generation::Two => json!({ "Name": repository, "Revision": digest }),
                Generation::Three => json!(format!("unknown manifest name={repository} revision={digest}")),
            }))
        };
        match self {
            Self::Stored { digest, document } => served(&document.media_type, digest, document.bytes.clone()),
            Self::Converted(signed) => served(DOCKER_V1_SIGNED, &signed.digest, signed.bytes),
            Self::NotModified => Answer::new(304),
            Self::NoSuchTag => unknown(Some(match generation {
                Generation::Two => json!({ "Tag": reference }),
                Generation::Three => json!(format!("unknown tag={reference}")),
            })),
            Self::NoSuchDigest => no_such_digest(reference),
            Self::MissingChild { digest } => no_such_digest(&digest),
            Self::NotAManifest => error(500, "UNKNOWN", "unknown error", Some(json!({}))),
            Self::HiddenManifest => hidden("OCI manifest found, but accept header does not support OCI manifests"),
            Self::HiddenIndex => hidden("OCI index found, but accept header does not support OCI indexes"),
            Self::NoChild => unknown(None),
            Self::ChildNotAccepted => error(400, "MANIFEST_INVALID", "Schema 2 manifest not supported by client", None),
            Self::NotConvertible => error(400, "MANIFEST_INVALID", "manifest invalid", Some(json!({}))),
        }
    }
}

/// The answer with a document, as distribution serves it.
pub(crate) fn served(media_type: &str, digest: &str, bytes: Bytes) -> Answer {
    Answer::with_body(200, media_type, bytes)
        .header("Docker-Content-Digest", digest)
        .header("Etag", format!("\"{digest}\""))
}

/// The document for a reference; for a list that the client does not accept, its image for linux/amd64. Amazon's
/// registries are not known to negotiate anything else.
pub(crate) fn image_of_list<'a>(
    visit: &Visit<'_>,
    repository: &'a Repository,
    reference: &'a str,
) -> Option<(&'a str, &'a Stored)> {
    let (digest, document) = repository.document(reference)?;
    let media_type = document.media_type.as_str();
    let is_list = matches!(media_type, DOCKER_LIST | OCI_INDEX);
    if is_list && !accepted(visit).contains(&media_type) {
        return child_for_amd64(repository, document);
    }
    Some((digest, document))
}

/// The first child for linux/amd64 in a list.
pub(crate) fn child_for_amd64<'a>(repository: &'a Repository, list: &Stored) -> Option<(&'a str, &'a Stored)> {
    let found = repository.manifests.get_key_value(&digest_for_amd64(list)?);
    found.map(|(digest, child)| (digest.as_str(), child))
}

fn digest_for_amd64(list: &Stored) -> Option<String> {
    let content: Value = serde_json::from_slice(&list.bytes).ok()?;
    let mut children = content["manifests"].as_array()?.iter();
    let child = children.find(|child| {
        let platform = &child["platform"];
        platform["os"] == "linux" && platform["architecture"] == "amd64"
    })?;
    child["digest"].as_str().map(str::to_owned)
}
