//! Surroundings that are odd or broken: terminals, certificate stores, homes.

use tempfile::TempDir;

use super::{IMAGE, asking, assert_status, checked, plain, probe};
use crate::support::hostile::{Names, Server, manifest, refusal};
use crate::support::ociscope::ociscope;

#[test]
fn a_width_that_makes_no_sense_is_no_width() {
    let server = Server::answering(|_| refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "manifest unknown"));
    for columns in ["0", "1", "7", "40", "abc", "99999", "-1", "", "18446744073709551616"] {
        let run = checked(ociscope(&["probe", &plain(&server)]).env("COLUMNS", columns).run());
        assert!(run.stdout.contains("MANIFEST") && run.stdout.contains("404"), "COLUMNS={columns}: {run:?}");
        // A command is never wrapped: it is there to be copied.
        let wrapped = run.stdout.lines().filter(|line| !line.starts_with("  curl "));
        let widest = wrapped.map(|line| line.chars().count()).max();
        assert!(widest <= Some(220), "COLUMNS={columns}: {run:?}");
    }
}

#[test]
fn odd_variables_do_no_harm() {
    let server = Server::answering(|_| manifest());
    for (name, value) in [
        ("NO_COLOR", ""),
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("TERM", ""),
        ("TERM", "\u{1b}[2J"),
        ("LANG", "C"),
        ("LC_ALL", "\u{1b}"),
        ("HOME", ""),
        ("HOME", "/nowhere/at/all"),
        ("PATH", ""),
        ("TMPDIR", "/nowhere"),
        ("RUST_LOG", "trace"),
        ("REQUEST_METHOD", "GET"),
        ("TOKIO_WORKER_THREADS", "0"),
    ] {
        let run = checked(ociscope(&["probe", &plain(&server)]).env(name, value).run());
        assert_status(&run, 0);
        assert_eq!(run.stderr, "", "{name}={value:?}");
    }
}

/// A variable asks for colours in a pipe. Whether it is heeded or not, nothing but colours comes of it.
#[test]
fn forced_colours_do_no_harm() {
    let server = Server::answering(|_| manifest());
    let run = ociscope(&["probe", &plain(&server)]).env("CLICOLOR_FORCE", "1").run();
    assert_status(&run, 0);
    let json = checked(asking(&plain(&server), &[]).env("CLICOLOR_FORCE", "1").run());
    assert_eq!(json.json()["verdict"], "ok");
    let json = checked(asking(&plain(&server), &["--color", "always"]).run());
    assert_eq!(json.json()["verdict"], "ok");
}

/// The secrets of TLS would let whoever reads the file read everything that was sent.
#[test]
fn the_secrets_of_tls_are_not_written_down() {
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], |_| manifest());
    names.lead("registry.test", &server);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("keys");
    let run = checked(asking(&format!("registry.test/{IMAGE}"), &names.options()).env("SSLKEYLOGFILE", &file).run());
    assert_status(&run, 0);
    assert!(!file.exists());
}

#[test]
fn nothing_is_read_from_or_written_to_the_folder_one_is_in() {
    let server = Server::answering(|_| manifest());
    let folder = TempDir::new().expect("a folder");
    for name in [".netrc", "config.json", "ociscope.toml", ".ociscope.toml"] {
        std::fs::write(folder.path().join(name), "machine 127.0.0.1 login CANARY password CANARY\n").expect("to write");
    }
    let run = checked(ociscope(&["probe", &plain(&server)]).env("HOME", folder.path()).run());
    assert_status(&run, 0);
    assert_eq!(server.header_values("Authorization"), [""; 0]);
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 4, "nothing is left behind");
}

#[test]
fn without_any_certificate_store_plain_http_works() {
    let server = Server::answering(|_| manifest());
    let run = without_certificates(&plain(&server), &[]);
    assert_status(&run, 0);
    assert!(run.report().list("findings").iter().all(|finding| finding["rule"] != "no-certificate-store"));
}

#[test]
fn without_any_certificate_store_https_says_so() {
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], |_| manifest());
    names.lead("registry.test", &server);
    let reference = format!("registry.test/{IMAGE}");

    let run = without_certificates(&reference, &names.options());
    assert_eq!(run.report().probe("all")["status"], 200, "what the user trusts is trusted all the same: {run:?}");
    assert_status(&run, 0);

    let unknown = ["--resolve", &format!("registry.test:443:{}", server.address)];
    let refused = without_certificates(&reference, &unknown);
    assert_status(&refused, 16);
    for run in [run, refused] {
        let report = run.report();
        let said = report.list("findings").iter().any(|finding| finding["rule"] == "no-certificate-store");
        assert!(said, "{run:?}");
    }
}

#[track_caller]
fn without_certificates(reference: &str, options: &[&str]) -> crate::support::ociscope::Run {
    let run = asking(reference, options).env("SSL_CERT_FILE", "/nowhere/at/all").env("SSL_CERT_DIR", "/nowhere/at/all");
    checked(run.run())
}

#[test]
fn an_authority_that_is_none_is_named() {
    let folder = TempDir::new().expect("a folder");
    let not_pem = folder.path().join("not.pem");
    std::fs::write(&not_pem, b"\x1b[2J not a certificate \xff").expect("to write");
    for path in [not_pem.to_str().expect("a path in UTF-8"), "/dev/null", "/", "/nowhere/\u{1b}[2J.pem"] {
        let run = probe("https://registry.test/team/app", &["--cacert", path]);
        assert_status(&run, 2);
        assert_eq!(run.stdout, "");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    }
}
