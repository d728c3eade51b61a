//! A document on a terminal, or in a pipe: the same text, with or without colour.

use super::layout::{Block, Cell, Cited, Label, Line, Row, Span, Table, plain};
use super::style::Style;
use super::wrap::{fit, width as text_width, wrap};
use super::{table, timeline};

/// The column in which texts under labels begin.
const LABELS: usize = 9;

/// The narrowest that a column of a wide table may become before the table is split in two.
const NARROWEST: usize = 15;

/// The least room for what a name stands for, beside the name.
const NARROWEST_BESIDE: usize = 28;

/// The width of text for a program or a file: nothing is wrapped, and no bar is drawn along quoted words.
pub const UNWRAPPED: usize = usize::MAX / 4;

/// The widths that a text is laid out for.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=200;

/// The width of bars of time where nothing else sets one.
const BARS: usize = 80;

/// Writes a document for a terminal of this width, or [`UNWRAPPED`].
pub fn to_terminal(document: &[Block], style: Style, width: usize) -> String {
    let is_laid_out = width != UNWRAPPED;
    let widest = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let width = if is_laid_out { widest } else { UNWRAPPED };
    let mut text = String::new();
    for block in document {
        match block {
            Block::Remark(line) | Block::Named(line) => paragraph(&mut text, line, "", "", width, style),
            Block::Title(line) => paragraph(&mut text, line, "", "  ", width, style),
            Block::Heading(heading) => {
                paragraph(&mut text, &vec![Span::new(heading, Label::Strong)], "", "", width, style)
            }
            Block::Text(line) => paragraph(&mut text, line, "  ", "  ", width, style),
            Block::Item(line) => paragraph(&mut text, line, "  – ", "    ", width, style),
            Block::Table(table) => {
                let parts = split_wide(table, widest);
                let drawn: Vec<_> = parts.iter().map(|part| table::draw(part, widest, style)).collect();
                text.push_str(&drawn.join("\n"));
            }
            Block::Words(lines) | Block::Code { lines, .. } => {
                let bar = format!("  {}", bar(width, style));
                for line in lines {
                    paragraph(&mut text, &vec![plain(line)], &bar, &bar, width, style);
                }
            }
            Block::Command { command, purpose } => {
                let mut line = vec![Span::new(command.to_string(), Label::Name)];
                if !purpose.is_empty() {
                    line.push(Span::new(format!("   {purpose}"), Label::Quiet));
                }
                if text_width(command) + text_width(purpose) + 5 > width {
                    // A command is never wrapped: it is there to be copied.
                    text.push_str(&format!("  {}\n", style.paint(command, Label::Name)));
                    if !purpose.is_empty() {
                        let purpose = vec![Span::new(purpose, Label::Quiet)];
                        paragraph(&mut text, &purpose, "      ", "      ", width, style);
                    }
                } else {
                    text.push_str(&format!("  {}\n", style.line(&line)));
                }
            }
            Block::Entry { name, about, command } => {
                let line = vec![Span::new(name, Label::Strong), plain(format!("  {about}"))];
                paragraph(&mut text, &line, "  ", "      ", width, style);
                text.push_str(&format!("      {}\n", style.paint(command, Label::Name)));
            }
            Block::Proof(proof) => self::proof(&mut text, proof, width, style),
            Block::Labelled { label, line, command } => {
                labelled(&mut text, label, line, width, style);
                let command =
                    command.iter().map(|command| format!("{:LABELS$}{}\n", "", style.paint(command, Label::Name)));
                text.extend(command);
            }
            Block::Timeline(bars) => {
                for line in timeline::draw(bars, if is_laid_out { width } else { BARS }.saturating_sub(2)) {
                    text.push_str(&format!("  {}\n", line.trim_end()));
                }
            }
            Block::Fold { title, content } => {
                text.push_str(&style.paint(title, Label::Strong));
                text.push('\n');
                text.push_str(&to_terminal(content, style, width));
            }
            Block::Glossary(names) => glossary(&mut text, names, width, style),
            Block::Row(parts) => row(&mut text, parts, width, style),
            Block::Names(names) => in_columns(&mut text, names, if is_laid_out { width } else { 0 }),
            Block::Gap => text.push('\n'),
        }
    }
    text
}

/// The margin of quoted words: a bar, or as much room where no bar is drawn.
fn bar(width: usize, style: Style) -> String {
    if width == UNWRAPPED { "  ".to_owned() } else { style.paint("│ ", Label::Quiet) }
}

/// Names in columns of one width, from top to bottom as `ls` has them. A name that is wider than the room stands alone.
fn in_columns(text: &mut String, names: &[String], width: usize) {
    let widest = names.iter().map(|name| text_width(name)).max().unwrap_or_default();
    let columns = (width / (widest + 2)).max(1);
    let rows = names.len().div_ceil(columns);
    for row in 0..rows {
        let cells = names.iter().skip(row).step_by(rows);
        let line: String =
            cells.map(|name| format!("  {name}{:1$}", "", widest.saturating_sub(text_width(name)))).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The parts of a row, two spaces apart; the mark before them is one space apart.
fn row(text: &mut String, parts: &[(Span, usize)], width: usize, style: Style) {
    let mut line = Line::new();
    let mut used = 2;
    for (number, (span, least)) in parts.iter().enumerate() {
        let shown = fit(&span.text, width.saturating_sub(used));
        let pad = least.saturating_sub(text_width(&shown)) + if number == 0 { 1 } else { 2 };
        used += text_width(&shown) + pad;
        line.extend([Span::new(shown, span.label), plain(" ".repeat(pad))]);
        if used >= width {
            break;
        }
    }
    text.push_str(&format!("  {}\n", style.line(&line).trim_end()));
}

/// A line under a label, wrapped beside it.
fn labelled(text: &mut String, label: &str, line: &Line, width: usize, style: Style) {
    let rest = " ".repeat(LABELS);
    let pad = LABELS.saturating_sub(text_width(label) + 2);
    let first = format!("  {}{:pad$}", style.paint(label, Label::Quiet), "");
    for (number, part) in wrap(line, width.saturating_sub(LABELS)).iter().enumerate() {
        let line = format!("{}{}", if number == 0 { &first } else { &rest }, style.line(part));
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// Requests, each followed by the words of its answer, or with them below where there is no room. The words of a server are
/// set apart by a bar.
fn proof(text: &mut String, proof: &[Cited], width: usize, style: Style) {
    let bar = bar(width, style);
    for (number, Cited { request, speaker, words }) in proof.iter().enumerate() {
        let label = if number == 0 { "proof" } else { "" };
        let said = speaker.map(|speaker| Span::new(format!("{speaker}: "), Label::Quiet));
        let said: Line = said.into_iter().chain([plain(words)]).collect();
        let takes = said.iter().map(|span| text_width(&span.text)).sum::<usize>();
        if words.is_empty() {
            labelled(text, label, &vec![plain(request)], width, style);
        } else if LABELS + text_width(request) + 2 + takes <= width {
            let line = std::iter::once(plain(format!("{request}  "))).chain(said).collect();
            labelled(text, label, &line, width, style);
        } else {
            labelled(text, label, &vec![plain(request)], width, style);
            let (bar, takes) = if speaker.is_some() { (bar.as_str(), 2) } else { ("", 0) };
            for part in wrap(&said, width.saturating_sub(LABELS + 4 + takes)) {
                let line = format!("{:LABELS$}    {bar}{}", "", style.line(&part));
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
    }
}

/// A wrapped paragraph. `first` and `rest` go before its first and its other lines; their colour codes take no room.
fn paragraph(text: &mut String, line: &Line, first: &str, rest: &str, width: usize, style: Style) {
    let indentation = |text: &str| text.chars().filter(|c| !c.is_control()).count().min(6);
    let room = width.saturating_sub(indentation(first).max(indentation(rest)));
    for (number, part) in wrap(line, room).iter().enumerate() {
        let line = format!("{}{}", if number == 0 { first } else { rest }, style.line(part));
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// Names in one column and what they stand for in another; below the names where there is no room beside them.
fn glossary(text: &mut String, names: &[(String, String)], width: usize, style: Style) {
    let column = names.iter().map(|(name, _)| text_width(name)).max().unwrap_or(0);
    let beside = column + 4 + NARROWEST_BESIDE <= width;
    let indent = if beside { column + 4 } else { 6 };
    for (name, about) in names {
        let lines = wrap(&vec![plain(about)], width - indent);
        let mut lines = lines.iter().map(|line| style.line(line).trim_end().to_owned());
        text.push_str(&format!("  {}", style.paint(name, Label::Name)));
        if beside {
            let blank = " ".repeat(column + 2 - text_width(name));
            text.push_str(&format!("{blank}{}", lines.next().unwrap_or_default()));
        }
        text.push('\n');
        text.extend(lines.map(|line| format!("{}{line}\n", " ".repeat(indent))));
    }
}

/// A table whose flexible columns would become too narrow is drawn as several, each with the first column.
fn split_wide(table: &Table, width: usize) -> Vec<Table> {
    let plain_rows = table.rows.iter().all(|row| row.iter().all(|cell| cell.across == 1));
    let flexible = table.columns.iter().skip(1).filter(|column| column.flexible).count();
    if !plain_rows || flexible + 1 != table.columns.len() || flexible < 2 {
        return vec![table.clone()];
    }
    let name = |row: &Row| row.first().map_or(0, |cell| text_width(&cell.text));
    let first = table.rows.iter().map(name).max().unwrap_or(0);
    let at_once = (width.saturating_sub(first + 2) / (NARROWEST + 2)).max(1);
    let mut parts = Vec::new();
    let mut from = 1;
    while from < table.columns.len() {
        let to = (from + at_once).min(table.columns.len());
        // What a cell is equal to stands in the first part only, so here it is said again.
        let said = |row: &Row, cell: &Cell| if from > 1 && cell.text == "=" { row[1].clone() } else { cell.clone() };
        let pick = |row: &Row| row[..1].iter().chain(&row[from..to]).map(|cell| said(row, cell)).collect();
        parts.push(Table {
            columns: table.columns[..1].iter().chain(&table.columns[from..to]).cloned().collect(),
            rows: table.rows.iter().map(pick).collect(),
        });
        from = to;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glossary_of(names: &[(&str, &str)], width: usize) -> String {
        let names = names.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned())).collect();
        to_terminal(&[Block::Glossary(names)], Style::new(false), width)
    }

    #[test]
    fn a_glossary_is_aligned_and_wraps_beside_its_names() {
        let shown = glossary_of(&[("a-b", "one two three four five six seven"), ("longer-one", "x")], 44);
        assert_eq!(shown, "  a-b         one two three four five six\n              seven\n  longer-one  x\n");
    }

    #[test]
    fn where_there_is_no_room_beside_a_name_it_goes_below() {
        let shown = glossary_of(&[("a-name-that-takes-half-of-it", "one two")], 50);
        assert_eq!(shown, "  a-name-that-takes-half-of-it\n      one two\n");
    }

    #[test]
    fn text_for_a_program_is_not_wrapped_and_has_no_bars() {
        let long = "word ".repeat(60).trim_end().to_owned();
        let shown = |block: Block| to_terminal(&[block], Style::new(false), UNWRAPPED);
        let line = || vec![plain(&long)];
        assert_eq!(shown(Block::Title(line())), format!("{long}\n"));
        assert_eq!(shown(Block::Text(line())), format!("  {long}\n"));
        assert_eq!(shown(Block::Item(line())), format!("  – {long}\n"));
        assert_eq!(shown(Block::Words(vec!["{".to_owned(), long.clone()])), format!("    {{\n    {long}\n"));
        let said =
            Cited { request: "#2  GET …  404".to_owned(), speaker: Some("registry says"), words: long.clone() };
        let proof = Block::Proof(vec![said]);
        assert_eq!(shown(proof), format!("  proof  #2  GET …  404  registry says: {long}\n"));
        let labelled = Block::Labelled { label: "fix", line: line(), command: None };
        assert_eq!(shown(labelled), format!("  fix    {long}\n"));
        let glossary = Block::Glossary(vec![("a".to_owned(), long.clone()), ("bcd".to_owned(), "e".to_owned())]);
        assert_eq!(shown(glossary), format!("  a    {long}\n  bcd  e\n"));
        assert_eq!(shown(Block::Names(vec!["a".to_owned(), "b".to_owned()])), "  a\n  b\n");
        let bars = Block::Timeline(vec![crate::report::layout::Bar { label: "GET".to_owned(), from: 0.0, to: 9.0 }]);
        assert!(shown(bars.clone()).lines().all(|line| text_width(line) <= 80), "{}", shown(bars));
    }

    #[test]
    fn names_stand_in_as_many_columns_as_fit_and_are_read_downwards() {
        let names = |count: usize| (1..=count).map(|number| format!("v{number:09}")).collect();
        let lines = |names| to_terminal(&[Block::Names(names)], Style::new(false), 40);
        assert_eq!(lines(names(5)), "  v000000001  v000000003  v000000005\n  v000000002  v000000004\n");
        assert_eq!(lines(vec!["a".repeat(60), "b".to_owned()]), format!("  {}\n  b\n", "a".repeat(60)));
        assert_eq!(lines(Vec::new()), "");
    }
}
