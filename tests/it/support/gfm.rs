//! A report as a forge reads it: with a renderer of GitHub-flavoured Markdown, and then the filters that a forge runs over
//! the text that is left.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// Everything in a document that is more than text and code, and everything in its text that a forge would link or replace.
///
/// Headings, lists, tables, and bold and slanted words are ours to use, as are elements that fold one of these titles.
pub fn made_of(markdown: &str, folds: &[&str]) -> Vec<String> {
    let arena = Arena::new();
    let mut options = Options::default();
    let on = &mut options.extension;
    on.strikethrough = true;
    on.table = true;
    on.autolink = true;
    on.tasklist = true;
    on.superscript = true;
    on.footnotes = true;
    on.inline_footnotes = true;
    on.description_lists = true;
    on.multiline_block_quotes = true;
    on.alerts = true;
    on.math_dollars = true;
    on.math_code = true;
    on.shortcodes = true;
    on.wikilinks_title_after_pipe = true;
    on.underline = true;
    on.subscript = true;
    on.spoiler = true;
    on.highlight = true;
    on.insert = true;
    on.subtext = true;
    options.parse.relaxed_autolinks = true;
    options.parse.relaxed_tasklist_matching = true;
    options.parse.tasklist_in_table = true;
    let root = parse_document(&arena, markdown, &options);
    let mut found = Vec::new();
    for node in root.descendants() {
        match &node.data.borrow().value {
            NodeValue::Document
            | NodeValue::Paragraph
            | NodeValue::Heading(_)
            | NodeValue::List(_)
            | NodeValue::Item(_)
            | NodeValue::Table(_)
            | NodeValue::TableRow(_)
            | NodeValue::TableCell
            | NodeValue::Text(_)
            | NodeValue::Code(_)
            | NodeValue::CodeBlock(_)
            | NodeValue::Strong
            | NodeValue::Emph
            | NodeValue::SoftBreak
            | NodeValue::LineBreak => {}
            NodeValue::HtmlBlock(block) if is_fold(&block.literal, folds) => {}
            other => found.push(format!("{other:?}")),
        }
        found.extend(filtered(&text_of(node)).map(str::to_owned));
    }
    found
}

/// All text outside of code, a line for each element.
pub fn text(markdown: &str) -> String {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    let root = parse_document(&arena, markdown, &options);
    root.descendants().map(|node| format!("{}\n", text_of(node))).collect()
}

/// The text that is right below an element, code apart from it.
fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let part = |child: &'a AstNode<'a>| match &child.data.borrow().value {
        NodeValue::Text(text) => text.to_string(),
        _ => "\n".to_owned(),
    };
    node.children().map(part).collect()
}

fn is_fold(html: &str, folds: &[&str]) -> bool {
    let html = html.trim();
    html == "</details>" || folds.iter().any(|title| html == format!("<details><summary>{title}</summary>"))
}

/// The words of a text that a forge would link or replace.
fn filtered(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter(|word| {
        let lower = word.to_ascii_lowercase();
        let follows = |mark: char, fits: fn(char) -> bool| {
            word.match_indices(mark).any(|(at, _)| word[at + 1..].starts_with(fits))
        };
        let is_commit = |run: &str| {
            (7..=64).contains(&run.len())
                && run.bytes().all(|byte| byte.is_ascii_hexdigit())
                && run.bytes().any(|byte| byte.is_ascii_alphabetic())
        };
        let emoji = word.split(':').skip(1).collect::<Vec<_>>();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
        let is_time = |name: &str| name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_digit());
        let is_emoji = |name: &&str| !name.is_empty() && name.chars().all(is_name) && !is_time(name);
        follows('@', |c| c.is_ascii_alphanumeric())
            || follows('#', |c| c.is_ascii_digit())
            || word.contains(['$', '<'])
            || ["://", "www.", "gh-1", "](", "![", "&#"].iter().any(|marks| lower.contains(marks))
            || word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_commit)
            || emoji.iter().rev().skip(1).any(is_emoji)
    })
}

#[test]
fn what_forges_make_of_words_is_found() {
    for markdown in [
        "@org",
        "see #12",
        "GH-1",
        "deadbeef1",
        "x:tada:",
        ":100:",
        "a $x$ b",
        "$`x`$",
        "[x](y)",
        "![x](y)",
        "<b>x</b>",
        "https://x.y",
        "www.x.y",
        "a@b.example",
        "~~x~~",
        "[^1]\n\n[^1]: x",
        "- [ ] x",
        "> x",
        "==x==",
        "||x||",
        "[[x]]",
        "term\n\n: x",
        "a\n***\nb",
        "| a | b |\n| - | - |\n| `x|@org` | c |",
    ] {
        assert_ne!(made_of(markdown, &[]), Vec::<String>::new(), "{markdown}");
    }
    for markdown in [
        "`@org #1 :tada: $x$`",
        "```\n@org\n```",
        "# a\n\n**b** *c* `d`",
        "| a |\n| - |\n| `x\\|y` |",
        "12:30:05, a: b",
    ] {
        assert_eq!(made_of(markdown, &[]), Vec::<String>::new(), "{markdown}");
    }
}
