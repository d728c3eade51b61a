//! Answering the questions of rules: each is a request or a few, and all that are open go out together, within bounds.

use futures_util::stream::{self, StreamExt};
use url::Url;

use super::RegistrySettings;
use super::run::base;
use crate::auth::{Answered, Authenticator, Credentials, Grant, TrustedRealms};
use crate::diagnosis::Question;
use crate::evidence::{Exchange, Journal, Method, Purpose};
use crate::knowledge::{KnownRegistry, known_registry};
use crate::oci::{Origin, Place, Reference, media_type};
use crate::registry::{RegistryClient, Target};
use crate::transport::{Reach, Transport};

/// How many questions are answered at the same time.
const AT_ONCE: usize = 8;

/// How many questions one run answers at most, beside those about layers.
pub(super) const MOST_QUESTIONS: usize = 200;

/// How many questions about layers one run answers at most: two for each that can be looked at.
pub(super) const MOST_LAYER_QUESTIONS: usize = 1000;

/// Somebody who is told how many of the open questions are answered.
pub type Progress<'a> = dyn Fn(usize, usize) + 'a;

/// What came of one question.
pub(super) struct Answer {
    pub question: Question,
    pub exchanges: Vec<Exchange>,
    /// Further tokens, which must be kept out of every output.
    pub grants: Vec<Grant>,
}

/// Asks what rules want to know.
pub(super) struct Inquiry<'a> {
    pub settings: &'a RegistrySettings,
    pub transport: &'a Transport,
    /// The repository that the run is about.
    pub target: Target,
    pub reference: &'a Reference,
    /// What may be sent to its registry.
    pub grant: Option<Grant>,
    /// The credentials, as far as they may be sent again: what was refused is not, because some registries lock the
    /// account.
    pub credentials: Option<&'a Credentials>,
    /// The `Accept` header of the asking client.
    pub accept: String,
    pub trusted: TrustedRealms<'a>,
    /// How far the registry's own answers may send us.
    pub reach_elsewhere: Reach,
}

/// Asks which scheme a server speaks. Where the registry itself is not the one that failed, a server named the host, and
/// it is reached no further than it was.
pub(super) async fn other_scheme(
    transport: &Transport,
    question: &Question,
    target: &Target,
    elsewhere: Reach,
) -> Vec<Exchange> {
    let reach = |origin: &Origin| {
        if target.origin().as_ref() == Some(origin) { Reach::Anywhere } else { elsewhere }
    };
    let exchange = match question {
        Question::SpeaksTls(origin) => transport.ask_for_tls(origin, reach(origin)).await,
        Question::SpeaksHttp(origin) => transport.ask_for_http(origin, reach(origin)).await,
        _ => None,
    };
    exchange.into_iter().collect()
}

/// How far the answers of a registry may send us: as far as the first of them says.
pub(super) fn reach_after(journal: &Journal, registry: Option<&Origin>) -> Reach {
    let own =
        |exchange: &&Exchange| exchange.response.is_some() && Origin::of(&exchange.request.url).as_ref() == registry;
    journal.iter().map(|(_, exchange)| exchange).find(own).map_or(Reach::NamedFrom(Place::ELSEWHERE), Reach::after)
}

impl Inquiry<'_> {
    /// Answers questions at the same time, in their order.
    pub async fn answer(&self, questions: Vec<Question>, progress: &Progress<'_>) -> Vec<Answer> {
        let all = questions.len();
        let mut answers = Vec::with_capacity(all);
        let mut answering = stream::iter(questions).map(|question| self.answer_one(question)).buffered(AT_ONCE);
        while let Some(answer) = answering.next().await {
            answers.push(answer);
            progress(answers.len(), all);
        }
        answers
    }

    async fn answer_one(&self, question: Question) -> Answer {
        let grant = self.grant.as_ref();
        let client = RegistryClient { transport: self.transport, target: self.target.clone() };
        let mut grants = Vec::new();
        let exchanges = match &question {
            _ if self.transport.is_stopped() => Vec::new(),
            Question::Blob(digest) | Question::LayerPresence(digest) => vec![client.has_blob(digest, grant).await],
            Question::OwnDigest(digest, method) => client.by_digest(digest, *method, &self.accept, grant).await,
            Question::Child(digest, method) => client.child(digest, *method, grant).await,
            Question::Config(digest) => client.config(digest, grant).await,
            Question::Layer(digest) => client.layer(digest, grant).await,
            Question::SmallLayer(digest, most) => client.small_layer(digest, *most, grant).await,
            Question::Tags => client.tags(grant).await,
            Question::Referrers(digest) => client.referrers(digest, grant).await,
            Question::FirstGeneration => {
                let target = Target { headers: Vec::new(), ..self.target.clone() };
                vec![RegistryClient { transport: self.transport, target }.first_generation().await]
            }
            Question::Ping => {
                let target = Target { headers: Vec::new(), ..self.target.clone() };
                RegistryClient { transport: self.transport, target }.ping().await
            }
            Question::Anonymous => {
                let target = Target { headers: Vec::new(), ..self.target.clone() };
                self.as_a_stranger(Purpose::Anonymous, target, &self.accept, None, &mut grants).await
            }
            Question::Elsewhere(other) => match self.elsewhere(other) {
                Some((target, credentials)) => {
                    let accept = media_type::CURRENT.join(", ");
                    self.as_a_stranger(Purpose::Comparison, target, &accept, credentials, &mut grants).await
                }
                None => Vec::new(),
            },
            Question::SpeaksTls(_) | Question::SpeaksHttp(_) => {
                other_scheme(self.transport, &question, &self.target, self.reach_elsewhere).await
            }
        };
        Answer { question, exchanges, grants }
    }

    /// Where another reference is asked for, and with which credentials: those of the run for the same registry, none
    /// for another.
    fn elsewhere(&self, other: &Reference) -> Option<(Target, Option<&Credentials>)> {
        if other.registry() == self.reference.registry() {
            let target = self.target.at(other.repository(), &other.selector());
            let refused = self.settings.credentials.is_some() && self.credentials.is_none();
            return (!refused).then_some((target, self.credentials));
        }
        let base: Url = base(other, other.scheme().unwrap_or(crate::oci::Scheme::Https)).ok()?;
        let repository = other.repository().to_owned();
        Some((Target { base, repository, selector: other.selector(), headers: Vec::new() }, None))
    }

    /// Asks for a manifest from the beginning: without anything, and where that is refused with a challenge, with what
    /// the challenge asks for. By HEAD where a GET would be counted as a pull.
    async fn as_a_stranger(
        &self,
        purpose: Purpose,
        target: Target,
        accept: &str,
        credentials: Option<&Credentials>,
        grants: &mut Vec<Grant>,
    ) -> Vec<Exchange> {
        let counted = target.base.host_str().and_then(known_registry).is_some_and(KnownRegistry::counts_gets_as_pulls);
        let method = if counted { Method::Head } else { Method::Get };
        let client = RegistryClient { transport: self.transport, target };
        let mut exchanges = client.again(purpose, method, accept, None).await;
        let refused = |exchange: &&Exchange| {
            exchange.status() == Some(401) && Origin::of(&exchange.request.url) == client.target.origin()
        };
        let Some(refusal) = exchanges.last().filter(refused) else { return exchanges };
        let authenticator = Authenticator {
            transport: self.transport,
            credentials,
            credential: self.settings.credential,
            may_go_in_clear: self.settings.may_go_in_clear,
            trusted: &self.trusted,
            registry: &client.target.base,
            repository: Some(&client.target.repository),
        };
        let Answered { token, grant, .. } = authenticator.answer(refusal).await;
        exchanges.extend(token);
        if let Some(grant) = grant {
            exchanges.extend(client.again(purpose, method, accept, Some(&grant)).await);
            grants.push(grant);
        }
        exchanges
    }
}
