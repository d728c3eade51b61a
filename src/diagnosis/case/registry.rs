//! Signs of a registry, and answers that lack them.

use super::Case;
use crate::evidence::{BodyKind, ExchangeId, Method, Purpose, Response, body_kind, error_entries};
use crate::image::{Manifest, Shape};
use crate::knowledge::{OtherServer, other_server};
use crate::oci::media_type;

/// Returns whether an answer has a header or an error that only registries send.
pub(crate) fn is_from_a_registry(response: &Response) -> bool {
    let header = |name| response.header(name).is_some();
    let challenges = || response.all("www-authenticate").any(|value| value.as_str().trim().len() > 4);
    header("docker-distribution-api-version")
        || header("docker-content-digest")
        || challenges()
        || error_entries(response).iter().any(|entry| !entry.code.as_str().is_empty())
}

/// The other kind of server that the host is known to be, as long as no registry answers there.
pub(crate) fn known_otherwise(case: &Case<'_>) -> Option<&'static OtherServer> {
    let server = other_server(case.reference().registry().name())?;
    let (_, exchange) = case.decisive()?;
    exchange.response.as_ref().filter(|response| !is_from_a_registry(response)).map(|_| server)
}

/// Returns whether the answer is a web page instead of a registry's answer, or from a known other server: it is not
/// evidence about a registry's content.
pub(crate) fn is_something_else(case: &Case<'_>, response: &Response) -> bool {
    (body_kind(response) == BodyKind::Html && !is_from_a_registry(response)) || known_otherwise(case).is_some()
}

/// Returns whether anything in the run shows that a registry answers at this host.
pub(crate) fn is_known_as_a_registry(case: &Case<'_>) -> bool {
    let other = [Purpose::Token, Purpose::SpeaksHttp];
    let mut exchanges = case.journal().iter().filter(|(_, exchange)| !other.contains(&exchange.request.purpose));
    case.record().known().is_some()
        || exchanges.any(|(_, exchange)| exchange.response.as_ref().is_some_and(is_from_a_registry))
}

/// The answer that is likely not from a registry: a 404 from there is not evidence about tags.
pub(crate) fn likely_elsewhere<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let (id, exchange) = case.decisive()?;
    let response = exchange.response.as_ref().filter(|_| exchange.failure.is_none())?;
    let odd = match response.status {
        404 | 410 => is_not_a_registry_error(response),
        200..=299 => is_not_a_manifest(response),
        _ => false,
    };
    let speaks = odd && exchange.request.method == Method::Get && !is_known_as_a_registry(case);
    speaks.then_some((id, response))
}

fn is_not_a_registry_error(response: &Response) -> bool {
    // XML is from a storage service, which has a registry in front of it.
    !matches!(body_kind(response), BodyKind::Html | BodyKind::Xml) && error_entries(response).is_empty()
}

fn is_not_a_manifest(response: &Response) -> bool {
    let kind = body_kind(response);
    let served = response.served_type().unwrap_or_default();
    let shape = Manifest::read(&response.body.bytes).map(|document| document.shape());
    kind != BodyKind::Html
        && response.header("content-encoding").is_none()
        && !media_type::CURRENT.contains(&served.as_str())
        && matches!(shape, None | Some(Shape::Unknown))
}
