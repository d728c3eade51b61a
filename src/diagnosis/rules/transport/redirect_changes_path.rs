use percent_encoding::percent_decode_str;

use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, Exchange, ExchangeId, Response, body_kind, error_entries};
use crate::text::Untrusted;

rule! {
    /// A redirect changes the path, and there is nothing at the new one.
    ///
    /// ## What it means
    /// Something in front of the registry redirects as web servers do for pages: it adds a slash at the end, takes `/v2`
    /// away, writes the path in small letters or encodes it anew. No registry has anything under such a path. Name, tag,
    /// host and port may all be right.
    ///
    /// ## How it is recognised
    /// The request for the manifest was redirected to the same path with a change of that kind, and the answer there is
    /// 404 or a page, and not one of a registry.
    ///
    /// ## What to do
    /// The operator has paths below `/v2/` left as they are: no rewriting, no trailing slash, no redirect of the proxy or
    /// the web framework.
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
        "{host}{server} redirects the request for the manifest to the same path, {}. There the answer is {}, which \
             no registry gives. The redirect is the cause: host, port, name and tag may all be right.",
        change.words(),
        response.status
    ))
    .fix(format!(
        "Tell the operator of {host}: whatever stands in front of the registry has to leave paths below /v2/ as they \
             are, without redirects."
    ));
    Some(finding)
}

/// What a redirect does to a path.
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
            Self::NoBase => "takes /v2 away from",
            Self::Case => "changes upper and lower case in",
            Self::Encoding => "encodes",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Slash => "with a slash at its end",
            Self::NoBase => "without /v2 at its beginning",
            Self::Case => "in other upper and lower case",
            Self::Encoding => "encoded in another way",
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

/// Whether an answer is a 404 or a page without anything that registries send.
fn is_nothing_of_a_registry(response: &Response) -> bool {
    let marked = response.header("docker-distribution-api-version").is_some() || !error_entries(response).is_empty();
    let page = body_kind(response) == BodyKind::Html;
    !marked && (matches!(response.status, 404 | 405 | 410) || page)
}

/// An address as far as it holds no secrets.
fn without_query(location: &str) -> String {
    Untrusted::from(location.split(['?', '#']).next().unwrap_or_default()).named_within(160)
}
