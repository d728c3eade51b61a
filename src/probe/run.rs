//! Sending the variants, phase by phase. A phase is one round trip: what is in it is sent at the same time, and the
//! journal lists it in the variants' order, whoever answers first.

use futures_util::future::{join, join_all};

use super::plan::Plan;
use crate::auth::{Answered, Authenticator, Credentials, Grant, TrustedRealms};
use crate::evidence::{
    Answer, Authentication, CredentialUse, Exchange, ExchangeId, Journal, Matrix, Method, Outcome, Variant,
    is_from_in_front, variant,
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
    /// Whose they are.
    pub credential: CredentialUse,
    /// Whether they may go over plain HTTP to a server that is not on this machine.
    pub may_go_in_clear: bool,
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
    ///
    /// `meanwhile` is shown what the variant that goes ahead was answered, and makes a future of what else can be asked
    /// because of that, which then runs beside the other variants. Its result is `None` where no variant had to wait.
    pub async fn run<T, F: Future<Output = T>>(
        &self,
        journal: &mut Journal,
        meanwhile: impl FnOnce(&Probed, &Journal) -> F,
    ) -> (Probed, Option<T>) {
        let answers = vec![None; self.variants.len()];
        Run { prober: self, journal, answers, pairs: Vec::new() }.through(meanwhile).await
    }

    /// The variant of the client that severities are judged for: the user's own is the last.
    fn asking(&self) -> Option<usize> {
        self.variants.iter().position(|variant| variant.id() == variant::ASKED).or_else(|| self.leading())
    }

    /// The variant that a current client sends: the one that goes ahead.
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
    /// The same request by the two methods: HEAD first.
    pairs: Vec<(ExchangeId, ExchangeId)>,
}

impl Run<'_> {
    async fn through<T, F: Future<Output = T>>(
        mut self,
        meanwhile: impl FnOnce(&Probed, &Journal) -> F,
    ) -> (Probed, Option<T>) {
        let Prober { plan, variants, .. } = self.prober;
        let ahead: Vec<usize> = (0..variants.len()).filter(|&index| plan.goes_ahead(variants[index].id())).collect();
        self.send(&ahead, None, !plan.lead).await;

        let (mut story, grant) = self.authenticate().await;
        let hopeless = self.lead().is_none_or(|lead| lead.response.is_none());
        let refused = self.is_refused() && (grant.is_none() || story.outcome == Outcome::Rejected);
        // Whoever asks for patience is not asked eleven times more.
        let throttled = self.lead().and_then(Exchange::status) == Some(429);
        let pointless = hopeless || ((refused || throttled) && plan.lead);
        let mut known_meanwhile = None;
        if !pointless {
            let waiting: Vec<usize> = (0..variants.len()).filter(|&index| self.waits(index, grant.is_some())).collect();
            let by_get_alone = self.pairs.iter().all(|&(head, _)| self.journal.get(head).status() == Some(401));
            let beside = by_get_alone && !refused;
            if waiting.is_empty() {
                self.send(&waiting, grant.as_ref(), beside).await;
            } else {
                let else_asked = meanwhile(&self.so_far(story.clone(), grant.clone()), self.journal);
                let (_, known) = join(self.send(&waiting, grant.as_ref(), beside), else_asked).await;
                known_meanwhile = Some(known);
            }
        }
        if grant.is_some() && self.is_refused() {
            story.outcome = Outcome::Rejected;
        } else if story.outcome == Outcome::Accepted && self.lead().is_some_and(is_from_in_front) {
            story.outcome = Outcome::Unjudged;
        }
        if plan.method == Method::Head {
            self.fetch_bodies(grant.as_ref()).await;
        }
        (self.so_far(story, grant), known_meanwhile)
    }

    /// What is known by now.
    fn so_far(&self, authentication: Authentication, grant: Option<Grant>) -> Probed {
        let probes = self.prober.variants.iter().cloned().zip(self.answers.iter().copied()).collect();
        let mut pairs = self.pairs.clone();
        let asking = self.prober.asking().and_then(|index| self.answers[index]);
        if let (Method::Get, Some(asking)) = (self.prober.plan.method, asking) {
            // The variant may have been asked again since, with a token.
            pairs.iter_mut().for_each(|(_, get)| *get = asking);
        }
        Probed { matrix: Matrix::new(probes, pairs, self.journal), authentication, grant }
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

    /// One round trip: some variants at the same time, and beside them one by the other method. Where all go by GET
    /// that is the HEAD of the asking client, because containerd and others resolve tags that way; where all go by HEAD,
    /// it is the GET of the asking client, which has the body.
    async fn send(&mut self, chosen: &[usize], grant: Option<&Grant>, beside: bool) {
        if chosen.is_empty() || self.prober.registry.transport.is_stopped() {
            return;
        }
        self.journal.begin_round();
        let prober = self.prober;
        let method = prober.plan.method;
        let requests = chosen.iter().map(|&index| prober.ask(method, index, grant));
        let (twice, other) = match method {
            Method::Get => (prober.asking(), Method::Head),
            // No probe goes by another method than these two.
            Method::Head | Method::Post | Method::Tls => (prober.asking(), Method::Get),
        };
        let twice = twice.filter(|_| beside);
        let by_the_other = async {
            match twice {
                Some(index) => prober.ask(other, index, grant).await,
                None => Vec::new(),
            }
        };
        let (answers, by_the_other) = join(join_all(requests), by_the_other).await;
        for (&index, exchanges) in chosen.iter().zip(answers) {
            self.answers[index] = enter_all(self.journal, exchanges);
        }
        let by_the_other = enter_all(self.journal, by_the_other);
        if let Some((other, own)) = by_the_other.zip(twice.and_then(|index| self.answers[index])) {
            self.pairs = vec![if method == Method::Get { (other, own) } else { (own, other) }];
        }
    }

    /// Answers the challenge that the leading variant got.
    ///
    /// A password goes to the registry with that one alone at first: if it is wrong, it is tried once and not twelve
    /// times, which some registries answer by locking the account.
    async fn authenticate(&mut self) -> (Authentication, Option<Grant>) {
        let prober = self.prober;
        let mut story = Authentication::not_asked(prober.credential);
        let Some(refused) = self.lead_id().filter(|_| self.is_refused()) else { return (story, None) };
        story.challenged_by = Some(refused);
        let authenticator = Authenticator {
            transport: prober.registry.transport,
            credentials: prober.credentials,
            credential: prober.credential,
            may_go_in_clear: prober.may_go_in_clear,
            trusted: &prober.trusted,
            registry: &prober.registry.target.base,
            repository: Some(&prober.registry.target.repository),
        };
        let answered = authenticator.answer(self.journal.get(refused)).await;
        let Answered { challenge, token, token_shape, token_claims, token_lifetime, token_remarks, grant, .. } =
            answered;
        story.note_over_http(answered.over_http);
        story.challenge = challenge;
        if let Some(exchange) = token {
            self.journal.begin_round();
            story.token = Some(self.journal.enter(exchange));
        }
        story.token_shape = token_shape;
        story.token_claims = token_claims;
        story.token_lifetime = token_lifetime;
        story.token_remarks = token_remarks;
        story.outcome = answered.outcome;
        if let (Some(Grant::Basic(_)), Some(leading)) = (&grant, prober.leading()) {
            self.send(&[leading], grant.as_ref(), false).await;
            if self.is_refused() {
                story.outcome = Outcome::Rejected;
            }
        }
        (story, grant)
    }

    /// Where variants went by HEAD: one GET for each distinct answer that has none yet.
    async fn fetch_bodies(&mut self, grant: Option<&Grant>) {
        let prober = self.prober;
        let by_head = prober.variants.iter().cloned().zip(self.answers.iter().copied()).collect();
        let distinct = Matrix::new(by_head, Vec::new(), self.journal).answers;
        let has_body = |answer: &Answer| {
            let heads: Vec<_> = answer.probes.iter().filter_map(|&probe| self.answers[probe]).collect();
            self.pairs.iter().any(|(head, _)| heads.contains(head))
        };
        let worth_it = |id: ExchangeId| {
            let status = self.journal.get(id).status();
            status.is_some_and(|status| status != 401 && (status >= 300 || !prober.plan.frugal))
        };
        let chosen: Vec<_> = distinct.iter().filter(|answer| worth_it(answer.exchange) && !has_body(answer)).collect();
        if !chosen.is_empty() && !prober.registry.transport.is_stopped() {
            self.journal.begin_round();
            let requests = chosen.iter().map(|answer| prober.ask(Method::Get, answer.probes[0], grant));
            let answers = join_all(requests).await;
            for (answer, exchanges) in chosen.into_iter().zip(answers) {
                let get = enter_all(self.journal, exchanges);
                self.pairs.extend(get.map(|get| (answer.exchange, get)));
            }
        }
    }
}

/// Enters the hops of one request; the last is its answer.
fn enter_all(journal: &mut Journal, exchanges: Vec<Exchange>) -> Option<ExchangeId> {
    exchanges.into_iter().map(|exchange| journal.enter(exchange)).last()
}
