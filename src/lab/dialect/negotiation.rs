//! How registries built on CNCF distribution find what to serve: by the reference, the `Accept` header, and their age.
//!
//! Docker Hub, GitLab, Harbor and Azure are forks of it or have it behind them; what they share is here, and how each
//! words a refusal is in its dialect. From distribution's source, `registry/handlers/manifests.go`, and from the
//! recorded matrices of 2.8.3 and 3.1.1.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::lab::host::Visit;
use crate::lab::schema1::{self, Signed};
use crate::lab::store::{Repository, Store, Stored};
use crate::lab::wire::{Answer, IncomingRequest};
use crate::oci::media_type::{DOCKER_LIST, DOCKER_V1_SIGNED, DOCKER_V2, OCI_INDEX, OCI_MANIFEST};

/// How old a distribution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    /// 2.8: makes docker v1 of images for clients that name no other type, and hides OCI indexes.
    Two,
    /// 3: makes nothing, and hides OCI manifests only.
    Three,
}

/// What is found for a reference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A document, as it is stored. Of a list that may be the child that was chosen.
    Stored {
        /// Its digest.
        digest: &'a str,
        /// The document.
        document: &'a Stored,
    },
    /// A docker v1 document, made of the image just now.
    Converted(Signed),
    /// The client has it already (`If-None-Match`).
    NotModified,
    /// There is no such tag, or no such repository, which is not told apart.
    NoSuchTag,
    /// There is no document of this digest.
    NoSuchDigest,
    /// What is there under this digest is no manifest: 2.8 also looks where layers and configurations are linked.
    NoManifest,
    /// An OCI manifest, which the client does not accept.
    HiddenManifest,
    /// An OCI index, which the client does not accept.
    HiddenIndex,
    /// A list whose child for linux/amd64 is not there, asked for by somebody who does not accept lists.
    MissingChild {
        /// The digest that the list gives it.
        digest: String,
    },
    /// A list without a child for linux/amd64, asked for by somebody who does not accept lists.
    NoChild,
    /// A child that somebody is to get who does not accept it (3 only).
    ChildNotAccepted,
    /// What there is cannot be made into docker v1.
    NotConvertible,
}

/// The types of the `Accept` header, without parameters. `q` is not looked at, and wildcards stand for nothing.
pub(crate) fn accepted<'a>(visit: &Visit<'a>) -> Vec<&'a str> {
    let types = visit.request.accept().into_iter().flat_map(|line| line.split(','));
    types.map(|media_type| media_type.split(';').next().unwrap_or_default().trim()).collect()
}

/// Finds what a manifest request of these two is answered with.
pub(crate) fn find<'a>(
    visit: &Visit<'a>,
    repository: &'a str,
    reference: &'a str,
    generation: Generation,
) -> Found<'a> {
    find_in(visit.host.store(), visit, repository, reference, generation)
}

/// The same in a store that is not that of the host that is asked.
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
    // This is looked at before there is a document, let alone a type.
    if has(visit.request, digest) {
        return Found::NotModified;
    }
    let Some(repository) = repository else { return missing };
    let Some((digest, document)) = repository.document(digest) else {
        let linked = generation == Generation::Two && repository.blobs.contains_key(reference);
        return if linked { Found::NoManifest } else { Found::NoSuchDigest };
    };
    let accepted = accepted(visit);
    // 3 reads media types as Go's library does, in which capital letters are none.
    let accepts = |media_type: &str| match generation {
        Generation::Two => accepted.contains(&media_type),
        Generation::Three => accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(media_type)),
    };
    // 2.8 goes by what stands in the document: an index that does not say that it is one is not hidden.
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

/// Whether the client says that it has this document: its digest, with or without quotation marks, and nothing else.
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

/// One error as distribution and its forks write it, with the line feed at its end.
pub(crate) fn error_body(code: &str, message: &str, detail: Option<Value>) -> String {
    let mut error = json!({ "code": code, "message": message });
    if let Some(detail) = detail {
        error["detail"] = detail;
    }
    format!("{}\n", json!({ "errors": [error] }))
}

/// How a fork writes an error: status, code, message, detail.
pub(crate) type Wording<'a> = &'a dyn Fn(u16, &str, &str, Option<Value>) -> Answer;

impl Found<'_> {
    /// The answer for a reference in the words of distribution of this generation, each error as the fork writes it.
    /// Forks that have words of their own for something answer that themselves.
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
            Self::NoManifest => error(500, "UNKNOWN", "unknown error", Some(json!({}))),
            Self::HiddenManifest => hidden("OCI manifest found, but accept header does not support OCI manifests"),
            Self::HiddenIndex => hidden("OCI index found, but accept header does not support OCI indexes"),
            Self::NoChild => unknown(None),
            Self::ChildNotAccepted => error(400, "MANIFEST_INVALID", "Schema 2 manifest not supported by client", None),
            Self::NotConvertible => error(400, "MANIFEST_INVALID", "manifest invalid", Some(json!({}))),
        }
    }
}

/// A document as distribution serves it.
pub(crate) fn served(media_type: &str, digest: &str, bytes: Bytes) -> Answer {
    Answer::with_body(200, media_type, bytes)
        .header("Docker-Content-Digest", digest)
        .header("Etag", format!("\"{digest}\""))
}

/// The document for a reference where a list that is not accepted becomes its image for linux/amd64, which is all that
/// Amazon's registries are known to do about the `Accept` header.
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

/// The first child of a list that is for linux/amd64.
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
