//! `compare` against servers that mean it ill: one side learns what the other was sent, and answers with it.

use std::sync::{Arc, Mutex};

use super::{PASSWORD, USER, checked};
use crate::support::content::docker_image;
use crate::support::hostile::{Names, Server, answer, bearer, manifest, token, unauthorized};
use crate::support::ociscope::ociscope;

/// A registry that answers everybody with all the authorizations that it was ever sent, by anybody.
fn talkative(names: &mut Names) -> [Server; 2] {
    let service = Server::answering_over_tls(&names.authority, &["login.test"], |sent| {
        token(if sent.all("Authorization").is_empty() {
            "CANARYanonymous-0123456789"
        } else {
            "CANARYlogin-abcdefghij"
        })
    });
    names.lead("login.test", &service);
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let registry = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        let own = sent.all("Authorization");
        let mut seen = seen.lock().expect("no panic in a server");
        seen.extend(own.iter().map(|value| value.trim_start_matches("Bearer ").to_owned()));
        seen.sort();
        seen.dedup();
        let image = docker_image("amd64");
        let said = seen.join(" ");
        let headers = [
            ("Content-Type", image.media_type),
            ("Docker-Content-Digest", image.digest.as_str()),
            ("X-Seen", said.as_str()),
        ];
        if own.is_empty() {
            unauthorized(&bearer("https://login.test/token"))
        } else {
            answer("200 OK", &headers, &image.bytes)
        }
    });
    names.lead("registry.test", &registry);
    [service, registry]
}

/// Each side knows its own secrets alone; what is written is searched for those of both.
#[test]
fn secret_of_one_side_that_the_other_is_answered_is_taken_out() {
    for format in ["terminal", "markdown", "json"] {
        let mut names = Names::new();
        let _servers = talkative(&mut names);
        let options = names.options();
        let login = ["--username", USER, "--password-stdin", "--trust-realm", "login.test"];
        let command = ["compare", "--identities", "--verbose", "--format", format, "registry.test/team/app:1.0"];
        let run = checked(ociscope(&[&command[..], &login, &options].concat()).input(PASSWORD).run());
        assert!(matches!(run.status, 0 | 3 | 4 | 17), "{run:?}");
        run.assert_hides(&["CANARYanonymous", "CANARYlogin", "CANARYpw"]);
        assert!(run.stdout.contains("x-seen"), "{format}: {}", run.stdout);
    }
}

/// A login is for the registry that it was given for, whichever side that is.
#[test]
fn login_of_one_side_is_not_sent_to_the_other() {
    let mut names = Names::new();
    let serve = |names: &mut Names, host: &'static str| {
        let server =
            Server::answering_over_tls(&names.authority, &[host], |sent| match sent.all("Authorization")[..] {
                [] => unauthorized("Basic realm=\"registry\""),
                _ => manifest(),
            });
        names.lead(host, &server);
        server
    };
    let (own, other) = (serve(&mut names, "own.test"), serve(&mut names, "other.test"));
    let options = names.options();
    let login = ["--username", USER, "--password-stdin"];
    let command = ["compare", "--json", "own.test/team/app:1.0", "other.test/team/app:1.0"];
    let run = checked(ociscope(&[&command[..], &login, &options].concat()).input(PASSWORD).run());
    assert_eq!(run.status, 12, "{run:?}");
    assert!(own.requests().iter().any(|sent| !sent.all("Authorization").is_empty()));
    assert!(other.requests().iter().all(|sent| sent.all("Authorization").is_empty()));
    run.assert_hides(&["CANARYpw"]);
    let notes = run.json()["sides"][1]["report"]["notes"].to_string();
    assert!(notes.contains("was not sent to other.test: given for own.test"), "{notes}");
}
