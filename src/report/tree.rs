//! The picture of what a reference is made of, as a table.

use super::layout::{Cell, Column, Label, Row, Table};
use crate::diagnosis::{Node, Presence, Role};
use crate::oci::media_type::plain_words;
use crate::text::Untrusted;

/// The most entries of one document that are drawn.
const SHOWN: usize = 24;

/// Draws a tree with digests as short as they can be told apart: one row for each part, indented below what names it.
pub(super) fn table(root: &Node) -> Table {
    drawn(root, false)
}

/// The same tree with whole digests.
pub(super) fn table_in_full(root: &Node) -> Table {
    drawn(root, true)
}

fn drawn(root: &Node, in_full: bool) -> Table {
    let columns = vec![
        Column::text("Part"),
        Column::flexible("Type"),
        Column::text("Digest").where_there_is_room(),
        Column::numbers("Size").where_there_is_room(),
        Column::text("Found"),
        Column::numbers("#"),
    ];
    let mut rows = vec![row("", root, in_full)];
    below(root, "", in_full, &mut rows);
    Table { columns, rows }
}

fn below(node: &Node, indentation: &str, in_full: bool, rows: &mut Vec<Row>) {
    let (shown, hidden) = selection(&node.children);
    let last = shown.len();
    for (at, child) in shown.into_iter().enumerate() {
        let is_last = at + 1 == last && hidden == 0;
        rows.push(row(&format!("{indentation}{}", if is_last { "└ " } else { "├ " }), child, in_full));
        below(child, &format!("{indentation}{}", if is_last { "  " } else { "│ " }), in_full, rows);
    }
    if hidden > 0 {
        let words = format!("{indentation}└ {hidden} more, all there");
        let mut row = vec![Cell::new(words, Label::Quiet)];
        row.extend((0..5).map(|_| Cell::new("", Label::Plain)));
        rows.push(row);
    }
}

/// The children to draw, in their order: of many, those that are not as they should be, the one that is taken, and the
/// first others. And how many are left out, which are all there.
pub(super) fn selection(children: &[Node]) -> (Vec<&Node>, usize) {
    if children.len() <= SHOWN {
        return (children.iter().collect(), 0);
    }
    let matters = |node: &&Node| node.wanted || !is_there(node.presence);
    let mut room = SHOWN.saturating_sub(children.iter().filter(matters).count());
    let shown: Vec<_> = children
        .iter()
        .filter(|node| {
            let extra = !matters(node) && room > 0;
            room -= usize::from(extra);
            extra || matters(node)
        })
        .collect();
    let hidden = children.len() - shown.len();
    (shown, hidden)
}

pub(super) fn is_there(presence: Presence) -> bool {
    matches!(presence, Presence::Present | Presence::Verified)
}

/// The name of a part: the platform of an image, or what it is.
pub(super) fn name(node: &Node) -> String {
    match (&node.platform, node.role) {
        (Some(platform), Role::Manifest) => platform.cut_within(30),
        (_, role) => role.as_str().to_owned(),
    }
}

/// The type of a part, by the name that people use for it.
pub(super) fn kind(node: &Node) -> String {
    plain_words(node.media_type.as_str()).map_or_else(|| node.media_type.cut_within(80), str::to_owned)
}

fn row(indentation: &str, node: &Node, in_full: bool) -> Row {
    let (words, label) = found(node.presence);
    vec![
        Cell::new(format!("{indentation}{}", name(node)), if node.wanted { Label::Strong } else { Label::Plain }),
        Cell::new(kind(node), Label::Plain),
        Cell::new(if in_full { node.digest.cut_within(140) } else { short_digest(&node.digest) }, Label::Plain),
        Cell::new(node.size.map_or_else(|| "–".to_owned(), bytes), Label::Plain),
        Cell::new(words, label),
        Cell::new(node.exchange.map_or_else(String::new, |id| id.to_string()), Label::Quiet),
    ]
}

/// The first twelve digits of what should be a digest; of what is none, as many characters.
pub fn short_digest(digest: &Untrusted) -> String {
    let text = digest.as_str();
    let digits = text.split_once(':').map_or(text, |(_, digits)| digits);
    Untrusted::new(digits.chars().take(12).collect::<String>()).printable()
}

/// The result of a check, in a word, and how it looks.
pub(super) fn found(presence: Presence) -> (String, Label) {
    match presence {
        Presence::Present => ("✓".to_owned(), Label::Good),
        Presence::Verified => ("✓ digest".to_owned(), Label::Good),
        Presence::Different => ("✗ other bytes".to_owned(), Label::Bad),
        Presence::Missing => ("✗ missing".to_owned(), Label::Bad),
        Presence::Refused(status) => (format!("✗ {status}"), Label::Bad),
        Presence::Unreachable => ("✗ no answer".to_owned(), Label::Bad),
        Presence::Elsewhere => ("elsewhere".to_owned(), Label::Caution),
        Presence::NotLookedAt => ("–".to_owned(), Label::Quiet),
    }
}

/// A length in bytes, in the unit that makes it short: kB and MB are thousands, as Docker shows them.
pub(super) fn bytes(size: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, unit)| size >= 10 * unit) {
        Some((name, unit)) => format!("{} {name}", size / unit),
        None => size.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ExchangeId;
    use crate::text::Untrusted;

    fn node(platform: &str, presence: Presence, wanted: bool) -> Node {
        Node {
            role: Role::Manifest,
            media_type: Untrusted::from("application/vnd.oci.image.manifest.v1+json"),
            digest: Untrusted::from("sha256:f105473298a2f44edbe4dfe229f0325f1611810b92a5c6f394e121c2711a2019"),
            size: Some(522),
            platform: Some(Untrusted::from(platform)),
            wanted,
            presence,
            exchange: Some(ExchangeId::new(7)),
            children: Vec::new(),
        }
    }

    fn names(table: &Table) -> Vec<&str> {
        table.rows.iter().map(|row| row[0].text.as_str()).collect()
    }

    #[test]
    fn what_is_named_stands_below_what_names_it() {
        let layer = Node { role: Role::Layer, platform: None, ..node("", Presence::Present, true) };
        let first = Node { children: vec![layer], ..node("linux/amd64", Presence::Verified, true) };
        let children = vec![first, node("linux/arm64", Presence::Missing, false)];
        let root = Node { role: Role::Index, platform: None, children, ..node("", Presence::Verified, true) };
        let table = table(&root);
        assert_eq!(names(&table), ["index", "├ linux/amd64", "│ └ layer", "└ linux/arm64"]);
        assert_eq!(table.rows[3][4].text, "✗ missing");
    }

    /// Of a hundred entries those are drawn that somebody has to see.
    #[test]
    fn of_many_entries_those_are_drawn_that_matter() {
        let mut children: Vec<_> = (0..100).map(|_| node("linux/arm64", Presence::Present, false)).collect();
        children[98] = node("linux/s390x", Presence::Missing, false);
        children[99] = node("linux/amd64", Presence::Verified, true);
        let root = Node { children, ..node("", Presence::Verified, true) };
        let table = table(&root);
        let names = names(&table);
        assert_eq!(names.len(), 1 + SHOWN + 1);
        assert!(names.contains(&"├ linux/s390x") && names.contains(&"├ linux/amd64"));
        assert_eq!(names.last(), Some(&"└ 76 more, all there"));
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!([9_999, 10_000, 31_357_624].map(bytes), ["9999", "10 kB", "31 MB"]);
    }
}
