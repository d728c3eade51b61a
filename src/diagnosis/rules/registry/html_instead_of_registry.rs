use crate::diagnosis::case::refusal::is_bot_page;
use crate::diagnosis::case::registry::is_from_a_registry;
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, body_kind, page_words};
use crate::knowledge::is_public_registry;

rule! {
    /// Web page instead of a registry answer
    ///
    /// ## What it means
    /// Something other than the registry answers: the sign-in page of a network, a firewall or content delivery network
    /// that blocks the request, a proxy whose registry is down, or a web server on this port. Clients that expect JSON
    /// then report `invalid character '<'`.
    ///
    /// ## How it is recognised
    /// The answer is HTML and has none of the headers that registries send. The page title is quoted.
    ///
    /// ## What to do
    /// Read the title: sign in to the network, have the block lifted, wait for the registry that the proxy forwards to,
    /// or correct host and port. Sign-in, filters and bot checks of a proxy must exempt paths below `/v2/`: registry
    /// clients cannot pass them. After 421, the host name in the request and that of the TLS connection must be the
    /// same.
    ///
    /// ## References
    /// moby/moby#30798; apache/apisix-docker#64; docker-library/official-images#4309
    "html-instead-of-registry" in Registry
}

/// The longest quote of a page, in characters.
const QUOTED: usize = 300;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let response = exchange.response.as_ref()?;
    // A 429 is a rate limit, whichever server in front of the registry enforces it.
    let is_page = body_kind(response) == BodyKind::Html;
    if !(is_page || response.status == 421) || is_from_a_registry(response) || response.status == 429 {
        return None;
    }
    let host = case.host_of(id);
    let to_sign_in = !case.hops(id).is_empty() && is_for_signing_in(exchange.request.url.path());
    let is_public = is_public_registry(case.reference().registry().name());
    let reading = match response.status {
        _ if is_bot_page(response) => {
            "This is a bot challenge: it admits browsers that run a script, and no registry client. The credentials \
             were not examined."
        }
        // RFC 9110 §15.5.20.
        421 => {
            "421 means that the host name in the request is not the one that the TLS connection was made for (SNI). \
             Most often a proxy in between uses one connection for several names, or the server is not configured for \
             this name."
        }
        _ if to_sign_in => {
            "A proxy in front of the registry redirects clients that have not signed in to a page for people. Registry \
             clients cannot sign in there."
        }
        // RFC 6585 §6.
        511 => "The network requires you to sign in first; 511 is the status for that.",
        200..=299 if is_public => {
            "A public registry has no such page here, so most likely this is the sign-in page of a network or a proxy."
        }
        200..=299 => "Most likely this is a sign-in page, or a web server that is not the registry.",
        403 | 451 => {
            "Most likely a firewall, proxy or content delivery network in front of the registry blocks the request."
        }
        502..=504 => "Most likely a proxy answers, and its registry is down or unreachable.",
        _ => "Most likely a web server that is not the registry answers, or a proxy that does not forward /v2/.",
    };
    let later = if response.status == 503 { when_to_retry(response) } else { String::new() };
    let redirected = match case.hops(id).first() {
        Some(&(first, _)) => format!(" {} redirected the request there.", case.host_of(first)),
        None => String::new(),
    };
    let status = response.status;
    let quote = page_words(response)
        .map_or_else(|| format!("{status}, content-type text/html"), |words| words.printable_within(QUOTED));
    let what = if is_page { "a web page" } else { "421" };
    let came = if is_page { "A page" } else { "A response" };
    let finding = Finding::error(ExitStatus::Network, format!("{host} answers with {what}"), id, quote)
        .cause(format!("{came} with status {status} came instead of a registry's JSON. {reading}{later}{redirected}"));
    Some(match status {
        _ if is_bot_page(response) => finding.fix(format!(
            "Ask the operator of {host} to exempt paths below /v2/, and those of the token service, from the bot check."
        )),
        421 => finding
            .fix("Connect without a proxy, by the host name that the server's certificate and configuration have.")
            .fix(format!(
                "Ask the operator of {host} to configure this name on the server, and one TLS connection per name on a \
                 proxy."
            )),
        _ if to_sign_in => finding.fix(format!(
            "Ask the operator of {host} to exempt paths below /v2/ from the sign-in; the registry requires \
             authentication itself."
        )),
        _ => finding.fix("Open the host in a browser to see who answers, and check host, port and proxy."),
    })
}

/// Returns whether a path is one at which people sign in.
fn is_for_signing_in(path: &str) -> bool {
    const PARTS: [&str; 9] = ["login", "signin", "sign_in", "sign-in", "sso", "oauth2", "oauth", "saml", "cdn-cgi"];
    path.to_ascii_lowercase().split('/').any(|part| PARTS.contains(&part))
}
