//! A dialogue with the registry of one reference: every command and every probe asks through it.
//!
//! What one request has taught is kept for the next: the scheme that is spoken, and what may be sent to the repository.
//! HTTPS is given up for plain HTTP here, challenges are answered here, and exchanges get their numbers here.

mod answers;

use url::Url;

pub use self::answers::{MOST_QUERIES, Progress, Received};
use super::source::{Recording, Source};
use super::{Access, Target};
use crate::auth::realm::Realm;
use crate::auth::{self, Grant};
use crate::endpoint::{NoAddress, base};
use crate::evidence::{
    Authentication, Exchange, ExchangeId, FailureKind, Journal, Outcome, Query, Record, Reply, is_from_in_front,
};
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
    /// Tokens for requests that the dialogue makes as a stranger, or for another repository.
    other_grants: Vec<Grant>,
    has_answered_a_challenge: bool,
}

/// What is known of a registry from before: where a dialogue may begin.
pub struct Earlier {
    /// What sends requests, with its connections.
    pub transport: Transport,
    /// Where the registry answers.
    pub base: Url,
    /// What may be sent to the repository, and how that came about.
    pub standing: Option<Standing>,
}

/// What may be sent to a registry about one repository.
#[derive(Clone)]
pub struct Standing {
    /// The password or token.
    pub grant: Grant,
    /// How it was got.
    pub authentication: Authentication,
    /// The exchanges that this story is about.
    pub story: Vec<(ExchangeId, Exchange)>,
}

impl Dialogue {
    /// A dialogue that begins with nothing known, and enters what it observes in this record.
    ///
    /// # Errors
    /// Where the reference makes no address.
    pub fn new(mut record: Record, access: Access, transport: Transport) -> Result<Self, NoAddress> {
        record.authentication = Authentication::not_asked(access.credential);
        Self::begun(record, access, Source::Network(transport))
    }

    fn begun(record: Record, access: Access, source: Source) -> Result<Self, NoAddress> {
        Ok(Self {
            base: base(&record.reference, Scheme::Https)?,
            about_repository: true,
            grant: None,
            other_grants: Vec::new(),
            has_answered_a_challenge: false,
            record,
            access,
            source,
        })
    }

    /// A dialogue in which a recording answers, and nothing is sent. It begins with nothing known, as the run did.
    ///
    /// # Errors
    /// Where the reference makes no address.
    pub fn of_recording(recording: &Record) -> Result<Self, NoAddress> {
        let Record { reference, depth, platform, options, journal, .. } = recording;
        let begun = Record {
            mended: recording.mended.clone(),
            reads_small_layers: recording.reads_small_layers,
            simulation: recording.simulation.clone(),
            now: recording.now,
            trail: recording.trail.clone(),
            bundled_roots: recording.bundled_roots,
            certs_folders: recording.certs_folders.clone(),
            options: options.clone(),
            journal: Journal::after(journal.before(), Vec::new()),
            authentication: Authentication::not_asked(options.credential),
            interrupted: recording.interrupted,
            ..Record::new(reference.clone(), *depth, platform.clone())
        };
        Self::begun(begun, Access::of_recording(options), Source::Recording(Recording::of(recording)))
    }

    /// Whether a recording answers.
    pub fn is_of_recording(&self) -> bool {
        self.source.transport().is_none()
    }

    /// Begins anew with what is known from before, and with the numbers of exchanges after this one. Nothing was asked
    /// yet.
    pub fn recall(&mut self, last_number: u64, earlier: Option<Earlier>) {
        let mut story = Vec::new();
        (self.grant, self.record.authentication) =
            (None, Authentication::not_asked(self.record.authentication.credential));
        if let Some(Earlier { transport, base, standing }) = earlier {
            (self.source, self.record.origin, self.base) = (Source::Network(transport), Origin::of(&base), base);
            if let Some(standing) = standing {
                (self.grant, self.record.authentication, story) =
                    (Some(standing.grant), standing.authentication, standing.story);
            }
        }
        self.record.journal = Journal::after(last_number, story);
    }

    /// From now on it is about the registry itself, of which only the reference's host matters: a token is asked for
    /// without a repository, with the challenge's own scope where that is the catalogue's or one word for everything.
    pub fn leave_repository(&mut self) {
        self.about_repository = false;
    }

    /// Everything that was observed so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The same, to note what was observed apart from the registry.
    pub fn record_mut(&mut self) -> &mut Record {
        &mut self.record
    }

    /// The repository that it is about; `None` where it is about the registry itself.
    pub fn repository(&self) -> Option<&str> {
        self.about_repository.then(|| self.record.reference.repository())
    }

    /// Whether a challenge was answered in this dialogue, and not only in one before it.
    pub fn has_answered_a_challenge(&self) -> bool {
        self.has_answered_a_challenge
    }

    /// What may be sent to the repository.
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// Everything secret that the dialogue has been given.
    pub fn grants(&self) -> Vec<&Grant> {
        let of_this_run = self.grant.iter().chain(&self.other_grants);
        of_this_run.filter(|_| !self.is_of_recording()).collect()
    }

    /// What sends its requests; `None` where a recording answers.
    pub fn transport(&self) -> Option<&Transport> {
        self.source.transport()
    }

    /// Whether nothing more should be asked.
    pub fn is_stopped(&self) -> bool {
        self.source.is_stopped()
    }

    /// Where the trusted authorities came from; `None` where none were needed.
    pub fn roots(&self) -> Option<Roots> {
        self.source.roots()
    }

    /// Passwords of proxies in the environment, so that they can be kept out of every output.
    pub fn proxy_passwords(&self) -> Vec<String> {
        self.source.proxy_passwords()
    }

    /// The base of the API, over the scheme that is spoken as far as that is known.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The realm that the registry named, and whether it may have credentials. `None` where there is none, or none that
    /// may be asked at all.
    pub fn realm(&self) -> Option<Realm> {
        let seen = self.record.authentication.challenge.as_ref()?;
        // The realm of any other scheme is a word for people, and no address (RFC 9110, section 11.5).
        let named = seen.realm.as_ref().filter(|_| seen.scheme.as_str().eq_ignore_ascii_case("bearer"))?;
        let challenged_by = self.record.authentication.challenged_by.map(|id| self.record.journal.get(id));
        let place = challenged_by.and_then(|exchange| exchange.connection.place).unwrap_or(Place::ELSEWHERE);
        self.access.judge(named, &self.base, place)
    }

    /// Takes the record out of a dialogue that is over. What remains has no exchanges.
    pub fn take_record(&mut self) -> Record {
        let Record { reference, depth, platform, .. } = &self.record;
        let begun = Record::new(reference.clone(), *depth, platform.clone());
        std::mem::replace(&mut self.record, begun)
    }

    /// Asks, and where that is refused with a challenge, answers it and asks again. The exchanges of the answer: redirects
    /// or pages, the last of which is the last word.
    ///
    /// # Errors
    /// Where the reference makes no address.
    pub async fn ask(&mut self, query: &Query) -> Result<Vec<ExchangeId>, NoAddress> {
        let is_tentative = self.choose_scheme().await?;
        let ids = self.ask_here(query).await;
        let falls_back = match ids.last() {
            Some(&last) if is_tentative => self.falls_back_after(last)?,
            _ => false,
        };
        if falls_back { Ok(self.ask_here(query).await) } else { Ok(ids) }
    }

    /// Keeps an answer as that to a query of rules.
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

    /// Chooses the scheme, unless it is known: HTTPS, or HTTP where that was asked for. Returns whether plain HTTP may be
    /// tried where HTTPS is not spoken: where the registry has a name of this machine, and the address that it leads to is
    /// on the loopback device. Such a name may lead elsewhere.
    ///
    /// # Errors
    /// Where the reference makes no address.
    pub async fn choose_scheme(&mut self) -> Result<bool, NoAddress> {
        if self.record.origin.is_some() {
            return Ok(false);
        }
        let asked_for = if self.access.plain_http { Some(Scheme::Http) } else { self.record.reference.scheme() };
        self.speak(asked_for.unwrap_or(Scheme::Https))?;
        self.record.may_be_plain = asked_for.is_none() && self.may_be_plain().await?;
        Ok(self.record.may_be_plain)
    }

    fn speak(&mut self, scheme: Scheme) -> Result<(), NoAddress> {
        self.base = base(&self.record.reference, scheme)?;
        self.record.origin = Origin::of(&self.base);
        Ok(())
    }

    async fn may_be_plain(&self) -> Result<bool, NoAddress> {
        let address = base(&self.record.reference, Scheme::Http)?;
        Ok(match &self.source {
            Source::Network(transport) => {
                self.record.reference.registry().is_loopback() && transport.stays_here(&address).await
            }
            Source::Recording(recording) => recording.may_be_plain,
        })
    }

    /// Goes on over plain HTTP where this answer to a tentative request over HTTPS says that TLS is not spoken. Returns
    /// whether it does.
    ///
    /// # Errors
    /// Where the reference makes no address.
    pub fn falls_back_after(&mut self, answer: ExchangeId) -> Result<bool, NoAddress> {
        if !speaks_no_tls(self.record.journal.get(answer), self.record.reference.registry().port()) {
            return Ok(false);
        }
        self.speak(Scheme::Http)?;
        self.record.fell_back_to_http = Some(answer);
        (self.grant, self.record.authentication) = (None, Authentication::not_asked(self.access.credential));
        self.record.answered.clear();
        Ok(true)
    }

    /// Notes that what is sent next waits for all that was answered before.
    pub fn begin_round(&mut self) {
        self.record.journal.begin_round();
    }

    /// Gives numbers to what came of a query.
    pub fn enter(&mut self, query: &Query, exchanges: Vec<Exchange>) -> Vec<ExchangeId> {
        let ids: Vec<_> = exchanges.into_iter().map(|exchange| self.record.journal.enter(exchange)).collect();
        self.record.asked.push(Reply { query: query.clone(), exchanges: ids.clone() });
        ids
    }

    /// Makes a TLS handshake with the registry, over which nothing is sent. Also returns the certificates that were
    /// presented, in DER.
    ///
    /// `None` where a recording answers: it has what a certificate says, and not its bytes.
    ///
    /// # Errors
    /// Where the reference makes no address.
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
                // It was not answered then, either.
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

    /// Whether the registry itself wants to know who asks. A server that it redirects to has no business with the
    /// credentials for the registry, nor with a token that they would get (CVE-2020-15157).
    pub fn is_refused(&self, id: ExchangeId) -> bool {
        let exchange = self.record.journal.get(id);
        exchange.status() == Some(401) && Origin::of(&exchange.request.url) == Origin::of(&self.base)
    }

    /// Says how authentication ended, as far as the last answer shows: what was sent does not count as accepted if
    /// something in front of the registry gave that answer.
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

/// Whether an attempt at HTTPS says that plain HTTP may be spoken instead. A certificate that is not accepted does not:
/// that is a fault to be seen, not to be got around.
fn speaks_no_tls(exchange: &Exchange, port: Option<u16>) -> bool {
    match exchange.failure.as_ref().map(|failure| &failure.kind) {
        Some(FailureKind::NotTls | FailureKind::Closed) => exchange.response.is_none(),
        // Without a port the two schemes mean two ports.
        Some(FailureKind::Refused) => port.is_none(),
        _ => false,
    }
}
