//! The consequences of the differences: which pulls get the same image from both sides, another one, or none.

use super::document::named;
use super::image::{Likeness, likeness};
use super::look::{Look, pinned, reply};
use super::presence::Lacking;
use super::value::{Consequence, Effect, Side, Who};
use super::{access, index, variants};
use crate::evidence::{Method, Query};

/// The consequences, in the order in which most people ask for them.
pub(super) fn consequences(sides: &[Look<'_>; 2], lacking: &[Lacking]) -> Vec<Consequence> {
    let mut found = Vec::new();
    found.extend(pulls_by_digest(sides));
    found.extend(pulls_by_tag(sides, lacking));
    found.extend(platforms(sides, lacking));
    found.extend(variants::consequences(sides));
    found.extend(access::consequence(sides));
    found
}

/// Pulls by the digest of the first side, as they are pinned in deployments.
fn pulls_by_digest(sides: &[Look<'_>; 2]) -> Option<Consequence> {
    let digest = pinned(sides)?;
    let answer = |method| reply(sides[1].case.record(), &Query::Child(digest.clone(), method)).flatten();
    let short = digest.short();
    let (effect, text) = match answer(Method::Get).or_else(|| answer(Method::Head)) {
        Some(200..=399) => (Effect::Same, format!("Pulls by A's digest {short} work on B: it also has that document.")),
        Some(status) => (Effect::Fails, format!("Pulls by A's digest {short} fail on B: it answers {status}.")),
        None => (Effect::Unchecked, format!("Whether B also has A's digest {short} was not checked.")),
    };
    Some(Consequence { who: Who::PullsByDigest, effect, side: Some(Side::B), text })
}

/// Pulls by tag for the selected platform.
fn pulls_by_tag(sides: &[Look<'_>; 2], lacking: &[Lacking]) -> Option<Consequence> {
    let platform = &sides[0].case.record().platform;
    let of = |effect, side, text: String| Some(Consequence { who: Who::PullsByTag, effect, side, text });
    if let Some(lacking) = lacking.iter().find(|lacking| lacking.is_fatal()) {
        let text = format!("Pulls for {platform} fail on {}, which lacks content.", lacking.side.name());
        return of(Effect::Fails, Some(lacking.side), text);
    }
    let has_image = sides.each_ref().map(|look| look.image.is_some());
    match has_image {
        [true, true] => {}
        [false, false] => return None,
        [has_a, _] => {
            let side = if has_a { Side::B } else { Side::A };
            let text = format!("Pulls for {platform} fail on {}: it has no image for it.", side.name());
            return of(Effect::Fails, Some(side), text);
        }
    }
    let words = match likeness(sides) {
        Likeness::Same if is_same_root(sides) => return None,
        Likeness::Same => (Effect::Same, "get the same image from both"),
        Likeness::SameContent => (Effect::SameContent, "get the same files and settings under other digests"),
        Likeness::Other => (Effect::Other, "get different images from A and B"),
        Likeness::Hidden => (Effect::Unchecked, "were not compared in full: some values of a config are not shown"),
        Likeness::Unknown => (Effect::Unchecked, "were not compared: a config was not read"),
    };
    of(words.0, None, format!("Pulls by tag for {platform} {}.", words.1))
}

fn is_same_root(sides: &[Look<'_>; 2]) -> bool {
    let [a, b] = sides.each_ref().map(|look| look.root.as_ref().and_then(|root| root.served.digest.as_ref()));
    a.is_some() && a == b
}

/// Other platforms that one side lacks.
fn platforms(sides: &[Look<'_>; 2], lacking: &[Lacking]) -> Vec<Consequence> {
    let listed = index::lacking(sides);
    let selected = index::selected(sides);
    let of_side = |side: Side| {
        let gone = lacking.iter().filter(|lacking| lacking.side == side).flat_map(|lacking| &lacking.parts);
        let gone = gone.filter(|part| !part.is_needed).filter_map(|part| part.platform.clone());
        let mut names: Vec<String> = side.of(&listed).iter().cloned().chain(gone).collect();
        names.retain(|name| Some(name) != selected.as_ref());
        names.dedup();
        let text = format!("Pulls for {} fail on {}.", named(names.clone()), side.name());
        let consequence = Consequence { who: Who::Platforms, effect: Effect::Fails, side: Some(side), text };
        (!names.is_empty()).then_some(consequence)
    };
    Side::BOTH.into_iter().filter_map(of_side).collect()
}
