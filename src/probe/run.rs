//! Sends the variants, phase by phase. A phase is one round trip: its requests are sent concurrently, and the journal
//! lists them in the order of the variants, regardless of which answer arrives first.

use futures_util::future::{join_all, join3};

use super::plan::Plan;
use crate::auth::Grant;
use crate::evidence::{DistinctAnswer, Exchange, ExchangeId, Matrix, Method, Outcome, Query, Variant, variant};
use crate::registry::{Dialogue, Progress, Questions, Received};

/// For requests that nothing is sent along with.
const NO_QUESTIONS: &Questions<'static> = &|_| Vec::new();

/// The inputs of a probe.
pub struct Prober<'a> {
    /// The dialogue with the registry, which has sent nothing yet except to find out its scheme.
    pub dialogue: &'a mut Dialogue,
    /// The plan.
    pub plan: Plan,
    /// The variants, in order.
    pub variants: Vec<Variant>,
    /// Reports how many of the queries sent with the variants are answered.
    pub progress: &'a Progress<'a>,
}

impl Prober<'_> {
    /// Probes, and enters every exchange and the matrix in the record of the dialogue.
    ///
    /// `questions` receives the answer to the leading variant, and returns additional queries that it makes possible,
    /// which are sent with the other variants. It is not called if no variant has to wait.
    pub async fn run(self, questions: &Questions<'_>) {
        let answers = vec![None; self.variants.len()];
        Run { prober: self, answers, pairs: Vec::new() }.through(questions).await;
    }

    /// Sends the variants that a probe of the asking client alone has omitted, and with them additional queries, as
    /// [`Prober::run`].
    pub async fn go_on(self, questions: &Questions<'_>) {
        let Matrix { pairs, .. } = &self.dialogue.record().matrix;
        let answered = |variant: &Variant| self.dialogue.record().matrix.probe(variant.id())?.exchange;
        let (answers, pairs) = (self.variants.iter().map(answered).collect(), pairs.clone());
        Run { prober: self, answers, pairs }.others(false, questions).await;
    }

    /// The variant of the client that severities are judged for: the user's own is the last.
    fn asking(&self) -> Option<usize> {
        self.variants.iter().position(|variant| variant.id() == variant::ASKED).or_else(|| self.leading())
    }

    /// The variant that is sent first.
    fn leading(&self) -> Option<usize> {
        self.variants.iter().position(|variant| variant.id() == self.plan.leader)
    }

    async fn ask(&self, method: Method, index: usize) -> Vec<Exchange> {
        self.dialogue.send(&Query::Manifest(method, self.variants[index].clone())).await
    }
}

/// A probe in progress.
struct Run<'a> {
    prober: Prober<'a>,
    /// The latest answer to each variant.
    answers: Vec<Option<ExchangeId>>,
    /// Exchanges of the same request by the two methods: HEAD first.
    pairs: Vec<(ExchangeId, ExchangeId)>,
}

impl Run<'_> {
    async fn through(mut self, questions: &Questions<'_>) {
        let plan = self.prober.plan;
        let all = 0..self.prober.variants.len();
        let ahead: Vec<usize> =
            all.clone().filter(|&index| plan.goes_ahead(self.prober.variants[index].id())).collect();
        self.send(&ahead, !plan.lead || (plan.alone && !plan.tentative), NO_QUESTIONS).await;

        self.authenticate().await;
        self.others(plan.alone, questions).await;
    }

    /// Sends what follows the first answer: the variants without an answer, unless the asking client is tried alone.
    async fn others(&mut self, alone: bool, questions: &Questions<'_>) {
        let plan = self.prober.plan;
        let all = 0..self.prober.variants.len();
        let has_grant = self.prober.dialogue.grant().is_some();
        let hopeless = self.lead().is_none_or(|lead| lead.response.is_none());
        let was_rejected = self.prober.dialogue.record().authentication.outcome == Outcome::Rejected;
        let refused = self.is_refused() && (!has_grant || was_rejected);
        // A registry that throttles is not sent eleven more requests.
        let throttled = self.lead().and_then(Exchange::status) == Some(429);
        let pointless = hopeless || ((refused || throttled) && plan.lead);
        let mut received = Vec::new();
        if !pointless {
            let is_meant = |index: usize| !alone || plan.goes_ahead(self.prober.variants[index].id());
            let waiting: Vec<usize> = all.filter(|&index| is_meant(index) && self.waits(index, has_grant)).collect();
            let journal = &self.prober.dialogue.record().journal;
            let by_get_alone = self.pairs.iter().all(|&(head, _)| journal.get(head).status() == Some(401));
            let twice = by_get_alone && !refused;
            if !waiting.is_empty() || (alone && twice) {
                self.lay_out();
                received = self.send(&waiting, twice, questions).await;
            }
        }
        if let Some(lead) = self.lead_id() {
            self.prober.dialogue.conclude(lead);
        }
        if plan.method == Method::Head {
            self.fetch_bodies().await;
        }
        self.prober.dialogue.enter_all(received);
        self.lay_out();
    }

    /// Builds the matrix from the answers so far.
    fn lay_out(&mut self) {
        let probes = self.prober.variants.iter().cloned().zip(self.answers.iter().copied()).collect();
        let mut pairs = self.pairs.clone();
        let asking = self.prober.asking().and_then(|index| self.answers[index]);
        if let (Method::Get, Some(asking)) = (self.prober.plan.method, asking) {
            // The variant may have been sent again since, with a token.
            pairs.iter_mut().for_each(|(_, get)| *get = asking);
        }
        let record = self.prober.dialogue.record_mut();
        record.matrix = Matrix::new(probes, pairs, &record.journal);
    }

    fn lead_id(&self) -> Option<ExchangeId> {
        self.answers[self.prober.leading()?]
    }

    fn lead(&self) -> Option<&Exchange> {
        self.lead_id().map(|id| self.prober.dialogue.record().journal.get(id))
    }

    fn is_refused(&self) -> bool {
        self.lead_id().is_some_and(|lead| self.prober.dialogue.is_refused(lead))
    }

    /// Whether a variant has no answer yet, or one that a grant may change.
    fn waits(&self, index: usize, has_grant: bool) -> bool {
        match self.answers[index] {
            None => true,
            Some(id) => has_grant && self.prober.dialogue.record().journal.get(id).status() == Some(401),
        }
    }

    /// Performs one round trip: some variants concurrently, and one of them also by the other method. If all use GET,
    /// that is the HEAD of the asking client, because containerd and others resolve tags that way; if all use HEAD, it
    /// is the GET of the asking client, which has the body. Answers to additional queries are not entered yet.
    async fn send(&mut self, chosen: &[usize], twice: bool, questions: &Questions<'_>) -> Vec<Received> {
        let prober = &mut self.prober;
        let is_stopped = prober.dialogue.is_stopped();
        let (chosen, twice) = if is_stopped { (&[][..], false) } else { (chosen, twice) };
        let twice = prober.asking().filter(|_| twice);
        if !chosen.is_empty() || twice.is_some() {
            prober.dialogue.begin_round();
        }
        let queries = questions(prober.dialogue.record());
        let queries = prober.dialogue.within_bounds(queries);
        let prober = &self.prober;
        let method = prober.plan.method;
        let requests = chosen.iter().map(|&index| prober.ask(method, index));
        let other = match method {
            Method::Get => Method::Head,
            // A probe uses only these two methods.
            Method::Head | Method::Post | Method::Tls => Method::Get,
        };
        let by_the_other = async {
            match twice {
                Some(index) => prober.ask(other, index).await,
                None => Vec::new(),
            }
        };
        let others = prober.dialogue.answer_all(queries, questions, prober.progress);
        let (answers, by_the_other, received) = join3(join_all(requests), by_the_other, others).await;
        for (&index, exchanges) in chosen.iter().zip(answers) {
            // A recording may have no answer to the repetition.
            self.answers[index] = self.enter(method, index, exchanges).or(self.answers[index]);
        }
        let by_the_other = twice.and_then(|index| self.enter(other, index, by_the_other));
        if let Some((other, own)) = by_the_other.zip(twice.and_then(|index| self.answers[index])) {
            self.pairs = vec![if method == Method::Get { (other, own) } else { (own, other) }];
        }
        received
    }

    /// Answers the challenge to the leading variant.
    ///
    /// A password is first sent with that variant alone: if it is wrong, it is tried once and not twelve times, which
    /// makes some registries lock the account.
    async fn authenticate(&mut self) {
        let Some(refused) = self.lead_id().filter(|_| self.is_refused()) else { return };
        self.prober.dialogue.authenticate(refused).await;
        let is_basic = matches!(self.prober.dialogue.grant(), Some(Grant::Basic(_)));
        if let Some(leading) = self.prober.leading().filter(|_| is_basic) {
            self.send(&[leading], false, NO_QUESTIONS).await;
            if self.is_refused()
                && let Some(lead) = self.lead_id()
            {
                self.prober.dialogue.conclude(lead);
            }
        }
    }

    /// If variants used HEAD, sends one GET for each distinct answer without a body.
    async fn fetch_bodies(&mut self) {
        let Prober { dialogue, plan, variants, .. } = &self.prober;
        let journal = &dialogue.record().journal;
        let by_head = variants.iter().cloned().zip(self.answers.iter().copied()).collect();
        let distinct = Matrix::new(by_head, Vec::new(), journal).answers;
        let has_body = |answer: &DistinctAnswer| {
            let heads: Vec<_> = answer.probes.iter().filter_map(|&probe| self.answers[probe]).collect();
            self.pairs.iter().any(|(head, _)| heads.contains(head))
        };
        let worth_it = |id: ExchangeId| {
            let status = journal.get(id).status();
            status.is_some_and(|status| status != 401 && (status >= 300 || !plan.frugal))
        };
        let chosen: Vec<_> = distinct.iter().filter(|answer| worth_it(answer.exchange) && !has_body(answer)).collect();
        if chosen.is_empty() || dialogue.is_stopped() {
            return;
        }
        self.prober.dialogue.begin_round();
        let requests = chosen.iter().map(|answer| self.prober.ask(Method::Get, answer.probes[0]));
        let answers = join_all(requests).await;
        for (answer, exchanges) in chosen.into_iter().zip(answers) {
            let get = self.enter(Method::Get, answer.probes[0], exchanges);
            self.pairs.extend(get.map(|get| (answer.exchange, get)));
        }
    }

    /// Enters the hops of one request; the last is its answer.
    fn enter(&mut self, method: Method, index: usize, exchanges: Vec<Exchange>) -> Option<ExchangeId> {
        let query = Query::Manifest(method, self.prober.variants[index].clone());
        self.prober.dialogue.enter(&query, exchanges).pop()
    }
}
