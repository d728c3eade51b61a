//! Any layout as HTML: what every command that has no page of its own writes, and what parts of a report share with it.

use super::bars;
use super::markup::Writer;
use super::table;
use crate::diagnosis::CommandLine;
use crate::report::layout::{Block, Cited, Line};

/// Where a layout is on its page, from which the rank of its headings follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the page.
    Page,
    /// It is in a section that has a heading.
    Section,
}

/// The kinds of blocks that are one list where they follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Items,
    Entries,
    Rows,
    Labelled,
}

impl List {
    fn of(block: &Block) -> Option<Self> {
        match block {
            Block::Item(_) => Some(Self::Items),
            Block::Entry { .. } => Some(Self::Entries),
            Block::Row(_) => Some(Self::Rows),
            Block::Labelled { .. } => Some(Self::Labelled),
            _ => None,
        }
    }

    fn tags(self) -> (&'static str, &'static str) {
        match self {
            Self::Items => ("<ul>", "</ul>"),
            Self::Entries => ("<dl class=\"entries\">", "</dl>"),
            Self::Rows => ("<ul class=\"rows\">", "</ul>"),
            Self::Labelled => ("<dl class=\"labelled\">", "</dl>"),
        }
    }
}

/// Writes a layout.
pub fn blocks(writer: &mut Writer<'_>, layout: &[Block], place: Place) {
    let mut open: Option<List> = None;
    for block in layout.iter().filter(|block| **block != Block::Gap) {
        let list = List::of(block);
        if open != list {
            writer.block(open.map_or("", |list| list.tags().1));
            writer.block(list.map_or("", |list| list.tags().0));
            open = list;
        }
        self::block(writer, block, place);
    }
    writer.block(open.map_or("", |list| list.tags().1));
}

fn block(writer: &mut Writer<'_>, block: &Block, place: Place) {
    match block {
        Block::Remark(line) => element(writer, "<p class=\"remark\">", line, "</p>"),
        Block::Text(line) => element(writer, "<p>", line, "</p>"),
        Block::Title(line) => element(writer, "<h1>", line, "</h1>"),
        Block::Named(line) => {
            let (open, close) = tags(place);
            element(writer, open, line, close);
        }
        Block::Heading(text) => {
            let (open, close) = tags(place);
            writer.block(open);
            writer.prose(text);
            writer.inline(close);
        }
        Block::Item(line) => element(writer, "<li>", line, "</li>"),
        Block::Table(table) => table::table(writer, table),
        Block::Words(lines) => pre(writer, "<pre class=\"said\">", lines),
        Block::Code { lines, .. } => pre(writer, "<pre>", lines),
        Block::Command { command, purpose } => {
            if !purpose.is_empty() {
                writer.block("<p>");
                writer.prose(purpose);
                writer.inline("</p>");
            }
            self::command(writer, command);
        }
        Block::Entry { name, about, command } => {
            writer.block("<dt>");
            writer.within("<b>", name, "</b> ");
            writer.prose(about);
            writer.block("</dt><dd>");
            writer.within("<code>", command, "</code>");
            writer.inline("</dd>");
        }
        Block::Proof(proof) => cited(writer, proof),
        Block::Labelled { label, line, command } => labelled(writer, label, line, command.as_ref()),
        Block::Timeline(bars) => bars::timeline(writer, bars),
        Block::Fold { title, content } => {
            writer.block("<details><summary>");
            writer.prose(title);
            writer.inline("</summary>");
            blocks(writer, content, Place::Section);
            writer.block("</details>");
        }
        Block::Row(parts) => {
            writer.block("<li>");
            for (span, _) in parts {
                writer.span(span);
                writer.inline(" ");
            }
            writer.inline("</li>");
        }
        Block::Glossary(names) => {
            writer.block("<dl class=\"glossary\">");
            for (name, about) in names {
                writer.block("<dt>");
                writer.within("<code>", name, "</code>");
                writer.block("</dt><dd>");
                writer.prose(about);
                writer.inline("</dd>");
            }
            writer.block("</dl>");
        }
        Block::Names(names) => {
            writer.block("<ul class=\"names\">");
            for name in names {
                writer.block("<li>");
                writer.text(name);
                writer.inline("</li>");
            }
            writer.block("</ul>");
        }
        Block::Gap => {}
    }
}

/// The tags of headings below the title.
fn tags(place: Place) -> (&'static str, &'static str) {
    match place {
        Place::Page => ("<h2>", "</h2>"),
        Place::Section => ("<h3>", "</h3>"),
    }
}

fn element(writer: &mut Writer<'_>, open: &'static str, line: &Line, close: &'static str) {
    writer.block(open);
    writer.line(line);
    writer.inline(close);
}

/// Lines, as they are.
pub fn pre(writer: &mut Writer<'_>, open: &'static str, lines: &[String]) {
    writer.block(open);
    // A browser drops a line feed right after the tag.
    writer.inline("\n");
    for (number, line) in lines.iter().enumerate() {
        writer.block(if number > 0 { "\n" } else { "" });
        writer.text(line);
    }
    writer.inline("</pre>");
}

/// A command to copy.
pub fn command(writer: &mut Writer<'_>, command: &CommandLine) {
    writer.block("<pre class=\"command\">");
    writer.inline("\n");
    writer.command(command);
    writer.inline("</pre>");
}

fn labelled(writer: &mut Writer<'_>, label: &'static str, line: &Line, command: Option<&CommandLine>) {
    writer.block("<dt>");
    writer.text(label);
    writer.block("</dt><dd>");
    writer.line(line);
    if let Some(command) = command {
        self::command(writer, command);
    }
    writer.inline("</dd>");
}

fn cited(writer: &mut Writer<'_>, proof: &[Cited]) {
    writer.block("<ul class=\"proof\">");
    for Cited { request, speaker, words } in proof {
        writer.block("<li>");
        writer.prose(request);
        writer.inline(" ");
        match speaker {
            Some(speaker) if !words.is_empty() => {
                writer.within("<span class=\"quiet\">", speaker, ":</span>");
                pre(writer, "<pre class=\"said\">", std::slice::from_ref(words));
            }
            _ => writer.text(words),
        }
        writer.inline("</li>");
    }
    writer.block("</ul>");
}
