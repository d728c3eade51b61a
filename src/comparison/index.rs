//! Indexes and lists: which platforms, attestations and other entries each side has.

use std::collections::BTreeSet;

use super::document::named;
use super::look::{Look, Root, type_words, with_article};
use super::value::{Difference, Kind, Part, Side};
use crate::diagnosis::content::{is_for_running, with_go_names};
use crate::image::{Descriptor, ListedPlatform};
use crate::text::Untrusted;

/// The entries of two sides, compared.
pub(super) struct Compared {
    /// A row for each platform.
    pub parts: Vec<Part>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// The images for one platform on each side.
struct Row {
    name: String,
    digests: [Vec<Untrusted>; 2],
}

impl Row {
    fn is_same(&self) -> bool {
        self.digests[0] == self.digests[1]
    }

    fn is_missing_on(&self, side: Side) -> bool {
        side.of(&self.digests).is_empty()
    }
}

/// Compares the entries of two sides. A single image counts as one entry.
pub(super) fn compared(sides: &[Look<'_>; 2], roots: [&Root; 2]) -> Compared {
    let rows = rows(sides, roots);
    let selected = selected(sides);
    let parts = rows.iter().map(|row| part(row, selected.as_deref(), sides)).collect();
    let mut differences = Vec::new();
    for side in Side::BOTH {
        let missing: Vec<_> = rows.iter().filter(|row| row.is_missing_on(side)).map(|row| row.name.clone()).collect();
        if !missing.is_empty() {
            let text = format!("{} lacks {}.", side.name(), named(missing));
            differences.push(Difference::noticed(Kind::Platforms, text));
        }
    }
    let is_read = sides.iter().all(|look| look.image.is_some());
    let is_unexplained = |row: &&Row| {
        let is_on_both = Side::BOTH.iter().all(|side| !row.is_missing_on(*side));
        is_on_both && !row.is_same() && !(is_read && Some(&row.name) == selected.as_ref())
    };
    let others: Vec<_> = rows.iter().filter(is_unexplained).map(|row| row.name.clone()).collect();
    if !others.is_empty() {
        let text =
            format!("Other images for {}. They were not fetched; --platform selects one of them.", named(others));
        differences.push(Difference::noticed(Kind::Entries, text));
    }
    differences.extend(entries_without_platform(roots));
    Compared { parts, differences }
}

/// The platforms that each side lacks and the other one has.
pub(super) fn lacking(sides: &[Look<'_>; 2]) -> [Vec<String>; 2] {
    let [Some(a), Some(b)] = sides.each_ref().map(|look| look.root.as_ref()) else { return Default::default() };
    if !a.is_index && !b.is_index {
        return Default::default();
    }
    let rows = rows(sides, [a, b]);
    Side::BOTH.map(|side| rows.iter().filter(|row| row.is_missing_on(side)).map(|row| row.name.clone()).collect())
}

/// The difference of an index and a single image, and its words in short.
pub(super) fn and_image(sides: &[Look<'_>; 2], roots: [&Root; 2]) -> (Difference, String) {
    let index = if roots[0].is_index { Side::A } else { Side::B };
    let (with_index, with_image) = (index.name(), index.other().name());
    let own = index.other().of(&roots).served.digest.as_ref().map(ToString::to_string);
    let entries = index.of(&roots).document.manifests();
    let entry = entries.iter().find(|entry| Some(entry.digest.as_str()) == own.as_deref());
    let lacks = named(index.other().of(&lacking(sides)).clone());
    let lacks = if lacks.is_empty() { ".".to_owned() } else { format!(", so it lacks {lacks}.") };
    match entry {
        Some(entry) => {
            let platform = entry.platform.as_ref().map(platform_name);
            let image = platform.map_or_else(|| "an image".to_owned(), |platform| format!("the {platform} image"));
            let text = format!("{with_image} serves {image} of {with_index}'s index instead of the index{lacks}");
            (Difference::noticed(Kind::ImageOfIndex, text), format!("{with_image} serves {image} alone"))
        }
        None => {
            let kind = with_article(&type_words(&index.other().of(&roots).served.media_type));
            let text = format!("{with_index} serves an index, {with_image} {kind} that is not in it{lacks}");
            let words = format!("an index on {with_index}, one image on {with_image}");
            (Difference::noticed(Kind::IndexAndImage, text), words)
        }
    }
}

/// The images of both sides by platform, in the order of the first, then those that only the second has.
fn rows(sides: &[Look<'_>; 2], roots: [&Root; 2]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (at, root) in roots.iter().enumerate() {
        for (name, digest) in images(&sides[at], root) {
            match rows.iter_mut().find(|row| row.name == name) {
                Some(row) => row.digests[at].push(digest),
                None => {
                    let mut row = Row { name, digests: Default::default() };
                    row.digests[at].push(digest);
                    rows.push(row);
                }
            }
        }
    }
    rows
}

/// The images of one side, each with its platform. A single image has the platform of its config.
fn images(look: &Look<'_>, root: &Root) -> Vec<(String, Untrusted)> {
    if root.is_index {
        let entries = root.document.manifests().into_iter().filter(is_for_running);
        return entries.filter_map(|entry| Some((platform_name(entry.platform.as_ref()?), entry.digest))).collect();
    }
    let image = look.image.as_ref();
    let platform = image.and_then(|image| image.config.as_ref()).and_then(|(_, config, _)| config.platform());
    let digest = root.served.digest.as_ref().map(|digest| Untrusted::new(digest.to_string())).unwrap_or_default();
    platform.map(|platform| (platform_name(&platform), digest)).into_iter().collect()
}

/// The platform of the image that a client selects.
pub(super) fn selected(sides: &[Look<'_>; 2]) -> Option<String> {
    sides.iter().find_map(|look| {
        let root = look.root.as_ref()?;
        let image = look.image.as_ref()?;
        let digest = image.digest.as_ref()?.to_string();
        let names = images(look, root).into_iter();
        names.filter(|(_, own)| own.as_str() == digest).map(|(name, _)| name).next()
    })
}

fn part(row: &Row, selected: Option<&str>, sides: &[Look<'_>; 2]) -> Part {
    let missing = Side::BOTH.into_iter().find(|side| row.is_missing_on(*side));
    let is_selected = selected == Some(row.name.as_str());
    let words = match missing {
        Some(side) => format!("missing on {}", side.name()),
        None if is_selected => super::image::compared(sides).words,
        None if row.is_same() => "same manifest".to_owned(),
        None => "another manifest".to_owned(),
    };
    let digests = row.digests.each_ref().map(|digests| digests.first().cloned());
    Part { name: row.name.clone(), digests, words, is_same: row.is_same() }
}

/// Attestations and entries without a platform: their order does not matter.
fn entries_without_platform(roots: [&Root; 2]) -> Option<Difference> {
    if roots.iter().any(|root| !root.is_index) {
        return None;
    }
    let digests = |root: &Root, is_meant: fn(&Descriptor) -> bool| -> BTreeSet<String> {
        let entries = root.document.manifests().into_iter().filter(is_meant);
        entries.map(|entry| entry.digest.as_str().to_owned()).collect()
    };
    let is_attestation: fn(&Descriptor) -> bool = |entry| !is_for_running(entry);
    let is_other: fn(&Descriptor) -> bool = |entry| is_for_running(entry) && entry.platform.is_none();
    let mut sentences = Vec::new();
    for (what, is_meant) in [("attestation", is_attestation), ("entry without a platform", is_other)] {
        let [a, b] = roots.map(|root| digests(root, is_meant));
        if a != b {
            let words = |some: &BTreeSet<String>| match some.len() {
                0 => "none".to_owned(),
                1 => format!("1 {what}"),
                many if what == "attestation" => format!("{many} attestations"),
                many => format!("{many} entries without a platform"),
            };
            let others = if a.len() == b.len() { ", with other digests" } else { "" };
            sentences.push(format!("A lists {}, B {}{others}.", words(&a), words(&b)));
        }
    }
    (!sentences.is_empty()).then(|| Difference::noticed(Kind::Entries, sentences.join(" ")))
}

/// A platform as text, in one spelling for each: `v8` is the default variant of arm64, and `v7` that of arm (containerd,
/// platforms/database.go).
fn platform_name(platform: &ListedPlatform) -> String {
    let plain = with_go_names(platform);
    let variant = match (plain.architecture(), plain.variant()) {
        ("arm64", Some("v8")) | ("amd64", Some("v1")) => None,
        ("arm", None) => Some("v7"),
        (_, variant) => variant,
    };
    let variant = variant.map(|variant| format!("/{variant}")).unwrap_or_default();
    let version = plain.os_version().map(|version| format!(" {}", version.as_str())).unwrap_or_default();
    Untrusted::new(format!("{}/{}{variant}{version}", plain.os(), plain.architecture())).printable_within(60)
}
