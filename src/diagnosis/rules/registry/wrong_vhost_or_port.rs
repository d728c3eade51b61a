use crate::diagnosis::case::registry::{known_otherwise, likely_elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Response, body_kind};

rule! {
    /// Nothing in the answer says that a registry gave it.
    ///
    /// ## What it means
    /// The host is there, but most likely the registry is on another port, under another name, or behind a proxy that
    /// does not pass on `/v2/`.
    ///
    /// ## How it is recognised
    /// A 404 without the errors of a registry, or a success whose body is no manifest, and in the whole run not one
    /// header or error that only registries send.
    ///
    /// ## What to do
    /// Check host and port. Behind a reverse proxy, `/v2/` has to be passed on at the root of the host.
    ///
    /// ## References
    /// distribution-spec, error codes; moby/moby#41420; SUSE/Portus#1511
    "wrong-vhost-or-port" in Registry
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = likely_elsewhere(case).filter(|_| known_otherwise(case).is_none())?;
    let host = case.host_of(id);
    let (status, words) = (response.status, body_kind(response).words());
    let title = format!("what answers at {host} does not look like a registry");
    let finding = Finding::error(ExitStatus::Network, title, id, quote(response))
        .likely()
        .cause(format!(
            "The answer is {status} with {words}, and nothing in it says that a registry gave it. \
             Most likely the registry is on another port or under another name."
        ))
        .fix("Check host and port. A reverse proxy has to pass on /v2/ at the root of the host.");
    Some(finding)
}

fn quote(response: &Response) -> String {
    let text = String::from_utf8_lossy(&response.body.bytes[..response.body.bytes.len().min(200)]).into_owned();
    format!("{} {}", response.status, text.trim()).trim().to_owned()
}
