use percent_encoding::percent_decode_str;

use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, Exchange, ExchangeId, Response, body_kind, error_entries};
use crate::text::Untrusted;

rule! {
    /// Redirect changes the path to one that does not exist
    ///
    /// ## What it means
    /// A server in front of the registry redirects as web servers do for pages: it adds a trailing slash, strips `/v2`,
    /// lowercases the path or re-encodes it. No registry has anything under such a path. Name, tag, host and port may
    /// all be right.
    ///
    /// ## How it is recognised
    /// The request for the manifest was redirected to the same path with a change of that kind, and the answer there is
    /// a 404 or a web page, without any sign of a registry.
    ///
    /// ## What to do
    /// The operator exempts paths below `/v2/`: no rewriting, no trailing slash, no redirect by the proxy or the web
    /// framework.
    ///
    /// ## References
    /// RFC 9110 §15.4; distribution-spec, pulling manifests; docker-archive/docker-registry#976
    "redirect-changes-path" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let response = exchange.response.as_ref().filter(|response| is_nothing_of_a_registry(response))?;
    let mut chain = case.hops(id);
    chain.push((id, exchange));
    let (redirect, change) = chain.windows(2).find_map(|pair| Some((pair[0], change(pair[0].1, pair[1].1)?)))?;
    let (redirect, hop): (ExchangeId, &Exchange) = redirect;
    let host = case.host_of(redirect);
    let location = hop.response.as_ref().and_then(|response| response.header("location"));
    let quote = format!(
        "{} to {}",
        hop.status().unwrap_or_default(),
        location.map(|location| without_query(location.as_str())).unwrap_or_default()
    );
    let server = hop.response.as_ref().and_then(|response| response.header("server"));
    let server = server.map(|server| format!(" (server: {})", server.quoted_within(40))).unwrap_or_default();
    let finding = Finding::error(
        ExitStatus::Network,
        format!("a redirect {} the path", change.title()),
        redirect,
        quote,
    )
    .because(id, case.words(id))
    .cause(format!(
        "{host}{server} redirects the request for the manifest to the same path, {}. There the answer is {}, without \
         any sign of a registry. The redirect is the cause: host, port, name and tag may all be right.",
        change.words(),
        response.status
    ))
    .fix(format!(
        "Ask the operator of {host} to leave paths below /v2/ unchanged, without redirects, in every proxy in front of \
         the registry."
    ));
    Some(finding)
}

/// The change that a redirect makes to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Slash,
    NoBase,
    Case,
    Encoding,
}

impl Change {
    fn title(self) -> &'static str {
        match self {
            Self::Slash => "adds a slash to",
            Self::NoBase => "strips /v2 from",
            Self::Case => "changes upper and lower case in",
            Self::Encoding => "re-encodes",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Slash => "with a trailing slash",
            Self::NoBase => "without the leading /v2",
            Self::Case => "in another combination of upper and lower case",
            Self::Encoding => "in another encoding",
        }
    }
}

fn change(hop: &Exchange, next: &Exchange) -> Option<Change> {
    let (from, to) = (hop.request.url.path(), next.request.url.path());
    if from == to {
        return None;
    }
    let by_base = from.strip_prefix("/v2").is_some_and(|rest| rest == to);
    let changes = [
        (to.strip_suffix('/') == Some(from), Change::Slash),
        (by_base, Change::NoBase),
        (to.eq_ignore_ascii_case(from), Change::Case),
        (decoded(from) == decoded(to), Change::Encoding),
    ];
    changes.into_iter().find(|(is_it, _)| *is_it).map(|(_, change)| change)
}

/// A path without percent-encoding (RFC 3986 §2.1).
pub(super) fn decoded(path: &str) -> Vec<u8> {
    percent_decode_str(path).collect()
}

/// Returns whether a response is a 404 or a web page without any sign of a registry.
fn is_nothing_of_a_registry(response: &Response) -> bool {
    let marked = response.header("docker-distribution-api-version").is_some() || !error_entries(response).is_empty();
    let page = body_kind(response) == BodyKind::Html;
    !marked && (matches!(response.status, 404 | 405 | 410) || page)
}

/// An address without the parts that may hold secrets.
fn without_query(location: &str) -> String {
    Untrusted::from(location.split(['?', '#']).next().unwrap_or_default()).named_within(160)
}
