use super::head_hid_the_reason::hides;
use super::head_not_supported::refuses_head;
use super::{Pair, is_success, pairs};
use crate::diagnosis::encoding::is_false_of_the_document;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, delivery};
use crate::evidence::{ExchangeId, Query, Response};
use crate::knowledge::KnownRegistry;

rule! {
    /// HEAD and GET are answered differently.
    ///
    /// ## What it means
    /// The two should differ in nothing but the body. Docker, containerd and others find out by HEAD which digest a tag
    /// has, how long its manifest is and of which type, and fetch it by GET. containerd and oras stop where the lengths
    /// differ (`unexpected EOF`, `failed size validation`, `mismatch Content-Length`) or where HEAD announces none or no
    /// type; Docker's classic store pulls. Pull-through caches ask for blobs by HEAD first.
    ///
    /// ## How it is recognised
    /// The same address and `Accept`, as the asking client sends it, by both methods: another status, type, digest,
    /// encoding or length, and it is not that HEAD alone is refused or hides a reason. The length of GET is that of its
    /// bytes. Another length, a length of zero and a missing type are errors. The config blob is compared as well: a
    /// warning for its length, a note for its status. Limits on requests, missing logins and connections that failed are
    /// left out, because they may change from one request to the next.
    ///
    /// ## What to do
    /// Something in front of the registry rewrites one of the two: a proxy that compresses, changes or caches answers to
    /// GET, or that drops or makes up headers of HEAD. Have it pass both on unchanged below `/v2/`.
    ///
    /// ## References
    /// RFC 9110 §9.3.2 and §8.6; distribution-spec, checking if content exists; containerd/containerd#5860;
    /// oras-project/oras-go#1176; yusing/godoxy#169; containerd/containerd#7390
    "head-get-disagree" in Head
}

const FIX: &str = "Have whatever is in front of the registry answer HEAD as it answers GET, below /v2/.";

/// A difference between the two answers.
enum Difference {
    Status(u16, u16),
    Type(String, String),
    NoType(String),
    Digest(String, String),
    Encoding(String, String),
    Length(u64, u64),
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let disagrees = |pair: Pair<'_>| Some((pair.head, pair.get, difference(case, &pair)?));
    let Some((head, get, difference)) = pairs(case).into_iter().find_map(disagrees) else { return of_the_config(case) };
    let (by_head, by_get) = difference.sides();
    let title = difference.title();
    let quote = format!("HEAD {by_head}");
    let finding = match difference {
        Difference::Length(..) => Finding::error(ExitStatus::Integrity, title, head, quote),
        Difference::NoType(_) => Finding::error(ExitStatus::NotAcceptable, title, head, quote),
        _ => Finding::warning(title, head, quote),
    };
    let finding = finding
        .because(get, format!("GET {by_get}"))
        .cause(format!("HEAD is answered with {by_head}, GET with {by_get}. {}", difference.effect()))
        .fix(FIX);
    Some(finding)
}

impl Difference {
    fn title(&self) -> &'static str {
        match self {
            Self::Length(0, _) => "HEAD announces a length of zero",
            Self::Length(..) => "HEAD announces another length than GET sends",
            Self::NoType(_) => "HEAD has no Content-Type, and GET has one",
            _ => "HEAD and GET are answered differently",
        }
    }

    fn sides(&self) -> (String, String) {
        match self {
            Self::Status(head, get) => (head.to_string(), get.to_string()),
            Self::Type(head, get) | Self::Digest(head, get) => (head.clone(), get.clone()),
            Self::NoType(get) => ("no content-type".to_owned(), format!("content-type {get}")),
            Self::Encoding(head, get) => (format!("content-encoding {head}"), format!("content-encoding {get}")),
            Self::Length(head, get) => (format!("content-length {head}"), format!("{get} bytes")),
        }
    }

    /// Which clients break, and what most likely does it.
    fn effect(&self) -> &'static str {
        match self {
            Self::Length(0, _) => {
                "containerd, and with it Kubernetes, stops (\"reports content size of zero\"), and so does Docker from 20.10 \
                 on (\"missing or empty Content-Length header\"); podman, skopeo and crane ask by GET, and pull. Most likely a \
                 proxy in front of the registry drops the length and writes 0."
            }
            Self::Length(..) => {
                "containerd and oras take the length from HEAD and stop (\"unexpected EOF\", \"failed size validation\", \
                 \"mismatch Content-Length\"); Docker, podman, skopeo and crane do not compare them, and pull. Most likely \
                 something in front of the registry rewrites one of the two."
            }
            Self::NoType(_) => {
                "containerd takes the media type from HEAD, and fails without one; Docker, podman, skopeo and crane take it \
                 from GET. Most likely something in front of the registry drops the header."
            }
            Self::Encoding(..) => {
                "What differs in encoding differs in length as well, and clients that take the length from HEAD stop."
            }
            _ => "Docker and containerd find out the digest of a tag by HEAD; where it fails, some clients stop.",
        }
    }
}

/// What differs, where no other rule of this family has a word for it.
fn difference(case: &Case<'_>, pair: &Pair<'_>) -> Option<Difference> {
    let &Pair { head, get, by_head, by_get } = pair;
    if refuses_head(pair) || hides(case, pair) {
        return None;
    }
    if by_head.status != by_get.status {
        return Some(Difference::Status(by_head.status, by_get.status));
    }
    if !is_success(by_head) {
        return None;
    }
    let observed = |id| case.journal().observation(id);
    let (head, get) = (observed(head)?, observed(get)?);
    let served = |response: &Response| {
        response.served_type().filter(|served| !served.as_str().is_empty()).map(|served| served.named_within(100))
    };
    match (served(by_head), served(by_get)) {
        (Some(head_type), Some(get_type)) if head_type != get_type => {
            return Some(Difference::Type(head_type, get_type));
        }
        (None, Some(get_type)) => return Some(Difference::NoType(get_type)),
        _ => {}
    }
    if let Some((head_digest, get_digest)) = head.announced.as_ref().zip(get.announced.as_ref())
        && head_digest != get_digest
    {
        return Some(Difference::Digest(head_digest.to_string(), get_digest.to_string()));
    }
    let named = |response: &Response| response.encoding().map_or("none".to_owned(), |named| named.named_within(40));
    if named(by_head) != named(by_get) && !is_false_of_the_document(case) {
        return Some(Difference::Encoding(named(by_head), named(by_get)));
    }
    // Schema 1 is signed anew for each answer, and an encoded body has a length of its own.
    let is_comparable = !get.is_schema1() && !by_get.is_transformed() && !by_get.body.truncated;
    let (by_head, by_get) = (announced_length(by_head)?, by_get.body.size);
    (is_comparable && by_head != by_get).then_some(Difference::Length(by_head, by_get))
}

fn announced_length(response: &Response) -> Option<u64> {
    response.header("content-length")?.as_str().trim().parse().ok()
}

/// The same of the config blob, by what pull-through caches ask. Where blobs are somewhere else, HEAD is only asked up to
/// the redirect.
fn of_the_config(case: &Case<'_>) -> Option<Finding> {
    let counted = case.record().known().is_some_and(KnownRegistry::counts_gets_as_pulls);
    // Where HEAD fails for the manifest, that is told already.
    let head_fails = pairs(case).iter().any(|pair| !is_success(pair.by_head));
    if !case.record().depth.goes_deep() || counted || head_fails {
        return None;
    }
    let part = delivery::config(case)?;
    let (head, by_head) = case.ask(Query::HasBlob(part.digest.clone()?))?;
    let (get, by_get) = part.stored()?;
    let by_head = by_head.response.as_ref().filter(|_| by_head.failure.is_none())?;
    let found = |title: &str, make: fn(String, ExchangeId, String) -> Finding, one: String, other: String| {
        let finding = make(title.to_owned(), head, format!("HEAD {one}")).because(get, format!("GET {other}"));
        Some(finding.cause(format!(
            "HEAD of the config blob is answered with {one}, GET with {other}. Pull-through caches, and tools that copy \
             images, ask for blobs by HEAD first and go by that; engines ask by GET."
        )).fix(FIX))
    };
    match by_head.status {
        200..=299 => {
            let length = announced_length(by_head).filter(|_| by_head.encoding().is_none())?;
            let title = if length == 0 {
                "HEAD of a blob announces a length of zero"
            } else {
                "HEAD of a blob announces another length"
            };
            let differs = length != by_get.body.size;
            if !differs {
                return None;
            }
            found(title, Finding::warning, format!("content-length {length}"), format!("{} bytes", by_get.body.size))
        }
        401 | 407 | 429 | 300..=399 => None,
        status => found(
            "HEAD of a blob is refused, and GET is not",
            Finding::info,
            status.to_string(),
            by_get.status.to_string(),
        ),
    }
}
