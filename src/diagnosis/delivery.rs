//! Obstacles to the blobs of an image whose manifest was served.
//!
//! Several rules examine the same answers, and each blob has one obstacle, so it is determined here, once.

use std::rc::Rc;

use super::case::backend::backend_message;
use super::case::network::is_own_network;
use super::case::signed_address::{Signed, is_signed, signed};
use super::content::{self, Part};
use super::{Case, layers};
use crate::evidence::{
    BodyKind, CertificateFault, Exchange, ExchangeId, Failure, FailureKind, Response, body_kind, error_entries,
    markup_words,
};
use crate::text::Untrusted;

/// The reason why a blob is unavailable.
#[derive(Debug, Clone)]
pub(crate) enum Obstacle<'a> {
    /// The registry, or the storage that it redirects to, reports it missing.
    Gone(&'a Response),
    /// The redirect points to a place that no client should, or can, use.
    Misdirected(&'a Failure),
    /// The certificate of its host is signed by an authority that is not trusted here.
    UnknownAuthority(&'a Failure),
    /// The connection to its host fails.
    Unreachable(&'a Failure),
    /// The answer is neither from a registry nor from a storage: a page, or a refusal that no storage sends.
    TurnedAway(&'a Response),
    /// The signed URL is no longer valid, or not yet. If it does not contain the times, the storage's message says so.
    OutOfTime(&'a Response, Option<Signed>),
    /// Any other refusal.
    Refused,
    /// The registry itself should serve it, and did not answer.
    Unanswered,
}

/// An unavailable blob.
#[derive(Debug, Clone)]
pub(crate) struct Obstructed<'a> {
    /// Whether it is the config; otherwise it is a layer.
    pub is_config: bool,
    /// The blob.
    pub part: Part<'a>,
    /// The exchange that shows the obstacle.
    pub shown: ExchangeId,
    /// The obstacle.
    pub obstacle: Obstacle<'a>,
}

impl Obstructed<'_> {
    /// The redirect before the exchange with the obstacle, if there is one.
    pub fn sent_by(&self) -> Option<(ExchangeId, &Exchange)> {
        let before = self.part.exchanges.len().checked_sub(2)?;
        self.part.exchanges.get(before).copied()
    }
}

/// Every unavailable blob of the image for the wanted platform; none for artifacts, whose tools send other requests.
pub(crate) fn obstructed<'a>(case: &Case<'a>) -> Vec<Obstructed<'a>> {
    let of = |is_config: bool, part: &Part<'a>| {
        let (shown, obstacle) = obstacle(case, part)?;
        Some(Obstructed { is_config, part: part.clone(), shown, obstacle })
    };
    // In the order of their requests.
    let config = config(case);
    let layers = layers(case);
    config.iter().filter_map(|part| of(true, part)).chain(layers.iter().filter_map(|part| of(false, part))).collect()
}

/// The config of the image for the wanted platform, if it is an image.
pub(crate) fn config<'a>(case: &Case<'a>) -> Option<Part<'a>> {
    content::image(case).filter(content::Image::is_for_engines)?;
    content::config(case)
}

/// The layers of the image for the wanted platform, if it is an image.
pub(crate) fn layers<'a>(case: &Case<'a>) -> Rc<[Part<'a>]> {
    let image = content::image(case).filter(content::Image::is_for_engines);
    image.map(|_| layers::layers(case)).unwrap_or_default()
}

/// Returns whether the registry or its storage itself reports a blob missing, as far as can be determined: with its own
/// message, or without one. A device in between has other messages.
pub(crate) fn is_by_registry(gone: &Obstructed<'_>) -> bool {
    let Obstacle::Gone(response) = gone.obstacle else { return false };
    let in_their_words = is_storage(response) || matches!(body_kind(response), BodyKind::Empty | BodyKind::Json);
    if gone.part.went_elsewhere() { is_storage(response) } else { in_their_words }
}

/// Returns whether a web page came instead of a blob. A blob with the right digest is the stored one, whatever its
/// format.
pub(crate) fn is_page(part: &Part<'_>) -> bool {
    let response = part.answer().and_then(|(_, exchange)| exchange.response.as_ref());
    response.is_some_and(|response| body_kind(response) == BodyKind::Html) && part.stored().is_none()
}

/// The unavailable blobs, for a sentence: `its config and 2 of its 3 layers`.
pub(crate) fn named(case: &Case<'_>, obstructed: &[Obstructed<'_>]) -> String {
    let all = content::image(case).map_or(0, |image| image.document.layers().len());
    let layers = obstructed.iter().filter(|one| !one.is_config).count();
    let config = obstructed.iter().any(|one| one.is_config);
    let layers = match (layers, all) {
        (0, _) => None,
        (1, 1) => Some("its only layer".to_owned()),
        (layers, all) if layers == all => Some(format!("all {all} layers")),
        (layers, all) => Some(format!("{layers} of its {all} layers")),
    };
    match (config, layers) {
        (true, Some(layers)) => format!("its config and {layers}"),
        (true, None) => "its config".to_owned(),
        (false, layers) => layers.unwrap_or_default(),
    }
}

/// The message of a refusal: that of a page or of a storage's XML, otherwise that of the registry's JSON.
pub(crate) fn refusal_words(case: &Case<'_>, id: ExchangeId) -> Untrusted {
    let response = case.journal().get(id).response.as_ref();
    let said = response.and_then(|response| {
        let words = markup_words(response)?;
        Some(Untrusted::new(format!("{} {}", response.status, words.as_str())))
    });
    said.unwrap_or_else(|| case.words(id))
}

fn obstacle<'a>(case: &Case<'a>, part: &Part<'a>) -> Option<(ExchangeId, Obstacle<'a>)> {
    let (id, exchange) = part.answer()?;
    // A storage may share the registry's host, under another path.
    let elsewhere = part.went_elsewhere();
    let signed_here = part.exchanges.len() > 1 && is_signed(&exchange.request.url);
    let response = exchange.response.as_ref();
    if let Some(failure) = &exchange.failure {
        return unanswered(case, part, id, failure).map(|obstacle| (id, obstacle));
    }
    let response = response?;
    let page = is_page(part);
    let found = match response.status {
        200..=299 if page => Obstacle::TurnedAway(response),
        // 416 means that the blob exists and is empty.
        200..=399 | 416 => return None,
        // A message about a failing storage is not evidence about its content.
        404 | 410 if !page && backend_message(response, None).is_none() => Obstacle::Gone(response),
        // A storage gives its reason in XML or in a header of its own; a firewall and a captive portal do not.
        401 | 403 | 407 | 451 | 511 if elsewhere && (page || !is_storage(response)) => Obstacle::TurnedAway(response),
        400 | 403 if elsewhere || signed_here => match out_of_time(case, exchange, response) {
            Some(signed) => Obstacle::OutOfTime(response, signed),
            None => Obstacle::Refused,
        },
        _ => Obstacle::Refused,
    };
    Some((id, found))
}

fn unanswered<'a>(case: &Case<'a>, part: &Part<'a>, id: ExchangeId, failure: &'a Failure) -> Option<Obstacle<'a>> {
    let kind = &failure.kind;
    match kind {
        FailureKind::Interrupted | FailureKind::Deadline => return None,
        FailureKind::Redirect | FailureKind::ForbiddenAddress => return Some(Obstacle::Misdirected(failure)),
        // The answer came, and its body was truncated.
        _ if part.is_present() => return None,
        _ => {}
    }
    if !part.went_elsewhere() {
        return Some(Obstacle::Unanswered);
    }
    if *kind == FailureKind::Certificate(CertificateFault::UnknownAuthority) {
        return Some(Obstacle::UnknownAuthority(failure));
    }
    let registry = part.exchanges.first().map(|(id, _)| *id);
    let from_outside = registry.is_some_and(|registry| !is_own_network(case, registry));
    let inside = is_own_network(case, id) && (*kind == FailureKind::Dns || from_outside);
    Some(if inside { Obstacle::Misdirected(failure) } else { Obstacle::Unreachable(failure) })
}

/// Returns whether an answer is from a storage, by its headers or its body: Amazon's, Google's, Microsoft's and similar
/// ones.
fn is_storage(response: &Response) -> bool {
    const HEADERS: [&str; 7] = [
        "x-amz-request-id",
        "x-amz-id-2",
        "x-amz-cf-id",
        "x-ms-request-id",
        "x-guploader-uploadid",
        "x-goog-generation",
        "cf-ray",
    ];
    HEADERS.iter().any(|name| response.header(name).is_some())
        || body_kind(response) == BodyKind::Xml
        || !error_entries(response).is_empty()
}

/// The validity period of a URL that the storage refuses because of it; the inner `None` if the URL does not contain
/// the times.
fn out_of_time(case: &Case<'_>, exchange: &Exchange, response: &Response) -> Option<Option<Signed>> {
    const LEEWAY: i64 = 15 * 60;
    let now = response.date().or(case.record().now);
    let signed = signed(&exchange.request.url);
    let over = signed.as_ref().zip(now).is_some_and(|(signed, now)| {
        now > signed.until || signed.from.is_some_and(|from| from > now.saturating_add(LEEWAY))
    });
    let body = String::from_utf8_lossy(&response.body.bytes);
    let said = ["Request has expired", "ExpiredToken", "not valid in the specified time frame", "Signed expiry time"];
    (over || said.iter().any(|words| body.contains(words))).then_some(signed)
}
