//! What people see of a probe, at 80 columns and without colour.

use super::REPOSITORY;
use crate::support::content::{self, Document};
use crate::support::ociscope::ociscope;
use crate::support::registry::{Options, Registry};

/// What `probe` writes for this content under a tag, in this format.
fn shown(stored: &Document, more: &[&str]) -> String {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", stored);
    let reference = registry.reference(REPOSITORY, "stable");
    let arguments = [&["probe", "--plain-http", "--platform", "linux/amd64"], more, &[reference.as_str()]].concat();
    let run = ociscope(&arguments).env("COLUMNS", "80").run();
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    run.stdout
}

/// The rows of the table of variants, cut into words: a row of several variants is one of each.
fn rows(text: &str) -> Vec<Vec<String>> {
    let table = text.lines().skip_while(|line| !line.contains("Accept")).skip(1);
    let lines = table.take_while(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let of_each = |line| {
        let row: Vec<String> = words(line).into_iter().map(str::to_owned).collect();
        let (first, last) = row[0].split_once('–').unwrap_or((&row[0], &row[0]));
        let numbers = first.parse::<usize>().expect("a number")..=last.parse().expect("a number");
        numbers.map(|number| [&[number.to_string()], &row[1..]].concat()).collect::<Vec<_>>()
    };
    lines.flat_map(of_each).collect()
}

/// The numbers of the rows in which a word is.
fn numbers_with(text: &str, word: &str) -> Vec<String> {
    rows(text).into_iter().filter(|row| row.iter().any(|other| other == word)).map(|row| row[0].clone()).collect()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[test]
fn an_index_is_shown_to_two_variants_and_hidden_from_ten() {
    let index = content::recorded("index");
    let text = shown(&index, &[]);
    assert_eq!(rows(&text).len(), 12, "{text}");
    assert_eq!(numbers_with(&text, "200"), ["6", "12"], "{text}");
    assert_eq!(numbers_with(&text, "404").len(), 10, "{text}");
    assert_eq!(numbers_with(&text, "404"), numbers_with(&text, "MANIFEST_UNKNOWN"), "{text}");
    assert!(text.contains("\n   1–5  5 variants"), "{text}");
    // Wrapped, so without its last words.
    assert!(text.contains(r#""message": "OCI index found, but accept header does not support OCI"#), "{text}");
    assert!(text.contains("Two different answers") && text.contains("A (6, 12)"), "{text}");
    assert!(text.contains("oci-index-not-accepted"), "{text}");
}

#[test]
fn a_silent_conversion_is_marked_and_its_digest_is_not_the_stored_one() {
    let image = content::recorded("schema2");
    let text = shown(&image, &[]);
    let marked = numbers_with(&text, "≠");
    // The variants that accept anything and the one that asks for signed docker v1 got what they asked for.
    assert_eq!(marked, ["1", "4", "5", "6", "7", "8", "9"], "{text}");
    let stored = &image.digest["sha256:".len()..][..12];
    assert_eq!(numbers_with(&text, stored), ["3", "12"], "{text}");
    let flowing = words(&text).join(" ");
    assert!(flowing.contains(&format!("differs from that of the stored document, {stored}")), "{text}");
    assert!(flowing.contains(&format!("computed from the bytes, equal to the header: {}", image.digest)), "{text}");
}

#[test]
fn eighty_columns_are_enough() {
    for name in ["schema2", "list", "oci", "index", "index-nomt"] {
        let text = shown(&content::recorded(name), &[]);
        let long = text.lines().filter(|line| line.chars().count() > 80 && !line.starts_with("  ociscope probe "));
        assert_eq!(long.collect::<Vec<_>>(), [""; 0], "{name}");
        assert!(!text.contains('\u{1b}'), "without a terminal there is no colour");
    }
}

#[test]
fn markdown_has_tables_and_quotes_and_no_hints_for_the_terminal() {
    let text = shown(&content::recorded("index"), &["--format", "markdown"]);
    assert!(text.starts_with("### `127.0.0.1:"), "{text}");
    assert!(text.contains("| # | Accept | Status | Served | Size | Answer |\n| ---: | --- |"), "{text}");
    let quoted = "OCI index found, but accept header does not support OCI indexes";
    let fenced = text.split("```").skip(1).step_by(2).any(|block| block.contains(quoted));
    assert!(fenced, "{text}");
    assert!(!text.contains("Next"), "{text}");
}

#[test]
fn two_runs_look_alike() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &content::recorded("index"));
    let reference = registry.reference(REPOSITORY, "stable");
    let once = || {
        let text = ociscope(&["probe", "--plain-http", &reference]).run().stdout;
        // Time passes between two runs, and may pass slowly.
        let stays = |line: &&str| !line.contains(" ms") && !line.trim_start().starts_with("date ");
        text.lines().filter(stays).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(once(), once());
}
