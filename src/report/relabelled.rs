//! A document or an object of JSON with every text in it changed in the same way, before it is laid out: widths and line
//! breaks then are those of what is shown.

use serde_json::Value;

use super::layout::{Bar, Block, Cited, Layout, Line, Span, Table};

/// What is made of a text.
pub type Change<'a> = dyn FnMut(&str) -> String + 'a;

/// The document with every text changed.
pub fn relabelled(document: &Layout, change: &mut Change<'_>) -> Layout {
    document.iter().map(|block| of_block(block, change)).collect()
}

fn of_block(block: &Block, change: &mut Change<'_>) -> Block {
    match block {
        Block::Remark(line) => Block::Remark(of_line(line, change)),
        Block::Title(line) => Block::Title(of_line(line, change)),
        Block::Named(line) => Block::Named(of_line(line, change)),
        Block::Text(line) => Block::Text(of_line(line, change)),
        Block::Item(line) => Block::Item(of_line(line, change)),
        Block::Heading(text) => Block::Heading(change(text)),
        Block::Words(lines) => Block::Words(lines.iter().map(|line| change(line)).collect()),
        Block::Code { language, lines } => {
            Block::Code { language, lines: lines.iter().map(|line| change(line)).collect() }
        }
        Block::Names(names) => Block::Names(names.iter().map(|name| change(name)).collect()),
        Block::Table(table) => Block::Table(of_table(table, change)),
        Block::Command { command, purpose } => {
            Block::Command { command: command.relabelled(change), purpose: change(purpose) }
        }
        Block::Entry { name, about, command } => {
            Block::Entry { name: change(name), about: change(about), command: change(command) }
        }
        Block::Proof(parts) => {
            let part =
                |part: &Cited| Cited { request: change(&part.request), words: change(&part.words), ..part.clone() };
            Block::Proof(parts.iter().map(part).collect())
        }
        Block::Glossary(entries) => Block::Glossary(of_pairs(entries, change)),
        Block::Labelled { label, line, command } => Block::Labelled {
            label,
            line: of_line(line, change),
            command: command.as_ref().map(|command| command.relabelled(change)),
        },
        Block::Row(parts) => {
            let part = |(span, width): &(Span, usize)| (Span { text: change(&span.text), label: span.label }, *width);
            Block::Row(parts.iter().map(part).collect())
        }
        Block::Timeline(bars) => {
            let bar = |bar: &Bar| Bar { label: change(&bar.label), ..*bar };
            Block::Timeline(bars.iter().map(bar).collect())
        }
        Block::Fold { title, content } => Block::Fold { title: change(title), content: relabelled(content, change) },
        Block::Gap => Block::Gap,
    }
}

fn of_line(line: &Line, change: &mut Change<'_>) -> Line {
    line.iter().map(|span| Span { text: change(&span.text), label: span.label }).collect()
}

fn of_pairs(pairs: &[(String, String)], change: &mut Change<'_>) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| (change(one), change(other))).collect()
}

fn of_table(table: &Table, change: &mut Change<'_>) -> Table {
    let mut table = table.clone();
    table.columns.iter_mut().for_each(|column| column.title = change(&column.title));
    table.rows.iter_mut().flatten().for_each(|cell| cell.text = change(&cell.text));
    table
}

/// The value with every text changed; names of fields stay.
pub fn relabelled_json(value: &Value, change: &mut Change<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(elements) => elements.iter().map(|element| relabelled_json(element, change)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), relabelled_json(value, change))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The value with every text changed, and every name of a field.
pub fn renamed_json(value: &Value, change: &mut Change<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(elements) => elements.iter().map(|element| renamed_json(element, change)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (change(name), renamed_json(value, change))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::layout::{Cell, Column, Label, plain};
    use super::*;
    use crate::diagnosis::CommandLine;

    /// Every block has a text that is a host's name; none may stay.
    #[test]
    fn no_text_of_a_document_is_left_out() {
        let host = || "host.lan".to_owned();
        let document = vec![
            Block::Remark(vec![plain(host())]),
            Block::Title(vec![plain(host())]),
            Block::Heading(host()),
            Block::Named(vec![plain(host())]),
            Block::Text(vec![plain(host())]),
            Block::Item(vec![plain(host())]),
            Block::Table(Table {
                columns: vec![Column::text(host())],
                rows: vec![vec![Cell::new(host(), Label::Plain)]],
            }),
            Block::Words(vec![host()]),
            Block::Command { command: CommandLine::ours("host.lan"), purpose: host() },
            Block::Entry { name: host(), about: host(), command: host() },
            Block::Proof(vec![Cited { request: host(), speaker: Some("registry says"), words: host() }]),
            Block::Labelled { label: "label", line: vec![plain(host())], command: Some(CommandLine::ours("host.lan")) },
            Block::Timeline(vec![Bar { label: host(), from: 0.0, to: 1.0 }]),
            Block::Fold { title: host(), content: vec![Block::Heading(host())] },
            Block::Glossary(vec![(host(), host())]),
            Block::Names(vec![host()]),
            Block::Code { language: "json", lines: vec![host()] },
            Block::Row(vec![(plain(host()), 0)]),
            Block::Gap,
        ];
        let changed = relabelled(&document, &mut |text| text.replace("host.lan", "HOST1"));
        let shown = format!("{changed:?}");
        assert!(!shown.contains("host.lan"), "{shown}");
        assert_eq!(shown.matches("HOST1").count(), format!("{document:?}").matches("host.lan").count());
        let json = relabelled_json(&json!({"a": ["host.lan", {"b": "host.lan"}], "c": 1}), &mut |_| "x".to_owned());
        assert_eq!(json, json!({"a": ["x", {"b": "x"}], "c": 1}));
        let json = renamed_json(&json!({"a": ["host.lan", {"b": null}], "c": 1}), &mut |text| text.to_uppercase());
        assert_eq!(json, json!({"A": ["HOST.LAN", {"B": null}], "C": 1}));
    }
}
