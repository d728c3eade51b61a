//! A run under way: the probe, and then rounds of questions until the rules have no more of them.

use url::Url;

use super::certs_folders::certs_folders;
use super::inquiry::{Answer, Inquiry, MOST_LAYER_QUESTIONS, MOST_QUESTIONS, Progress, reach_after};
use super::{RegistrySettings, SessionError};
use crate::auth::{Grant, TrustedRealms};
use crate::diagnosis::{Answered, Case, Circumstances, Depth, Judgement, Question, judge};
use crate::evidence::{Authentication, Exchange, FailureKind, Journal, Outcome, Variant, variant};
use crate::knowledge::{known_registry, realm_pairs};
use crate::oci::{Origin, Place, Reference, Scheme};
use crate::probe::{Plan, Probed, Prober};
use crate::registry::{RegistryClient, Target};
use crate::transport::{Reach, Roots, Transport};

/// The most rounds of questions that rules may ask.
const QUESTION_ROUNDS: usize = 4;

/// A run under way.
pub(super) struct Run<'a> {
    pub settings: &'a RegistrySettings,
    pub reference: &'a Reference,
    pub transport: &'a Transport,
    pub circumstances: Circumstances,
    pub progress: &'a Progress<'a>,
    pub journal: Journal,
    pub answered: Vec<Answered>,
    /// Tokens beside the one of the probe.
    pub grants: Vec<Grant>,
    /// How many questions were not asked because there were too many.
    pub left_out: usize,
}

impl Run<'_> {
    /// Probes over HTTPS, over HTTP where that was asked for, and on loopback over whichever answers.
    pub async fn probe(&mut self, accept: &[String]) -> Result<(Url, Probed), SessionError> {
        let host = self.reference.registry();
        let (scheme, tentative) = match self.reference.scheme() {
            _ if self.settings.plain_http => (Scheme::Http, false),
            Some(scheme) => (scheme, false),
            None => (Scheme::Https, may_be_plain(self.transport, self.reference).await?),
        };
        let url = base(self.reference, scheme)?;
        let probed = self.probe_over(scheme, tentative, url.clone(), accept).await;
        let first_try = probed.matrix.probe(variant::ALL).and_then(|probe| probe.exchange);
        let Some(first_try) = first_try.filter(|&id| tentative && speaks_no_tls(self.journal.get(id), host.port()))
        else {
            return Ok((url, probed));
        };
        let plain = base(self.reference, Scheme::Http)?;
        self.answered.clear();
        let probed = self.probe_over(Scheme::Http, false, plain.clone(), accept).await;
        self.circumstances.fell_back_to_http = Some(first_try);
        Ok((plain, probed))
    }

    async fn probe_over(&mut self, scheme: Scheme, tentative: bool, base: Url, accept: &[String]) -> Probed {
        let known = self.circumstances.known;
        let mut variants = Variant::twelve();
        if !accept.is_empty() {
            variants.push(Variant::asked(accept));
        }
        let mut plan = Plan::new(scheme, known, self.settings.credentials.is_some());
        if tentative {
            plan = plan.tentative();
        }
        if self.circumstances.depth == Depth::Diagnosis {
            plan = plan.frugal();
        }
        let pairs = pairs();
        let by_user = &self.settings.trusted_realms;
        let target = self.target(base);
        let prober = Prober {
            registry: RegistryClient { transport: self.transport, target: target.clone() },
            plan,
            credentials: self.settings.credentials.as_ref(),
            credential: self.settings.credential,
            may_go_in_clear: self.settings.may_go_in_clear,
            trusted: TrustedRealms { pairs: &pairs, by_user },
            variants,
        };
        let (reference, circumstances, progress) = (self.reference, &self.circumstances, self.progress);
        let inquiry = |probed: &Probed| Inquiry {
            settings: self.settings,
            transport: self.transport,
            target: target.clone(),
            reference,
            grant: probed.grant.clone(),
            credentials: self.settings.credentials.as_ref().filter(|_| are_good(&probed.authentication)),
            accept: accept_of(probed),
            trusted: TrustedRealms { pairs: &pairs, by_user },
            // What is asked meanwhile is asked about an image that was served.
            reach_elsewhere: Reach::NamedFrom(Place::ELSEWHERE),
        };
        let meanwhile = |probed: &Probed, journal: &Journal| {
            // What a refused request would be asked about may look quite different once there is a token.
            let served = probed.matrix.asking().and_then(|probe| probe.exchange);
            let served = served.is_some_and(|id| journal.get(id).is_success());
            let questions = if served && circumstances.depth == Depth::Diagnosis {
                let case = Case::new(reference, journal, &probed.matrix, &probed.authentication, circumstances, &[]);
                judge(&case).questions
            } else {
                Vec::new()
            };
            let inquiry = inquiry(probed);
            async move { inquiry.answer(questions, progress).await }
        };
        let (probed, known_meanwhile) = prober.run(&mut self.journal, meanwhile).await;
        self.enter(known_meanwhile.unwrap_or_default());
        probed
    }

    /// Runs the rules, asks what they want to know, and runs them again.
    pub async fn judge(&mut self, base: &Url, probed: &Probed) -> Judgement {
        self.circumstances.bundled_roots = self.transport.roots() == Some(Roots::Bundled);
        if self.settings.lab.is_none() {
            self.circumstances.certs_folders = certs_folders(self.reference.registry(), &self.journal);
        }
        let mut rounds_left = QUESTION_ROUNDS;
        loop {
            let judgement = judge(&self.case(probed));
            if judgement.questions.is_empty() || rounds_left == 0 || self.transport.is_stopped() {
                return judgement;
            }
            rounds_left -= 1;
            let (questions, too_many) = self.within_bounds(judgement.questions);
            self.left_out += too_many.len();
            let unasked = |question| Answered { question, exchanges: Vec::new() };
            self.answered.extend(too_many.into_iter().map(unasked));
            if questions.is_empty() {
                continue;
            }
            self.journal.begin_round();
            let answers = self.ask(base, probed, questions).await;
            self.enter(answers);
        }
    }

    /// The questions that may still be asked, and those that are too many. Layers have a bound of their own.
    fn within_bounds(&self, questions: Vec<Question>) -> (Vec<Question>, Vec<Question>) {
        let of_layers = self.answered.iter().filter(|answered| answered.question.is_about_a_layer()).count();
        let mut layers = MOST_LAYER_QUESTIONS.saturating_sub(of_layers);
        let mut others = MOST_QUESTIONS.saturating_sub(self.answered.len() - of_layers);
        questions.into_iter().partition(|question| {
            let room = if question.is_about_a_layer() { &mut layers } else { &mut others };
            let has_room = *room > 0;
            *room = room.saturating_sub(1);
            has_room
        })
    }

    /// The case as far as it is known.
    pub fn case<'b>(&'b self, probed: &'b Probed) -> Case<'b> {
        let Probed { matrix, authentication, .. } = probed;
        Case::new(self.reference, &self.journal, matrix, authentication, &self.circumstances, &self.answered)
    }

    async fn ask(&self, base: &Url, probed: &Probed, questions: Vec<Question>) -> Vec<Answer> {
        let pairs = pairs();
        let by_user = &self.settings.trusted_realms;
        let inquiry = Inquiry {
            settings: self.settings,
            transport: self.transport,
            target: self.target(base.clone()),
            reference: self.reference,
            grant: probed.grant.clone(),
            credentials: self.settings.credentials.as_ref().filter(|_| are_good(&probed.authentication)),
            accept: accept_of(probed),
            trusted: TrustedRealms { pairs: &pairs, by_user },
            reach_elsewhere: reach_after(&self.journal, Origin::of(base).as_ref()),
        };
        inquiry.answer(questions, self.progress).await
    }

    fn enter(&mut self, answers: Vec<Answer>) {
        for Answer { question, exchanges, grants } in answers {
            let exchanges = exchanges.into_iter().map(|exchange| self.journal.enter(exchange)).collect();
            self.answered.push(Answered { question, exchanges });
            self.grants.extend(grants);
        }
    }

    fn target(&self, base: Url) -> Target {
        Target {
            base,
            repository: self.reference.repository().to_owned(),
            selector: self.reference.selector(),
            headers: self.settings.headers.clone(),
        }
    }
}

/// Whether the credentials were taken, or at least not refused.
fn are_good(story: &Authentication) -> bool {
    let by_token = story.token.is_some();
    if story.is_withheld() {
        // Nobody has seen them; whoever sends them next withholds them as well.
        return true;
    }
    match story.outcome {
        Outcome::NotAsked | Outcome::Accepted | Outcome::Unjudged => true,
        // The token was refused, and the credentials were good for that.
        Outcome::Rejected => by_token,
        _ => false,
    }
}

pub(super) fn pairs() -> Vec<(String, String)> {
    realm_pairs().map(|(host, realm)| (host.to_owned(), realm.to_owned())).collect()
}

/// The `Accept` header of the asking client.
fn accept_of(probed: &Probed) -> String {
    let lines = probed.matrix.asking().map(|probe| probe.variant.accept().join(", "));
    lines.unwrap_or_default()
}

/// Whether a registry that does not speak TLS may be asked over plain HTTP: where it has a name of this machine, and the
/// address that it leads to is on the loopback device. Such a name may lead elsewhere.
pub(super) async fn may_be_plain(transport: &Transport, reference: &Reference) -> Result<bool, SessionError> {
    Ok(reference.registry().is_loopback() && transport.stays_here(&base(reference, Scheme::Http)?).await)
}

/// Where the registry of a reference answers.
pub(super) fn base(reference: &Reference, scheme: Scheme) -> Result<Url, SessionError> {
    let host = reference.registry();
    let authority = match known_registry(host.name()).and_then(|known| known.endpoint()) {
        Some(endpoint) => endpoint.to_owned(),
        None => host.to_string(),
    };
    Url::parse(&format!("{}://{authority}/", scheme.as_str())).map_err(|_| SessionError::Address(reference.to_string()))
}

/// Whether an attempt at HTTPS says that plain HTTP may be spoken instead. A certificate that is not accepted does not:
/// that is a fault to be seen, not to be got around.
pub(super) fn speaks_no_tls(exchange: &Exchange, port: Option<u16>) -> bool {
    match exchange.failure.as_ref().map(|failure| &failure.kind) {
        Some(FailureKind::NotTls | FailureKind::Closed) => exchange.response.is_none(),
        // Without a port the two schemes mean two ports.
        Some(FailureKind::Refused) => port.is_none(),
        _ => false,
    }
}
