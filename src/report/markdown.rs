//! A document as GitHub-flavoured Markdown, for pasting into an issue.
//!
//! Server text must not become markup there: no mention, no image, no mathematics, no emoji, no link to an issue or a
//! commit. A forge looks for those after the markup was read, so escapes do not help; code does. So whatever is not certainly
//! a plain word is written as code, with a fence longer than any run of backticks in it.

use super::layout::{Block, Cell, Cited, Label, Line, Span, Table};
use super::timeline;

/// How wide a timeline is in an issue, in columns.
const TIMELINE: usize = 100;

/// Writes a document as Markdown.
pub fn to_markdown(document: &[Block]) -> String {
    let mut text = String::new();
    let mut blocks = document.iter().peekable();
    while let Some(block) = blocks.next() {
        match block {
            Block::Title(line) => text.push_str(&format!("### {}\n\n", title(line))),
            Block::Named(line) => text.push_str(&format!("#### {}\n\n", title(line))),
            Block::Heading(heading) => text.push_str(&format!("#### {}\n\n", prose(heading))),
            Block::Text(line) | Block::Remark(line) => text.push_str(&format!("{}\n\n", paragraph(spans(line)))),
            Block::Item(line) => {
                text.push_str(&format!("- {}\n", paragraph(spans(line))));
                if !matches!(blocks.peek(), Some(Block::Item(_))) {
                    text.push('\n');
                }
            }
            Block::Table(table) => text.push_str(&format!("{}\n", pipes(table))),
            Block::Code { language, lines } => text.push_str(&format!("{}\n", fenced(lines, language))),
            Block::Words(lines) => text.push_str(&format!("{}\n", fenced(lines, ""))),
            Block::Command { command, purpose } => {
                if !purpose.is_empty() {
                    text.push_str(&format!("{}\n\n", paragraph(prose(purpose))));
                }
                text.push_str(&format!("{}\n", fenced(&[command.to_string()], "sh")));
            }
            Block::Entry { name, about, command } => {
                text.push_str(&format!("- **{}** {}\\\n  {}\n", prose(name), prose(about), code(command)));
                if !matches!(blocks.peek(), Some(Block::Entry { .. })) {
                    text.push('\n');
                }
            }
            Block::Proof(proof) => {
                for Cited { request, speaker, words } in proof {
                    text.push_str(&code(request));
                    text.extend(speaker.map(|speaker| format!(" {speaker}:")));
                    text.push_str("\n\n");
                    if !words.is_empty() {
                        text.push_str(&format!("{}\n", fenced(std::slice::from_ref(words), "")));
                    }
                }
            }
            Block::Labelled { label, line, command } => {
                let label = if label.is_empty() { String::new() } else { format!("*{label}*: ") };
                text.push_str(&paragraph(format!("{label}{}\n\n", spans(line))));
                if let Some(command) = command {
                    text.push_str(&format!("{}\n", fenced(&[command.to_string()], "sh")));
                }
            }
            Block::Timeline(bars) => {
                text.push_str(&format!("{}\n", fenced(&timeline::draw(bars, TIMELINE), "text")));
            }
            Block::Fold { title, content } => {
                let title = escaped(title);
                text.push_str(&format!(
                    "<details><summary>{title}</summary>\n\n{}\n</details>\n\n",
                    to_markdown(content)
                ));
            }
            Block::Glossary(names) => {
                text.extend(names.iter().map(|(name, about)| format!("- {}: {}\n", code(name), prose(about))));
                text.push('\n');
            }
            Block::Row(parts) => {
                let parts: Vec<_> = parts.iter().map(|(span, _)| spans(&vec![span.clone()])).collect();
                text.push_str(&format!("- {}\n", parts.join(" ")));
                if !matches!(blocks.peek(), Some(Block::Row(_))) {
                    text.push('\n');
                }
            }
            Block::Names(names) if names.is_empty() => {}
            Block::Names(names) => text.push_str(&format!("{}\n", fenced(names, ""))),
            Block::Gap => {}
        }
    }
    format!("{}\n", text.trim_end())
}

/// A heading. A name in it is code, whatever is in it; what is said of it is ours.
fn title(line: &Line) -> String {
    let part = |span: &Span| match span.label {
        Label::Strong | Label::Name => code(&span.text),
        _ => prose(&span.text),
    };
    joined(line.iter().map(part))
}

/// Pieces of inline Markdown one after the other. Two code spans that touch would be one, with the marks between them in it
/// (CommonMark §6.1), so there is a space between them.
fn joined(pieces: impl IntoIterator<Item = String>) -> String {
    pieces.into_iter().fold(String::new(), |mut text, piece| {
        if text.ends_with('`') && piece.starts_with('`') {
            text.push(' ');
        }
        text + &piece
    })
}

fn spans(line: &Line) -> String {
    let parts = line.iter().map(|span| match span.label {
        Label::Name => code(&span.text),
        Label::Strong | Label::Bad => {
            let inner = span.text.trim();
            let (before, after) = span.text.split_once(inner).unwrap_or(("", ""));
            if inner.is_empty() { span.text.clone() } else { format!("{before}**{}**{after}", prose(inner)) }
        }
        _ => prose(&span.text),
    });
    joined(parts).trim().to_owned()
}

fn pipes(table: &Table) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = row(table.columns.iter().map(|column| title_of(&column.title)).collect());
    text.push_str(&row(table.columns.iter().map(|c| if c.numbers { "---:" } else { "---" }.to_owned()).collect()));
    for cells in &table.rows {
        let cells = cells.iter().flat_map(|cell| {
            std::iter::once(cell_text(cell)).chain(std::iter::repeat_n(String::new(), cell.across.saturating_sub(1)))
        });
        text.push_str(&row(cells.collect()));
    }
    text
}

/// The title of a column, which is ours. A lone number sign is the beginning of a heading elsewhere, and none here.
fn title_of(title: &str) -> String {
    if title == "#" { title.to_owned() } else { prose(title) }
}

/// What the cells of our tables have between words, and no forge takes for markup.
const OF_TABLES: &str = " ├└│✓✗≠–";

fn cell_text(cell: &Cell) -> String {
    let text = cell.text.trim();
    match text {
        "" | "–" | "=" => text.to_owned(),
        _ if text.chars().all(|c| c.is_ascii_alphanumeric() || OF_TABLES.contains(c))
            && !text.split(' ').any(is_commit) =>
        {
            if cell.label == Label::Bad {
                format!("**{text}**")
            } else {
                text.to_owned()
            }
        }
        _ => code(text).replace('|', "\\|"),
    }
}

/// Text inside an HTML element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text as inline code, whatever is in it (CommonMark §6.1).
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines as a fenced block, whatever is in them (CommonMark §4.5).
fn fenced(lines: &[String], language: &str) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Whether a word of prose is a word to every forge, too: of letters, digits and marks that are only that, and nothing that
/// one of them replaces or links.
fn is_plain(word: &str) -> bool {
    const MARKS: &str = "“”.,;:?'\"()/%+=-–—…×·→←↑↓✓✗≠≈‹›’";
    let lower = word.to_lowercase();
    word.chars().all(|c| c.is_alphanumeric() || MARKS.contains(c))
        && !["://", "www.", "==", "++"].iter().any(|marks| lower.contains(marks))
        && !has_shortcode(word)
        && !lower.split(|c: char| !c.is_alphanumeric() && c != '-').any(is_number_of_an_issue)
        // A forge looks for commits wherever in a word they are.
        && !word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_commit)
}

/// Whether something is named between two colons, as emoji are. Two digits are part of a time of day, and other numbers
/// are ports, but for those that there are emoji of.
fn has_shortcode(word: &str) -> bool {
    let parts: Vec<_> = word.split(':').collect();
    let between = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    between.iter().any(|name| {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-');
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && !matches!(*name, "100" | "1234");
        !name.is_empty() && name.chars().all(is_name) && !is_number
    })
}

/// `gh-12`, and the numbers of advisories.
fn is_number_of_an_issue(word: &str) -> bool {
    let parts = ["gh-", "ghsa-", "cve-"]
        .iter()
        .filter_map(|prefix| word.find(prefix).map(|at| (at, &word[at + prefix.len()..])));
    parts.into_iter().any(|(at, rest)| {
        (at == 0 || word[..at].ends_with('-')) && rest.starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// The text of a paragraph, which no mark at its beginning makes a list, a rule or a definition.
fn paragraph(text: String) -> String {
    match text.split_whitespace().next() {
        Some(first) if is_marker(first) => text.replacen(first, &code(first), 1),
        _ => text,
    }
}

/// Whether a word begins a list, a rule or a definition where it is the first of a paragraph.
fn is_marker(word: &str) -> bool {
    let digits = word.trim_end_matches(['.', ')']);
    let is_numbered = digits.len() + 1 == word.len() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_numbered || word.chars().all(|c| matches!(c, '-' | '+' | '=' | ':'))
}

/// Prose of ours, in which names that came from outside may stand: escaped so that nothing in it is markup, a mention
/// or a reference to an issue. A word that looks like one of those becomes code, and so does all of what stands in
/// quotation marks: somebody else said it ([`Untrusted::named_within`](crate::text::Untrusted::named_within)).
fn prose(text: &str) -> String {
    let quotation = text.split_once('“').and_then(|(before, rest)| Some((before, rest.split_once('”')?)));
    match quotation {
        Some((before, (quoted, after))) => joined([words(before), code(quoted), prose(after)]),
        None => words(text),
    }
}

fn words(text: &str) -> String {
    let mut shown = String::new();
    for piece in text.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        let blank = &piece[word.len()..];
        if !is_plain(word) {
            let core = word.trim_end_matches(['.', ',', ':', ';', ')']);
            let (open, core_text) = match core.strip_prefix('(') {
                Some(rest) => ("(", rest),
                None => ("", core),
            };
            shown.push_str(open);
            // A word of nothing but punctuation marks is not markup.
            if !core_text.is_empty() {
                shown.push_str(&code(core_text));
            }
            shown.push_str(&word[core.len()..]);
        } else {
            shown.push_str(word);
        }
        shown.push_str(blank);
    }
    shown
}

/// Whether a forge would take a word for a commit and link to it. A number is none.
fn is_commit(word: &str) -> bool {
    word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit()) && !word.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::layout::{Column, plain};

    #[test]
    fn what_a_server_says_cannot_become_markup() {
        for hostile in
            ["```", "~~~~", "</details>", "![x](https://evil.test/b)", "@org/team", "Fixes org/repo#1", "<!--"]
        {
            let document = vec![Block::Words(vec![hostile.to_owned(), "````".to_owned()])];
            let text = to_markdown(&document);
            let fence: String = text.chars().take_while(|&c| c == '`').collect();
            assert!(fence.len() > 4 && text.trim_end().ends_with(&fence), "{text}");
        }
        assert_eq!(prose("ask @org/team about org/repo#1 now"), "ask `@org/team` about `org/repo#1` now");
        assert_eq!(prose("see https://x.test/a."), "see `https://x.test/a`.");
        assert_eq!(prose("no blob sha256:0123456789abcdef there"), "no blob `sha256:0123456789abcdef` there");
        assert_eq!(prose("a `b` c"), "a `` `b` `` c");
        assert_eq!(prose("it says “a\\nb @org”, not “”."), "it says `a\\nb @org`, not `  `.");
        assert_eq!(prose("@org “ never closed"), "`@org` “ never closed");
    }

    /// What forges make of a word without any markup around it: each stands in a sentence of ours, alone, and beside marks.
    #[test]
    fn words_that_forges_replace_or_link_are_code() {
        for word in [
            "GH-12",
            "gh-7",
            "x/GH-1",
            "acme/app@deadbeef1",
            "deadbeef1",
            "x_deadbeef1",
            "a-0123456f",
            "(deadbee1",
            ":tada:",
            "x:tada:",
            ":+1:",
            ":100:",
            "127.0.0.1:1234:",
            "$x$",
            "$`x`$",
            "x$y",
            "WWW.evil.test",
            "mailto:a@b.c",
            "==x==",
            "++x++",
            "||x||",
            "[[x]]",
            "^x^",
            "{x}",
            "GHSA-jfh8-c2jp-5v3q",
            "CVE-2019-10751",
            "&copy;",
            "\u{a0}#1",
            "#1",
        ] {
            for (before, after) in [("", ""), ("(", ")"), ("", "."), ("say ", " now")] {
                let shown = prose(&format!("{before}{word}{after}"));
                let outside: String = shown.split('`').step_by(2).collect();
                assert!(!outside.contains(word.trim_start_matches('(')), "{word}: {shown}");
                assert!(shown.contains('`'), "{word}: {shown}");
            }
        }
    }

    #[test]
    fn words_of_ours_stay_as_they_are() {
        for text in [
            "The server asks clients to wait 120 s (2 minutes), until 23:59:59 UTC.",
            "the registry answers 401; a re-push (12.5 %) won't do – or will it?",
            "its layers were not checked: diagnose",
            "200 → 404, docker v1 = schema 1, 1234567 bytes, 10/12",
            "defeated feedback, café größe 東京",
            "a high-level SHA-256, UTF-8",
            "not sent to 127.0.0.1:39865: given for 127.0.0.1:44589",
        ] {
            assert_eq!(prose(text), text);
        }
        for (text, shown) in
            [("- x", "`-` x"), ("1. x", "`1.` x"), ("=== x", "`===` x"), (": x", "`:` x"), ("12) x", "`12)` x")]
        {
            assert_eq!(paragraph(prose(text)), shown);
        }
    }

    #[test]
    fn a_table_keeps_its_columns_whatever_is_in_them() {
        let table = Table {
            columns: vec![Column::numbers("#"), Column::text("a"), Column::text("b")],
            rows: vec![vec![Cell::new("1", Label::Plain), Cell::across("x | y", Label::Bad, 2)]],
        };
        assert_eq!(pipes(&table), "| # | a | b |\n| ---: | --- | --- |\n| 1 | `x \\| y` |  |\n");
    }

    #[test]
    fn code_spans_that_touch_stay_two() {
        let line = vec![Span::new("a", Label::Name), Span::new("b", Label::Name), plain("@c“d”e“f”")];
        assert_eq!(to_markdown(&[Block::Text(line)]), "`a` `b` `@c` `d`e`f`\n");
        assert_eq!(prose("“a”“b” (:) : :: x"), "`a` `b` (:) : :: x");
    }

    #[test]
    fn names_are_code() {
        let line = vec![plain("see "), Span::new("tag-not-found", Label::Name)];
        assert_eq!(to_markdown(&[Block::Text(line)]), "see `tag-not-found`\n");
        let line = vec![Span::new("login-required", Label::Name), plain(": it wants a login")];
        assert_eq!(to_markdown(&[Block::Text(line)]), "`login-required`: it wants a login\n");
        let glossary = Block::Glossary(vec![("tag-not-found".to_owned(), "no #1".to_owned())]);
        assert_eq!(to_markdown(&[glossary]), "- `tag-not-found`: no `#1`\n");
    }
}
