use crate::diagnosis::rule::rule;
use crate::diagnosis::rules::place;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, body_kind, markup_words};
use crate::knowledge::is_public_registry;

rule! {
    /// A web page came where a registry should answer.
    ///
    /// ## What it means
    /// Something else answers in the registry's place: a sign-in page of a network, a firewall or content delivery
    /// network that blocks, a proxy whose registry is down, or a web server on this port. Clients that expect JSON
    /// then complain about `invalid character '<'`.
    ///
    /// ## How it is recognised
    /// The answer is HTML and has none of the headers that registries send. Its title is quoted.
    ///
    /// ## What to do
    /// Read the title: sign in to the network, have the block lifted, wait for the registry behind the proxy, or
    /// correct host and port. Sign-in and filters of a proxy have to leave out paths below `/v2/`.
    ///
    /// ## References
    /// moby/moby#30798; apache/apisix-docker#64; docker-library/official-images#4309
    "html-instead-of-registry" in Registry
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let response = exchange.response.as_ref()?;
    // A limit on requests is one, whoever in front of the registry keeps it.
    let is_page = body_kind(response) == BodyKind::Html && !super::is_from_a_registry(response);
    if !is_page
        || response.status == 429
        || super::known_otherwise(case).is_some()
        || super::first_generation(case).is_some()
        || place::explains(case)
    {
        return None;
    }
    let host = case.host_of(id);
    let is_public = is_public_registry(case.reference().registry().name());
    let reading = match response.status {
        // RFC 6585 §6.
        511 => "The network wants you to sign in first: the status is the one for that.",
        200..=299 if is_public => {
            "A public registry has no such page here, so most likely it is the sign-in page of a network or a proxy."
        }
        200..=299 => "Most likely this is a sign-in page, or another web server than the registry.",
        403 | 451 => {
            "Most likely a firewall, proxy or content delivery network in front of the registry blocks the request."
        }
        502..=504 => "Most likely a proxy answers, and the registry behind it is down or cannot be reached.",
        _ => "Most likely another web server than the registry answers, or a proxy that does not pass on /v2/.",
    };
    let redirected = match case.hops(id).first() {
        Some(&(first, _)) => format!(" {} redirected the request there.", case.host_of(first)),
        None => String::new(),
    };
    let status = response.status;
    let quote = markup_words(response).unwrap_or_else(|| format!("{status}, content-type text/html").into());
    let finding = Finding::error(ExitStatus::Network, format!("{host} answers with a web page"), id, quote)
        .cause(format!("A page with status {status} came where a registry answers with JSON. {reading}{redirected}"))
        .fix("Open the host in a browser to see who answers, and check host, port and proxy.");
    Some(finding)
}
