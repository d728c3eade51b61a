//! What reaches a terminal: nothing that acts on it, and nothing of a server's that looks like the program's own.

use super::payloads::{self, MARK, PLACES, VERBS};
use super::{checked, plain};
use crate::support::hostile::pty::run_on_a_terminal;
use crate::support::hostile::{Server, refusal};
use crate::support::is_active;
use crate::support::ociscope::{here, ociscope};

/// Words of payloads that would be taken for the program's at the beginning of a line.
const IMITATIONS: [&str; 6] = [MARK, "ociscope>", "✓ PASS", "FAIL", "exit status 0", "pwn"];

/// Our colours: bold, dim, red, green, yellow, cyan, and the end of each.
const PALETTE: [&str; 7] = ["0", "1", "2", "31", "32", "33", "36"];

/// Checks that whatever stands at the beginning of a line is the program's own.
#[track_caller]
pub fn assert_lines_are_ours(text: &str) {
    for line in text.lines() {
        for imitation in IMITATIONS {
            assert!(!line.starts_with(imitation), "{line:?} in:\n{text}");
        }
        let at_the_edge = !line.starts_with(' ');
        assert!(!(at_the_edge && line.contains(MARK)), "{line:?} in:\n{text}");
    }
}

/// Takes out the colours that are ours; whatever else acts on a terminal stays and is found.
fn without_our_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let (codes, behind) = after.split_once('m').unwrap_or((after, ""));
        if codes.split(';').all(|code| PALETTE.contains(&code)) {
            rest = behind;
        } else {
            plain.push_str("\u{1b}[");
            rest = after;
        }
    }
    plain + rest
}

/// Every place that text can come from, with every command that reads it.
fn places_and_verbs() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLACES.into_iter().flat_map(|place| VERBS.map(|verb| (place, verb)))
}

#[track_caller]
fn assert_safe(text: &str) {
    let active = text.chars().find(|&character| character != '\n' && is_active(character));
    assert_eq!(active, None, "in:\n{text:?}");
}

#[test]
fn nothing_that_a_server_says_acts_on_a_pipe_or_poses_as_ours() {
    for (place, verb) in places_and_verbs() {
        let server = payloads::server(place);
        let mut seen = false;
        for _ in 0..payloads::runs() {
            // What is checked for every run is that only safe characters are written.
            for options in [&[verb][..], &[verb, "--verbose"]] {
                let run = checked(here(&[options, &[&plain(&server)]].concat()));
                assert_lines_are_ours(&run.stdout);
                seen |= run.stdout.contains(MARK);
            }
        }
        // A manifest is not shown in full, of tags only what is one, and what a token server says may be a token.
        let is_rare = ["manifest", "token", "tags", "image"].contains(&place);
        assert!(seen || is_rare, "{place}, {verb}: what the server says is shown at all");
    }
}

#[test]
fn nothing_that_a_server_says_acts_through_json() {
    for (place, verb) in places_and_verbs() {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            let run = checked(here(&[verb, "--json", &plain(&server)]));
            assert_eq!(run.stdout.lines().count(), 1, "one report, one line");
            assert_eq!(run.json()["schema"], "ociscope.report/1");
        }
    }
}

#[test]
fn nothing_that_a_server_says_acts_on_a_terminal() {
    for (verb, place, columns) in [
        ("probe", "error", 80),
        ("probe", "html", 20),
        ("probe", "header", 132),
        ("probe", "manifest", 80),
        ("probe", "challenge", 1),
        ("diagnose", "error", 80),
        ("diagnose", "manifest", 132),
        ("diagnose", "image", 40),
    ] {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            let (status, written) = run_on_a_terminal(&[verb, &plain(&server)], columns, &[]);
            assert!(matches!(status, 0 | 10..=19), "{status}: {written:?}");
            assert!(written.contains("\u{1b}["), "a terminal gets colours: {written:?}");
            let text = without_our_colours(&written).replace("\r\n", "\n");
            assert_safe(&text);
            assert_lines_are_ours(&text);
        }
    }
}

#[test]
fn colours_that_are_asked_for_are_the_only_codes_in_a_pipe() {
    for place in ["error", "text", "header", "type"] {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            let run = ociscope(&["probe", "--color", "always", &plain(&server)]).run();
            assert!(run.stdout.contains("\u{1b}["), "{run:?}");
            assert_safe(&without_our_colours(&run.stdout));
            assert_lines_are_ours(&without_our_colours(&run.stdout));
        }
    }
}

#[test]
fn a_terminal_without_colours_gets_none() {
    let server = Server::answering(|_| refusal("403 Forbidden", &[], "DENIED", "no"));
    let reference = plain(&server);
    for (options, environment) in [
        (&["--color", "never"][..], &[][..]),
        (&[], &[("NO_COLOR", "1")]),
        (&[], &[("TERM", "dumb")]),
        (&[], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]),
    ] {
        let arguments = [&["probe"], options, &[&reference]].concat();
        let (_, written) = run_on_a_terminal(&arguments, 80, environment);
        assert!(!written.contains('\u{1b}'), "{environment:?}: {written:?}");
    }
    // Set but empty is not set (no-color.org).
    let (_, written) = run_on_a_terminal(&["probe", &reference], 80, &[("NO_COLOR", "")]);
    assert!(written.contains('\u{1b}'), "{written:?}");
}
