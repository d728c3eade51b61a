//! Reports that are pasted into an issue: whatever a server said is code there, and nothing else.

use super::payloads::{self, MARK, PLACES, VERBS};
use super::{checked, plain};
use crate::support::ociscope::{Run, ociscope};

/// A text without its fenced blocks and inline code (CommonMark §4.5 and §6.1), as far as the program writes them.
fn without_code(markdown: &str) -> String {
    let mut outside = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|&character| character == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && line.trim_end() == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
            None => {
                outside.push_str(&without_inline_code(line));
                outside.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a block that is never closed:\n{markdown}");
    outside
}

fn without_inline_code(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        let from_ticks = &rest[start..];
        let length = from_ticks.len() - from_ticks.trim_start_matches('`').len();
        match closing(&from_ticks[length..], length) {
            Some(end) => rest = &from_ticks[length + end + length..],
            // Ticks that nothing closes are text.
            None => {
                outside.push_str(&from_ticks[..length]);
                rest = &from_ticks[length..];
            }
        }
    }
    outside + rest
}

/// Where the first run of exactly this many ticks begins.
fn closing(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        if run == length {
            return Some(start);
        }
        at = start + run;
    }
    None
}

/// A text without the elements that fold a diagnosis, each on a line of its own.
fn without_our_folds(text: &str) -> String {
    const TITLES: [&str; 6] = [
        "What it is made of",
        "How it asks for credentials",
        "Every Accept variant",
        "The answers side by side",
        "Where the time went",
        "Every request",
    ];
    let is_ours = |line: &str| {
        let opens = |title: &&str| line == format!("<details><summary>{title}</summary>");
        line == "</details>" || TITLES.iter().any(opens)
    };
    text.lines().filter(|line| !is_ours(line)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_checker_itself_knows_what_is_code() {
    assert_eq!(without_code("a `b` c\n```sh\n@x\n```\n`` ` `` d"), "a  c\n d\n");
    assert_eq!(without_code("````\n```\n@x\n````\n@y"), "@y\n");
    assert_eq!(without_inline_code("a ` b"), "a ` b");
}

#[test]
fn whatever_a_server_says_is_code() {
    for (place, verb) in PLACES.into_iter().flat_map(|place| VERBS.map(|verb| (place, verb))) {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            assert_only_code(place, &checked(ociscope(&[verb, "--format", "markdown", &plain(&server)]).run()));
        }
    }
}

#[test]
fn whatever_all_answers_of_a_server_say_is_code() {
    for (place, payload) in PLACES.into_iter().flat_map(|place| (0..payloads::count()).map(move |at| (place, at))) {
        let server = payloads::server_saying(place, payload);
        assert_only_code(place, &checked(ociscope(&["diagnose", "--format", "markdown", &plain(&server)]).run()));
    }
}

/// Checks that what a server said is in code, and that nothing outside of it is markup of more than ours.
#[track_caller]
pub fn assert_only_code(place: &str, run: &Run) {
    let outside = without_our_folds(&without_code(&run.stdout));
    let markup =
        ["@", "<", "![", "](", "#1", "~~~", "://", "www.", "GH-1", ":tada:", "0123456789abcdef0123", "***", "&#"];
    let found = markup.iter().find(|markup| outside.contains(**markup));
    assert_eq!(found, None, "{place}: outside of code:\n{outside}\n\nin:\n{}", run.stdout);
    // Single plain words may stand in a table as they are; a whole payload never does.
    let words = outside.lines().find(|line| line.contains(MARK) && line.contains("rm -rf"));
    assert_eq!(words, None, "{place}: {}", run.stdout);
}
