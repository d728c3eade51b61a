//! The answers of one probe, side by side.
//!
//! Twelve variants usually get two to four different answers. [`Matrix`] records which variant got which, and separates
//! the two methods if a registry was sent HEAD first.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::variant::{ALL, ASKED};
use super::{Exchange, ExchangeId, Journal, Response, Variant, error_entries};
use crate::text::Untrusted;

/// One variant with its answer.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The variant.
    pub variant: Variant,
    /// The exchange of its answer: the last hop of redirects, the one after authentication. `None` if the variant was
    /// not sent, because the answer to another had made it pointless.
    pub exchange: Option<ExchangeId>,
    /// The index of its answer among the distinct ones.
    pub answer: Option<usize>,
}

/// One of the distinct answers.
#[derive(Debug, Clone)]
pub struct DistinctAnswer {
    /// `A`, `B`, …
    pub name: String,
    /// The variants that got it, as indexes into [`Matrix::probes`], in order.
    pub probes: Vec<usize>,
    /// The most informative exchange: one with a body, if there is one.
    pub exchange: ExchangeId,
    /// Whether it repeats each variant's own `Accept` header, and that is the only difference.
    pub repeats_accept: bool,
}

/// The results of a probe.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// One for each variant, in their order.
    pub probes: Vec<Probe>,
    /// The distinct answers: first the one that current clients get, then those with content, then the others.
    pub answers: Vec<DistinctAnswer>,
    /// Pairs of the same request by the two methods, whose answers should agree: HEAD first.
    pub pairs: Vec<(ExchangeId, ExchangeId)>,
}

/// Only the requests are recorded; the groups follow from their answers ([`Matrix::restored`]).
impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let probes: Vec<_> = self.probes.iter().map(|probe| (&probe.variant, probe.exchange)).collect();
        (probes, &self.pairs).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Matrix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (probes, pairs) = <(Vec<(Variant, Option<ExchangeId>)>, _)>::deserialize(deserializer)?;
        let probe = |(variant, exchange)| Probe { variant, exchange, answer: None };
        Ok(Self { probes: probes.into_iter().map(probe).collect(), answers: Vec::new(), pairs })
    }
}

impl Matrix {
    /// Restores the groups of a matrix that was read.
    pub(super) fn restored(self, journal: &Journal) -> Self {
        let probes = self.probes.into_iter().map(|probe| (probe.variant, probe.exchange));
        Self::new(probes.collect(), self.pairs, journal)
    }

    /// Groups probes by their answers. `pairs` are HEAD exchanges, each with the GET exchange that repeats it and
    /// replaces it where a body is needed.
    pub fn new(
        probes: Vec<(Variant, Option<ExchangeId>)>,
        pairs: Vec<(ExchangeId, ExchangeId)>,
        journal: &Journal,
    ) -> Self {
        let mut probes: Vec<Probe> =
            probes.into_iter().map(|(variant, exchange)| Probe { variant, exchange, answer: None }).collect();
        let mut groups: Vec<(AnswerKey, Vec<usize>)> = Vec::new();
        let mut told_its_accept = vec![false; probes.len()];
        for (index, probe) in probes.iter().enumerate() {
            let Some(exchange) = probe.exchange else { continue };
            let (key, repeats_accept) = AnswerKey::of(journal.get(exchange));
            told_its_accept[index] = repeats_accept;
            match groups.iter_mut().find(|(other, _)| *other == key) {
                Some((_, members)) => members.push(index),
                None => groups.push((key, vec![index])),
            }
        }
        let current = probes.iter().position(|probe| probe.variant.id() == ALL);
        let is_current = |members: &[usize]| current.is_some_and(|current| members.contains(&current));
        groups.sort_by_key(|(key, members)| (!is_current(members), !key.is_content(), members[0]));
        let mut answers = Vec::new();
        for (number, (_, members)) in groups.into_iter().enumerate() {
            let shown = members.iter().find_map(|&member| probes[member].exchange);
            let Some(mut exchange) = shown else { continue };
            for &member in &members {
                probes[member].answer = Some(number);
                if let Some(&(_, get)) = pairs.iter().find(|(head, _)| Some(*head) == probes[member].exchange) {
                    exchange = get;
                }
            }
            let repeats_accept = members.len() > 1 && members.iter().any(|&member| told_its_accept[member]);
            answers.push(DistinctAnswer { name: answer_name(number), probes: members, exchange, repeats_accept });
        }
        Self { probes, answers, pairs }
    }

    /// The probe of a variant.
    pub fn probe(&self, id: &str) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.variant.id() == id)
    }

    /// The probe of the asking client: the user's own, else a current one.
    pub fn asking(&self) -> Option<&Probe> {
        self.probe(ASKED).or_else(|| self.probe(ALL))
    }

    /// The most informative exchange of a probe. A HEAD has no body, so this is the GET that repeats it, for this
    /// variant or for one with the same answer.
    pub fn shown(&self, probe: &Probe, journal: &Journal) -> Option<ExchangeId> {
        let own = probe.exchange?;
        let repeated = self.pairs.iter().find(|(head, _)| *head == own).map(|&(_, get)| get);
        let stands_for = || probe.answer.map(|answer| self.answers[answer].exchange);
        let method = |id: ExchangeId| journal.get(id).request.method;
        Some(repeated.or_else(stands_for).filter(|&other| method(other) != method(own)).unwrap_or(own))
    }
}

/// `A` to `Z`, then `A2` and so on, although there are never that many.
fn answer_name(number: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    if number < 26 { letter.to_string() } else { format!("{letter}{}", number / 26 + 1) }
}

/// The key by which answers are grouped.
///
/// Dates, request ids and the fresh signature of a schema 1 document differ between equal answers, so content is
/// compared by the digest that the server names, and error bodies by codes and messages.
#[derive(Debug, Clone, PartialEq, Eq)]
enum AnswerKey {
    Failed(&'static str),
    Content { status: u16, served: Option<Untrusted>, digest: Option<Untrusted>, size: Option<u64> },
    Refusal { status: u16, served: Option<Untrusted>, said: Vec<(Untrusted, Untrusted)>, size: Option<u64> },
}

impl AnswerKey {
    /// The key of an answer, and whether the client's own `Accept` header was removed from it.
    fn of(exchange: &Exchange) -> (Self, bool) {
        let Some(response) = &exchange.response else {
            let kind = exchange.failure.as_ref().map_or("other", |failure| failure.kind.as_str());
            return (Self::Failed(kind), false);
        };
        let served = response.served_type();
        if (200..300).contains(&response.status) {
            let digest = response.header("docker-content-digest").cloned();
            let size = if digest.is_some() { None } else { announced_size(response) };
            return (Self::Content { status: response.status, served, digest, size }, false);
        }
        let accept = accept_of(exchange);
        let mut repeats_accept = false;
        let mut said = Vec::new();
        for entry in error_entries(response) {
            let without = without_accept(&entry.message, &accept);
            repeats_accept |= without.is_some();
            said.push((entry.code, without.unwrap_or(entry.message)));
        }
        let size = if said.is_empty() { announced_size(response) } else { None };
        (Self::Refusal { status: response.status, served, said, size }, repeats_accept)
    }

    fn is_content(&self) -> bool {
        matches!(self, Self::Content { .. })
    }
}

/// The `Accept` header as a registry repeats it.
fn accept_of(exchange: &Exchange) -> String {
    let lines = exchange.request.headers.iter().filter(|header| header.name == "accept");
    lines.filter_map(|header| header.value.sent_text()).collect::<Vec<_>>().join(",")
}

/// A message without the client's own `Accept` header, which Google's registries repeat in quotes: that does not make
/// it another answer. `None` for any other message.
fn without_accept(message: &Untrusted, accept: &str) -> Option<Untrusted> {
    let quoted = format!("'{accept}'");
    let (before, after) = message.as_str().rsplit_once(&quoted)?;
    Some(Untrusted::new(format!("{before}'the Accept header'{after}")))
}

/// The announced length, else that of the body.
fn announced_size(response: &Response) -> Option<u64> {
    let announced = response.header("content-length").and_then(|value| value.as_str().parse().ok());
    announced.or((response.body.size > 0).then_some(response.body.size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Method;
    use crate::evidence::RequestHeader;
    use crate::evidence::testing::answered;

    fn exchange(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
        answered("http://r.test/v2/a/manifests/1", status, headers, body)
    }

    /// The letters of the twelve variants when each gets the exchange that `answer` returns for its name.
    fn letters(answer: impl Fn(&str) -> Exchange) -> String {
        let mut journal = Journal::default();
        let twelve = Variant::twelve().into_iter();
        let probes = twelve.map(|variant| {
            let id = journal.enter(answer(variant.id()));
            (variant, Some(id))
        });
        let probes: Vec<_> = probes.collect();
        let matrix = Matrix::new(probes, Vec::new(), &journal);
        matrix.probes.iter().map(|probe| matrix.answers[probe.answer.unwrap()].name.clone()).collect()
    }

    #[test]
    fn what_current_clients_get_comes_first() {
        let letters = letters(|id| match id {
            "all" | "oci-index" => exchange(200, &[("docker-content-digest", "sha256:a")], "{}"),
            _ => exchange(404, &[], r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
        });
        assert_eq!(letters, "BBBBBABBBBBA");
    }

    #[test]
    fn dates_and_fresh_signatures_do_not_make_another_answer() {
        let letters = letters(|id| {
            let digest = ("docker-content-digest", "sha256:a");
            match id {
                "json" => exchange(200, &[digest, ("date", "today")], r#"{"signatures":1}"#),
                _ => exchange(200, &[digest, ("date", "tomorrow")], r#"{"signatures":2}"#),
            }
        });
        assert_eq!(letters, "A".repeat(12));
    }

    #[test]
    fn another_sentence_is_another_answer() {
        let letters = letters(|id| match id {
            "none" => exchange(404, &[], r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"a"}]}"#),
            _ => exchange(404, &[], r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"b"}]}"#),
        });
        assert_eq!(letters, "AAAAAAAAAABA");
    }

    /// The message of Google's registry (appc/docker2aci#255), which also quotes a type that is not the client's.
    #[test]
    fn an_accept_header_that_is_repeated_does_not_make_another_answer() {
        let mut journal = Journal::default();
        let probes = Variant::twelve().into_iter().map(|variant| {
            let accept = variant.accept().join(",");
            let message = format!("Manifest has media type 'application/json', but client accepts '{accept}'.");
            let body = format!(r#"{{"errors":[{{"code":"MANIFEST_UNKNOWN","message":"{message}"}}]}}"#);
            let mut refused = exchange(404, &[("content-length", &body.len().to_string())], &body);
            refused.request.headers = variant.accept().iter().map(|line| RequestHeader::sent("accept", line)).collect();
            (variant, Some(journal.enter(refused)))
        });
        let matrix = Matrix::new(probes.collect(), Vec::new(), &journal);
        assert_eq!(matrix.answers.len(), 1);
        assert!(matrix.answers[0].repeats_accept);
    }

    #[test]
    fn the_get_that_repeats_one_head_shows_the_answer_of_all_that_are_alike() {
        let digest = [("docker-content-digest", "sha256:a")];
        let mut journal = Journal::default();
        let mut by_head = || {
            let mut head = exchange(200, &digest, "");
            head.request.method = Method::Head;
            journal.enter(head)
        };
        let heads = [by_head(), by_head()];
        let get = journal.enter(exchange(200, &digest, "{}"));
        let probes = Variant::twelve().into_iter().zip(heads.map(Some)).collect();
        let matrix = Matrix::new(probes, vec![(heads[0], get)], &journal);
        assert!(matrix.probes.iter().all(|probe| matrix.shown(probe, &journal) == Some(get)));
    }

    #[test]
    fn there_is_a_name_for_every_answer() {
        assert_eq!([0, 25, 26].map(answer_name), ["A", "Z", "A2"]);
    }
}
