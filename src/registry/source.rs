//! The source of answers: a network, which may be the lab's, or a recording. Code above a dialogue does not know which.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use crate::auth::{self, Grant};
use crate::evidence::{Authentication, Exchange, ExchangeId, Journal, Query, Record};
use crate::transport::{Roots, Transport};

/// The source of answers.
pub(super) enum Source {
    /// Requests are sent.
    Network(Rc<Transport>),
    /// Requests were sent once, and none are sent now.
    Recording(Box<Recording>),
}

impl Source {
    /// The transport, if requests are sent.
    pub fn transport(&self) -> Option<&Transport> {
        match self {
            Self::Network(transport) => Some(transport),
            Self::Recording(_) => None,
        }
    }

    /// Whether no more requests should be sent.
    pub fn is_stopped(&self) -> bool {
        self.transport().is_some_and(Transport::is_stopped)
    }

    /// The source of the trusted authorities; `None` if none were needed.
    pub fn roots(&self) -> Option<Roots> {
        self.transport().and_then(Transport::roots)
    }

    /// The passwords of proxies in the environment.
    pub fn proxy_passwords(&self) -> Vec<String> {
        self.transport().map(Transport::proxy_passwords).unwrap_or_default()
    }
}

/// The exchanges of a recorded run, replayed in the same order.
///
/// A query that was made three times has three answers. One that was not made has none, regardless of other queries.
pub(super) struct Recording {
    journal: Journal,
    asked: RefCell<VecDeque<(Query, Vec<ExchangeId>)>>,
    stories: RefCell<VecDeque<Authentication>>,
    /// The number of queries that it has no answer to.
    unrecorded: Cell<usize>,
    /// Whether plain HTTP was to be tried if HTTPS is not spoken.
    pub may_be_plain: bool,
}

impl Recording {
    pub fn of(record: &Record) -> Self {
        let asked = record.asked.iter().map(|asked| (asked.query.clone(), asked.exchanges.clone()));
        Self {
            journal: record.journal.clone(),
            asked: RefCell::new(asked.collect()),
            stories: RefCell::new(record.stories.iter().cloned().collect()),
            unrecorded: Cell::default(),
            may_be_plain: record.may_be_plain,
        }
    }

    /// The answer to a query; empty if it was not made, or not as often.
    pub fn answer(&self, query: &Query) -> Vec<Exchange> {
        let mut asked = self.asked.borrow_mut();
        let Some(at) = asked.iter().position(|(other, _)| is_same(other, query)) else {
            self.unrecorded.set(self.unrecorded.get() + 1);
            return Vec::new();
        };
        let ids = asked.remove(at).map(|(_, ids)| ids).unwrap_or_default();
        ids.into_iter().map(|id| self.journal.get(id).clone()).collect()
    }

    /// Whether there is an answer to a query that was not given yet.
    pub fn has(&self, query: &Query) -> bool {
        self.asked.borrow().iter().any(|(other, exchanges)| is_same(other, query) && !exchanges.is_empty())
    }

    /// The number of queries so far that it has no answer to.
    pub fn unrecorded(&self) -> usize {
        self.unrecorded.get()
    }

    /// The outcome of the next challenge. The grant of that time is worthless now.
    pub fn next_story(&self) -> Option<auth::Handshake> {
        let story = self.stories.borrow_mut().pop_front()?;
        let grant = story.granted.map(Grant::worthless);
        Some(auth::Handshake {
            challenge: story.challenge,
            token: story.token.map(|id| self.journal.get(id).clone()),
            token_shape: story.token_shape,
            token_claims: story.token_claims,
            token_lifetime: story.token_lifetime,
            token_remarks: story.token_remarks,
            grant,
            over_http: story.over_http,
            outcome: story.outcome,
        })
    }
}

/// Whether two queries send the same request: variants with the same `Accept` header do, whatever they are called.
fn is_same(one: &Query, other: &Query) -> bool {
    match (one, other) {
        (Query::Manifest(method, one), Query::Manifest(other_method, other)) => {
            method == other_method && one.accept() == other.accept()
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;
    use crate::evidence::{Depth, ListOf, Reply};
    use crate::oci::{Platform, Reference};

    /// Each page of a list is a query of its own, and is replayed by its name, also from a sealed recording.
    #[test]
    fn pages_of_a_list_are_replayed_by_their_names() {
        let reference = Reference::parse("r.test/a/b").unwrap();
        let mut record = Record::new(reference, Depth::Probe, Platform::of_this_machine());
        let names = [None, Some("/v2/a/b/tags/list?last=1"), Some("/v2/a/b/tags/list?last=2&n=5"), Some("//x/y")];
        let lists = [ListOf::Tags, ListOf::Repositories];
        let queries = || {
            let of = |list: &ListOf| names.map(|name| Query::Page(list.clone(), name.map(str::to_owned)));
            lists.iter().flat_map(of).collect::<Vec<_>>()
        };
        for (number, query) in queries().into_iter().enumerate() {
            let exchange = answered("https://r.test/v2/", 200, &[], &number.to_string());
            let exchanges = vec![record.journal.enter(exchange)];
            record.asked.push(Reply { query, exchanges });
        }
        let written = serde_json::to_string(&record).unwrap();
        let recording = Recording::of(&Record::read(written.as_bytes()).unwrap());
        let body = |query: &Query| {
            let exchanges = recording.answer(query);
            exchanges.last().map(|page| page.response.as_ref().unwrap().body.bytes.to_vec())
        };
        for (number, query) in queries().iter().enumerate().rev() {
            assert_eq!(body(query), Some(number.to_string().into_bytes()), "{query:?}");
        }
        assert_eq!(body(&Query::Page(ListOf::Tags, Some("/v2/a/b/tags/list?last=3".to_owned()))), None);
        assert_eq!(body(&Query::Tags), None);
    }
}
