//! What a reference that can be pulled is, in a line or two.

use super::address::with_short_digests;
use super::layout::{Label, Line, Span, plain};
use super::tree::is_there;
use super::value::Report;
use super::words::count;
use crate::diagnosis::{Node, Role};
use crate::oci::media_type;

/// `Docker v2 manifest sha256:483ee4c94368…, 11 layers, 22.8 kB; all present`, and of an index first what it is. Nothing where the run did not look at what the reference is made of.
pub(super) fn contents(report: &Report) -> Vec<Line> {
    let Some(root) = &report.tree else { return Vec::new() };
    if root.role != Role::Index {
        return vec![image_line(root, None)];
    }
    let images = root.children.iter().filter(|child| child.platform.is_some()).count();
    let index = format!("{}, {}", named(root), count(images, "platform"));
    let mut lines = vec![line(index, root)];
    let wanted = root.children.iter().find(|child| child.wanted);
    lines
        .extend(wanted.map(|image| image_line(image, image.platform.as_ref().map(|platform| platform.cut_within(30)))));
    lines
}

/// An image, with the platform it is for.
fn image_line(image: &Node, platform: Option<String>) -> Line {
    let layers: Vec<_> = image.children.iter().filter(|part| part.role == Role::Layer).collect();
    let sizes: Option<u64> = layers.iter().map(|layer| layer.size).try_fold(0_u64, |sum, size| sum.checked_add(size?));
    let mut words = platform.map(|platform| format!("{platform}: ")).unwrap_or_default();
    words.push_str(&named(image));
    if !layers.is_empty() {
        words.push_str(&format!(", {}", count(layers.len(), "layer")));
        words.extend(sizes.map(|sum| format!(", {}", size(sum))));
    }
    if !image.children.is_empty() && image.children.iter().all(|part| is_there(part.presence)) {
        words.push_str("; all present");
    }
    line(words, image)
}

/// Words about a part, with the exchange that shows it.
fn line(words: String, part: &Node) -> Line {
    let shown_by = part.exchange.map(|id| Span::new(format!("  #{id}"), Label::Quiet));
    std::iter::once(plain(words)).chain(shown_by).collect()
}

/// The type and the digest of a part.
fn named(part: &Node) -> String {
    let kind = part.media_type.as_str();
    let kind = media_type::in_a_sentence(kind).map_or_else(|| part.media_type.cut_within(60), str::to_owned);
    format!("{kind} {}", with_short_digests(&part.digest.cut_within(140)))
}

/// A length as people read it: `22.8 kB`. kB and MB are thousands, as Docker shows them.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) if bytes >= 100 * unit => format!("{} {name}", bytes / unit),
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_has_three_digits_at_most() {
        let sizes = [1, 999, 1000, 22_781, 999_999, 31_357_624, 731_357_624, 12_900_000_000];
        let expected = ["1 byte", "999 bytes", "1.0 kB", "22.7 kB", "999 kB", "31.3 MB", "731 MB", "12.9 GB"];
        assert_eq!(sizes.map(size), expected);
    }
}
