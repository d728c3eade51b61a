//! The program against servers, networks and surroundings that are broken or mean it ill.
//!
//! What is checked is what was sent to whom, when it ended and with which status, and what reached the screen. Which
//! secrets a server was told is read from what that server received, never from what the program says of it.

mod addresses;
mod bindings;
mod bodies;
mod bounds;
mod cases;
mod certificates;
mod challenges;
mod cleartext;
mod client_certificates;
mod compared;
mod content;
mod credential_redirects;
mod credentials;
mod deadlines;
mod environment;
mod framing;
mod handshakes;
mod headers;
mod html;
mod http2;
mod input;
mod interruption;
pub mod markdown;
mod nesting;
mod nets;
mod other_protocols;
mod pasting;
mod patience;
pub mod payloads;
#[cfg(unix)]
mod plain_files;
mod proxies;
mod public;
mod reach;
mod reconnecting;
mod redirects;
mod refusals;
mod schemes;
mod secrets;
mod single;
pub mod terminal;
mod token_servers;
mod traces;
mod trusted_pairs;

use serde_json::Value;

use crate::support::hostile::Server;
use crate::support::is_active;
use crate::support::ociscope::{Ociscope, Run, ociscope};
use crate::support::report::Report;

/// What is asked for on every registry here.
const IMAGE: &str = "team/app:1.0";

/// The user whose password must not get into the wrong hands.
const USER: &str = "alice";
/// A password with every character that some encoding writes differently.
const PASSWORD: &str = "CANARYpw+x/y=z:%\"\\'&<end";

/// A run that asks this reference for linux/amd64, with its result as JSON.
fn asking(reference: &str, options: &[&str]) -> Ociscope {
    ociscope(&[&["probe", "--json", "--platform", "linux/amd64"], options, &[reference]].concat())
}

/// Asks anonymously.
#[track_caller]
fn probe(reference: &str, options: &[&str]) -> Run {
    checked(asking(reference, options).run())
}

/// Asks with a password.
#[track_caller]
fn probe_with_password(reference: &str, options: &[&str]) -> Run {
    let options = [&["--username", USER, "--password-stdin"], options].concat();
    checked(asking(reference, &options).input(PASSWORD).run())
}

/// Asks a server over plain HTTP, which nobody has to guess.
#[track_caller]
fn probe_server(server: &Server, options: &[&str]) -> Run {
    probe(&plain(server), options)
}

/// An answer with a small manifest, and this in `Connection`.
fn manifest_of(connection: &str) -> Vec<u8> {
    let body = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}"#;
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.manifest.v1+json\r\nConnection: {connection}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The image on this server, over plain HTTP.
pub fn plain(server: &Server) -> String {
    format!("{}/{IMAGE}", server.origin("http"))
}

/// The name that a certificate has to have for a server at `name` or `name:port`.
fn name_of(at: &str) -> &str {
    at.split(':').next().unwrap_or(at).trim_end_matches('.')
}

/// What holds of every run, whatever a server does: it ends with a status of the contract, it does not panic, and what
/// it writes can only be read.
#[track_caller]
pub fn checked(run: Run) -> Run {
    assert!(matches!(run.status, 0..=4 | 10..=20 | 130), "no status of the contract: {run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    for character in run.stdout.chars().chain(run.stderr.chars()) {
        assert!(character == '\n' || !is_active(character), "{character:?} was written: {run:?}");
    }
    run
}

/// Checks what a run came to.
#[track_caller]
fn assert_status(run: &Run, expected: i32) {
    assert_eq!(run.status, expected, "{run:?}");
}

/// Checks that a run says that the image cannot be pulled.
#[track_caller]
fn assert_cannot_be_pulled(run: &Run) {
    assert!(run.status >= 10, "{run:?}");
}

/// The kinds of failure that a report has, one for each exchange that failed.
fn failures(report: &Report) -> Vec<&str> {
    // What is asked after a failure, to learn which scheme is spoken, fails in ways of its own.
    let is_about_the_scheme = |purpose: &Value| ["speaks-tls", "speaks-http"].iter().any(|other| purpose == other);
    let requests = report.list("exchanges").iter().filter(|exchange| !is_about_the_scheme(&exchange["purpose"]));
    requests.filter_map(|exchange| exchange["failure"]["kind"].as_str()).collect()
}

/// Checks that at least one exchange failed, and that all that did failed in this way.
#[track_caller]
fn assert_all_failed(report: &Report, kind: &str) {
    let kinds = failures(report);
    assert!(!kinds.is_empty() && kinds.iter().all(|other| *other == kind), "{kinds:?} instead of {kind}: {}", report.0);
}
