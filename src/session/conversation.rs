//! Requests to one registry, one after the other: what commands do that want a single thing of it.
//!
//! What one request has taught is kept for the next: the scheme that is spoken, and what may be sent to the repository. The
//! answers are facts like any others, so the rules explain a refusal here as they do in a report.

mod handshake;
mod image;
mod wanted;

use std::rc::Rc;

use url::Url;

use super::certs_folders::certs_folders;
use super::memory::Learnt;
use super::run::{base, may_be_plain, pairs, speaks_no_tls};
use super::words::placed;
use super::{RegistrySettings, Session, SessionError, redactor, secrets};
use crate::auth::realm::{self, Trust};
use crate::auth::{Answered, Authenticator, Credentials, Grant, TrustedRealms};
use crate::diagnosis::{Answered as AnsweredQuestion, Case, Circumstances, Depth, Judgement, Question, judge};
use crate::evidence::{
    Authentication, CredentialTrail, Exchange, ExchangeId, Journal, Matrix, Method, Outcome, OverHttp, Redactor,
    Variant, is_from_in_front,
};
use crate::lab::Lab;
use crate::oci::{Origin, Place, Reference, Scheme};
use crate::registry::{Accepting, RegistryClient, Target};
use crate::text::Untrusted;
use crate::transport::{Roots, Transport};

pub use image::{Obstacle, Stopped};
pub use wanted::Wanted;

/// A conversation with the registry of one reference.
pub struct Conversation<'a> {
    session: &'a Session,
    /// The session's, as they hold for the registry, with the credential that is stored for it.
    settings: RegistrySettings,
    reference: Reference,
    about_repository: bool,
    transport: Transport,
    lab: Option<Rc<Lab>>,
    base: Option<Url>,
    grant: Option<Grant>,
    circumstances: Circumstances,
    authentication: Authentication,
    journal: Journal,
    /// What was asked of the parts of the image, for the rules.
    answered: Vec<AnsweredQuestion>,
    /// The answer to the reference itself, where its image was looked for.
    root: Option<ExchangeId>,
}

impl<'a> Conversation<'a> {
    pub(super) async fn with(session: &'a Session, reference: &Reference) -> Result<Self, SessionError> {
        let (settings, trail) = session.with_credentials(reference).await;
        Self::begun(session, reference, settings, trail).await
    }

    async fn begun(
        session: &'a Session,
        reference: &Reference,
        settings: RegistrySettings,
        trail: CredentialTrail,
    ) -> Result<Self, SessionError> {
        let lab = session.lab(reference).await?;
        let transport = session.transport(reference, lab.as_deref())?;
        let settings = session.where_it_is(settings, reference, &transport).await?;
        let mut conversation = Self {
            session,
            reference: reference.clone(),
            about_repository: true,
            transport,
            lab,
            base: None,
            grant: None,
            circumstances: session.circumstances(reference, Depth::Probe, None, trail),
            authentication: Authentication::not_asked(settings.credential),
            settings,
            journal: Journal::default(),
            answered: Vec::new(),
            root: None,
        };
        conversation.recall();
        Ok(conversation)
    }

    /// The same with the registry itself, of which only the reference's host matters: a token is asked for without a
    /// repository, with the challenge's own scope where that is the catalogue's or one word for everything.
    #[must_use]
    pub fn about_no_repository(mut self) -> Self {
        self.about_repository = false;
        self.recall();
        self
    }

    /// Begins with what is known of the registry from earlier runs, where there were some.
    fn recall(&mut self) {
        let session = self.session;
        let Some(memory) = &session.memory else { return };
        let known =
            memory.known(&self.reference, self.about_repository, &self.settings, self.lab.as_ref(), &session.stop);
        let mut story = Vec::new();
        (self.grant, self.authentication) = (None, Authentication::not_asked(self.authentication.credential));
        if let Some(known) = known {
            (self.transport, self.base) = (known.transport, Some(known.base));
            if let Some(standing) = known.standing {
                (self.grant, self.authentication, story) =
                    (Some(standing.grant), standing.authentication, standing.story);
            }
        }
        self.journal = Journal::after(memory.last_number(), story);
    }

    /// The reference that it is about.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Everything that was exchanged.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Whether its exchanges are kept under their numbers when it is over.
    pub fn is_remembered(&self) -> bool {
        self.session.remembers()
    }

    /// Where a credential was looked for, and what was found. Empty where one was given, or none was to be used.
    pub fn trail(&self) -> &CredentialTrail {
        &self.circumstances.trail
    }

    /// Why a login or headers are not used, or what their use has shown to others, a sentence each.
    pub fn withheld(&self) -> impl Iterator<Item = &str> {
        let given = self.settings.login_withheld.iter().chain(&self.settings.headers_withheld).map(String::as_str);
        given.chain(self.authentication.over_http.map(OverHttp::sentence))
    }

    /// The user whose password is used, given or stored.
    pub fn user(&self) -> Option<Untrusted> {
        match &self.settings.credentials {
            Some(Credentials::Password { username, .. }) if !self.authentication.is_withheld() => {
                Some(Untrusted::from(username.reveal()))
            }
            _ => None,
        }
    }

    /// The story of the credentials so far.
    pub fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// The host of the realm that the registry named, as it is given to `--trust-realm`, and whether it may have
    /// credentials. `None` where there is none, or none that may be asked at all.
    pub fn realm(&self) -> Option<(Untrusted, Trust)> {
        let seen = self.authentication.challenge.as_ref()?;
        // The realm of any other scheme is a word for people, and no address (RFC 9110, section 11.5).
        let named = seen.realm.as_ref().filter(|_| seen.scheme.as_str().eq_ignore_ascii_case("bearer"))?;
        let pairs = pairs();
        let trusted = TrustedRealms { pairs: &pairs, by_user: &self.settings.trusted_realms };
        let challenged_by = self.authentication.challenged_by.map(|id| self.journal.get(id));
        let place = challenged_by.and_then(|exchange| exchange.connection.place).unwrap_or(Place::ELSEWHERE);
        let realm = realm::judge(named, self.base.as_ref()?, &trusted, place).ok()?;
        Some((realm.trust_name(), realm.why()))
    }

    /// The lab scenario that answers, where it is not the network.
    pub fn simulation(&self) -> Option<&str> {
        self.lab.as_ref().map(|lab| lab.scenario().name.as_str())
    }

    /// Where the requests go; known after the first.
    pub fn origin(&self) -> Option<Origin> {
        self.base.as_ref().and_then(Origin::of)
    }

    /// What has to be kept out of every output. It knows the secrets of the requests so far.
    pub fn redactor(&self) -> Redactor {
        let grants: Vec<_> = self.grant.iter().collect();
        redactor(&self.settings, &self.transport, &grants, &self.reference, &self.journal)
    }

    /// Asks, and where that is refused with a challenge, answers it and asks again. The exchanges of the answer: redirects
    /// or pages, the last of which is the last word.
    ///
    /// # Errors
    /// Where the reference does not make an address.
    pub async fn ask(&mut self, wanted: &Wanted<'_>) -> Result<Vec<ExchangeId>, SessionError> {
        let port = self.reference.registry().port();
        let (scheme, tentative) = match (&self.base, self.reference.scheme()) {
            (Some(base), _) => (if base.scheme() == "http" { Scheme::Http } else { Scheme::Https }, false),
            _ if self.settings.plain_http => (Scheme::Http, false),
            (None, Some(scheme)) => (scheme, false),
            (None, None) => (Scheme::Https, may_be_plain(&self.transport, &self.reference).await?),
        };
        let ids = self.ask_over(scheme, wanted).await?;
        let no_tls = |ids: &[ExchangeId]| ids.last().is_some_and(|&id| speaks_no_tls(self.journal.get(id), port));
        if !tentative || !no_tls(&ids) {
            return Ok(ids);
        }
        self.circumstances.fell_back_to_http = ids.last().copied();
        self.ask_over(Scheme::Http, wanted).await
    }

    async fn ask_over(&mut self, scheme: Scheme, wanted: &Wanted<'_>) -> Result<Vec<ExchangeId>, SessionError> {
        let base = base(&self.reference, scheme)?;
        self.base = Some(base.clone());
        self.journal.begin_round();
        let exchanges = self.send(&base, wanted).await;
        let ids = self.enter(exchanges);
        let Some(&last) = ids.last().filter(|&&id| self.is_refused(id)) else { return Ok(self.settled(ids)) };
        self.authenticate(&base, last).await;
        if self.grant.is_none() {
            return Ok(ids);
        }
        self.journal.begin_round();
        let exchanges = self.send(&base, wanted).await;
        let again = self.enter(exchanges);
        if again.last().is_some_and(|&id| self.is_refused(id)) {
            self.authentication.outcome = Outcome::Rejected;
        }
        Ok(self.settled(again))
    }

    /// Answers, after which credentials do not count as accepted if something in front of the registry gave the last one.
    fn settled(&mut self, ids: Vec<ExchangeId>) -> Vec<ExchangeId> {
        let in_front = ids.last().is_some_and(|&id| is_from_in_front(self.journal.get(id)));
        if in_front && self.authentication.outcome == Outcome::Accepted {
            self.authentication.outcome = Outcome::Unjudged;
        }
        ids
    }

    /// What the rules say of an answer to a request for the manifest or for anything else that the asking client wants.
    pub fn judge(&self, answer: ExchangeId, accept: &[String]) -> Judgement {
        let variant = if accept.is_empty() { current() } else { Variant::asked(accept) };
        self.judged(vec![(variant, Some(answer))], &self.answered)
    }

    /// What the rules say of a refusal of the manifest to a client that accepts these types. One answer alone says little,
    /// so what a current client is told is asked for too, and whether there is a blob of the digest where rules want to
    /// know that: as a probe would.
    ///
    /// # Errors
    /// Where the reference does not make an address.
    pub async fn judge_closely(&mut self, answer: ExchangeId, accept: &[String]) -> Result<Judgement, SessionError> {
        let is_refused = self.journal.get(answer).status().is_some_and(|status| status >= 400);
        let mut answers = if accept.is_empty() {
            vec![(current(), Some(answer))]
        } else {
            vec![(Variant::asked(accept), Some(answer))]
        };
        if is_refused && !accept.is_empty() {
            let to_current = self.answer(&Wanted::Manifest(Method::Head, &[])).await?;
            answers.push((current(), Some(to_current)));
        }
        let mut judgement = self.judged(answers.clone(), &self.answered);
        if self.ask_about_the_scheme(&judgement).await {
            judgement = self.judged(answers.clone(), &self.answered);
        }
        let blob = judgement.questions.iter().find_map(|question| match question {
            Question::Blob(digest) => Some(digest.clone()),
            _ => None,
        });
        let Some(digest) = blob.filter(|_| is_refused) else { return Ok(judgement) };
        self.inquire(Question::Blob(digest.clone()), &Wanted::HasBlob(&digest)).await?;
        Ok(self.judged(answers, &self.answered))
    }

    fn judged(&self, answers: Vec<(Variant, Option<ExchangeId>)>, answered: &[AnsweredQuestion]) -> Judgement {
        let matrix = Matrix::new(answers, Vec::new(), &self.journal);
        let mut circumstances = self.circumstances.clone();
        circumstances.bundled_roots = self.transport.roots() == Some(Roots::Bundled);
        if self.lab.is_none() {
            circumstances.certs_folders = certs_folders(self.reference.registry(), &self.journal);
        }
        if answered.iter().any(|answered| !answered.question.belongs_to_a_probe()) {
            circumstances.depth = Depth::Diagnosis;
        }
        let case = Case::new(&self.reference, &self.journal, &matrix, &self.authentication, &circumstances, answered);
        let mut judgement = judge(&case);
        placed(&self.settings, self.reference.registry(), self.session.typed, &mut judgement.findings);
        if let Some(memory) = self.session.memory.as_ref().filter(|_| !self.session.aside) {
            memory.note_login_advice(&judgement.findings);
        }
        judgement
    }

    async fn send(&self, base: &Url, wanted: &Wanted<'_>) -> Vec<Exchange> {
        let client = RegistryClient { transport: &self.transport, target: self.target(base) };
        let grant = self.grant.as_ref();
        match wanted {
            Wanted::Manifest(method, types) => {
                let variant = if types.is_empty() { current() } else { Variant::asked(types) };
                let accepting = Accepting { variant: variant.id(), lines: variant.accept() };
                client.manifest(*method, accepting, grant).await
            }
            Wanted::Child(digest) => client.child(digest, Method::Get, grant).await,
            Wanted::Config(digest) => client.config(digest, grant).await,
            Wanted::HasBlob(digest) => vec![client.has_blob(digest, grant).await],
            Wanted::Beginning(digest) => client.layer(digest, grant).await,
            Wanted::Blob(digest) => client.blob(digest, grant).await,
            Wanted::Tags => client.tags(grant).await,
            Wanted::Referrers(digest) => client.referrers(digest, grant).await,
            Wanted::Path(method, path, accept) => client.path(*method, path, accept, grant).await,
        }
    }

    async fn authenticate(&mut self, base: &Url, refused: ExchangeId) {
        let settings = &self.settings;
        let pairs = pairs();
        let trusted = TrustedRealms { pairs: &pairs, by_user: &settings.trusted_realms };
        let authenticator = Authenticator {
            transport: &self.transport,
            credentials: settings.credentials.as_ref(),
            credential: settings.credential,
            may_go_in_clear: settings.may_go_in_clear,
            trusted: &trusted,
            registry: base,
            repository: self.about_repository.then(|| self.reference.repository()),
        };
        let answered = authenticator.answer(self.journal.get(refused)).await;
        let Answered { challenge, token, token_shape, token_claims, token_lifetime, token_remarks, grant, .. } =
            answered;
        self.authentication.note_over_http(answered.over_http);
        self.session.note(answered.over_http);
        self.authentication.challenged_by = Some(refused);
        self.authentication.challenge = challenge;
        if let Some(exchange) = token {
            self.journal.begin_round();
            self.authentication.token = Some(self.journal.enter(exchange));
        }
        self.authentication.token_shape = token_shape;
        self.authentication.token_claims = token_claims;
        self.authentication.token_lifetime = token_lifetime;
        self.authentication.token_remarks = token_remarks;
        self.authentication.outcome = answered.outcome;
        self.grant = grant;
    }

    /// Whether the registry itself wants to know who asks.
    fn is_refused(&self, id: ExchangeId) -> bool {
        let exchange = self.journal.get(id);
        exchange.status() == Some(401) && Origin::of(&exchange.request.url) == self.origin()
    }

    fn enter(&mut self, exchanges: Vec<Exchange>) -> Vec<ExchangeId> {
        exchanges.into_iter().map(|exchange| self.journal.enter(exchange)).collect()
    }

    fn target(&self, base: &Url) -> Target {
        Target {
            base: base.clone(),
            repository: self.reference.repository().to_owned(),
            selector: self.reference.selector(),
            headers: self.settings.headers.clone(),
        }
    }
}

impl Drop for Conversation<'_> {
    /// However it ends, what was exchanged is kept where exchanges are.
    fn drop(&mut self) {
        let Some(memory) = &self.session.memory else { return };
        if !self.session.aside {
            memory.note_untrusted_realm(&self.reference, &self.authentication);
        }
        if let Some(base) = &self.base {
            let learnt = Learnt {
                reference: &self.reference,
                about_repository: self.about_repository,
                settings: &self.settings,
                transport: &self.transport,
                lab: self.lab.as_ref(),
                base,
                grant: self.grant.as_ref(),
                authentication: &self.authentication,
                journal: &self.journal,
            };
            memory.learn(learnt, &self.session.stop);
        }
        let secrets = secrets(&self.settings, &self.transport, &self.grant.iter().collect::<Vec<_>>());
        let journal = std::mem::take(&mut self.journal);
        let credential = self.authentication.credential;
        self.session.keep(journal, &self.reference, secrets, self.lab.as_deref(), credential);
    }
}

/// What current clients send.
fn current() -> Variant {
    let twelve = Variant::twelve().into_iter();
    twelve.last().expect("there are twelve, and the last is that of current clients")
}
