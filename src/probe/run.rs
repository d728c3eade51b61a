//! Sending the variants, phase by phase. A phase is one round trip: what is in it is sent at the same time, and the
//! journal lists it in the variants' order, whoever answers first.

use futures_util::future::{join, join_all};

use super::plan::Plan;
use crate::auth::{Answered, Authenticator, Credentials, Grant, TrustedRealms};
use crate::evidence::{
    Authentication, CredentialUse, Exchange, ExchangeId, Journal, Matrix, Method, Outcome, Variant, variant,
};
use crate::oci::Origin;
use crate::registry::{Accepting, RegistryClient};

/// Everything that a probe needs.
pub struct Prober<'a> {
    /// The repository.
    pub registry: RegistryClient<'a>,
    /// How to go about it.
    pub plan: Plan,
    /// The credentials for this registry.
    pub credentials: Option<&'a Credentials>,
    /// Who may receive them.
    pub trusted: TrustedRealms<'a>,
    /// The variants, in order.
    pub variants: Vec<Variant>,
}

/// What a probe found.
#[derive(Debug)]
pub struct Probed {
    /// The answers side by side.
    pub matrix: Matrix,
    /// The story of the credentials.
    pub authentication: Authentication,
    /// What may be sent with further requests.
    pub grant: Option<Grant>,
}

impl Prober<'_> {
    /// Probes, and enters every exchange in the journal.
    pub async fn run(&self, journal: &mut Journal) -> Probed {
        Run { prober: self, journal, answers: vec![None; self.variants.len()], head: None }.through().await
    }

    /// The variant that a current client sends: the one that goes ahead, and that HEAD is compared for.
    fn leading(&self) -> Option<usize> {
        self.variants.iter().position(|variant| variant.id() == variant::ALL)
    }

    async fn ask(&self, method: Method, index: usize, grant: Option<&Grant>) -> Vec<Exchange> {
        let variant = &self.variants[index];
        self.registry.manifest(method, Accepting { variant: variant.id(), lines: variant.accept() }, grant).await
    }
}

/// A probe under way.
struct Run<'a> {
    prober: &'a Prober<'a>,
    journal: &'a mut Journal,
    /// The latest answer to each variant.
    answers: Vec<Option<ExchangeId>>,
    /// The answer to HEAD, where it is sent for comparison.
    head: Option<ExchangeId>,
}

impl Run<'_> {
    async fn through(mut self) -> Probed {
        let Prober { plan, variants, .. } = self.prober;
        let ahead: Vec<usize> = (0..variants.len()).filter(|&index| plan.goes_ahead(variants[index].id())).collect();
        self.send(&ahead, None, !plan.lead).await;

        let (mut story, grant) = self.authenticate().await;
        let hopeless = self.lead().is_none_or(|lead| lead.response.is_none());
        let refused = self.is_refused() && (grant.is_none() || story.outcome == Outcome::Rejected);
        // Whoever asks for patience is not asked eleven times more.
        let throttled = self.lead().and_then(Exchange::status) == Some(429);
        let pointless = hopeless || ((refused || throttled) && plan.lead);
        if !pointless {
            let waiting: Vec<usize> = (0..variants.len()).filter(|&index| self.waits(index, grant.is_some())).collect();
            let without_head = self.head.is_none_or(|head| self.journal.get(head).status() == Some(401));
            self.send(&waiting, grant.as_ref(), without_head && !refused).await;
        }
        if grant.is_some() && self.is_refused() {
            story.outcome = Outcome::Rejected;
        }
        let (pairs, counted_pulls) = match plan.method {
            Method::Head => self.fetch_bodies(grant.as_ref()).await,
            Method::Get => (self.head.zip(self.lead_id()).into_iter().collect(), None),
        };
        let probes = variants.iter().cloned().zip(self.answers.iter().copied()).collect();
        let matrix = Matrix { counted_pulls, ..Matrix::new(probes, pairs, self.journal) };
        Probed { matrix, authentication: story, grant }
    }

    fn lead_id(&self) -> Option<ExchangeId> {
        self.answers[self.prober.leading()?]
    }

    fn lead(&self) -> Option<&Exchange> {
        self.lead_id().map(|id| self.journal.get(id))
    }

    /// Whether the registry itself wants to know who asks. A server that it redirects to has no business with the
    /// credentials for the registry, nor with a token that they would get (CVE-2020-15157).
    fn is_refused(&self) -> bool {
        let own = self.prober.registry.target.origin();
        self.lead().is_some_and(|lead| lead.status() == Some(401) && Origin::of(&lead.request.url) == own)
    }

    /// Whether a variant has no answer yet, or one that a grant may change.
    fn waits(&self, index: usize, has_grant: bool) -> bool {
        match self.answers[index] {
            None => true,
            Some(id) => has_grant && self.journal.get(id).status() == Some(401),
        }
    }

    /// One round trip: some variants at the same time, and HEAD beside them, because containerd and others resolve
    /// tags that way.
    async fn send(&mut self, chosen: &[usize], grant: Option<&Grant>, with_head: bool) {
        if chosen.is_empty() || self.prober.registry.transport.is_stopped() {
            return;
        }
        self.journal.begin_round();
        let prober = self.prober;
        let requests = chosen.iter().map(|&index| prober.ask(prober.plan.method, index, grant));
        let leading = prober.leading().filter(|_| with_head && prober.plan.method == Method::Get);
        let head = async {
            match leading {
                Some(index) => prober.ask(Method::Head, index, grant).await,
                None => Vec::new(),
            }
        };
        let (answers, head) = join(join_all(requests), head).await;
        for (&index, exchanges) in chosen.iter().zip(answers) {
            self.answers[index] = enter_all(self.journal, exchanges);
        }
        self.head = enter_all(self.journal, head).or(self.head);
    }

    /// Answers the challenge that the leading variant got.
    ///
    /// A password goes to the registry with that one alone at first: if it is wrong, it is tried once and not twelve
    /// times, which some registries answer by locking the account.
    async fn authenticate(&mut self) -> (Authentication, Option<Grant>) {
        let prober = self.prober;
        let credential = if prober.credentials.is_some() { CredentialUse::Given } else { CredentialUse::Anonymous };
        let mut story = Authentication::not_asked(credential);
        let Some(refused) = self.lead_id().filter(|_| self.is_refused()) else { return (story, None) };
        story.challenged_by = Some(refused);
        let authenticator = Authenticator {
            transport: prober.registry.transport,
            credentials: prober.credentials,
            trusted: &prober.trusted,
            registry: &prober.registry.target.base,
            repository: &prober.registry.target.repository,
        };
        let Answered { challenge, token, token_shape, grant, outcome } =
            authenticator.answer(self.journal.get(refused)).await;
        story.challenge = challenge;
        if let Some(exchange) = token {
            self.journal.begin_round();
            story.token = Some(self.journal.enter(exchange));
        }
        story.token_shape = token_shape;
        story.outcome = outcome;
        if let (Some(Grant::Basic(_)), Some(leading)) = (&grant, prober.leading()) {
            self.send(&[leading], grant.as_ref(), false).await;
            if self.is_refused() {
                story.outcome = Outcome::Rejected;
            }
        }
        (story, grant)
    }

    /// Where variants went by HEAD: one GET for each distinct answer, and the count of those that are pulls.
    async fn fetch_bodies(&mut self, grant: Option<&Grant>) -> (Vec<(ExchangeId, ExchangeId)>, Option<usize>) {
        let prober = self.prober;
        if prober.registry.transport.is_stopped() {
            return (Vec::new(), Some(0));
        }
        let by_head = prober.variants.iter().cloned().zip(self.answers.iter().copied()).collect();
        let distinct = Matrix::new(by_head, Vec::new(), self.journal).answers;
        let worth_it = |id: ExchangeId| self.journal.get(id).status().is_some_and(|status| status != 401);
        let chosen: Vec<_> = distinct.iter().filter(|answer| worth_it(answer.exchange)).collect();
        self.journal.begin_round();
        let requests = chosen.iter().map(|answer| prober.ask(Method::Get, answer.probes[0], grant));
        let answers = join_all(requests).await;
        let mut pairs = Vec::new();
        for (answer, exchanges) in chosen.into_iter().zip(answers) {
            pairs.extend(enter_all(self.journal, exchanges).map(|get| (answer.exchange, get)));
        }
        let counted = pairs.iter().filter(|(_, get)| self.journal.get(*get).status() == Some(200)).count();
        (pairs, Some(counted))
    }
}

/// Enters the hops of one request; the last is its answer.
fn enter_all(journal: &mut Journal, exchanges: Vec<Exchange>) -> Option<ExchangeId> {
    exchanges.into_iter().map(|exchange| journal.enter(exchange)).last()
}
