use crate::diagnosis::case::absence::is_listed_and_gone;
use crate::diagnosis::content::{children, chosen};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Exchange, ExchangeId, Purpose, Query, RequestHeader, Response, variant};
use crate::oci::Digest;

rule! {
    /// Same request gets different answers
    ///
    /// ## What it means
    /// Several servers share one host name, and their content or settings differ: a lagging replica, a node with a
    /// broken volume, a cache that some requests miss. Which of them answers is random, so a pull succeeds now and
    /// fails the next time.
    ///
    /// ## How it is recognised
    /// In one run, the same request (method, URL, `Accept`, credentials) got a success and an error, or two different
    /// digests. ociscope repeats a request once if its answer looks contradictory: a listed tag that is missing, or a
    /// missing image of an index. Findings that rely on one of these answers are then only likely.
    ///
    /// ## What to do
    /// Ask the operator to compare the servers that share the name. The finding quotes the headers in which they
    /// differ.
    ///
    /// ## References
    /// RFC 9110 §9.2.2; docker/hub-feedback#647; distribution/distribution, deploying (load balancing considerations)
    "servers-disagree" in Backend
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    ask_again(case);
    let (one, other, how) = contradiction(case)?;
    let host = case.host_of(one);
    let (first, second) = (case.journal().get(one), case.journal().get(other));
    let (by_one, by_other) = (first.response.as_ref()?, second.response.as_ref()?);
    let marks = marks(by_one, by_other);
    let marks = if marks.is_empty() { String::new() } else { format!(" The answers differ in {}.", marks.join(", ")) };
    let title = format!("{host} gives different answers to the same request");
    let cause = format!(
        "The same request got {} and then {}. Most likely several servers share this name, and not all of them have \
         the same content.{marks} The other findings of this run may apply to only one of them.",
        how.0, how.1
    );
    let finding = match (first.is_success(), second.is_success()) {
        (true, true) => Finding::warning(title, one, how.0.clone()),
        _ => Finding::error(ExitStatus::ServerFailed, title, one, how.0.clone()),
    };
    Some(finding.because(other, how.1.clone()).cause(cause).fix("Retry: the next answer may be the right one.").fix(
        format!("Ask the operator of {host} to compare the servers that share this name and to keep them in sync."),
    ))
}

/// Repeats the requests whose answers look as if a different server had given them.
fn ask_again(case: &Case<'_>) {
    let all_current = case.asking().is_some_and(|asking| asking.id() == variant::ALL);
    // Accepting more types is no reason for a refusal, so a success with fewer types makes this refusal doubtful.
    let refused_alone = all_current
        && case.refusal().is_some_and(|(_, response)| matches!(response.status, 404 | 410 | 500..))
        && !case.all_served().is_empty();
    if refused_alone || is_listed_and_gone(case) {
        case.ask(Query::Elsewhere(case.reference().clone()));
        return;
    }
    let children = children(case);
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let Some(wanted) = chosen(&entries, &case.record().platform) else { return };
    let child = children.iter().find(|child| child.descriptor.digest == wanted.digest);
    if let Some(digest) = child.filter(|child| child.missing().is_some()).and_then(|child| child.digest.clone()) {
        // The second request equals the first, so that their answers can be compared.
        case.ask(Query::Elsewhere(case.reference().with_digest(digest)));
    }
}

/// Two contradictory answers to one request, with the status or digest of each.
fn contradiction(case: &Case<'_>) -> Option<(ExchangeId, ExchangeId, (String, String))> {
    let comparable: Vec<_> = case
        .journal()
        .iter()
        .filter(|(_, exchange)| {
            let may_change = matches!(exchange.status(), None | Some(300..=399 | 401 | 407 | 408 | 425 | 429));
            let for_manifests =
                matches!(exchange.request.purpose, Purpose::Manifest(_) | Purpose::Child | Purpose::Comparison);
            for_manifests && exchange.failure.is_none() && !may_change
        })
        .collect();
    for (place, &(other, second)) in comparable.iter().enumerate() {
        for &(one, first) in &comparable[..place] {
            if is_same_request(first, second)
                && let Some(how) = difference(first, second)
            {
                return Some((one, other, how));
            }
        }
    }
    None
}

fn is_same_request(one: &Exchange, other: &Exchange) -> bool {
    let (one, other) = (&one.request, &other.request);
    let accept = |headers: &[RequestHeader]| {
        let lines = headers.iter().filter(|header| header.name == "accept");
        let lines = lines.filter_map(|header| header.value.sent_text());
        let mut types: Vec<_> = lines.flat_map(|line| line.split(',')).map(|kind| kind.trim().to_owned()).collect();
        types.sort_unstable();
        types
    };
    let authorized = |headers: &[RequestHeader]| headers.iter().any(|header| header.name == "authorization");
    one.method == other.method
        && one.url == other.url
        && one.url.path().contains("/manifests/")
        && accept(&one.headers) == accept(&other.headers)
        && authorized(&one.headers) == authorized(&other.headers)
}

/// The status or digest of each answer, if the two contradict each other.
fn difference(one: &Exchange, other: &Exchange) -> Option<(String, String)> {
    let (first, second) = (one.response.as_ref()?, other.response.as_ref()?);
    let statuses = || (first.status.to_string(), second.status.to_string());
    if one.is_success() != other.is_success() {
        return Some(statuses());
    }
    let digest = |response: &Response| response.header("docker-content-digest")?.as_str().trim().parse::<Digest>().ok();
    let (first, second) = (digest(first)?, digest(second)?);
    (one.is_success() && first != second).then(|| (first.to_string(), second.to_string()))
}

/// The headers that distinguish servers, as far as the two answers differ in them.
fn marks(one: &Response, other: &Response) -> Vec<String> {
    const MARKS: [&str; 7] = [
        "server",
        "x-served-by",
        "x-backend",
        "x-backend-server",
        "via",
        "docker-distribution-api-version",
        "x-instance",
    ];
    let shown = |response: &Response, name| {
        response.header(name).map_or_else(|| "none".to_owned(), |value| value.named_within(40))
    };
    let differ = MARKS.into_iter().filter(|&name| one.header(name) != other.header(name));
    differ.map(|name| format!("{name} ({} and {})", shown(one, name), shown(other, name))).collect()
}
