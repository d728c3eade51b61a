//! The documents that a current client is served: whether they are the same, and why their digests differ.

use super::document::{Documents, named, same_json};
use super::look::{Look, Root, with_article};
use super::value::{Difference, Kind, Part};
use super::{image, index};
use crate::text::Untrusted;

/// The fields of a schema 1 document that are about its place and not about its image (distribution, manifest v2 schema
/// 1): it differs wherever it is served.
const PLACE: [&str; 3] = ["name", "tag", "signatures"];

/// The content of two sides, compared.
#[derive(Default)]
pub(super) struct Compared {
    /// The parts, the root first.
    pub parts: Vec<Part>,
    /// Why their digests differ.
    pub differences: Vec<Difference>,
}

/// Compares the documents of two sides, and the images that they lead to.
pub(super) fn compared(sides: &[Look<'_>; 2]) -> Compared {
    let [Some(a), Some(b)] = sides.each_ref().map(|look| look.root.as_ref()) else { return Compared::default() };
    let digests = [a, b].map(|root| root.served.digest.clone());
    let is_same = digests[0].is_some() && digests[0] == digests[1];
    let part = |words: String| Part {
        name: if a.is_index || b.is_index { "index" } else { "manifest" }.to_owned(),
        digests: digests.clone().map(|digest| digest.map(|digest| Untrusted::new(digest.to_string()))),
        words,
        is_same,
    };
    if is_same {
        return Compared { parts: vec![part("same".to_owned())], differences: Vec::new() };
    }
    let mut compared = match (a.is_index, b.is_index) {
        (true, true) => of_indexes(sides, [a, b], part),
        (false, false) if a.is_schema1() && b.is_schema1() => of_schema1(sides, [a, b], part),
        (false, false) => {
            let image::Compared { differences, words } = image::compared(sides);
            Compared { parts: vec![part(words)], differences }
        }
        _ => of_index_and_image(sides, [a, b], part),
    };
    if compared.differences.is_empty() {
        // A document that was not read whole, for example.
        let text = "The digests differ; what was read of the documents does not show why.";
        let exchanges = [a, b].map(|root| Some(root.served.exchange));
        compared.differences.push(Difference::noticed(Kind::Fields, text).shown_by(exchanges));
    }
    compared
}

fn of_indexes(sides: &[Look<'_>; 2], roots: [&Root; 2], part: impl Fn(String) -> Part) -> Compared {
    let exchanges = roots.map(|root| Some(root.served.exchange));
    let documents = documents(sides, roots);
    let (mut differences, mut words) = (Vec::new(), Vec::new());
    if let Some(same) = documents.as_ref().and_then(|documents| same_json("index", documents)) {
        differences.push(same.shown_by(exchanges));
        let index::Compared { parts, .. } = index::compared(sides, roots);
        let root = part("same JSON, other bytes".to_owned());
        return Compared { parts: [root].into_iter().chain(parts).collect(), differences };
    }
    if roots[0].served.media_type != roots[1].served.media_type {
        let [a, b] = roots.map(Root::words);
        let text = format!("A serves the index as {}, B as {}.", with_article(&a), with_article(&b));
        differences.push(Difference::noticed(Kind::Converted, text).shown_by(exchanges));
        words.push("other type".to_owned());
    }
    // The type of a converted index is said already.
    let known = if words.is_empty() { &["manifests"][..] } else { &["manifests", "mediaType"] };
    let index::Compared { parts, differences: of_entries } = index::compared(sides, roots);
    words.extend((!of_entries.is_empty()).then(|| "other entries".to_owned()));
    differences.extend(of_entries.into_iter().map(|difference| difference.shown_by(exchanges)));
    let images = image::compared(sides);
    differences.extend(images.differences);
    let others = documents.map(|documents| documents.other_fields(known)).unwrap_or_default();
    if !others.is_empty() {
        words.push("other fields".to_owned());
        let text = format!("Other fields of the index differ: {}.", named(others));
        differences.push(Difference::noticed(Kind::Fields, text).shown_by(exchanges));
    }
    if differences.is_empty() {
        // Neither the entries by platform nor any other field: the order of entries, or fields of theirs.
        let text = "The indexes list the same images; the order or other fields of the entries differ.";
        differences.push(Difference::noticed(Kind::Entries, text).shown_by(exchanges));
    }
    let words = if words.is_empty() { "other bytes".to_owned() } else { words.join(", ") };
    Compared { parts: [part(words)].into_iter().chain(parts).collect(), differences }
}

fn of_index_and_image(sides: &[Look<'_>; 2], roots: [&Root; 2], part: impl Fn(String) -> Part) -> Compared {
    let exchanges = roots.map(|root| Some(root.served.exchange));
    let (difference, words) = index::and_image(sides, roots);
    let index::Compared { parts, .. } = index::compared(sides, roots);
    let mut differences = vec![difference.shown_by(exchanges)];
    differences.extend(image::compared(sides).differences);
    Compared { parts: [part(words)].into_iter().chain(parts).collect(), differences }
}

/// Schema 1 documents contain their name and tag, so they differ wherever they are served.
fn of_schema1(sides: &[Look<'_>; 2], roots: [&Root; 2], part: impl Fn(String) -> Part) -> Compared {
    let documents = documents(sides, roots);
    if let Some(documents) = documents.filter(|documents| documents.is_same_without(&PLACE)) {
        let text = "Both serve the same image as Docker schema 1; only its name, tag and signatures differ.";
        let difference = Difference::unnoticed(Kind::Fields, text).likely_if(documents.is_redacted);
        let exchanges = roots.map(|root| Some(root.served.exchange));
        let parts = vec![part("same but for name, tag and signatures".to_owned())];
        return Compared { parts, differences: vec![difference.shown_by(exchanges)] };
    }
    let image::Compared { differences, words } = image::compared(sides);
    Compared { parts: vec![part(words)], differences }
}

fn documents<'a>(sides: &[Look<'a>; 2], roots: [&Root; 2]) -> Option<Documents<'a>> {
    let [a, b] = [0, 1].map(|at| sides[at].body(roots[at].served.exchange));
    Documents::read([a?, b?])
}
