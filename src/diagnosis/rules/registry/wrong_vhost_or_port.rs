use crate::diagnosis::case::registry::{known_otherwise, likely_elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Response, body_kind};

rule! {
    /// Answer shows no sign of a registry
    ///
    /// ## What it means
    /// The host answers, but most likely the registry is on another port, under another name, or on a proxy that does
    /// not forward `/v2/`.
    ///
    /// ## How it is recognised
    /// The answer is a 404 without a registry error body, or a success without a manifest, and no answer in the whole
    /// run has a header or an error that only registries send.
    ///
    /// ## What to do
    /// Check host and port. A reverse proxy has to forward `/v2/` at the root of the host.
    ///
    /// ## References
    /// distribution-spec, error codes; moby/moby#41420; SUSE/Portus#1511
    "wrong-vhost-or-port" in Registry
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = likely_elsewhere(case).filter(|_| known_otherwise(case).is_none())?;
    let host = case.host_of(id);
    let (status, words) = (response.status, body_kind(response).words());
    let title = format!("the server at {host} does not look like a registry");
    let finding = Finding::error(ExitStatus::Network, title, id, quote(response))
        .likely()
        .cause(format!(
            "The answer is {status} with {words}, and shows no sign of a registry. Most likely the registry is on \
             another port or under another name."
        ))
        .fix("Check host and port. A reverse proxy has to forward /v2/ at the root of the host.");
    Some(finding)
}

fn quote(response: &Response) -> String {
    let text = String::from_utf8_lossy(&response.body.bytes[..response.body.bytes.len().min(200)]).into_owned();
    format!("{} {}", response.status, text.trim()).trim().to_owned()
}
