//! The answers to the Accept headers: which clients get another kind of answer from one side than from the other.

use super::look::{Look, digest, type_words, with_article};
use super::value::{Consequence, Difference, Effect, Kind, Served, Side, Who};
use crate::evidence::{Exchange, ExchangeId, Probe};
use crate::oci::{Digest, media_type};
use crate::text::Untrusted;

/// The kind of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// A document of this type.
    Served(Untrusted, Option<Digest>),
    /// A refusal.
    Refused(u16),
    /// None.
    Silent,
}

/// What differs between the answers to one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Contrast {
    /// One side serves a document, and this one answers so.
    NotServed(Side, String),
    /// Both serve a document, of these types.
    OtherType(String, String),
    /// Both serve a document of the same type, with another digest.
    OtherDocument,
    /// Both refuse, in other ways.
    OtherRefusal(String, String),
}

/// The variants with the same contrast.
struct Group {
    contrast: Contrast,
    /// Their names.
    variants: Vec<String>,
    /// The exchanges of the first.
    exchanges: [Option<ExchangeId>; 2],
}

/// The differences between the answers of two sides.
pub(super) fn differences(sides: &[Look<'_>; 2]) -> Vec<Difference> {
    let of_group = |group: Group| {
        let clients = group.variants.join(", ");
        let difference = match &group.contrast {
            Contrast::NotServed(side, answer) => {
                let text =
                    format!("{} serves the Accept headers {clients}; {} {answer}.", side.other().name(), side.name());
                Difference::noticed(Kind::AcceptVariants, text)
            }
            Contrast::OtherType(a, b) => {
                let text = format!("To the Accept headers {clients}, A serves {a}, B {b}.");
                Difference::noticed(Kind::AcceptVariants, text)
            }
            Contrast::OtherDocument => {
                let text = format!("To the Accept headers {clients}, the two sides serve different documents.");
                Difference::noticed(Kind::AcceptVariants, text)
            }
            Contrast::OtherRefusal(a, b) => {
                let text = format!("Both sides refuse the Accept headers {clients}: A {a}, B {b}.");
                Difference::unnoticed(Kind::AcceptVariants, text)
            }
        };
        difference.shown_by(group.exchanges)
    };
    groups(sides).into_iter().map(of_group).collect()
}

/// The consequences for clients that one side alone serves.
pub(super) fn consequences(sides: &[Look<'_>; 2]) -> Vec<Consequence> {
    let of_group = |group: Group| {
        let clients = group.variants.join(", ");
        let (effect, side, text) = match group.contrast {
            Contrast::NotServed(side, answer) => (
                Effect::Fails,
                Some(side),
                format!(
                    "Clients that send another Accept header cannot pull from {}: it {answer} ({clients}).",
                    side.name()
                ),
            ),
            Contrast::OtherType(..) | Contrast::OtherDocument => {
                let text = format!("Clients that send another Accept header get different documents ({clients}).");
                (Effect::Other, None, text)
            }
            Contrast::OtherRefusal(..) => return None,
        };
        Some(Consequence { who: Who::AcceptVariants, effect, side, text })
    };
    groups(sides).into_iter().filter_map(of_group).collect()
}

fn groups(sides: &[Look<'_>; 2]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for probe in &sides[0].case.matrix().probes {
        let Some(other) = sides[1].case.matrix().probe(probe.variant.id()) else { continue };
        let answers = [answer(&sides[0], probe), answer(&sides[1], other)];
        let [Some((one, a)), Some((two, b))] = answers else { continue };
        let Some(contrast) = contrast(sides, &a, &b) else { continue };
        let name = probe.variant.words().to_owned();
        match groups.iter_mut().find(|group| group.contrast == contrast) {
            Some(group) => group.variants.push(name),
            None => groups.push(Group { contrast, variants: vec![name], exchanges: [Some(one), Some(two)] }),
        }
    }
    groups
}

/// The answer to a variant; `None` if it was not sent.
fn answer(look: &Look<'_>, probe: &Probe) -> Option<(ExchangeId, Answer)> {
    let id = probe.exchange?;
    let exchange: &Exchange = look.case.journal().get(id);
    let observation = look.case.journal().observation(id);
    let answer = match (observation, exchange.status()) {
        (Some(observation), _) => Answer::Served(observation.served.clone(), digest(observation)),
        (None, Some(status)) => Answer::Refused(status),
        (None, None) => Answer::Silent,
    };
    Some((id, answer))
}

fn contrast(sides: &[Look<'_>; 2], a: &Answer, b: &Answer) -> Option<Contrast> {
    let in_words = |answer: &Answer| match answer {
        Answer::Served(kind, _) => with_article(&type_words(kind)),
        Answer::Refused(status) => format!("answers {status}"),
        Answer::Silent => "does not answer".to_owned(),
    };
    match (a, b) {
        (Answer::Served(one, digest), Answer::Served(other, other_digest)) => {
            let roots = sides.each_ref().map(|look| look.root.as_ref().map(|root| &root.served));
            let [Some(own), Some(other_own)] = roots else { return None };
            // That the sides store other documents was said; every client sees that.
            let is_root = |kind: &Untrusted, digest: &Option<Digest>, own: &Served| {
                *kind == own.media_type || (digest.is_some() && *digest == own.digest)
            };
            let is_own = is_root(one, digest, own) && is_root(other, other_digest, other_own);
            let is_same_root = own.digest.is_some() && own.digest == other_own.digest;
            let is_signed_anew = media_type::is_schema1(one.as_str());
            match () {
                () if one != other && !is_own => Some(Contrast::OtherType(in_words(a), in_words(b))),
                () if one == other && is_same_root && !is_signed_anew && digest != other_digest => {
                    Some(Contrast::OtherDocument)
                }
                () => None,
            }
        }
        (Answer::Served(..), other) => Some(Contrast::NotServed(Side::B, in_words(other))),
        (other, Answer::Served(..)) => Some(Contrast::NotServed(Side::A, in_words(other))),
        (one, other) if one != other => Some(Contrast::OtherRefusal(in_words(one), in_words(other))),
        _ => None,
    }
}
