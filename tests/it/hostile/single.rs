//! The commands that fetch one thing, and print most of what they get.

use super::markdown::assert_only_code;
use super::terminal::assert_lines_are_ours;
use super::{checked, payloads, plain};
use crate::support::hostile::Server;
use crate::support::ociscope::ociscope;

/// Each command with the places that it shows.
const SHOWN: [(&str, &[&str]); 8] = [
    ("manifest", &["error", "type", "manifest", "image"]),
    ("config", &["manifest", "image"]),
    ("layers", &["image"]),
    ("platforms", &["manifest", "image"]),
    ("referrers", &["manifest"]),
    ("get", &["error", "header", "html"]),
    ("tags", &["error", "tags"]),
    ("auth", &["error", "challenge"]),
];

/// What is asked for: an image, or a path.
fn asked(verb: &str, server: &Server) -> String {
    match verb {
        "get" => format!("{}/v2/team/app/manifests/1.0", server.origin("http")),
        _ => plain(server),
    }
}

fn with_every_payload(check: impl Fn(&str, &'static str, &str)) {
    for (verb, places) in SHOWN {
        for &place in places {
            for payload in 0..payloads::count() {
                let server = payloads::server_saying(place, payload);
                check(verb, place, &asked(verb, &server));
            }
        }
    }
}

#[test]
fn nothing_that_a_server_says_acts_or_poses_as_ours() {
    with_every_payload(|verb, _, asked| {
        let run = checked(ociscope(&[verb, asked]).run());
        // Where a program reads along, tags are lines of their own; what is none by the grammar is left out.
        if verb != "tags" {
            assert_lines_are_ours(&run.stdout);
        }
    });
}

#[test]
fn whatever_a_server_says_is_code() {
    with_every_payload(|verb, place, asked| {
        assert_only_code(place, &checked(ociscope(&[verb, "--format", "markdown", asked]).run()));
    });
}

#[test]
fn nothing_that_a_server_says_acts_through_json() {
    with_every_payload(|verb, _, asked| {
        let run = checked(ociscope(&[verb, "--json", asked]).run());
        assert_eq!(run.stdout.lines().count(), 1, "one object, one line");
        assert!(run.json()["schema"].is_string());
    });
}
