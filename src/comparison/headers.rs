//! The headers of the answers that clients use: type, digest, length, and the hosts that redirects lead to.

use std::collections::BTreeSet;

use super::document::named;
use super::look::Look;
use super::value::{Difference, Kind, Side};
use crate::evidence::{Exchange, ExchangeId, Method, Purpose, Response};
use crate::oci::Origin;
use crate::oci::media_type::essence;
use crate::text::Untrusted;

/// Headers that are compared on their own, concern one connection (RFC 9110, section 7.6.1), or differ from answer to
/// answer.
const EXCEPT: [&str; 17] = [
    "content-type",
    "docker-content-digest",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "trailer",
    "upgrade",
    "date",
    "age",
    "expires",
    "set-cookie",
    "location",
    "www-authenticate",
    "alt-svc",
    "x-request-id",
    "cf-ray",
];

/// The requests of a pull, whose redirects clients follow.
fn is_of_a_pull(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Manifest(_) | Purpose::Digest | Purpose::Child | Purpose::Config | Purpose::Layer)
}

/// The differences between the headers of two sides.
pub(super) fn differences(sides: &[Look<'_>; 2]) -> Vec<Difference> {
    let answers = sides.each_ref().map(answered);
    let [Some((a, one)), Some((b, other))] = answers else { return Vec::new() };
    let shown = |difference: Difference| difference.shown_by([Some(a), Some(b)]);
    let mut differences = Vec::new();
    differences.extend(content_type(sides, [one, other]).map(shown));
    differences.extend(digest_header(sides, [one, other]).map(shown));
    differences.extend(length([one, other]).map(shown));
    differences.extend(by_head(sides));
    differences.extend(redirects(sides));
    differences.extend(others([one, other]).map(shown));
    differences
}

/// The answer that served the document.
fn answered<'a>(look: &Look<'a>) -> Option<(ExchangeId, &'a Response)> {
    let exchange = look.root.as_ref()?.served.exchange;
    Some((exchange, look.case.journal().get(exchange).response.as_ref()?))
}

fn quoted(value: Option<&Untrusted>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| value.named_within(80))
}

fn content_type(sides: &[Look<'_>; 2], answers: [&Response; 2]) -> Option<Difference> {
    let values = answers.map(|response| response.header("content-type"));
    let [a, b] = values.map(quoted);
    let [one, other] = values.map(|value| value.map(|value| essence(value.as_str())));
    if one == other {
        let text = format!("Content-Type has other parameters: A {a}, B {b}. Clients ignore them.");
        return (values[0] != values[1]).then(|| Difference::unnoticed(Kind::ContentType, text));
    }
    // Where the documents have other types, their headers have too.
    let types = sides.each_ref().map(|look| look.root.as_ref().map(|root| root.served.media_type.clone()));
    let text = format!("Content-Type differs for the same type of document: A sends {a}, B {b}.");
    (types[0] == types[1]).then(|| Difference::noticed(Kind::ContentType, text))
}

/// Whether the digest in the header is that of the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    Absent,
    True,
    Wrong,
    Unverified,
}

fn digest_header(sides: &[Look<'_>; 2], answers: [&Response; 2]) -> Option<Difference> {
    let of = |at: usize| {
        if answers[at].header("docker-content-digest").is_none() {
            return Header::Absent;
        }
        let look = &sides[at];
        let root = look.root.as_ref();
        let observation = root.and_then(|root| look.case.journal().observation(root.served.exchange));
        match observation.filter(|observation| !observation.is_schema1()).and_then(|own| own.header_is_true()) {
            Some(true) => Header::True,
            Some(false) => Header::Wrong,
            None => Header::Unverified,
        }
    };
    let headers = [of(0), of(1)];
    let words = |header: Header| match header {
        Header::Absent => "is absent",
        Header::True => "is right",
        Header::Wrong => "names another document",
        Header::Unverified => "is present",
    };
    let text = format!("Docker-Content-Digest {} on A and {} on B.", words(headers[0]), words(headers[1]));
    let has = |header: Header| headers.contains(&header);
    match headers[0] == headers[1] {
        true => None,
        false if has(Header::Wrong) => Some(Difference::noticed(Kind::DigestHeader, text)),
        false if has(Header::Absent) => {
            let text = format!("{text} Clients compute the digest of the body instead.");
            Some(Difference::unnoticed(Kind::DigestHeader, text))
        }
        false => None,
    }
}

fn length(answers: [&Response; 2]) -> Option<Difference> {
    let has = answers.map(|response| response.header("content-length").is_some());
    let side = if has[0] { Side::B } else { Side::A };
    let text = format!("The answer of {} has no Content-Length: it is sent in chunks.", side.name());
    (has[0] != has[1]).then(|| Difference::unnoticed(Kind::ContentLength, text))
}

/// The answers to HEAD, from which clients take length and digest of a tag.
fn by_head(sides: &[Look<'_>; 2]) -> Option<Difference> {
    let heads = sides.each_ref().map(head);
    let [Some((a, one)), Some((b, other))] = heads else { return None };
    let is_success = [one, other].map(Exchange::is_success);
    let shown = |difference: Difference| difference.shown_by([Some(a), Some(b)]);
    if is_success[0] != is_success[1] {
        let side = if is_success[0] { Side::B } else { Side::A };
        let answer = side.of(&[one, other]).status();
        let answer = answer.map_or_else(|| "not answered".to_owned(), |status| format!("answered {status}"));
        let text =
            format!("HEAD is {answer} on {}; clients that resolve a tag by HEAD fail or send a GET.", side.name());
        return Some(shown(Difference::noticed(Kind::Head, text)));
    }
    let has_length = [one, other].map(|head| {
        let length = head.response.as_ref().and_then(|response| response.header("content-length"));
        length.is_some_and(|length| length.as_str().trim().parse::<u64>().is_ok())
    });
    let side = if has_length[0] { Side::B } else { Side::A };
    let text =
        format!("The answer to HEAD has no Content-Length on {}. Docker 20.10 and later fail without it.", side.name());
    let differs = is_success[0] && has_length[0] != has_length[1];
    differs.then(|| shown(Difference::noticed(Kind::ContentLength, text)))
}

/// The asking client's HEAD.
fn head<'a>(look: &Look<'a>) -> Option<(ExchangeId, &'a Exchange)> {
    let journal = look.case.journal();
    let (head, _) = look.case.matrix().pairs.iter().find(|(head, get)| {
        let accept = |id: ExchangeId| journal.get(id).request.purpose;
        accept(*head) == accept(*get) && journal.get(*head).request.method == Method::Head
    })?;
    Some((*head, journal.get(*head)))
}

/// The hosts that the parts of the image came from, other than the registry's own.
fn redirects(sides: &[Look<'_>; 2]) -> Option<Difference> {
    let of = |look: &Look<'_>| -> (BTreeSet<String>, Option<ExchangeId>) {
        let own = look.case.record().origin.as_ref();
        let away = look.case.journal().iter().filter(|(_, exchange)| {
            is_of_a_pull(exchange.request.purpose) && Origin::of(&exchange.request.url).as_ref() != own
        });
        let mut first = None;
        let hosts = away.map(|(id, exchange)| {
            first = first.or(Some(id));
            exchange.request.host().named_within(80)
        });
        (hosts.collect(), first)
    };
    let [(a, at), (b, other_at)] = sides.each_ref().map(of);
    if a == b {
        return None;
    }
    let words = |hosts: &BTreeSet<String>| match hosts.is_empty() {
        true => "does not".to_owned(),
        false => format!("to {}", named(hosts.iter().cloned().collect())),
    };
    let text = match (a.is_empty(), b.is_empty()) {
        (true, _) => format!("B redirects {}; A {}.", words(&b), words(&a)),
        (_, true) => format!("A redirects {}; B {}.", words(&a), words(&b)),
        _ => format!("A redirects {}, B {}.", words(&a), words(&b)),
    };
    let text = format!("{text} Clients follow redirects, but a firewall has to allow these hosts.");
    Some(Difference::unnoticed(Kind::Redirects, text).shown_by([at, other_at]))
}

/// The names of headers that one side alone sends.
fn others(answers: [&Response; 2]) -> Option<Difference> {
    let names = answers.map(|response| -> BTreeSet<&str> {
        let names = response.headers.iter().map(|(name, _)| name.as_str());
        names.filter(|name| !EXCEPT.contains(name)).collect()
    });
    let alone = |side: Side| -> Option<String> {
        let only = side.of(&names).difference(side.other().of(&names));
        let only: Vec<_> = only.map(|name| Untrusted::from(*name).printable_within(60)).collect();
        (!only.is_empty()).then(|| format!("{} alone sends {}.", side.name(), named(only)))
    };
    let sentences: Vec<_> = Side::BOTH.into_iter().filter_map(alone).collect();
    (!sentences.is_empty()).then(|| Difference::unnoticed(Kind::OtherHeaders, sentences.join(" ")))
}
