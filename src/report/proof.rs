//! The proof of a finding: requests, each with the words in its answer that matter.

use super::address::with_short_digests;
use super::layout::Cited;
use super::requests::{outcome, request};
use super::value::{Report, ShownExchange};
use crate::diagnosis::{Finding, Quote};
use crate::text::cut;

/// The most characters of words in a proof.
const WORDS: usize = 300;
/// The widest request, in columns, that others are aligned with.
const ALIGNED: usize = 48;

/// The proof of a finding in full.
pub(super) fn whole_proof(report: &Report, finding: &Finding) -> Vec<Cited> {
    proof(report, finding, usize::MAX, WORDS, false)
}

/// At most so many proofs of a finding, each with so many characters of words, and digests as short as they can be told
/// apart; what a server says keeps its digests.
pub(super) fn short_proof(report: &Report, finding: &Finding, most: usize, longest: usize) -> Vec<Cited> {
    proof(report, finding, most, longest, true)
}

fn proof(report: &Report, finding: &Finding, most: usize, longest: usize, is_short: bool) -> Vec<Cited> {
    let asked = |quote: &Quote| {
        let exchange = report.exchange(quote.exchange)?;
        let asked = request(report, exchange);
        Some(if is_short { without_the_middle(&asked) } else { asked })
    };
    let mut quotes: Vec<Vec<&Quote>> = Vec::new();
    for quote in &finding.evidence {
        match quotes.last_mut().filter(|last| is_short && last.iter().all(|one| one.exchange == quote.exchange)) {
            Some(last) => last.push(quote),
            None => quotes.push(vec![quote]),
        }
    }
    quotes.truncate(most);
    // Statuses are aligned where requests are of about one length.
    let firsts = || quotes.iter().filter_map(|quotes| quotes.first());
    let widths = firsts().filter_map(|quote| asked(quote)).map(|request| request.chars().count());
    let widest = widths.max().filter(|widest| *widest <= ALIGNED).unwrap_or_default();
    let numbers = firsts().map(|quote| quote.exchange.to_string().len()).max().unwrap_or_default();
    let cited = |quotes: &Vec<&Quote>| {
        let first = quotes.first()?;
        let exchange = report.exchange(first.exchange);
        let speaker = speaker(report, first, exchange);
        let number = format!("#{:<numbers$}", first.exchange.to_string());
        let status = exchange.map(outcome).unwrap_or_default();
        let request = match asked(first) {
            Some(asked) => format!("{number}  {asked:<widest$}  {status}"),
            None => number.trim_end().to_owned(),
        };
        let words = quotes.iter().map(|quote| {
            let words = quote.quote.printable();
            let words = if is_short && speaker.is_none() { with_short_digests(&words) } else { words };
            let words = cut(&words, longest);
            without_status(&words, &status)
        });
        let words: Vec<_> = words.filter(|words| !words.is_empty()).collect();
        Some(Cited { request, speaker, words: words.join("; ") })
    };
    quotes.iter().filter_map(cited).collect()
}

/// Words without the status of their exchange, which precedes them already.
pub(super) fn without_status(words: &str, status: &str) -> String {
    words.strip_prefix(status).map_or(words, str::trim_start).to_owned()
}

/// A request without the middle of a long path: `GET s3.example/…/data?…`.
fn without_the_middle(request: &str) -> String {
    let parts = request.split_once('/').and_then(|(before, rest)| Some((before, rest.rsplit_once('/')?.1)));
    match parts {
        Some((before, last)) if request.chars().count() > ALIGNED && !before.ends_with(['…', ' ']) => {
            format!("{before}/…/{last}")
        }
        _ => request.to_owned(),
    }
}

/// Who said the words of a quote, where that is a server which refused.
pub(super) fn speaker(report: &Report, quote: &Quote, exchange: Option<&ShownExchange>) -> Option<&'static str> {
    let exchange = exchange.filter(|_| !quote.is_remark)?;
    let response = exchange.response.as_ref()?;
    let is_own = exchange.url.strip_prefix(&report.origin).is_some_and(|rest| rest.starts_with('/'));
    match (response.status, exchange.purpose) {
        (..400, _) => None,
        (_, "token") => Some("token service says"),
        _ if is_own => Some("registry says"),
        _ => Some("server says"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_path_on_another_host_loses_its_middle() {
        let long = "GET cdn.example.com/docker/registry/v2/blobs/sha256/d8/d86be314/data?…";
        assert_eq!(without_the_middle(long), "GET cdn.example.com/…/data?…");
        let own = "HEAD /v2/library/ociscope-no-such-repository/manifests/latest";
        for kept in ["GET …/manifests/1.0", "GET cdn.example.com/data", "GET /v2/", own] {
            assert_eq!(without_the_middle(kept), kept);
        }
        let tag = format!("GET …/manifests/{}", "x".repeat(100));
        assert_eq!(without_the_middle(&tag), tag);
    }
}
