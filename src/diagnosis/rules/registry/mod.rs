//! Whether this is a registry at all.

pub(crate) mod html_instead_of_registry;
pub(crate) mod not_a_distribution_registry;
pub(crate) mod wrong_vhost_or_port;

#[cfg(test)]
mod tests;

use crate::diagnosis::Case;
use crate::evidence::{BodyKind, ExchangeId, Method, Purpose, Query, Response, body_kind, error_entries};
use crate::image::{Manifest, Shape};
use crate::knowledge::{OtherServer, other_server};
use crate::oci::media_type;

/// Whether this answer carries something that only registries send.
fn is_from_a_registry(response: &Response) -> bool {
    let header = |name| response.header(name).is_some();
    let challenges = || response.all("www-authenticate").any(|value| value.as_str().trim().len() > 4);
    header("docker-distribution-api-version")
        || header("docker-content-digest")
        || challenges()
        || error_entries(response).iter().any(|entry| !entry.code.as_str().is_empty())
}

/// The server that the host is known to be in the place of a registry, as long as no registry answers there.
fn known_otherwise(case: &Case<'_>) -> Option<&'static OtherServer> {
    let server = other_server(case.reference().registry().name())?;
    let (_, exchange) = case.decisive()?;
    exchange.response.as_ref().filter(|response| !is_from_a_registry(response)).map(|_| server)
}

/// The answer that shows a registry of the first generation, where nothing that was asked for is there and no registry
/// of today answers.
fn first_generation(case: &Case<'_>) -> Option<ExchangeId> {
    let (_, exchange) = case.decisive()?;
    let refusal = exchange.response.as_ref().filter(|response| matches!(response.status, 404 | 410))?;
    if is_from_a_registry(refusal) || is_known_as_a_registry(case) || known_otherwise(case).is_some() {
        return None;
    }
    let (id, ping) = case.ask(Query::FirstGeneration)?;
    let body = &ping.response.as_ref().filter(|_| ping.is_success())?.body.bytes;
    (body.trim_ascii() == b"true").then_some(id)
}

/// Whether the answer is a web page in a registry's place, or that of a server which is known to be something else: it
/// says nothing about what a registry has.
pub(crate) fn is_something_else(case: &Case<'_>, response: &Response) -> bool {
    (body_kind(response) == BodyKind::Html && !is_from_a_registry(response)) || known_otherwise(case).is_some()
}

/// Whether anything in the run says that a registry answers at this place.
fn is_known_as_a_registry(case: &Case<'_>) -> bool {
    let other = [Purpose::Token, Purpose::SpeaksHttp];
    let mut exchanges = case.journal().iter().filter(|(_, exchange)| !other.contains(&exchange.request.purpose));
    case.record().known().is_some()
        || exchanges.any(|(_, exchange)| exchange.response.as_ref().is_some_and(is_from_a_registry))
}

/// The answer that is likely from something else than a registry: what is missing there says nothing about tags.
pub(crate) fn likely_elsewhere<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let (id, exchange) = case.decisive()?;
    let response = exchange.response.as_ref().filter(|_| exchange.failure.is_none())?;
    let odd = match response.status {
        404 | 410 => is_no_refusal_of_a_registry(response),
        200..=299 => is_no_manifest(response),
        _ => false,
    };
    let speaks = odd && exchange.request.method == Method::Get && !is_known_as_a_registry(case);
    speaks.then_some((id, response))
}

fn is_no_refusal_of_a_registry(response: &Response) -> bool {
    // XML is what a storage service answers, and there is a registry in front of it.
    !matches!(body_kind(response), BodyKind::Html | BodyKind::Xml) && error_entries(response).is_empty()
}

fn is_no_manifest(response: &Response) -> bool {
    let kind = body_kind(response);
    let served = response.served_type().unwrap_or_default();
    let shape = Manifest::read(&response.body.bytes).map(|document| document.shape());
    kind != BodyKind::Html
        && response.header("content-encoding").is_none()
        && !media_type::CURRENT.contains(&served.as_str())
        && matches!(shape, None | Some(Shape::Unknown))
}
