//! The layers of the image for the wanted platform, and how much of each is looked at.

use std::rc::Rc;

use super::Case;
use super::content::{Part, config, image, is_foreign};
use crate::evidence::{Exchange, ExchangeId, Query};
use crate::image::{Descriptor, Magic, magic};
use crate::knowledge::KnownRegistry;
use crate::oci::Digest;

/// The longest layer that is read whole, in bytes.
const SMALL_LAYER: u64 = 1 << 20;

/// The layers of a reference that are read whole.
struct Bounds {
    /// How many bytes each may have by its manifest.
    longest: u64,
    /// How many there are at most.
    layers: usize,
    /// How many bytes of all of them are read.
    bytes: u64,
}

impl Bounds {
    /// Of a reference alone.
    const ALONE: Self = Self { longest: SMALL_LAYER, layers: 16, bytes: 4 << 20 };
    /// Of one of many, where all together must not be much: what takes no longer than the beginning would.
    const OF_MANY: Self = Self { longest: 64 << 10, layers: 4, bytes: 256 << 10 };
    /// Where the registry counts or limits requests.
    const NONE: Self = Self { longest: 0, layers: 0, bytes: 0 };
}

/// How many bytes are read at most of a small layer that has this length by its manifest: twice as many and a little
/// more, so that what is somewhat longer can be hashed too, and 1 MiB at most.
pub(crate) fn read_of_small_layer(size: u64) -> u64 {
    size.saturating_mul(2).saturating_add(4096).min(SMALL_LAYER)
}

/// Of how many layers the beginning is fetched; of those after them it is asked whether they are there.
const BEGINNINGS: usize = 128;

/// How many layers of an image are looked at: no more can be mounted on top of each other (Linux, overlayfs,
/// `OVL_MAX_STACK`).
pub(crate) const MOST_LAYERS: usize = 500;

/// The question for a layer: the small ones are read whole, as long as the bounds allow it, so that damaged bytes are
/// seen; of all others the beginning is. None is read whole where the registry counts or limits requests.
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

/// Whether the registry counts pulls, or says with its answer that it limits requests.
fn is_counted(case: &Case<'_>) -> bool {
    const LIMITS: [&str; 4] = ["ratelimit-limit", "ratelimit-remaining", "x-ratelimit-limit", "x-ratelimit-remaining"];
    let by_name = case.record().known().is_some_and(KnownRegistry::counts_gets_as_pulls);
    let response = case.decisive().and_then(|(_, exchange)| exchange.response.as_ref());
    by_name || response.is_some_and(|response| LIMITS.iter().any(|name| response.header(name).is_some()))
}

/// The layers of the image for the wanted platform. Foreign ones are not asked for: they are somewhere else. Of an image
/// with more than [`MOST_LAYERS`], the rest is not asked for either.
pub(crate) fn layers<'a>(case: &Case<'a>) -> Rc<[Part<'a>]> {
    Rc::clone(case.answers.layers.get_or_init(|| looked_at(case).into()))
}

fn looked_at<'a>(case: &Case<'a>) -> Vec<Part<'a>> {
    let layers = image(case).map(|image| image.document.layers()).unwrap_or_default();
    let questions = layer_questions(case, &layers);
    let part = |(descriptor, question): (Descriptor, Option<Query>)| {
        let digest: Option<Digest> = descriptor.digest.as_str().parse().ok();
        let exchanges = question.and_then(|question| answers(case, question)).unwrap_or_default();
        Part { descriptor, digest, exchanges }
    };
    layers.into_iter().zip(questions).map(part).collect()
}

/// Configuration and layers, in this order.
pub(crate) fn blobs<'a>(case: &Case<'a>) -> Vec<Part<'a>> {
    config(case).into_iter().chain(layers(case).iter().cloned()).collect()
}

/// What came of a question for a layer. Not every registry answers HEAD truly, so a refusal of it is followed by a GET.
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

/// What the bytes of a layer are, where any came as they are stored.
pub(crate) fn bytes_of(part: &Part<'_>) -> Option<(ExchangeId, Magic)> {
    let (id, exchange) = part.answer().filter(|(_, exchange)| exchange.is_success())?;
    let response = exchange.response.as_ref().filter(|response| !response.is_transformed())?;
    Some((id, magic(&response.body.bytes)))
}

#[cfg(test)]
mod tests;
