//! Lays out a whole log: one row per image and cause, and below it the meaning of each cause.

use super::image::Named;
use super::page::{as_block, capitalized};
use super::read::{Read, THE_IMAGE};
use crate::diagnosis::{CommandLine, Family, catalogue, words};
use crate::knowledge::AtFault;
use crate::oci::Reference;
use crate::report::{Block, Cell, Column, Label, Layout, Span, Table, plain};

/// The maximum number of rows, and of images in the command after them.
const MOST_ROWS: usize = 100;
const MOST_IMAGES: usize = 20;

/// The width up to which an image is never truncated.
const WHOLE: usize = 44;

/// The table of several causes.
pub(super) fn table(read: &[Read<'_>], lines: usize) -> Layout {
    let mut images: Vec<String> = read.iter().filter_map(|read| read.group.image.as_ref().map(Named::key)).collect();
    images.sort_unstable();
    images.dedup();
    let of_images = counted(images.len(), "image");
    let title = format!("{of_images}, {} in {}", counted(read.len(), "cause"), counted(lines, "line"));
    let mut document = vec![Block::Remark(vec![Span::new(title, Label::Strong)]), Block::Gap];
    let rows: Vec<_> = read.iter().take(MOST_ROWS).map(row).collect();
    let longest = rows.iter().filter_map(|row| row.first()).map(|cell| cell.text.chars().count()).max();
    let columns = vec![
        if longest.unwrap_or_default() <= WHOLE { Column::text("Image") } else { Column::flexible("Image") },
        Column::text("What"),
        Column::flexible("Rule"),
        Column::numbers("Lines").where_there_is_room(),
        Column::text("Client").where_there_is_room(),
    ];
    document.push(Block::Table(Table { columns, rows }));
    if read.len() > MOST_ROWS {
        document.push(Block::Text(vec![plain(format!("{} more rows are not shown.", read.len() - MOST_ROWS))]));
    }
    document.push(Block::Gap);
    document.extend(meanings(read));
    document.extend(next(read));
    document
}

fn row(read: &Read<'_>) -> Vec<Cell> {
    let image = read.image();
    let mut said: Vec<String> = read.group.clients.iter().map(|client| client.name.clone()).collect();
    said.extend(read.group.mirror.as_ref().map(|mirror| format!("via mirror {mirror}")));
    vec![
        Cell::new(image.unwrap_or_else(|| "(no image named)".to_owned()), Label::Strong),
        Cell::new(in_short(read), Label::Plain),
        Cell::new(read.causes.first().map_or("–", |cause| cause.rule), Label::Name),
        Cell::new(read.group.lines.to_string(), Label::Plain),
        Cell::new(said.join(", "), Label::Quiet),
    ]
}

/// The meaning of each cause, once.
fn meanings(all: &[Read<'_>]) -> Layout {
    let mut known: Vec<usize> = Vec::new();
    let mut document = Layout::new();
    for read in all.iter().take(MOST_ROWS) {
        if known.contains(&read.group.found.rank) {
            continue;
        }
        known.push(read.group.found.rank);
        let name = read.causes.first().map_or("no rule", |cause| cause.rule);
        let is_one = all.iter().filter(|other| other.group.found.rank == read.group.found.rank).count() == 1;
        let says = if is_one { read.sentences() } else { read.sentences_about(THE_IMAGE) };
        // A name keeps its case, even at the beginning of a sentence.
        let is_name = is_one && read.group.image.is_some() && read.group.found.says.starts_with('{');
        let says = if is_name { says } else { capitalized(&says) };
        let mut line = vec![Span::new(format!("{name}: "), Label::Name), plain(says)];
        line.extend(read.advice().map(|advice| plain(format!(" {advice}"))));
        document.push(Block::Item(line));
    }
    document.push(Block::Gap);
    document
}

/// The command that diagnoses all images that a registry can be queried for.
fn next(read: &[Read<'_>]) -> Layout {
    let mut references: Vec<Reference> = Vec::new();
    for reference in read.iter().filter(|read| !read.is_local()).filter_map(Read::to_diagnose) {
        if !references.iter().any(|known| known.to_string() == reference.to_string()) {
            references.push(reference);
        }
    }
    if references.is_empty() {
        return Layout::new();
    }
    let mut diagnose = words!["ociscope", "diagnose"];
    diagnose.extend(references.iter().take(MOST_IMAGES).map(Into::into));
    let mut document = vec![Block::Heading("Find out".to_owned()), as_block(CommandLine::of(diagnose))];
    if references.len() > MOST_IMAGES {
        document.push(Block::Text(vec![plain(format!(
            "{} more images are not included.",
            references.len() - MOST_IMAGES
        ))]));
    }
    document
}

/// The cause in two or three words.
fn in_short(read: &Read<'_>) -> &'static str {
    let Some(cause) = read.causes.first() else {
        return match read.group.found.fault {
            AtFault::Client => "not the registry",
            _ => "reason not given",
        };
    };
    match cause.rule {
        "hub-pull-limit" => "pull limit",
        "hub-abuse-limit" | "other-registry-throttle" | "shared-source" => "rate limit",
        "unknown-ca" => "unknown authority",
        "dns-failure" => "name lookup",
        rule if rule.starts_with("certificate-") || rule.starts_with("tls-") => "TLS",
        rule => of_family(rule),
    }
}

fn of_family(rule: &str) -> &'static str {
    let family = catalogue().iter().find(|known| known.name == rule).map(|known| known.family);
    match family {
        Some(Family::Reference) => "invalid reference",
        Some(Family::Place) => "moved or shut down",
        Some(Family::Transport) => "connection",
        Some(Family::Registry) => "not a registry",
        Some(Family::Backend | Family::Server) => "registry failed",
        Some(Family::Authentication) => "login",
        Some(Family::Authorization) => "denied",
        Some(Family::Negotiation) => "media type",
        Some(Family::Config | Family::Name) => "not found",
        Some(Family::Integrity) => "damaged content",
        Some(Family::Tree) => "platform",
        Some(Family::Artifact) => "not an image",
        Some(Family::Head) => "HEAD",
        None => "unclear",
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
