use super::head_hid_the_reason::hides;
use super::head_not_supported::refuses_head;
use super::{Pair, is_success, pairs};
use crate::diagnosis::encoding::is_false_of_the_document;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, delivery};
use crate::evidence::{ExchangeId, Query, Response};
use crate::knowledge::KnownRegistry;

rule! {
    /// HEAD and GET responses differ
    ///
    /// ## What it means
    /// HEAD and GET responses should differ only in the body. Docker, containerd and others use HEAD to find out the
    /// digest of a tag and the length and type of its manifest, and then fetch the manifest with GET. containerd and
    /// oras fail if the
    /// lengths differ (`unexpected EOF`, `failed size validation`, `mismatch Content-Length`) or if HEAD announces no
    /// length or no type; Docker's classic store pulls. Pull-through caches send HEAD for blobs first.
    ///
    /// ## How it is recognised
    /// Both methods, with the same URL and `Accept` as the asking client: the status, type, digest, encoding or length
    /// differs, and it is not that only HEAD is refused or that HEAD hides a reason. The length of the GET response is
    /// that of its bytes. A different length, a length of zero and a missing type are errors. The config blob is
    /// compared as well: a warning for its length, a note for its status. Rate limits, missing credentials and failed
    /// connections do not count, because they may change from one request to the next.
    ///
    /// ## What to do
    /// Something in front of the registry rewrites one of the two responses: a proxy that compresses, changes or caches
    /// GET responses, or that drops or makes up headers of HEAD responses. Have it pass both unchanged below `/v2/`.
    ///
    /// ## References
    /// RFC 9110 §9.3.2 and §8.6; distribution-spec, checking if content exists; containerd/containerd#5860;
    /// oras-project/oras-go#1176; yusing/godoxy#169; containerd/containerd#7390
    "head-get-disagree" in Head
}

const FIX: &str = "Have the proxy in front of the registry answer HEAD like GET below /v2/.";

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
    let quote = by_head.clone();
    let finding = match difference {
        Difference::Length(..) => Finding::error(ExitStatus::Integrity, title, head, quote),
        Difference::NoType(_) => Finding::error(ExitStatus::NotAcceptable, title, head, quote),
        _ => Finding::warning(title, head, quote),
    };
    let finding = finding
        .because(get, by_get.clone())
        .cause(format!("HEAD returns {by_head}, GET returns {by_get}. {}", difference.effect()))
        .fix(FIX);
    Some(finding)
}

impl Difference {
    fn title(&self) -> &'static str {
        match self {
            Self::Length(0, _) => "HEAD announces a length of zero",
            Self::Length(..) => "HEAD announces a different length than GET sends",
            Self::NoType(_) => "HEAD response has no Content-Type, GET response has one",
            _ => "HEAD and GET responses differ",
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

    /// The clients that fail, and the most likely reason.
    fn effect(&self) -> &'static str {
        match self {
            Self::Length(0, _) => {
                "containerd, and with it Kubernetes, fails (\"reports content size of zero\"), and so does Docker \
                 since 20.10 (\"missing or empty Content-Length header\"); podman, skopeo and crane use GET and \
                 succeed. Most likely a proxy in front of the registry drops the length and writes 0."
            }
            Self::Length(..) => {
                "containerd and oras take the length from HEAD and fail (\"unexpected EOF\", \"failed size \
                 validation\", \"mismatch Content-Length\"); Docker, podman, skopeo and crane do not compare the \
                 lengths and succeed. Most likely something in front of the registry rewrites one of the two."
            }
            Self::NoType(_) => {
                "containerd takes the media type from HEAD and fails without one; Docker, podman, skopeo and crane \
                 take it from GET. Most likely something in front of the registry drops the header."
            }
            Self::Encoding(..) => {
                "A different encoding means a different length, and clients that take the length from HEAD fail."
            }
            _ => "Docker and containerd use HEAD to resolve a tag to its digest; some clients stop if it fails.",
        }
    }
}

/// The difference between the two answers, unless another rule of this family reports it.
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
    // Schema 1 is signed anew for each answer, and an encoded body has a different length.
    let is_comparable = !get.is_schema1() && !by_get.is_transformed() && !by_get.body.truncated;
    let (by_head, by_get) = (announced_length(by_head)?, by_get.body.size);
    (is_comparable && by_head != by_get).then_some(Difference::Length(by_head, by_get))
}

fn announced_length(response: &Response) -> Option<u64> {
    response.header("content-length")?.as_str().trim().parse().ok()
}

/// Compares the two methods for the config blob, which pull-through caches request by HEAD. If blobs are stored
/// elsewhere, HEAD goes no further than the redirect.
fn of_the_config(case: &Case<'_>) -> Option<Finding> {
    let counted = case.record().known().is_some_and(KnownRegistry::counts_gets_as_pulls);
    // A failed HEAD for the manifest is already reported.
    let head_fails = pairs(case).iter().any(|pair| !is_success(pair.by_head));
    if !case.record().depth.goes_deep() || counted || head_fails {
        return None;
    }
    let part = delivery::config(case)?;
    let (head, by_head) = case.ask(Query::HasBlob(part.digest.clone()?))?;
    let (get, by_get) = part.stored()?;
    let by_head = by_head.response.as_ref().filter(|_| by_head.failure.is_none())?;
    let found = |title: &str, make: fn(String, ExchangeId, String) -> Finding, one: String, other: String| {
        let finding = make(title.to_owned(), head, one.clone()).because(get, other.clone());
        Some(finding.cause(format!(
            "For the config blob, HEAD returns {one}, GET returns {other}. Pull-through caches and tools that copy \
             images send HEAD for blobs first and rely on it; engines use GET."
        )).fix(FIX))
    };
    match by_head.status {
        200..=299 => {
            let length = announced_length(by_head).filter(|_| by_head.encoding().is_none())?;
            let title = if length == 0 {
                "HEAD for a blob announces a length of zero"
            } else {
                "HEAD for a blob announces a different length than GET sends"
            };
            let differs = length != by_get.body.size;
            if !differs {
                return None;
            }
            found(title, Finding::warning, format!("content-length {length}"), format!("{} bytes", by_get.body.size))
        }
        401 | 407 | 429 | 300..=399 => None,
        status => found(
            "registry refuses HEAD for a blob, but not GET",
            Finding::info,
            status.to_string(),
            by_get.status.to_string(),
        ),
    }
}
