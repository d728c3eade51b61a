//! The layers of the image for the wanted platform, and how much of each is read.

use std::rc::Rc;

use super::Case;
use super::content::{Part, config, image, is_foreign};
use crate::evidence::{Exchange, ExchangeId, Query};
use crate::image::{Descriptor, Magic, magic};
use crate::knowledge::KnownRegistry;
use crate::oci::Digest;

/// The longest layer that is read whole, in bytes.
const SMALL_LAYER: u64 = 1 << 20;

/// Limits on the layers that are read whole.
struct Bounds {
    /// The longest layer, in bytes, by its descriptor.
    longest: u64,
    /// The most layers.
    layers: usize,
    /// The most bytes of all of them together.
    bytes: u64,
}

impl Bounds {
    /// For a single reference.
    const ALONE: Self = Self { longest: SMALL_LAYER, layers: 16, bytes: 4 << 20 };
    /// For one of many references, where the total has to stay small: no more time than the first bytes would take.
    const OF_MANY: Self = Self { longest: 64 << 10, layers: 4, bytes: 256 << 10 };
    /// For registries that count or limit requests.
    const NONE: Self = Self { longest: 0, layers: 0, bytes: 0 };
}

/// The most bytes that are read of a small layer with this descriptor size: twice as many and a little more, so that a
/// slightly longer blob can be hashed too, and 1 MiB at most.
pub(crate) fn read_of_small_layer(size: u64) -> u64 {
    size.saturating_mul(2).saturating_add(4096).min(SMALL_LAYER)
}

/// The number of layers whose first bytes are fetched; for those after them, only their presence is checked.
const BEGINNINGS: usize = 128;

/// The number of layers that are examined: no more can be mounted on top of each other (Linux, overlayfs,
/// `OVL_MAX_STACK`).
pub(crate) const MOST_LAYERS: usize = 500;

/// The request for each layer: small layers are read whole, as far as the limits allow, to detect damaged bytes; for
/// the others, the first bytes are. None is read whole if the registry counts or limits requests.
fn layer_questions(case: &Case<'_>, layers: &[Descriptor]) -> Vec<Option<Query>> {
    let bounds = match case.record().one_of_many {
        _ if is_counted(case) => Bounds::NONE,
        true => Bounds::OF_MANY,
        false => Bounds::ALONE,
    };
    let mut read: Vec<(Digest, u64)> = Vec::new();
    let mut question = |layer: &Descriptor| {
        let digest: Digest = layer.digest.as_str().parse().ok().filter(|_| !is_foreign(layer))?;
        if let Some((_, most)) = read.iter().find(|(other, _)| *other == digest) {
            return Some(Query::SmallLayer(digest, *most));
        }
        let bytes: u64 = read.iter().map(|(_, most)| most).sum();
        let small = layer.size.filter(|size| (1..=bounds.longest).contains(size)).map(read_of_small_layer);
        match small.filter(|most| read.len() < bounds.layers && bytes + most <= bounds.bytes) {
            Some(most) => {
                read.push((digest.clone(), most));
                Some(Query::SmallLayer(digest, most))
            }
            None => Some(Query::Layer(digest)),
        }
    };
    let mut far = |(at, layer): (usize, &Descriptor)| match question(layer)? {
        Query::Layer(digest) if at >= BEGINNINGS => Some(Query::LayerPresence(digest)),
        question => Some(question),
    };
    layers.iter().enumerate().map(|one| if one.0 < MOST_LAYERS { far(one) } else { None }).collect()
}

/// Returns whether the registry counts pulls, or limits requests according to its headers.
fn is_counted(case: &Case<'_>) -> bool {
    const LIMITS: [&str; 4] = ["ratelimit-limit", "ratelimit-remaining", "x-ratelimit-limit", "x-ratelimit-remaining"];
    let by_name = case.record().known().is_some_and(KnownRegistry::counts_gets_as_pulls);
    let response = case.decisive().and_then(|(_, exchange)| exchange.response.as_ref());
    by_name || response.is_some_and(|response| LIMITS.iter().any(|name| response.header(name).is_some()))
}

/// The layers of the image for the wanted platform. Foreign layers are not requested: they are in another place. Layers
/// beyond [`MOST_LAYERS`] are not requested either.
pub(crate) fn layers<'a>(case: &Case<'a>) -> Rc<[Part<'a>]> {
    Rc::clone(case.answers.layers.get_or_init(|| requested(case).into()))
}

fn requested<'a>(case: &Case<'a>) -> Vec<Part<'a>> {
    let layers = image(case).map(|image| image.document.layers()).unwrap_or_default();
    let questions = layer_questions(case, &layers);
    let part = |(descriptor, question): (Descriptor, Option<Query>)| {
        let digest: Option<Digest> = descriptor.digest.as_str().parse().ok();
        let exchanges = question.and_then(|question| answers(case, question)).unwrap_or_default();
        Part { descriptor, digest, exchanges }
    };
    layers.into_iter().zip(questions).map(part).collect()
}

/// The config and the layers, in this order.
pub(crate) fn blobs<'a>(case: &Case<'a>) -> Vec<Part<'a>> {
    config(case).into_iter().chain(layers(case).iter().cloned()).collect()
}

/// The answer to a request for a layer. Not every registry answers HEAD correctly, so GET follows a refused HEAD.
fn answers<'a>(case: &Case<'a>, question: Query) -> Option<Vec<(ExchangeId, &'a Exchange)>> {
    let answer = case.ask_all(question.clone())?;
    let refused = answer.last().is_some_and(|(_, exchange)| matches!(exchange.status(), Some(400..)));
    match question {
        Query::LayerPresence(digest) if refused => {
            case.ask_all(Query::Layer(digest)).filter(|exchanges| !exchanges.is_empty()).or(Some(answer))
        }
        _ => Some(answer),
    }
}

/// The format of a layer, if any bytes came as stored.
pub(crate) fn bytes_of(part: &Part<'_>) -> Option<(ExchangeId, Magic)> {
    let (id, exchange) = part.answer().filter(|(_, exchange)| exchange.is_success())?;
    let response = exchange.response.as_ref().filter(|response| !response.is_transformed())?;
    Some((id, magic(&response.body.bytes)))
}

#[cfg(test)]
mod tests;
