//! `compare` against servers that mean it ill: one side learns what the other was sent, and answers with it.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::{PASSWORD, USER, checked};
use crate::support::content::docker_image;
use crate::support::hostile::{Names, Server, answer, bearer, manifest, token, unauthorized};
use crate::support::ociscope::ociscope;

/// The longest that one side waits for the other.
const DEADLINE: Duration = Duration::from_secs(20);
const ANONYMOUS: &str = "CANARYanonymous-0123456789";
const LOGIN: &str = "CANARYlogin-abcdefghij";

/// A registry that answers everybody with all tokens that it was ever sent, by anybody: and anonymous clients only once it
/// was sent that of the login.
fn talkative(names: &mut Names) -> [Server; 2] {
    let service = Server::answering_over_tls(&names.authority, &["login.test"], |sent| {
        token(if sent.all("Authorization").is_empty() { ANONYMOUS } else { LOGIN })
    });
    names.lead("login.test", &service);
    let seen: Arc<(Mutex<Vec<String>>, Condvar)> = Arc::default();
    let registry = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        let Some(own) = sent.all("Authorization").first().map(|value| value.trim_start_matches("Bearer ").to_owned())
        else {
            return unauthorized(&bearer("https://login.test/token"));
        };
        let (tokens, changed) = &*seen;
        let mut tokens = tokens.lock().expect("no panic in a server");
        tokens.push(own);
        changed.notify_all();
        let lacks_login = |tokens: &mut Vec<String>| !tokens.iter().any(|token| token == LOGIN);
        let waited = changed.wait_timeout_while(tokens, DEADLINE, lacks_login).expect("no panic in a server");
        let mut said = waited.0.clone();
        drop(waited);
        said.sort();
        said.dedup();
        let (image, said) = (docker_image("amd64"), said.join(" "));
        let headers = [
            ("Content-Type", image.media_type),
            ("Docker-Content-Digest", image.digest.as_str()),
            ("X-Seen", said.as_str()),
        ];
        answer("200 OK", &headers, &image.bytes)
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

/// The names of the repositories of both sides are private, and known to one of the two runs each.
#[test]
fn names_of_both_sides_are_private() {
    let mut names = Names::new();
    let mut servers = Vec::new();
    for host in ["registry-1.acme.corp", "registry-2.acme.corp"] {
        let server = Server::answering_over_tls(&names.authority, &[host], |_| manifest());
        names.lead(host, &server);
        servers.push(server);
    }
    let (a, b) = ("registry-1.acme.corp/alpha/payments:1.0", "registry-2.acme.corp/beta/invoices:1.0");
    for format in ["terminal", "markdown", "json"] {
        let command = ["compare", "--public", "--verbose", "--format", format, a, b];
        let run = checked(ociscope(&[&command[..], &names.options()].concat()).run());
        for private in ["registry-1", "registry-2", "acme", "alpha", "payments", "beta", "invoices"] {
            assert!(!run.stdout.contains(private), "{private} is in {}", run.stdout);
        }
        for label in ["HOST1/REPOSITORY1:1.0", "HOST2/REPOSITORY2:1.0"] {
            assert!(run.stdout.contains(label), "{label} is not in {}", run.stdout);
        }
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
