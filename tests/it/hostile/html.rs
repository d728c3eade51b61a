//! Reports that are opened in a browser: whatever a server said is text there, and nothing else.

use super::payloads::{self, MARK, PLACES, VERBS};
use super::{checked, plain};
use crate::support::hostile::{Server, answer, bearer, refusal, token, unauthorized};
use crate::support::ociscope::{Run, here, ociscope};
use crate::support::page::Page;

/// Checks that a page is one of ours, whatever is in it.
#[track_caller]
pub fn assert_inert(run: &Run) -> Page {
    Page::of(&run.stdout)
}

#[test]
fn whatever_a_server_says_is_text() {
    for (place, verb) in PLACES.into_iter().flat_map(|place| VERBS.map(|verb| (place, verb))) {
        let server = payloads::server(place);
        let mut is_shown = false;
        for _ in 0..payloads::runs() {
            let page = assert_inert(&checked(here(&[verb, "--format", "html", &plain(&server)])));
            is_shown |= page.text().contains(MARK);
        }
        // What a token server says may be a token, and only a diagnosis asks for tags.
        let is_rare = place == "token" || (place, verb) == ("tags", "probe");
        assert!(is_shown || is_rare, "{place}, {verb}: what the server says is shown at all");
    }
}

#[test]
fn whatever_all_answers_of_a_server_say_is_text() {
    for (place, payload) in PLACES.into_iter().flat_map(|place| (0..payloads::count()).map(move |at| (place, at))) {
        let server = payloads::server_saying(place, payload);
        assert_inert(&checked(here(&["diagnose", "--format", "html", &plain(&server)])));
    }
}

#[test]
fn whatever_a_server_says_to_other_commands_is_text() {
    for place in PLACES {
        let server = payloads::server(place);
        for command in ["manifest", "config", "layers", "platforms", "tags", "referrers", "auth"] {
            for _ in 0..2 {
                assert_inert(&checked(here(&[command, "--format", "html", &plain(&server)])));
            }
        }
    }
}

/// Runs a diagnosis with a login for a registry whose token service gives this token, and which says this to whoever has it.
fn repeated(value: &'static str, words: &'static str) -> Run {
    let service = Server::answering(move |_| token(value));
    let realm = format!("{}/token", service.origin("http"));
    let registry = Server::answering(move |sent| match sent.all("Authorization")[..] {
        [] => unauthorized(&bearer(&realm)),
        _ => answer("403 Forbidden", &[("Content-Type", "text/plain"), ("X-One", words)], words),
    });
    checked(ociscope(&["diagnose", "--format", "html", &plain(&registry)]).run())
}

/// Case E37: a secret is searched for in what is read, so one that is markup of ours removes none, and with it the policy.
#[test]
fn token_that_is_markup_of_the_page_changes_none() {
    for value in
        ["default-src", "style-src 'sha256-", "</title>", "<style>", "</style>", "<details id=", "class=\"", "script"]
    {
        let run = repeated(value, "no");
        assert_eq!(assert_inert(&run).count("details[id]"), run.stdout.matches("<details id=").count(), "{value}");
    }
}

/// Case E38: what is one text to a reader is one to the search, whichever elements it is in.
#[test]
fn token_that_is_split_over_elements_is_removed() {
    let value = "CANARYtok-0123456789abcdef";
    for words in ["see `CANARYtok-0123456789abcdef`", "CANARYtok-\n0123456789abcdef", "CANARYtok-01234&#53;6789abcdef"]
    {
        let header = words.lines().next().unwrap_or_default();
        let service = Server::answering(move |_| token(value));
        let realm = format!("{}/token", service.origin("http"));
        let registry = Server::answering(move |sent| match sent.all("Authorization")[..] {
            [] => unauthorized(&bearer(&realm)),
            _ => refusal("403 Forbidden", &[("X-One", header)], "DENIED", words),
        });
        let run = checked(ociscope(&["diagnose", "--format", "html", &plain(&registry)]).run());
        let text = assert_inert(&run).text();
        assert!(text.contains("token removed, "), "{words}: {text}");
        run.assert_hides(&[value, "0123456789abcdef"]);
    }
}
