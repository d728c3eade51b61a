//! The commands that fetch one thing, and print most of what they get.

use super::markdown::assert_only_code;
use super::terminal::assert_lines_are_ours;
use super::{checked, payloads, plain};
use crate::support::hostile::Server;
use crate::support::ociscope::{here, ociscope};

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

/// Asks once as the program, and for everything else within this process: what is written is the same.
#[test]
fn nothing_that_a_server_says_acts_or_poses_as_ours() {
    for (verb, places) in SHOWN {
        for &place in places {
            for payload in 0..payloads::count() {
                let server = payloads::server_saying(place, payload);
                let asked = asked(verb, &server);
                // Where a program reads along, tags are lines of their own; what is none by the grammar is left out.
                let run = checked(here(&[verb, &asked]));
                if verb != "tags" {
                    assert_lines_are_ours(&run.stdout);
                }
                assert_only_code(place, &checked(here(&[verb, "--format", "markdown", &asked])));
                let run = checked(here(&[verb, "--json", &asked]));
                assert_eq!(run.stdout.lines().count(), 1, "one object, one line");
                assert!(run.json()["schema"].is_string());
            }
        }
    }
}

/// What is written within the process of the tests is what the program writes for anonymous users.
#[test]
fn program_writes_what_is_written_here() {
    for (verb, places) in SHOWN {
        for &place in places {
            let server = payloads::server_saying(place, 7);
            let asked = asked(verb, &server);
            for format in ["terminal", "markdown", "html"] {
                let arguments = [verb, "--anonymous", "--format", format, &asked];
                let (program, here) = (ociscope(&arguments).run(), here(&arguments));
                assert_eq!(program.status, here.status, "{verb} {place}");
                assert_eq!((program.stdout, program.stderr), (here.stdout, here.stderr), "{verb} {place}");
            }
        }
    }
}
