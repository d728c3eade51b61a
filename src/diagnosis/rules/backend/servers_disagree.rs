use crate::diagnosis::case::absence::is_listed_and_gone;
use crate::diagnosis::content::{children, chosen};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Exchange, ExchangeId, Purpose, Query, RequestHeader, Response, variant};
use crate::oci::Digest;

rule! {
    /// The same request is answered differently.
    ///
    /// ## What it means
    /// Several servers stand behind one name, and they do not have the same content or the same settings: a replica that
    /// lags, a node with a broken volume, a cache that some requests miss. Which of them answers is chance, so a pull
    /// succeeds now and fails the next time.
    ///
    /// ## How it is recognised
    /// In one run, the same request (method, address, `Accept`, credentials) was answered with success and with an error,
    /// or with two digests. Requests whose answer looks contradictory are repeated once for this: a listed tag that is
    /// not there, an image of an index that is missing. Findings that rest on one of the answers are only likely then.
    ///
    /// ## What to do
    /// The operator compares the servers behind the name. Headers in which they differ are quoted.
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
    let marks = if marks.is_empty() { String::new() } else { format!(" They differ in {}.", marks.join(", ")) };
    let title = format!("{host} answers the same request differently");
    let cause = format!(
        "The same request got {} and then {}. Most likely several servers answer under this name, and not all have the \
         same content.{marks} What else is found here may hold for one of them only.",
        how.0, how.1
    );
    let finding = match (first.is_success(), second.is_success()) {
        (true, true) => Finding::warning(title, one, how.0.clone()),
        _ => Finding::error(ExitStatus::ServerFailed, title, one, how.0.clone()),
    };
    Some(
        finding.because(other, how.1.clone()).cause(cause).fix("Ask again: the next answer may be the good one.").fix(
            format!("Tell the operator of {host} to compare the servers behind the name, and to keep them in step."),
        ),
    )
}

/// Has the requests repeated whose answers look as if another server had given them.
fn ask_again(case: &Case<'_>) {
    let all_current = case.asking().is_some_and(|asking| asking.id() == variant::ALL);
    // Nothing is refused for accepting more, so whoever was served less by name casts doubt on this.
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
        // The same words as for the first time, so that the two can be compared.
        case.ask(Query::Elsewhere(case.reference().with_digest(digest)));
    }
}

/// Two answers to one request, and what each of them is.
fn contradiction(case: &Case<'_>) -> Option<(ExchangeId, ExchangeId, (String, String))> {
    let comparable: Vec<_> = case
        .journal()
        .iter()
        .filter(|(_, exchange)| {
            let passing = matches!(exchange.status(), None | Some(300..=399 | 401 | 407 | 408 | 425 | 429));
            let for_manifests =
                matches!(exchange.request.purpose, Purpose::Manifest(_) | Purpose::Child | Purpose::Comparison);
            for_manifests && exchange.failure.is_none() && !passing
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

/// What each answer is, where the two contradict each other.
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

/// Headers by which servers can be told apart, where the two answers differ in them.
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
