//! The input of a rule: the evidence of one run, and the client that the rule judges it for.

pub(crate) mod absence;
pub(crate) mod accept;
pub(crate) mod backend;
pub(crate) mod cached;
pub(crate) mod credentials;
pub(crate) mod network;
pub(crate) mod presented;
pub(crate) mod refusal;
pub(crate) mod registry;
pub(crate) mod retry;
pub(crate) mod signed_address;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::part::{Image, Part};
use crate::evidence::{
    Authentication, BodyKind, ErrorEntry, Exchange, ExchangeId, Failure, Journal, Matrix, Observation, Probe, Query,
    Record, Response, Variant, body_kind, error_entries, markup_words, variant,
};
use crate::image::Manifest;
use crate::oci::Reference;
use crate::text::Untrusted;

/// The evidence of one run.
pub struct Case<'a> {
    record: &'a Record,
    open: RefCell<Vec<Query>>,
    /// Answers that many rules need, computed for the first of them.
    pub(super) answers: Answers<'a>,
}

/// A variant that was served a document, with the exchange and the document.
pub(crate) type ServedVariant<'a> = (&'a Variant, ExchangeId, Observation);

/// Answers that many rules need about one case. They do not change: the answers to the requests of a case are in the next one.
#[derive(Default)]
pub(super) struct Answers<'a> {
    /// The entries of the index.
    pub children: OnceCell<Rc<[Part<'a>]>>,
    /// The image for the wanted platform.
    pub image: OnceCell<Option<Image>>,
    /// Its config.
    pub config: OnceCell<Option<Part<'a>>>,
    /// Its layers.
    pub layers: OnceCell<Rc<[Part<'a>]>>,
    /// Every variant that was served a document.
    pub all_served: OnceCell<Rc<[ServedVariant<'a>]>>,
    /// Whether the message of the client's refusal is about the server's backend.
    pub refused_by_backend: OnceCell<bool>,
}

impl<'a> Case<'a> {
    /// The case of one run.
    pub fn new(record: &'a Record) -> Self {
        Self { record, open: RefCell::default(), answers: Answers::default() }
    }

    /// All evidence of the run.
    pub fn record(&self) -> &'a Record {
        self.record
    }

    /// The requested reference.
    pub fn reference(&self) -> &'a Reference {
        &self.record.reference
    }

    /// The answers to all variants.
    pub fn matrix(&self) -> &'a Matrix {
        &self.record.matrix
    }

    /// Every exchange.
    pub fn journal(&self) -> &'a Journal {
        &self.record.journal
    }

    /// The authentication trace.
    pub fn authentication(&self) -> &'a Authentication {
        &self.record.authentication
    }

    /// The client that severities are judged for: the user's own, or a current one.
    pub fn asking(&self) -> Option<&'a Variant> {
        self.matrix().asking().map(|probe| &probe.variant)
    }

    /// The best answer to a variant: one with a body, if there is one.
    pub fn answer(&self, id: &str) -> Option<(ExchangeId, &'a Exchange)> {
        let shown = self.matrix().shown(self.matrix().probe(id)?, self.journal())?;
        Some((shown, self.journal().get(shown)))
    }

    /// The answer to the client. If its request was not sent, because the refusal of the leading variant had made it
    /// pointless, the answer is that refusal.
    pub fn decisive(&self) -> Option<(ExchangeId, &'a Exchange)> {
        let leading = || self.answer(variant::ALL).filter(|(_, exchange)| !exchange.is_success());
        self.answer(self.asking()?.id()).or_else(leading)
    }

    /// The failure of the client's request, if no answer came.
    pub fn failure(&self) -> Option<(ExchangeId, &'a Failure)> {
        let (id, exchange) = self.decisive()?;
        exchange.failure.as_ref().map(|failure| (id, failure))
    }

    /// The refusal of the client's request: an answer that is neither a success nor a redirect.
    pub fn refusal(&self) -> Option<(ExchangeId, &'a Response)> {
        let (id, exchange) = self.decisive()?;
        exchange.response.as_ref().filter(|response| response.status >= 400).map(|response| (id, response))
    }

    /// The document that the client was served.
    pub fn served(&self) -> Option<(ExchangeId, Observation)> {
        let (id, _) = self.decisive()?;
        self.journal().observation(id).map(|observation| (id, observation.clone()))
    }

    /// Every variant that was served a document, with that document.
    pub fn all_served(&self) -> Rc<[ServedVariant<'a>]> {
        let served = |probe: &'a Probe| {
            let (id, _) = self.answer(probe.variant.id())?;
            Some((&probe.variant, id, self.journal().observation(id)?.clone()))
        };
        Rc::clone(self.answers.all_served.get_or_init(|| self.matrix().probes.iter().filter_map(served).collect()))
    }

    /// Every variant that was refused, with the answer.
    pub fn all_refused(&self) -> Vec<(&'a Variant, ExchangeId, &'a Response)> {
        let probes = self.matrix().probes.iter();
        probes
            .filter_map(|probe| {
                let (id, exchange) = self.answer(probe.variant.id())?;
                let response = exchange.response.as_ref().filter(|response| response.status >= 400)?;
                Some((&probe.variant, id, response))
            })
            .collect()
    }

    /// The document that the client was served, if it is readable.
    pub fn document(&self) -> Option<(ExchangeId, Manifest)> {
        let (id, observation) = self.served()?;
        Some((id, observation.document?))
    }

    /// The redirects before an exchange, in order; empty if there are none.
    pub fn hops(&self, id: ExchangeId) -> Vec<(ExchangeId, &'a Exchange)> {
        let last = &self.journal().get(id).request;
        let before = self.journal().iter().rev().skip_while(|(other, _)| *other >= id);
        let mut hops: Vec<_> = before
            .take_while(|(_, hop)| {
                let same = hop.request.purpose == last.purpose && hop.request.method == last.method;
                same && hop.failure.is_none() && hop.status().is_some_and(|status| (300..400).contains(&status))
            })
            .collect();
        hops.reverse();
        hops
    }

    /// The host of an exchange, with its port unless that is the scheme's default; safe to print.
    pub fn host_of(&self, id: ExchangeId) -> String {
        self.journal().get(id).request.host().named_within(120)
    }

    /// The answer of the token server, if it was asked.
    pub fn token_answer(&self) -> Option<(ExchangeId, &'a Response)> {
        let id = self.authentication().token?;
        self.journal().get(id).response.as_ref().map(|response| (id, response))
    }

    /// Returns the exchange that answers a question. An unanswered question becomes an open one, unless this run must
    /// not ask it.
    pub fn ask(&self, question: Query) -> Option<(ExchangeId, &'a Exchange)> {
        self.ask_all(question)?.pop()
    }

    /// Returns every exchange that answers a question, as [`Case::ask`]: the pages of a list, the redirects before an
    /// answer.
    pub fn ask_all(&self, question: Query) -> Option<Vec<(ExchangeId, &'a Exchange)>> {
        if let Some(answered) = self.record.answered.iter().find(|answered| answered.query == question) {
            return Some(answered.exchanges.iter().map(|&id| (id, self.journal().get(id))).collect());
        }
        let mut open = self.open.borrow_mut();
        let allowed = self.record.depth.allows(&question);
        if allowed && !open.contains(&question) {
            open.push(question);
        }
        None
    }

    /// The questions that rules have asked and that have no answer yet.
    pub fn open_questions(&self) -> Vec<Query> {
        self.open.borrow().clone()
    }

    /// A quote of an exchange: the status, and the server's message.
    pub fn words(&self, id: ExchangeId) -> Untrusted {
        let exchange = self.journal().get(id);
        match (&exchange.response, &exchange.failure) {
            (Some(response), _) => response_words(response),
            (None, Some(failure)) => failure.message.clone(),
            (None, None) => Untrusted::default(),
        }
    }
}

/// The status of a response and its first words: those of its first error, the title of a page, the first line of a
/// text.
pub(crate) fn response_words(response: &Response) -> Untrusted {
    let first_error = || {
        let ErrorEntry { code, message, .. } = error_entries(response).into_iter().next()?;
        let parts = [code.as_str(), message.as_str()].map(str::trim);
        Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
    };
    let first_line = || {
        let is_text = response.status >= 400 && body_kind(response) == BodyKind::Text;
        let text = String::from_utf8_lossy(&response.body.bytes);
        text.lines().find(|line| is_text && !line.trim().is_empty()).map(|line| line.trim().to_owned())
    };
    let title = || markup_words(response).map(|words| words.as_str().to_owned());
    let status = response.status.to_string();
    let is_said =
        |said: &str| said.strip_prefix(&status).is_some_and(|rest| rest.starts_with([' ', ':']) || rest.is_empty());
    match first_error().or_else(title).or_else(first_line) {
        // `<title>403 Forbidden</title>`
        Some(said) if is_said(&said) => Untrusted::new(said),
        Some(said) => Untrusted::new(format!("{} {said}", response.status)),
        None => Untrusted::new(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    fn words(status: u16, body: &str) -> String {
        let kind = if body.starts_with('<') { "text/html" } else { "text/plain" };
        let exchange = answered("https://r.test/v2/", status, &[("content-type", kind)], body);
        response_words(exchange.response.as_ref().unwrap()).printable()
    }

    #[test]
    fn status_that_the_server_repeats_is_printed_once() {
        for (status, body, expected) in [
            (403, "<html><head><title>403 Forbidden</title></head></html>", "403 Forbidden"),
            (404, "404 page not found", "404 page not found"),
            (502, "<html><title>502: Bad gateway</title></html>", "502: Bad gateway"),
            (403, "403", "403"),
            (429, "429 Too Many Requests", "429 Too Many Requests"),
            (403, "<html><title>404 Not Found</title></html>", "403 404 Not Found"),
            (403, "<html><title>4035 items</title></html>", "403 4035 items"),
            (500, "it failed", "500 it failed"),
        ] {
            assert_eq!(words(status, body), expected, "{body}");
        }
    }
}
