//! Tables of a layout.

use super::markup::Writer;
use super::prose::class;
use crate::report::layout::{Cell, Column, Row, Table};

/// A table, which can be scrolled where it is wider than the page. Cells may hold words of others, so nothing in them is a
/// link.
pub fn table(writer: &mut Writer<'_>, table: &Table) {
    writer.block("<div class=\"scroll\"><table>");
    if table.columns.iter().any(|column| !column.title.is_empty()) {
        writer.block("<thead><tr>");
        table.columns.iter().for_each(|column| title(writer, column));
        writer.inline("</tr></thead>");
    }
    writer.block("<tbody>");
    table.rows.iter().for_each(|row| self::row(writer, row, &table.columns));
    writer.block("</tbody></table></div>");
}

fn title(writer: &mut Writer<'_>, column: &Column) {
    writer.block(if column.numbers { "<th class=\"number\">" } else { "<th>" });
    writer.text(&column.title);
    writer.inline("</th>");
}

fn row(writer: &mut Writer<'_>, row: &Row, columns: &[Column]) {
    writer.block("<tr>");
    let mut at = 0;
    for cell in row {
        self::cell(writer, cell, columns.get(at).filter(|_| cell.across == 1));
        at += cell.across;
    }
    writer.inline("</tr>");
}

/// A cell, in a column of its own or across several.
fn cell(writer: &mut Writer<'_>, cell: &Cell, column: Option<&Column>) {
    writer.block("<td");
    if cell.across > 1 {
        writer.inline(" colspan=\"");
        writer.number(cell.across as u64);
        writer.inline("\"");
    }
    writer.inline(" class=\"");
    writer.inline(match column {
        Some(column) if column.numbers => "number ",
        // Words in one piece; what is wider than the page is scrolled to.
        Some(column) if !column.flexible => "whole ",
        _ => "",
    });
    writer.inline(class(cell.label));
    writer.inline("\">");
    writer.text(&cell.text);
    writer.inline("</td>");
}
