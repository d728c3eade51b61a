//! Translates queries into requests, and limits how many are answered concurrently.

use std::collections::VecDeque;

use futures_util::future::{LocalBoxFuture, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::Dialogue;
use super::ahead::{Questions, fetches_an_image};
use super::received::{AT_ONCE, Received};
use crate::auth::{self, Credentials, Grant};
use crate::endpoint::{NoAddress, base};
use crate::evidence::{Exchange, ExchangeId, ListOf, Method, Outcome, Purpose, Query, Reply};
use crate::knowledge::{KnownRegistry, known_registry};
use crate::oci::{Origin, Place, Reference, Scheme, media_type};
use crate::registry::source::Source;
use crate::registry::{NextPage, RegistryClient, Target};
use crate::transport::{Reach, Transport};

/// How many of the rules' queries one run answers at most, not counting those about layers.
pub const MOST_QUERIES: usize = 200;

/// How many queries about layers one run answers at most: two for each layer that can be examined.
const MOST_LAYER_QUERIES: usize = 1000;

/// Receives how many of the open queries are answered.
pub type Progress<'a> = dyn Fn(usize, usize) + 'a;

/// How many more queries a run may answer.
pub(super) struct Room {
    layers: usize,
    others: usize,
}

impl Room {
    /// Separates the queries that fit from the excess.
    pub fn admit(mut self, queries: Vec<Query>) -> (Vec<Query>, Vec<Query>) {
        queries.into_iter().partition(|query| {
            let room = if query.is_about_a_layer() { &mut self.layers } else { &mut self.others };
            let has_room = *room > 0;
            *room = room.saturating_sub(1);
            has_room
        })
    }
}

impl Dialogue {
    /// Sends a query over the scheme in use, with the grant for the repository.
    pub async fn send(&self, query: &Query) -> Vec<Exchange> {
        self.receive(query, &mut Vec::new()).await
    }

    /// Sends a query like [`Dialogue::ask`], and others in the same round, each of them once. A registry that may still
    /// send a challenge gets the query alone first; then the others go with its repetition, or after its answer. Returns
    /// the exchanges of the query, and those of each of the others, which are empty if it was not sent.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn ask_with(
        &mut self,
        query: &Query,
        others: &[Query],
    ) -> Result<(Vec<ExchangeId>, Vec<Vec<ExchangeId>>), NoAddress> {
        let is_tentative = self.choose_scheme().await?;
        let all: Vec<_> = std::iter::once(query).chain(others).collect();
        let mut answers = self.round(if self.is_accepted() { &all } else { &all[..1] }).await;
        let last = |answers: &[Vec<ExchangeId>]| answers.first().and_then(|answer| answer.last().copied());
        if let Some(answer) = last(&answers).filter(|_| is_tentative)
            && self.falls_back_after(answer)?
        {
            answers = self.round(&all[..1]).await;
        }
        if let Some(refused) = last(&answers).filter(|&answer| self.is_refused(answer)) {
            Box::pin(self.authenticate(refused)).await;
            if self.grant.is_some() {
                let unsent = if answers.len() == 1 { &all[..] } else { &all[..1] };
                let again = self.round(unsent).await;
                answers.splice(..again.len().min(answers.len()), again);
            }
        }
        if let Some(answer) = last(&answers) {
            self.conclude(answer);
        }
        if answers.len() == 1 && self.is_accepted() {
            answers.extend(self.round(&all[1..]).await);
        }
        let own = answers.remove(0);
        answers.resize(others.len(), Vec::new());
        Ok((own, answers))
    }

    /// Whether the registry answers without a further challenge, as far as is known.
    fn is_accepted(&self) -> bool {
        let last = self.record.asked.last().and_then(|asked| asked.exchanges.last());
        let is_answered = |&id: &ExchangeId| self.record.journal.get(id).response.is_some() && !self.is_refused(id);
        last.map_or(self.grant.is_some(), is_answered)
    }

    /// Sends queries concurrently, in a round of their own, and enters their exchanges in this order.
    async fn round(&mut self, queries: &[&Query]) -> Vec<Vec<ExchangeId>> {
        self.record.journal.begin_round();
        let sent = join_all(queries.iter().map(|query| self.send(query))).await;
        queries.iter().zip(sent).map(|(query, exchanges)| self.enter(query, exchanges)).collect()
    }

    /// Answers queries concurrently, and returns the answers in the order of the queries. The caller counts rounds, and
    /// nothing is entered yet: other requests may be in progress.
    ///
    /// If one of the queries fetches an image of an index, the queries for its config and layers are sent as soon as it is
    /// answered: those that `questions` makes of the record with that answer. Their answers are kept for the next call.
    pub async fn answer_all(
        &self,
        queries: Vec<Query>,
        questions: &Questions<'_>,
        progress: &Progress<'_>,
    ) -> Vec<Received> {
        let answer = async |at: usize| {
            let (query, mut grants) = (queries[at].clone(), Vec::new());
            let exchanges = match self.is_stopped() {
                true => Vec::new(),
                false => self.receive(&query, &mut grants).await,
            };
            (at, Received { query, exchanges, grants })
        };
        let image = queries.iter().position(fetches_an_image);
        let place = |query: &Query| queries.iter().position(|other| other == query);
        let mut ahead = self.ahead.take();
        let mut waiting: VecDeque<usize> = (0..queries.len()).filter(|&at| !ahead.has_sent(&queries[at])).collect();
        waiting.iter().for_each(|&at| ahead.leave(&queries[at]));
        let mut answers: Vec<Option<Received>> = queries.iter().map(|query| ahead.take(query)).collect();
        let mut answered = answers.iter().flatten().count();
        let mut open = FuturesUnordered::new();
        while answered < answers.len() {
            ahead.send(self, open.len());
            while open.len() + ahead.in_progress() < AT_ONCE
                && let Some(at) = waiting.pop_front()
            {
                open.push(answer(at));
            }
            let (at, received) = tokio::select! {
                Some(answer) = open.next() => answer,
                Some(query) = ahead.next() => match place(&query).and_then(|at| Some((at, ahead.take(&query)?))) {
                    Some(answer) => answer,
                    None => continue,
                },
                else => break,
            };
            if image == Some(at) {
                ahead.plan(self.foreseen(&received, &queries, questions));
            }
            answers[at] = Some(received);
            answered += 1;
            progress(answered, answers.len());
        }
        drop(open);
        self.ahead.replace(ahead);
        answers.into_iter().flatten().collect()
    }

    /// Enters the results, for rules to read.
    pub fn enter_all(&mut self, received: Vec<Received>) {
        for Received { query, exchanges, grants } in received {
            let exchanges = self.enter(&query, exchanges);
            self.record.answered.push(Reply { query, exchanges });
            self.other_grants.extend(grants);
        }
    }

    /// The queries that may still be sent. The excess is noted as unanswered. Queries about layers have a bound of
    /// their own.
    pub fn within_bounds(&mut self, queries: Vec<Query>) -> Vec<Query> {
        let (queries, too_many) = self.room(&[]).admit(queries);
        self.leave_out(too_many);
        queries
    }

    /// How many queries may be sent in addition to these and to all that were answered.
    pub(super) fn room(&self, open: &[Query]) -> Room {
        let all = || self.record.answered.iter().map(|answered| &answered.query).chain(open);
        let of_layers = all().filter(|query| query.is_about_a_layer()).count();
        Room {
            layers: MOST_LAYER_QUERIES.saturating_sub(of_layers),
            others: MOST_QUERIES.saturating_sub(all().count() - of_layers),
        }
    }

    fn leave_out(&mut self, queries: Vec<Query>) {
        self.record.left_out += queries.len();
        let unasked = |query| Reply { query, exchanges: Vec::<ExchangeId>::new() };
        self.record.answered.extend(queries.into_iter().map(unasked));
    }

    /// The page of a list after this one.
    pub fn next_page(&self, page: ExchangeId) -> NextPage {
        NextPage::after(self.record.journal.get(page), &self.base)
    }

    /// Boxed, because it is as large as the largest of all requests, and twelve are in progress concurrently.
    fn receive<'a>(&'a self, query: &'a Query, grants: &'a mut Vec<Grant>) -> LocalBoxFuture<'a, Vec<Exchange>> {
        Box::pin(self.receive_unboxed(query, grants))
    }

    async fn receive_unboxed(&self, query: &Query, grants: &mut Vec<Grant>) -> Vec<Exchange> {
        let transport = match &self.source {
            Source::Network(transport) => transport,
            Source::Recording(recording) => return recording.answer(query),
        };
        let grant = self.grant.as_ref();
        let client = |target| RegistryClient { transport, target };
        let own = client(self.target());
        let bare = || Target { headers: Vec::new(), ..self.target() };
        // The Accept header of the asking client.
        let asking = self.record.matrix.asking();
        let accept = || asking.map(|probe| probe.variant.accept().join(", ")).unwrap_or_default();
        match query {
            Query::Manifest(method, variant) => own.manifest(*method, variant, grant).await,
            Query::OwnDigest(digest, method) => own.by_digest(digest, *method, &accept(), grant).await,
            Query::Child(digest, method) => own.child(digest, *method, grant).await,
            Query::HasBlob(_)
            | Query::LayerPresence(_)
            | Query::Config(_)
            | Query::Layer(_)
            | Query::SmallLayer(..) => own.part(query, grant).await.unwrap_or_default(),
            Query::Blob(digest) => own.blob(digest, grant).await,
            Query::Tags => own.tags(grant).await,
            Query::Referrers(digest) => own.referrers(digest, grant).await,
            Query::Page(list, next) => self.page(own, list, next.as_deref()).await,
            Query::Path(method, path, accept) => own.path(*method, path, accept, grant).await,
            Query::FirstGeneration => vec![client(bare()).first_generation().await],
            Query::Ping => client(bare()).ping().await,
            Query::Anonymous => self.as_a_stranger(transport, query.purpose(), bare(), &accept(), None, grants).await,
            Query::Elsewhere(other) => match self.elsewhere(other) {
                Some((target, credentials)) => {
                    let accept = media_type::CURRENT.join(", ");
                    self.as_a_stranger(transport, query.purpose(), target, &accept, credentials, grants).await
                }
                None => Vec::new(),
            },
            Query::SpeaksTls(origin) => transport.ask_for_tls(origin, self.reach(origin)).await.into_iter().collect(),
            Query::SpeaksHttp(origin) => transport.ask_for_http(origin, self.reach(origin)).await.into_iter().collect(),
        }
    }

    /// Fetches a page of a list. Boxed, so that it does not increase the stack size of other requests.
    fn page<'a>(
        &'a self,
        client: RegistryClient<'a>,
        list: &'a ListOf,
        next: Option<&'a str>,
    ) -> LocalBoxFuture<'a, Vec<Exchange>> {
        Box::pin(async move {
            let Some(url) = client.page_address(list, next) else { return Vec::new() };
            let reach = Origin::of(&url).map_or(Reach::NamedFrom(Place::ELSEWHERE), |origin| self.reach(&origin));
            client.page(list, url, reach, self.grant.as_ref()).await
        })
    }

    /// How far a request that tests the scheme of a server may go. If the server is not the registry itself, an answer
    /// named it, and the limit is the same as for that answer: as far as the first one allows.
    fn reach(&self, origin: &Origin) -> Reach {
        let registry = Origin::of(&self.base);
        if registry.as_ref() == Some(origin) {
            return Reach::Anywhere;
        }
        let own = |exchange: &&Exchange| exchange.response.is_some() && Origin::of(&exchange.request.url) == registry;
        let first = self.record.journal.iter().map(|(_, exchange)| exchange).find(own);
        first.map_or(Reach::NamedFrom(Place::ELSEWHERE), Reach::after)
    }

    /// The credentials, if they may be sent again: rejected ones may not, because some registries lock the account.
    fn good_credentials(&self) -> Option<&Credentials> {
        let story = &self.record.authentication;
        let are_good = match story.outcome {
            // No server has seen them; the next attempt will withhold them as well.
            _ if story.is_withheld() => true,
            Outcome::NotAsked | Outcome::Accepted | Outcome::Unjudged => true,
            // The token was rejected, but the credentials were accepted.
            Outcome::Rejected => story.token.is_some(),
            _ => false,
        };
        self.access.credentials.as_ref().filter(|_| are_good)
    }

    /// The target of a query about another reference, and its credentials: those of the run for the same registry, and
    /// none for another one.
    fn elsewhere(&self, other: &Reference) -> Option<(Target, Option<&Credentials>)> {
        if other.registry() == self.record.reference.registry() {
            let target = self.target().at(other.repository(), &other.selector());
            let credentials = self.good_credentials();
            let refused = self.access.credentials.is_some() && credentials.is_none();
            return (!refused).then_some((target, credentials));
        }
        let base = base(other, other.scheme().unwrap_or(Scheme::Https)).ok()?;
        let repository = other.repository().to_owned();
        Some((Target { base, repository, selector: other.selector(), headers: Vec::new() }, None))
    }

    /// Requests a manifest from scratch: anonymously, and if that is refused with a challenge, with the requested
    /// token. Uses HEAD if a GET would be counted as a pull.
    async fn as_a_stranger(
        &self,
        transport: &Transport,
        purpose: Purpose,
        target: Target,
        accept: &str,
        credentials: Option<&Credentials>,
        grants: &mut Vec<Grant>,
    ) -> Vec<Exchange> {
        let counted = target.base.host_str().and_then(known_registry).is_some_and(KnownRegistry::counts_gets_as_pulls);
        let method = if counted { Method::Head } else { Method::Get };
        let client = RegistryClient { transport, target };
        let mut exchanges = client.again(purpose, method, accept, None).await;
        let refused = |exchange: &&Exchange| {
            exchange.status() == Some(401) && Origin::of(&exchange.request.url) == client.target.origin()
        };
        let Some(refusal) = exchanges.last().filter(refused) else { return exchanges };
        let repository = Some(client.target.repository.as_str());
        let auth::Handshake { token, grant, .. } =
            self.access.answer(transport, credentials, &client.target, repository, refusal).await;
        exchanges.extend(token);
        if let Some(grant) = grant {
            exchanges.extend(client.again(purpose, method, accept, Some(&grant)).await);
            grants.push(grant);
        }
        exchanges
    }
}
