//! What a reference is made of, drawn as a tree, and below it every digest in full.

use super::blocks::{Place, blocks};
use super::markup::Writer;
use super::prose::class;
use crate::diagnosis::{Node, Role};
use crate::report::layout::Block;
use crate::report::tree::{bytes, found, kind, name, selection, short_digest, table_in_full};
use crate::report::value::Report;

/// The height of a row, in pixels.
const ROW: usize = 24;
/// The distance in pixels between a node and those that it names.
const STEP: usize = 20;
/// The middle of the root, in pixels from the left edge.
const LEFT: usize = 8;
/// The distance in pixels from the middle of a node to its name.
const NAME: usize = 14;
/// The most characters of a type.
const TYPE: usize = 36;

/// A row of the drawing.
struct Drawn<'a> {
    depth: usize,
    /// The row of the node that names it.
    parent: usize,
    /// The node, or the number of those that are left out.
    node: Result<&'a Node, usize>,
}

/// Writes the tree of a report that has one.
pub fn tree(writer: &mut Writer<'_>, report: &Report) {
    let Some(root) = &report.tree else { return };
    let rows = rows(root);
    writer.block("<section><h2>Contents</h2><svg class=\"tree\" width=\"100%\" height=\"");
    writer.number((rows.len() * ROW) as u64);
    writer.inline("\" role=\"group\" aria-label=\"Contents\">");
    for (at, row) in rows.iter().enumerate().skip(1) {
        edge(writer, at, row);
    }
    for (at, row) in rows.iter().enumerate() {
        match row.node {
            Ok(part) => node(writer, at, row.depth, part),
            Err(hidden) => label(writer, "quiet", at, row.depth, &format!("{hidden} more, all there")),
        }
    }
    writer.block("</svg>");
    let table = vec![Block::Table(table_in_full(root))];
    blocks(writer, &[Block::Fold { title: "Digests in full".to_owned(), content: table }], Place::Section);
    writer.block("</section>");
}

/// The rows from top to bottom: a node, then those that it names.
fn rows(root: &Node) -> Vec<Drawn<'_>> {
    let mut rows = vec![Drawn { depth: 0, parent: 0, node: Ok(root) }];
    below(root, 0, 1, &mut rows);
    rows
}

fn below<'a>(node: &'a Node, parent: usize, depth: usize, rows: &mut Vec<Drawn<'a>>) {
    let (shown, hidden) = selection(&node.children);
    for child in shown {
        rows.push(Drawn { depth, parent, node: Ok(child) });
        below(child, rows.len() - 1, depth + 1, rows);
    }
    if hidden > 0 {
        rows.push(Drawn { depth, parent, node: Err(hidden) });
    }
}

/// The middle of a node, from the left edge.
fn middle(depth: usize) -> usize {
    LEFT + depth * STEP
}

/// The line from a node down to one that it names.
fn edge(writer: &mut Writer<'_>, at: usize, row: &Drawn<'_>) {
    writer.inline("<path class=\"edge\" d=\"M");
    writer.number(middle(row.depth - 1) as u64);
    writer.inline(" ");
    writer.number((row.parent * ROW + ROW / 2) as u64);
    writer.inline("V");
    writer.number((at * ROW + ROW / 2) as u64);
    writer.inline("H");
    writer.number(middle(row.depth) as u64);
    writer.inline("\"/>");
}

fn node(writer: &mut Writer<'_>, at: usize, depth: usize, node: &Node) {
    let (words, state) = found(node.presence);
    writer.inline("<circle class=\"");
    writer.inline(class(state));
    writer.inline("\" cx=\"");
    writer.number(middle(depth) as u64);
    writer.inline("\" cy=\"");
    writer.number((at * ROW + ROW / 2) as u64);
    writer.inline("\" r=\"5\"/>");
    // Of several images it is the one that is taken.
    let is_taken = node.wanted && node.role == Role::Manifest && depth > 0;
    label(writer, if is_taken { "strong" } else { "plain" }, at, depth, &name(node));
    column(writer, "<text class=\"wide quiet\" x=\"32%\" y=\"", at, &end_of(&kind(node)));
    column(writer, "<text class=\"wide code\" x=\"58%\" y=\"", at, &short_digest(&node.digest));
    let size = node.size.map_or_else(|| "–".to_owned(), bytes);
    column(writer, "<text class=\"wide quiet\" x=\"80%\" text-anchor=\"end\" y=\"", at, &size);
    writer.block("<text class=\"");
    writer.inline(class(state));
    writer.inline("\" x=\"100%\" dx=\"-40\" text-anchor=\"end\" y=\"");
    line(writer, at);
    writer.text(&words);
    writer.inline("</text>");
    if let Some(exchange) = node.exchange {
        writer.block("<text x=\"100%\" text-anchor=\"end\" y=\"");
        line(writer, at);
        writer.link(exchange);
        writer.inline("</text>");
    }
}

/// The text next to a node.
fn label(writer: &mut Writer<'_>, class: &'static str, at: usize, depth: usize, text: &str) {
    writer.block("<text class=\"");
    writer.inline(class);
    writer.inline("\" x=\"");
    writer.number((middle(depth) + NAME) as u64);
    writer.inline("\" y=\"");
    line(writer, at);
    writer.text(text);
    writer.inline("</text>");
}

/// A text in a column of its own.
fn column(writer: &mut Writer<'_>, open: &'static str, at: usize, text: &str) {
    writer.block(open);
    line(writer, at);
    writer.text(text);
    writer.inline("</text>");
}

/// The line on which the letters of a row are, and the end of the tag.
fn line(writer: &mut Writer<'_>, at: usize) {
    writer.number((at * ROW + ROW / 2 + 4) as u64);
    writer.inline("\">");
}

/// The end of a type that is long, which tells more than its beginning: whole parts of it, where one of them fits.
fn end_of(kind: &str) -> String {
    let count = kind.chars().count();
    if count <= TYPE {
        return kind.to_owned();
    }
    let end: String = kind.chars().skip(count - TYPE + 1).collect();
    let whole = end.split_once(['.', '/']).map(|(_, whole)| whole).filter(|whole| whole.chars().count() > TYPE / 2);
    format!("…{}", whole.unwrap_or(&end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Presence;
    use crate::text::Untrusted;

    fn node(presence: Presence, children: Vec<Node>) -> Node {
        Node {
            role: Role::Manifest,
            media_type: Untrusted::from("application/vnd.oci.image.manifest.v1+json"),
            digest: Untrusted::from("sha256:f105473298a2f44edbe4dfe229f0325f1611810b92a5c6f394e121c2711a2019"),
            size: Some(522),
            platform: Some(Untrusted::from("linux/amd64")),
            wanted: false,
            presence,
            exchange: None,
            children,
        }
    }

    #[test]
    fn node_is_below_the_one_that_names_it() {
        let leaf = || node(Presence::Present, Vec::new());
        let root = node(Presence::Verified, vec![node(Presence::Present, vec![leaf(), leaf()]), leaf()]);
        let places: Vec<_> = rows(&root).iter().map(|row| (row.depth, row.parent)).collect();
        assert_eq!(places, [(0, 0), (1, 0), (2, 1), (2, 1), (1, 0)]);
    }

    #[test]
    fn of_many_nodes_the_last_row_counts_those_that_are_not_drawn() {
        let root = node(Presence::Verified, (0..100).map(|_| node(Presence::Present, Vec::new())).collect());
        let rows = rows(&root);
        assert_eq!(rows.len(), 26);
        assert!(rows.last().is_some_and(|row| row.node.is_err_and(|hidden| hidden == 76) && row.depth == 1));
    }

    #[test]
    fn long_type_keeps_its_end() {
        assert_eq!(end_of("application/json"), "application/json");
        let long = "application/vnd.docker.image.rootfs.diff.tar.gzip";
        assert_eq!(end_of(long), "…docker.image.rootfs.diff.tar.gzip");
        assert_eq!(end_of(&"x".repeat(100)), format!("…{}", "x".repeat(TYPE - 1)));
        assert_eq!(end_of(&format!("{}.x", "y".repeat(100))).chars().count(), TYPE);
    }
}
