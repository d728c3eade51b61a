use crate::diagnosis::case::refusal::is_bot_page;
use crate::diagnosis::case::registry::is_from_a_registry;
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, body_kind, page_words};
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
    /// correct host and port. Sign-in, filters and bot checks of a proxy have to leave out paths below `/v2/`: no client of
    /// a registry passes them. After 421, the name in the request and that of the TLS connection have to be the same.
    ///
    /// ## References
    /// moby/moby#30798; apache/apisix-docker#64; docker-library/official-images#4309
    "html-instead-of-registry" in Registry
}

/// How much of a page is quoted, in characters.
const QUOTED: usize = 300;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let response = exchange.response.as_ref()?;
    // A limit on requests is one, whoever in front of the registry keeps it.
    let is_page = body_kind(response) == BodyKind::Html;
    if !(is_page || response.status == 421) || is_from_a_registry(response) || response.status == 429 {
        return None;
    }
    let host = case.host_of(id);
    let to_sign_in = !case.hops(id).is_empty() && is_for_signing_in(exchange.request.url.path());
    let is_public = is_public_registry(case.reference().registry().name());
    let reading = match response.status {
        _ if is_bot_page(response) => {
            "It is a bot challenge: it lets browsers pass that run a script, and no client of a registry. Credentials were \
             not looked at."
        }
        // RFC 9110 §15.5.20.
        421 => {
            "The status means that the name in the request is not the one that the TLS connection was made for (SNI). Most \
             often a proxy on the way uses one connection for several names, or the server has no entry for this one."
        }
        _ if to_sign_in => {
            "A proxy in front of the registry sends whoever has not signed in to a page for people. Clients of registries \
             cannot sign in there."
        }
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
    let later = if response.status == 503 { when_to_retry(response) } else { String::new() };
    let redirected = match case.hops(id).first() {
        Some(&(first, _)) => format!(" {} redirected the request there.", case.host_of(first)),
        None => String::new(),
    };
    let status = response.status;
    let quote = page_words(response)
        .map_or_else(|| format!("{status}, content-type text/html"), |words| words.printable_within(QUOTED));
    let what = if is_page { "a web page" } else { "421" };
    let came = if is_page { "A page" } else { "An answer" };
    let finding = Finding::error(ExitStatus::Network, format!("{host} answers with {what}"), id, quote).cause(format!(
        "{came} with status {status} came where a registry answers with JSON. {reading}{later}{redirected}"
    ));
    Some(match status {
        _ if is_bot_page(response) => finding.fix(format!(
            "Tell the operator of {host} to leave paths below /v2/, and those of the token service, out of the bot check."
        )),
        421 => finding
            .fix("Ask without a proxy in between, and by the name that the server's certificate and settings have.")
            .fix(format!("Tell the operator of {host}: the server needs this name, and a proxy one TLS connection per name.")),
        _ if to_sign_in => finding.fix(format!(
            "Tell the operator of {host} to leave paths below /v2/ out of the sign-in; the registry asks for credentials \
             itself."
        )),
        _ => finding.fix("Open the host in a browser to see who answers, and check host, port and proxy."),
    })
}

/// Whether a path is one of those at which people sign in.
fn is_for_signing_in(path: &str) -> bool {
    const PARTS: [&str; 9] = ["login", "signin", "sign_in", "sign-in", "sso", "oauth2", "oauth", "saml", "cdn-cgi"];
    path.to_ascii_lowercase().split('/').any(|part| PARTS.contains(&part))
}
