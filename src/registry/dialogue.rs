//! A dialogue with the registry of one reference, which all commands and probes use for their requests.
//!
//! The results of one request are kept for the next: the scheme, and the grant for the repository. This module falls
//! back from HTTPS to plain HTTP, answers challenges, and numbers exchanges.

mod ahead;
mod answers;
mod received;
mod replay;
mod scheme;

use std::cell::RefCell;
use std::rc::Rc;

use url::Url;

use self::ahead::Ahead;
pub use self::ahead::Questions;
pub use self::answers::{MOST_QUERIES, Progress};
pub use self::received::Received;
use super::source::Source;
use super::{Access, Target};
use crate::auth::realm::Realm;
use crate::auth::{self, Grant};
use crate::endpoint::{NoAddress, base};
use crate::evidence::{Authentication, Exchange, ExchangeId, Journal, Outcome, Query, Record, Reply, is_from_in_front};
use crate::oci::{Origin, Place, Scheme};
use crate::transport::{Roots, Transport};

/// A dialogue with the registry of one reference.
pub struct Dialogue {
    record: Record,
    access: Access,
    source: Source,
    about_repository: bool,
    base: Url,
    grant: Option<Grant>,
    /// Tokens for requests that the dialogue makes anonymously, or for another repository.
    other_grants: Vec<Grant>,
    has_answered_a_challenge: bool,
    /// Requests that were sent before their round.
    ahead: RefCell<Ahead>,
}

/// The state of a registry from earlier commands, from which a dialogue may continue.
pub struct Earlier {
    /// The transport, with its connections.
    pub transport: Transport,
    /// The base URL of the registry.
    pub base: Url,
    /// The grant for the repository, and its authentication.
    pub standing: Option<Standing>,
}

/// The grant for one repository of a registry.
#[derive(Clone)]
pub struct Standing {
    /// The password or token.
    pub grant: Grant,
    /// The authentication that led to it.
    pub authentication: Authentication,
    /// The exchanges of that authentication.
    pub story: Vec<(ExchangeId, Exchange)>,
}

impl Dialogue {
    /// Creates a dialogue without prior state, which enters its observations in this record.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub fn new(mut record: Record, access: Access, transport: Transport) -> Result<Self, NoAddress> {
        record.authentication = Authentication::not_asked(access.credential);
        Self::begun(record, access, Source::Network(Rc::new(transport)))
    }

    fn begun(record: Record, access: Access, source: Source) -> Result<Self, NoAddress> {
        Ok(Self {
            base: base(&record.reference, Scheme::Https)?,
            about_repository: true,
            grant: None,
            other_grants: Vec::new(),
            has_answered_a_challenge: false,
            ahead: RefCell::default(),
            record,
            access,
            source,
        })
    }

    /// Restarts from earlier state, and continues the numbers of exchanges. Nothing has been sent yet.
    pub fn recall(&mut self, last_number: u64, earlier: Option<Earlier>) {
        let mut story = Vec::new();
        (self.grant, self.record.authentication) =
            (None, Authentication::not_asked(self.record.authentication.credential));
        if let Some(Earlier { transport, base, standing }) = earlier {
            (self.source, self.record.origin, self.base) =
                (Source::Network(Rc::new(transport)), Origin::of(&base), base);
            if let Some(standing) = standing {
                (self.grant, self.record.authentication, story) =
                    (Some(standing.grant), standing.authentication, standing.story);
            }
        }
        self.record.journal = Journal::after(last_number, story);
    }

    /// Switches the dialogue to the registry itself, so that only the reference's host matters: tokens are requested
    /// without a repository, but with the challenge's own scope if that is the catalog's or a single word.
    pub fn leave_repository(&mut self) {
        self.about_repository = false;
    }

    /// All observations so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The record, to note observations made outside the registry.
    pub fn record_mut(&mut self) -> &mut Record {
        &mut self.record
    }

    /// The repository of the dialogue; `None` for the registry itself.
    pub fn repository(&self) -> Option<&str> {
        self.about_repository.then(|| self.record.reference.repository())
    }

    /// Whether a challenge was answered in this dialogue, and not only in an earlier one.
    pub fn has_answered_a_challenge(&self) -> bool {
        self.has_answered_a_challenge
    }

    /// The grant for the repository.
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// All grants that the dialogue has received, which are secret.
    pub fn grants(&self) -> Vec<&Grant> {
        let of_this_run = self.grant.iter().chain(&self.other_grants);
        of_this_run.filter(|_| !self.is_of_recording()).collect()
    }

    /// The transport; `None` if a recording answers.
    pub fn transport(&self) -> Option<&Transport> {
        self.source.transport()
    }

    /// Whether no more requests should be sent.
    pub fn is_stopped(&self) -> bool {
        self.source.is_stopped()
    }

    /// The source of the trusted authorities; `None` if none were needed.
    pub fn roots(&self) -> Option<Roots> {
        self.source.roots()
    }

    /// The passwords of proxies in the environment, which have to be kept out of every output.
    pub fn proxy_passwords(&self) -> Vec<String> {
        self.source.proxy_passwords()
    }

    /// The base URL of the API, with the scheme in use as far as it is known.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The realm that the registry named, and whether it may receive credentials. `None` if there is none, or none that
    /// may be contacted.
    pub fn realm(&self) -> Option<Realm> {
        let seen = self.record.authentication.challenge.as_ref()?;
        // The realm of any other scheme is text for people, not an address (RFC 9110, section 11.5).
        let named = seen.realm.as_ref().filter(|_| seen.scheme.as_str().eq_ignore_ascii_case("bearer"))?;
        let challenged_by = self.record.authentication.challenged_by.map(|id| self.record.journal.get(id));
        let place = challenged_by.and_then(|exchange| exchange.connection.place).unwrap_or(Place::ELSEWHERE);
        self.access.judge(named, &self.base, place)
    }

    /// Takes the record out of a finished dialogue. The remainder has no exchanges.
    pub fn take_record(&mut self) -> Record {
        let Record { reference, depth, platform, .. } = &self.record;
        let begun = Record::new(reference.clone(), *depth, platform.clone());
        std::mem::replace(&mut self.record, begun)
    }

    /// Sends a query; if it is refused with a challenge, answers that and sends it again. Returns the exchanges of the
    /// answer: redirects or pages, of which the last is final.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn ask(&mut self, query: &Query) -> Result<Vec<ExchangeId>, NoAddress> {
        let is_tentative = self.choose_scheme().await?;
        let ids = self.ask_here(query).await;
        let falls_back = match ids.last() {
            Some(&last) if is_tentative => self.falls_back_after(last)?,
            _ => false,
        };
        if falls_back { Ok(self.ask_here(query).await) } else { Ok(ids) }
    }

    /// Keeps an answer as the answer to a rule's query.
    pub fn keep_answer(&mut self, query: Query, exchanges: Vec<ExchangeId>) {
        self.record.answered.push(Reply { query, exchanges });
    }

    async fn ask_here(&mut self, query: &Query) -> Vec<ExchangeId> {
        self.record.journal.begin_round();
        let exchanges = self.send(query).await;
        let mut ids = self.enter(query, exchanges);
        if let Some(&refused) = ids.last().filter(|&&id| self.is_refused(id)) {
            Box::pin(self.authenticate(refused)).await;
            if self.grant.is_some() {
                self.record.journal.begin_round();
                let exchanges = self.send(query).await;
                ids = self.enter(query, exchanges);
            }
        }
        if let Some(&last) = ids.last() {
            self.conclude(last);
        }
        ids
    }

    /// Notes that the next requests depend on all answers so far.
    pub fn begin_round(&mut self) {
        self.record.journal.begin_round();
    }

    /// Numbers the exchanges of a query.
    pub fn enter(&mut self, query: &Query, exchanges: Vec<Exchange>) -> Vec<ExchangeId> {
        let ids: Vec<_> = exchanges.into_iter().map(|exchange| self.record.journal.enter(exchange)).collect();
        self.record.asked.push(Reply { query: query.clone(), exchanges: ids.clone() });
        ids
    }

    /// Performs a TLS handshake with the registry, over which nothing is sent. Also returns the presented certificates
    /// in DER.
    ///
    /// `None` if a recording answers: it has the contents of certificates, but not their bytes.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn handshake(&mut self) -> Result<Option<(ExchangeId, Vec<Vec<u8>>)>, NoAddress> {
        let address = base(&self.record.reference, Scheme::Https)?;
        let Source::Network(transport) = &self.source else { return Ok(None) };
        self.record.journal.begin_round();
        let (exchange, certificates) = transport.handshake(&address).await;
        Ok(Some((self.record.journal.enter(exchange), certificates)))
    }

    /// Answers the challenge of a refusal, once. Afterwards there may be a grant.
    pub async fn authenticate(&mut self, refused: ExchangeId) {
        let exchange = self.record.journal.get(refused);
        let credentials = self.access.credentials.as_ref();
        let repository = self.repository();
        let answered = match &self.source {
            Source::Network(transport) => {
                self.access.answer(transport, credentials, &self.target(), repository, exchange).await
            }
            Source::Recording(recording) => match recording.next_story() {
                Some(answered) => answered,
                // The recorded run did not answer it either.
                None => return,
            },
        };
        let auth::Handshake { challenge, token, token_shape, token_claims, token_lifetime, token_remarks, .. } =
            answered;
        let token = token.map(|exchange| {
            self.record.journal.begin_round();
            self.record.journal.enter(exchange)
        });
        let story = &mut self.record.authentication;
        story.note_over_http(answered.over_http);
        *story = Authentication {
            credential: story.credential,
            over_http: story.over_http,
            challenged_by: Some(refused),
            token: token.or(story.token),
            outcome: answered.outcome,
            challenge,
            token_shape,
            token_claims,
            token_lifetime,
            token_remarks,
            granted: answered.grant.as_ref().map(Grant::form),
        };
        let story = Authentication { token, ..self.record.authentication.clone() };
        self.record.stories.push(story);
        self.grant = answered.grant;
        self.has_answered_a_challenge = true;
    }

    /// Whether the registry itself requires authentication. A server that it redirects to must receive neither the
    /// credentials for the registry nor a token obtained with them (CVE-2020-15157).
    pub fn is_refused(&self, id: ExchangeId) -> bool {
        let exchange = self.record.journal.get(id);
        exchange.status() == Some(401) && Origin::of(&exchange.request.url) == Origin::of(&self.base)
    }

    /// Records the outcome of authentication, as far as the last answer shows it: the credentials do not count as
    /// accepted if something in front of the registry gave that answer.
    pub fn conclude(&mut self, last: ExchangeId) {
        if self.grant.is_some() && self.is_refused(last) {
            self.record.authentication.outcome = Outcome::Rejected;
        } else if self.record.authentication.outcome == Outcome::Accepted
            && is_from_in_front(self.record.journal.get(last))
        {
            self.record.authentication.outcome = Outcome::Unjudged;
        }
    }

    /// The repository, on the origin that answers for its registry.
    fn target(&self) -> Target {
        Target {
            base: self.base.clone(),
            repository: self.record.reference.repository().to_owned(),
            selector: self.record.reference.selector(),
            headers: self.access.headers.clone(),
        }
    }
}
