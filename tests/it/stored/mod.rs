//! Credentials that somebody has stored on this machine: in a file of Docker or Podman, with a helper, in a pull secret.
//!
//! What a server received tells which credential was used. What must not be seen anywhere carries a canary.

mod files;
mod findings;
#[cfg(unix)]
mod helpers;
mod pull_secrets;
mod tokens;

use serde_json::{Value, json};

use crate::hostile::checked;
use crate::support::basic_authorization;
use crate::support::document::assert_described;
use crate::support::hostile::{Server, manifest, unauthorized};
use crate::support::ociscope::{Ociscope, Run, ociscope};

/// A password that is looked for in everything that is written.
const PASSWORD: &str = "CANARYpw+x/y=z:%\"'&<end";

/// An entry for a user with this password, as `docker login` writes it.
fn entry(user: &str, password: &str) -> Value {
    json!({ "auth": basic_authorization(user, password).trim_start_matches("Basic ") })
}

/// A registry that wants a user name and a password, whatever they are.
fn registry() -> Server {
    Server::answering(|sent| {
        if sent.all("Authorization").is_empty() { unauthorized("Basic realm=\"here\"") } else { manifest() }
    })
}

/// The registry's name in files.
fn name(server: &Server) -> String {
    server.address.to_string()
}

/// `auth` for an image on this server.
fn auth(server: &Server, more: &[&str]) -> Ociscope {
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    ociscope(&[&["auth", "--json", &reference], more].concat())
}

/// What `auth` says, checked for its form and for what must not be in it.
#[track_caller]
fn told(run: Run) -> Value {
    let run = checked(run);
    assert_hides(&run);
    assert_described("docs/auth.schema.json", &run.stdout);
    run.json()
}

#[track_caller]
fn assert_hides(run: &Run) {
    let encoded = basic_authorization("me", PASSWORD);
    run.assert_hides(&[PASSWORD, "CANARY", encoded.trim_start_matches("Basic ")]);
}

/// The kinds of the steps that a search took, but for files that are not there.
fn seen(told: &Value) -> Vec<&str> {
    let steps = told["looked_at"].as_array().expect("steps");
    steps.iter().filter_map(|step| step["seen"].as_str()).filter(|seen| *seen != "not_there").collect()
}
