//! `--public`: what a report for everybody does not tell of the network and the machine that it is from.

use serde_json::json;

use super::{USER, checked};
use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, bearer, refusal, token, unauthorized};
use crate::support::ociscope::{Ociscope, Run, ociscope};

/// The passwordless facts that are private all the same.
const PRIVATE: [&str; 6] =
    ["registry-1.acme.corp", "login.acme.corp", "alice", "203.0.113.9", "10.20.30.40", "/home/bob"];

/// A registry in a company, which tells a lot in its refusals.
fn company() -> (Names, Vec<Server>) {
    let mut names = Names::new();
    let service = Server::answering_over_tls(&names.authority, &["login.acme.corp"], |_| token("CANARYtok"));
    names.lead("login.acme.corp", &service);
    let registry = Server::answering_over_tls(&names.authority, &["registry-1.acme.corp"], |sent| {
        match sent.all("Authorization")[..] {
            [] => unauthorized(&bearer("https://login.acme.corp/token")),
            _ => refusal(
                "404 Not Found",
                &[("docker-ratelimit-source", "203.0.113.9"), ("x-served-by", "cache.registry-1.acme.corp")],
                "MANIFEST_UNKNOWN",
                "alice at 10.20.30.40 asked REGISTRY-1.acme.corp, see\\nregistry-1.acme.corp/doc and /home/bob/x",
            ),
        }
    });
    names.lead("registry-1.acme.corp", &registry);
    (names, vec![service, registry])
}

fn asked(names: &Names, command: &[&str]) -> Ociscope {
    let config = json!({ "auths": { "registry-1.acme.corp": {
        "auth": basic_authorization(USER, "CANARYpw").trim_start_matches("Basic ")
    } } });
    let options = names.options();
    let run = ociscope(&[command, &["--trust-realm", "login.acme.corp"], &options].concat());
    run.home_file(".docker/config.json", &config.to_string()).env("USER", USER)
}

#[track_caller]
fn assert_tells_nothing(run: &Run, home: &str) {
    for private in PRIVATE.iter().chain([&home]) {
        let found = run.stdout.to_ascii_lowercase().contains(&private.to_ascii_lowercase());
        assert!(!found, "{private} is in:\n{}", run.stdout);
    }
    run.assert_hides(&["CANARY"]);
}

/// Cases E14, E16 and E17, in every command that asks and every format.
#[test]
fn a_report_for_everybody_tells_nothing_of_whose_it_is() {
    let (names, _servers) = company();
    let reference = "registry-1.acme.corp/team/app:1.0";
    for command in ["probe", "diagnose", "auth", "manifest", "tags"] {
        for format in ["terminal", "markdown", "html", "json"] {
            let run = asked(&names, &[command, "--public", "--format", format, reference]);
            let home = run.home().display().to_string();
            let run = checked(run.run());
            assert_tells_nothing(&run, &home);
            assert!(run.stdout.contains("HOST1"), "{command} {format}: {}", run.stdout);
        }
    }
}

/// The same host is the same label, in the reference, in addresses and in what the server said.
#[test]
fn a_reader_can_still_see_what_is_the_same() {
    let (names, _servers) = company();
    let run = checked(asked(&names, &["diagnose", "--public", "--json", "registry-1.acme.corp/team/app:1.0"]).run());
    let report = run.json();
    assert_eq!(report["reference"]["registry"], "HOST1");
    assert_eq!(report["reference"]["input"], "HOST1/REPOSITORY1:1.0");
    let addresses: Vec<_> =
        report["exchanges"].as_array().unwrap().iter().map(|one| one["request"]["url"].as_str().unwrap()).collect();
    assert!(addresses.iter().any(|url| url.starts_with("https://HOST1/v2/REPOSITORY1/")), "{addresses:?}");
    assert!(addresses.iter().any(|url| url.starts_with("https://HOST2/token?")), "{addresses:?}");
    let removed: Vec<_> =
        report["redactions"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    for what in ["host name", "user name", "address", "client address", "repository name"] {
        assert!(removed.contains(&what), "{what} is not in {removed:?}");
    }
    let keeping = ["diagnose", "--public", "--keep-names", "--json", "registry-1.acme.corp/team/app:1.0"];
    assert_eq!(checked(asked(&names, &keeping).run()).json()["reference"]["input"], "HOST1/team/app:1.0");
    run.report();
}

/// Who is about to paste such a report is told, and what to do instead.
#[test]
fn report_for_an_issue_says_that_it_names_internal_hosts() {
    let (names, _servers) = company();
    let hint = "This report names hosts that may be internal: registry-1.acme.corp, login.acme.corp.";
    let reference = "registry-1.acme.corp/team/app:1.0";
    for command in ["probe", "diagnose"] {
        let run = checked(asked(&names, &[command, "--format", "md", reference]).run());
        let (_, end) = run.stdout.rsplit_once(hint).unwrap_or_else(|| panic!("no hint: {}", run.stdout));
        assert!(end.contains("--public") && end.trim_end().ends_with("```"), "{end}");
        for other in [&["--public", "--format", "md"][..], &["--format", "terminal"], &["--json"]] {
            let run = checked(asked(&names, &[&[command, reference], other].concat()).run());
            assert!(!run.stdout.contains("may be internal"), "{other:?}: {}", run.stdout);
        }
    }
    let several = checked(asked(&names, &["diagnose", "--format", "md", reference, reference]).run());
    assert_eq!(several.stdout.matches(hint).count(), 1, "{}", several.stdout);
    let lab = ociscope(&["--lab=harbor-referrers", "diagnose", "--format", "md", "harbor.example/library/signed:1.0"]);
    assert!(!lab.run().stdout.contains("may be internal"));
}

/// Everybody's hosts say nothing of anybody, and the words about them would be useless without.
#[test]
fn public_registries_keep_their_names() {
    let run = ociscope(&["--lab=ghcr-healthy", "diagnose", "--public", "ghcr.io/example/greeting:1.0"]).run();
    assert!(run.stdout.contains("ghcr.io/example/greeting:1.0") && !run.stdout.contains("HOST"), "{}", run.stdout);
}

/// In the shell it can be set, and holds for what was asked before.
#[test]
fn it_holds_for_what_the_shell_shows_again() {
    let (names, _servers) = company();
    let script = "probe registry-1.acme.corp/team/app:1.0 > first.md\nset public on\nshow\nheaders 1 2\nsession\ncurl 1\nquery $\n";
    let run = asked(&names, &["--anonymous"]).input(script);
    let home = run.home().display().to_string();
    let run = checked(run.run());
    assert_tells_nothing(&run, &home);
    assert!(run.stdout.matches("HOST1").count() > 4, "{run:?}");
}

/// Case E36: by shape, in headers and bodies of whatever form.
#[test]
fn hosts_accounts_and_people_that_a_server_names_have_labels_by_their_shape() {
    let private = [
        "cache7.acme.com",
        "db-12",
        "ui.acme.io",
        "mirror.acme.de",
        "joe.doe",
        "123456789012",
        "0f8fad5b",
        "00:1b:44",
        "10-20-30-40",
        "carol",
        "alice",
    ];
    let server = Server::answering(|_| {
        refusal(
            "403 Forbidden",
            &[
                ("Via", "1.1 cache7.acme.com (squid), 1.1 db-12"),
                ("X-Served-By", "db-12"),
                ("Access-Control-Allow-Origin", "https://ui.acme.io"),
                ("Link", "<https://mirror.acme.de/v2/x>; rel=\"mirror\""),
                ("X-Tenant", "0f8fad5b-d9cb-469f-a165-70867728950e"),
            ],
            "DENIED",
            "ALICE (Joe.Doe@acme.com) at ip-10-20-30-40, 00:1b:44:11:3a:b7: arn:aws:iam::123456789012:user/carol, \
             account 123456789012, C:\\\\Users\\\\carol",
        )
    });
    let reference = format!("http://{}/team/app:1.0", server.address);
    for command in ["probe", "manifest", "tags", "get"] {
        let path = format!("http://{}/v2/team/app/tags/list", server.address);
        let place = if command == "get" { &path } else { &reference };
        for format in ["terminal", "markdown", "html", "json"] {
            let run = ociscope(&[command, "--public", "--format", format, place]).env("USER", USER);
            let run = checked(run.run());
            let shown = run.stdout.to_ascii_lowercase();
            let told: Vec<_> = private.iter().filter(|private| shown.contains(**private)).collect();
            assert!(told.is_empty(), "{command} {format}: {told:?} in {}", run.stdout);
        }
    }
}
