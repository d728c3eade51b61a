//! Tables for the terminal, by prettytable.
//!
//! The library counts the bytes of colour codes as columns and can panic over some of them, so cells only ever hold
//! plain, printable text: colours are attributes of cells, and are written by a terminal of our own that writes to
//! memory. It neither wraps nor cuts either, so texts are fitted before they go in.

use std::io;
use std::ops::Range;

use prettytable::format::{Alignment, FormatBuilder};
use prettytable::{Attr, color};
use term::Terminal;

use super::layout::{Cell, Label, Row, Table};
use super::style::Style;
use super::wrap::{fit, width};

/// Blanks between two columns.
const GUTTER: usize = 2;

/// The narrowest that a column may become whose texts are cut.
const NARROWEST: usize = 6;

/// Draws a table within a width, indented by two blanks.
pub(crate) fn draw(table: &Table, room: usize, style: Style) -> String {
    let room = room.saturating_sub(GUTTER);
    let table = &without_spare_columns(table, room);
    let fitted = fitted(table, room);
    let format = FormatBuilder::new().padding(GUTTER, 0).build();
    let mut drawn = prettytable::Table::new();
    drawn.set_format(format);
    let titles = table.columns.iter().map(|column| {
        let title = prettytable::Cell::new_align(&column.title, alignment(column.numbers));
        if style.is_coloured() { title.with_style(Attr::Dim) } else { title }
    });
    drawn.set_titles(prettytable::Row::new(titles.collect()));
    for row in &fitted {
        let mut at = 0;
        let cells = row.iter().map(|cell| {
            let numbers = cell.across == 1 && table.columns.get(at).is_some_and(|column| column.numbers);
            at += cell.across;
            let plain = prettytable::Cell::new_align(&cell.text, alignment(numbers)).with_hspan(cell.across);
            painted(plain, cell.label, style)
        });
        drawn.add_row(prettytable::Row::new(cells.collect()));
    }
    let mut terminal = Memory::default();
    // Writing to memory does not fail, and nothing but a table is lost where it does.
    let _ = drawn.print_term(&mut terminal);
    let text = String::from_utf8_lossy(&terminal.written).into_owned();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn alignment(numbers: bool) -> Alignment {
    if numbers { Alignment::RIGHT } else { Alignment::LEFT }
}

fn painted(cell: prettytable::Cell, label: Label, style: Style) -> prettytable::Cell {
    if !style.is_coloured() {
        return cell;
    }
    match label {
        Label::Plain => cell,
        Label::Strong => cell.with_style(Attr::Bold),
        Label::Quiet => cell.with_style(Attr::Dim),
        Label::Good => cell.with_style(Attr::ForegroundColor(color::GREEN)),
        Label::Caution => cell.with_style(Attr::ForegroundColor(color::YELLOW)),
        Label::Bad => cell.with_style(Attr::Bold).with_style(Attr::ForegroundColor(color::RED)),
        Label::Name => cell.with_style(Attr::ForegroundColor(color::CYAN)),
    }
}

/// The table with as many of its columns as there is room for, where some may be left out.
fn without_spare_columns(table: &Table, room: usize) -> Table {
    let mut table = table.clone();
    loop {
        let widths = wanted(&table).into_iter().zip(&table.columns);
        let least = widths.map(|(width, column)| if column.flexible { width.min(NARROWEST) } else { width });
        let least = least.sum::<usize>() + GUTTER * table.columns.len().saturating_sub(1);
        let Some(spare) = table.columns.iter().rposition(|column| column.spare).filter(|_| least > room) else {
            return table;
        };
        table.columns.remove(spare);
        for row in &mut table.rows {
            let mut end = 0;
            let over = row.iter().position(|cell| {
                end += cell.across;
                end > spare
            });
            match over {
                Some(at) if row[at].across > 1 => row[at].across -= 1,
                Some(at) => drop(row.remove(at)),
                None => {}
            }
        }
    }
}

/// How wide each column would be if there were room for all.
fn wanted(table: &Table) -> Vec<usize> {
    let mut widths: Vec<usize> = table.columns.iter().map(|column| width(&column.title)).collect();
    for row in &table.rows {
        let mut at = 0;
        for cell in row {
            if cell.across == 1 && at < widths.len() {
                widths[at] = widths[at].max(width(&cell.text));
            }
            at += cell.across;
        }
    }
    widths
}

/// The rows with every text cut to the room that its columns have.
fn fitted(table: &Table, room: usize) -> Vec<Row> {
    let count = table.columns.len();
    let mut widths = wanted(table);
    let gutters = GUTTER * count.saturating_sub(1);
    let flexible: Vec<usize> = (0..count).filter(|&at| table.columns[at].flexible).collect();
    let fixed: usize = (0..count).filter(|at| !flexible.contains(at)).map(|at| widths[at]).sum();
    if !flexible.is_empty() {
        share(&mut widths, &flexible, room.saturating_sub(fixed + gutters));
    }
    let fit_row = |row: &Row| {
        let mut at = 0;
        let mut cells = Row::new();
        for cell in row {
            // Across fewer columns there may be more room, see below; the others are left empty then.
            let spans = (cell.across.min(2)..=cell.across).map(|across| at.min(count)..(at + across).min(count));
            let best = spans.map(|span| (widest(&widths, span.clone(), room), span.len())).max();
            let (own, across) = best.unwrap_or((0, cell.across));
            cells.push(Cell { text: fit(&cell.text, own), across, ..cell.clone() });
            cells.extend((across..cell.across).map(|_| Cell::new("", Label::Plain)));
            at += cell.across;
        }
        cells
    };
    table.rows.iter().map(fit_row).collect()
}

/// How wide a cell across these columns may be. The library gives each of them the same part of it but one gutter,
/// rounded up, so a narrow column among them becomes wider than it needs, and the table with it.
fn widest(widths: &[usize], span: Range<usize>, room: usize) -> usize {
    let count = span.len();
    let gutters = GUTTER * count.saturating_sub(1);
    let own = widths[span.clone()].iter().sum::<usize>() + gutters;
    if count < 2 {
        return own;
    }
    let outside = widths.iter().sum::<usize>() - (own - gutters) + GUTTER * widths.len().saturating_sub(1);
    let inside = |text: usize| {
        let part = text.saturating_sub(GUTTER).div_ceil(count);
        widths[span.clone()].iter().map(|width| (*width).max(part)).sum::<usize>()
    };
    (1..=room).rev().find(|&text| outside + inside(text) <= room).unwrap_or(own)
}

/// Shares room among columns: none gets more than it needs, and what one does not need the others get.
fn share(widths: &mut [usize], flexible: &[usize], mut room: usize) {
    let mut waiting = flexible.to_vec();
    waiting.sort_by_key(|&at| widths[at]);
    while let Some(&at) = waiting.first() {
        let fair = (room / waiting.len()).max(NARROWEST);
        widths[at] = widths[at].min(fair);
        room = room.saturating_sub(widths[at]);
        waiting.remove(0);
    }
}

/// A terminal that writes to memory, with the codes that terminals share.
#[derive(Default)]
struct Memory {
    written: Vec<u8>,
    styled: bool,
}

impl Memory {
    fn code(&mut self, code: &str) {
        self.styled = true;
        self.written.extend_from_slice(format!("\u{1b}[{code}m").as_bytes());
    }
}

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Terminal for Memory {
    type Output = Vec<u8>;

    fn fg(&mut self, color: color::Color) -> term::Result<()> {
        self.code(&(30 + color).to_string());
        Ok(())
    }

    fn bg(&mut self, color: color::Color) -> term::Result<()> {
        self.code(&(40 + color).to_string());
        Ok(())
    }

    fn attr(&mut self, attr: Attr) -> term::Result<()> {
        match attr {
            Attr::Bold => self.code("1"),
            Attr::Dim => self.code("2"),
            Attr::ForegroundColor(color) => return self.fg(color),
            Attr::BackgroundColor(color) => return self.bg(color),
            _ => return Err(term::Error::NotSupported),
        }
        Ok(())
    }

    fn supports_attr(&self, attr: Attr) -> bool {
        matches!(attr, Attr::Bold | Attr::Dim | Attr::ForegroundColor(_) | Attr::BackgroundColor(_))
    }

    fn reset(&mut self) -> term::Result<()> {
        if self.styled {
            self.code("0");
            self.styled = false;
        }
        Ok(())
    }

    fn supports_reset(&self) -> bool {
        true
    }

    fn supports_color(&self) -> bool {
        true
    }

    fn cursor_up(&mut self) -> term::Result<()> {
        Err(term::Error::NotSupported)
    }

    fn delete_line(&mut self) -> term::Result<()> {
        Err(term::Error::NotSupported)
    }

    fn carriage_return(&mut self) -> term::Result<()> {
        Err(term::Error::NotSupported)
    }

    fn get_ref(&self) -> &Vec<u8> {
        &self.written
    }

    fn get_mut(&mut self) -> &mut Vec<u8> {
        &mut self.written
    }

    fn into_inner(self) -> Vec<u8> {
        self.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::layout::Column;

    fn table() -> Table {
        Table {
            columns: vec![
                Column::numbers("#"),
                Column::text("Accept"),
                Column::flexible("Served"),
                Column::text("Digest"),
            ],
            rows: vec![
                vec![
                    Cell::new("1", Label::Quiet),
                    Cell::new("docker v1", Label::Plain),
                    Cell::across("MANIFEST_UNKNOWN manifest unknown to the registry", Label::Bad, 2),
                ],
                vec![
                    Cell::new("12", Label::Quiet),
                    Cell::new("all", Label::Plain),
                    Cell::new("oci index", Label::Good),
                    Cell::new("c95f3eba028a", Label::Plain),
                ],
            ],
        }
    }

    #[test]
    fn a_table_stays_within_its_width() {
        for room in [30, 50, 80, 120] {
            let drawn = draw(&table(), room, Style::new(false));
            assert!(drawn.lines().all(|line| width(line) <= room.max(46)), "{room}\n{drawn}");
        }
    }

    #[test]
    fn a_cell_across_columns_of_different_widths_stays_within_it_too() {
        let row = |cells: [&str; 4]| cells.into_iter().map(|text| Cell::new(text, Label::Plain)).collect::<Row>();
        for served in ["oci index", "docker v1 signed", "≠ docker v1 signed, and more"] {
            let mut table = table();
            table.columns.extend([Column::numbers("Size"), Column::text("Answer")]);
            let words = "MANIFEST_UNKNOWN Manifest with tag '1.0' has media type 'application/vnd.docker";
            let across = vec![Cell::across(words, Label::Bad, 3), Cell::new("A", Label::Strong)];
            table.rows = vec![
                row(["1", "docker v1 signed", served, "b8b8c3d73d1e"])
                    .into_iter()
                    .chain([Cell::new("1864", Label::Plain), Cell::new("B", Label::Strong)])
                    .collect(),
                row(["2", "docker v1", "", ""]).into_iter().take(2).chain(across).collect(),
            ];
            let drawn = draw(&table, 80, Style::new(false));
            assert!(drawn.lines().all(|line| width(line) <= 80), "{drawn}");
            assert!(drawn.contains("MANIFEST_UNKNOWN Manifest"), "{drawn}");
        }
    }

    #[test]
    fn a_spare_column_is_left_out_where_there_is_no_room() {
        let mut table = table();
        table.columns[3] = Column::text("Digest").where_there_is_room();
        let narrow = draw(&table, 36, Style::new(false));
        assert!(!narrow.contains("Digest") && !narrow.contains("c95f3eba028a"), "{narrow}");
        assert!(narrow.contains("MANIFEST") && narrow.contains("oci index"), "{narrow}");
        assert!(narrow.lines().all(|line| width(line) <= 36), "{narrow}");
        assert!(draw(&table, 40, Style::new(false)).contains("c95f3eba028a"));
    }

    #[test]
    fn colours_do_not_move_columns() {
        let bare = draw(&table(), 80, Style::new(false));
        let coloured = draw(&table(), 80, Style::new(true));
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').map_or("", |(_, rest)| rest);
        }
        stripped.push_str(rest);
        let trimmed: Vec<_> = stripped.lines().map(str::trim_end).collect();
        assert_eq!(trimmed, bare.lines().collect::<Vec<_>>());
        assert_ne!(coloured, bare);
    }

    #[test]
    fn text_that_made_the_library_panic_is_plain_when_it_gets_here() {
        let text = crate::text::Untrusted::from("\u{1b}[لا لا").printable();
        let table = Table { columns: vec![Column::text("x")], rows: vec![vec![Cell::new(text, Label::Bad)]] };
        assert!(draw(&table, 80, Style::new(true)).contains("\\x1b["));
    }
}
