//! Requests for the parts of an image that are sent before their round: as soon as the manifest of the image is there,
//! while other queries are still open.
//!
//! Their answers wait here until the rules ask for them. The journal, the rounds and a recording are therefore those of a
//! run that sends one round after the other, whichever answer arrives first.

use std::collections::VecDeque;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::Dialogue;
use super::received::{AT_ONCE, Received};
use crate::evidence::{Exchange, Method, Query, Record, Reply};
use crate::registry::RegistryClient;
use crate::registry::source::Source;

/// Returns the queries that rules make of a record.
pub type Questions<'a> = dyn Fn(&Record) -> Vec<Query> + 'a;

/// The requests that were sent before their round, and those that are to be sent.
#[derive(Default)]
pub(super) struct Ahead {
    waiting: VecDeque<Query>,
    open: FuturesUnordered<LocalBoxFuture<'static, Received>>,
    /// In the order of the requests.
    sent: Vec<Sent>,
}

/// A query that was sent before its round, and its answer once that is there.
struct Sent {
    query: Query,
    answer: Option<Received>,
}

impl Ahead {
    /// The number of requests in progress.
    pub fn in_progress(&self) -> usize {
        self.open.len()
    }

    /// Whether this query was sent, and its answer was not taken yet.
    pub fn has_sent(&self, query: &Query) -> bool {
        self.sent.iter().any(|sent| sent.query == *query)
    }

    /// Adds queries to send.
    pub fn plan(&mut self, queries: Vec<Query>) {
        self.waiting.extend(queries);
    }

    /// Leaves a query that was not sent yet to its round.
    pub fn leave(&mut self, query: &Query) {
        self.waiting.retain(|waiting| waiting != query);
    }

    /// Sends planned queries, up to the bound on requests in progress; `others` of them are the round's own.
    pub fn send(&mut self, dialogue: &Dialogue, others: usize) {
        while self.open.len() + others < AT_ONCE
            && let Some(query) = self.waiting.pop_front()
        {
            self.open.push(dialogue.receive_part(query.clone()));
            self.sent.push(Sent { query, answer: None });
        }
    }

    /// Waits for the next answer, keeps it, and returns its query; `None` if no request is in progress.
    pub async fn next(&mut self) -> Option<Query> {
        let received = self.open.next().await?;
        let query = received.query.clone();
        if let Some(sent) = self.sent.iter_mut().find(|sent| sent.query == query) {
            sent.answer = Some(received);
        }
        Some(query)
    }

    /// Takes the answer to a query, if it is there.
    pub fn take(&mut self, query: &Query) -> Option<Received> {
        let at = self.sent.iter().position(|sent| sent.query == *query && sent.answer.is_some())?;
        self.sent.remove(at).answer
    }
}

impl Dialogue {
    /// The queries for the config and the layers of an image that its manifest makes possible, before the round that it
    /// belongs to has ended. `round` has the queries of that round.
    ///
    /// The questions are those about the record before the round, with this answer added, so they do not depend on the
    /// order in which other answers arrive.
    pub(super) fn foreseen(&self, received: &Received, round: &[Query], questions: &Questions<'_>) -> Vec<Query> {
        if self.is_stopped() || !received.exchanges.last().is_some_and(Exchange::is_success) {
            return Vec::new();
        }
        let mut record = self.record.clone();
        let exchanges = received.exchanges.iter().map(|exchange| record.journal.enter(exchange.clone())).collect();
        record.answered.push(Reply { query: received.query.clone(), exchanges });
        let mut foreseen = questions(&record);
        foreseen.retain(|query| is_about_a_part(query) && !round.contains(query));
        self.room(round).admit(foreseen).0
    }

    /// Waits for queries that were sent before their round and that no rule asked for afterwards, and enters them as a
    /// round of their own.
    pub async fn enter_unasked(&mut self) {
        let mut ahead = self.ahead.take();
        while ahead.next().await.is_some() {}
        let received: Vec<_> = ahead.sent.into_iter().filter_map(|sent| sent.answer).collect();
        if !received.is_empty() {
            self.begin_round();
            self.enter_all(received);
        }
    }

    /// Answers a query about a part of an image, without borrowing the dialogue.
    fn receive_part(&self, query: Query) -> LocalBoxFuture<'static, Received> {
        let grants = Vec::new();
        match &self.source {
            Source::Recording(recording) => {
                let exchanges = recording.answer(&query);
                Box::pin(std::future::ready(Received { query, exchanges, grants }))
            }
            Source::Network(transport) => {
                let (transport, target, grant) = (Rc::clone(transport), self.target(), self.grant.clone());
                Box::pin(async move {
                    let client = RegistryClient { transport: &transport, target };
                    let exchanges = match transport.is_stopped() {
                        true => Vec::new(),
                        false => client.part(&query, grant.as_ref()).await.unwrap_or_default(),
                    };
                    Received { query, exchanges, grants }
                })
            }
        }
    }
}

/// Whether this query fetches the manifest of one entry of an index.
pub(super) fn fetches_an_image(query: &Query) -> bool {
    matches!(query, Query::Child(_, Method::Get))
}

/// Whether this query is about the config or a layer of an image.
fn is_about_a_part(query: &Query) -> bool {
    query.is_about_a_layer() || matches!(query, Query::Config(_) | Query::HasBlob(_))
}
