//! Successive requests to one registry, for commands with a single purpose.
//!
//! Their answers are evidence like any other, so the rules explain a refusal here as they do in a report.

mod handshake;
mod image;

use std::rc::Rc;

use super::recorded::{recorded_run, recorded_runs};
use super::run::surroundings;
use super::words::placed;
use super::{OpenedRecording, RegistrySettings, Session, SessionError, redactor};
use crate::auth::Credentials;
use crate::auth::realm::Trust;
use crate::diagnosis::{Case, Judgement, judge};
use crate::evidence::{
    Authentication, CredentialTrail, Depth, ExchangeId, Journal, ListOf, Matrix, Method, OverHttp, Provenance, Query,
    Record, Redactor, Reply, Variant,
};
use crate::lab::Lab;
use crate::oci::{Origin, Reference};
use crate::registry::{Dialogue, NextPage};
use crate::text::Untrusted;

pub use image::Stopped;

/// A conversation with the registry of one reference.
pub struct Conversation<'a> {
    session: &'a Session,
    /// The session's settings for the registry, with its stored credential.
    settings: RegistrySettings,
    lab: Option<Rc<Lab>>,
    dialogue: Dialogue,
    /// The answer to the reference itself, if its image was looked for.
    root: Option<ExchangeId>,
    /// Further recorded runs, which may have answers that the first one lacks.
    others: Vec<Record>,
}

impl<'a> Conversation<'a> {
    pub(super) async fn with(session: &'a Session, reference: &Reference) -> Result<Self, SessionError> {
        if let Some(recording) = &session.settings.recording {
            return Self::of_recording(session, recording, reference);
        }
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
        let options = session.options(&settings, &[]);
        let record = Record { options, ..session.record(reference, Depth::Probe, trail, lab.as_deref()) };
        let mut conversation = Self {
            session,
            lab,
            dialogue: Dialogue::new(record, settings.access.clone(), transport)?,
            settings,
            root: None,
            others: Vec::new(),
        };
        conversation.recall();
        Ok(conversation)
    }

    /// Creates a conversation that a recorded run answers.
    fn of_recording(
        session: &'a Session,
        recording: &OpenedRecording,
        reference: &Reference,
    ) -> Result<Self, SessionError> {
        let settings = RegistrySettings::new(&session.settings, reference);
        let mut run = recorded_run(recording, reference)?.clone();
        let mut others: Vec<_> = recorded_runs(recording, reference).into_iter().skip(1).cloned().collect();
        others.reverse();
        run.options = session.options_of_recording(&settings, &run, &[]);
        run.depth = Depth::Probe;
        let dialogue = Dialogue::of_recording(&run, session.last_number())?;
        Ok(Self { session, settings, lab: None, dialogue, root: None, others })
    }

    /// Switches the conversation to the registry itself; see [`Dialogue::leave_repository`].
    #[must_use]
    pub fn about_no_repository(mut self) -> Self {
        self.dialogue.leave_repository();
        self.recall();
        self
    }

    /// Continues from the registry's state after earlier runs, if there were any.
    fn recall(&mut self) {
        let session = self.session;
        if self.dialogue.is_of_recording() {
            return;
        }
        let Some(memory) = &session.memory else { return };
        let earlier = memory.known(&self.dialogue, &self.settings, self.lab.as_ref(), (&session.stop, &session.ended));
        self.dialogue.recall(memory.last_number(), earlier);
    }

    /// The reference of the conversation.
    pub fn reference(&self) -> &Reference {
        &self.dialogue.record().reference
    }

    /// All exchanges.
    pub fn journal(&self) -> &Journal {
        &self.dialogue.record().journal
    }

    /// Whether its exchanges are kept under their numbers when it ends.
    pub fn is_remembered(&self) -> bool {
        self.session.remembers()
    }

    /// Where a credential was looked for, and the result. Empty if one was given, or none was to be used.
    pub fn trail(&self) -> &CredentialTrail {
        &self.dialogue.record().trail
    }

    /// Sentences that say why a login or headers are not used, or what their use has exposed.
    pub fn withheld(&self) -> impl Iterator<Item = &str> {
        let given = self.settings.login_withheld.iter().chain(&self.settings.headers_withheld).map(String::as_str);
        given.chain(self.authentication().over_http.map(OverHttp::sentence))
    }

    /// The user whose password is used, given or stored.
    pub fn user(&self) -> Option<Untrusted> {
        match &self.settings.access.credentials {
            Some(Credentials::Password { username, .. }) if !self.authentication().is_withheld() => {
                Some(Untrusted::from(username.reveal()))
            }
            _ => None,
        }
    }

    /// The authentication trace so far.
    pub fn authentication(&self) -> &Authentication {
        &self.dialogue.record().authentication
    }

    /// The host of the realm that the registry named, in the form of `--trust-realm`, and whether it may receive
    /// credentials. `None` if there is none, or none that may be contacted.
    pub fn realm(&self) -> Option<(Untrusted, Trust)> {
        self.dialogue.realm().map(|realm| (realm.trust_name(), realm.why()))
    }

    /// The file that answers instead of the network.
    pub fn provenance(&self) -> Option<&Provenance> {
        self.dialogue.record().provenance.as_ref()
    }

    /// The query that the run sent first for the manifest, in the form of current clients: a challenge is in the answer to
    /// it. By HEAD, which registries do not count as a pull; in a recording, by the recorded method.
    pub fn leading_query(&self) -> Query {
        let by_head = Query::manifest(Method::Head, &[]);
        let is_leading =
            |query: &&Query| matches!(query, Query::Manifest(_, variant) if *variant == Variant::current());
        let recorded = self.session.settings.recording.as_ref();
        let run = recorded.and_then(|recording| recorded_run(recording, self.reference()).ok());
        run.and_then(|run| run.asked.iter().map(|asked| &asked.query).find(is_leading)).cloned().unwrap_or(by_head)
    }

    /// The lab scenario that answers instead of the network.
    pub fn simulation(&self) -> Option<&str> {
        self.dialogue.record().simulation.as_deref()
    }

    /// The origin of the requests; known after the first.
    pub fn origin(&self) -> Option<Origin> {
        self.dialogue.record().origin.clone()
    }

    /// The page of a list after this one.
    pub fn next_page(&self, page: ExchangeId) -> NextPage {
        self.dialogue.next_page(page)
    }

    /// How many challenges were answered: each may add secrets that [`Conversation::redactor`] did not know.
    pub fn challenges(&self) -> usize {
        self.dialogue.record().stories.len()
    }

    /// A redactor for all output, which knows the secrets of the requests so far.
    pub fn redactor(&self) -> Redactor {
        redactor(&self.settings, &self.dialogue)
    }

    /// Sends a query, like [`Dialogue::ask`].
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address, or a recording does not contain the request.
    pub async fn ask(&mut self, query: &Query) -> Result<Vec<ExchangeId>, SessionError> {
        let query = &self.as_recorded(query);
        let mut ids = self.dialogue.ask(query).await?;
        while ids.is_empty()
            && let Some(other) = self.others.pop()
        {
            self.dialogue.go_on_with(&other);
            ids = self.dialogue.ask(query).await?;
        }
        if ids.is_empty() {
            return Err(SessionError::NotRecorded(in_words(query)));
        }
        if self.dialogue.has_answered_a_challenge() {
            self.session.note(self.authentication().over_http);
        }
        Ok(ids)
    }

    /// Sends a query, and others in the same round, like [`Dialogue::ask_with`].
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn ask_with(
        &mut self,
        query: &Query,
        others: &[Query],
    ) -> Result<(Vec<ExchangeId>, Vec<Vec<ExchangeId>>), SessionError> {
        let answers = self.dialogue.ask_with(&self.as_recorded(query), others).await?;
        if self.dialogue.has_answered_a_challenge() {
            self.session.note(self.authentication().over_http);
        }
        Ok(answers)
    }

    /// A query for the manifest as the client of a recording has made it, if the recording has no other: the log of another
    /// client. A GET shows what a HEAD would.
    fn as_recorded(&self, query: &Query) -> Query {
        let Query::Manifest(method, _) = query else { return query.clone() };
        let accept = &self.dialogue.record().options.accept;
        let others = [*method, Method::Get].map(|method| Query::manifest(method, accept));
        let mut known = [query].into_iter().chain(&others).filter(|query| self.dialogue.may_answer(query));
        known.next().unwrap_or(query).clone()
    }

    /// The rules' judgement on an answer to a request for the manifest or for anything else that the asking client
    /// needs.
    pub fn judge(&self, answer: ExchangeId, accept: &[String]) -> Judgement {
        let variant = if accept.is_empty() { Variant::current() } else { Variant::asked(accept) };
        self.judged(vec![(variant, Some(answer))])
    }

    /// The rules' judgement on a refusal of the manifest to a client that accepts these types. One answer alone says
    /// little, so the request of a current client is sent as well, and a check for a blob with the digest if a rule
    /// needs it: as in a probe.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn judge_closely(&mut self, answer: ExchangeId, accept: &[String]) -> Result<Judgement, SessionError> {
        let is_refused = self.journal().get(answer).status().is_some_and(|status| status >= 400);
        let asking = if accept.is_empty() { Variant::current() } else { Variant::asked(accept) };
        let mut answers = vec![(asking, Some(answer))];
        if is_refused && !accept.is_empty() {
            let to_current = recorded(self.answer(&Query::manifest(Method::Head, &[])).await)?;
            answers.extend(to_current.map(|to_current| (Variant::current(), Some(to_current))));
        }
        let mut judgement = self.judged(answers.clone());
        if self.ask_about_the_scheme(&judgement).await {
            judgement = self.judged(answers.clone());
        }
        let blob = judgement.questions.iter().find(|query| matches!(query, Query::HasBlob(_))).cloned();
        let Some(blob) = blob.filter(|_| is_refused) else { return Ok(judgement) };
        recorded(self.inquire(blob).await)?;
        Ok(self.judged(answers))
    }

    /// The rules' judgement on these answers and on all queries about them.
    fn judged(&self, answers: Vec<(Variant, Option<ExchangeId>)>) -> Judgement {
        let answered = self.dialogue.record().answered.clone();
        self.judged_with(answers, answered)
    }

    /// The rules' judgement on a single answer.
    fn judged_alone(&self, answer: ExchangeId) -> Judgement {
        self.judged_with(vec![(Variant::current(), Some(answer))], Vec::new())
    }

    fn judged_with(&self, answers: Vec<(Variant, Option<ExchangeId>)>, answered: Vec<Reply>) -> Judgement {
        let record = self.dialogue.record();
        let is_deep = answered.iter().any(|answered| !Depth::Probe.allows(&answered.query));
        let (bundled_roots, certs_folders) = surroundings(&self.dialogue);
        let judged = Record {
            matrix: Matrix::new(answers, Vec::new(), &record.journal),
            depth: if is_deep { Depth::Diagnosis } else { record.depth },
            answered,
            bundled_roots,
            certs_folders,
            ..record.clone()
        };
        // Rules see only what a recording contains.
        let judged = self.redactor().sealed(&judged);
        let mut judgement = judge(&Case::new(&judged));
        placed(&judged, &mut judgement.findings, self.session.asks);
        if let Some(memory) = self.session.memory.as_ref().filter(|_| !self.session.aside) {
            memory.note_login_advice(&judgement.findings);
        }
        judgement
    }
}

/// An answer that a recording may lack: the judgement is then made without it.
fn recorded<T>(answer: Result<T, SessionError>) -> Result<Option<T>, SessionError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(SessionError::NotRecorded(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A query as the object of a sentence.
fn in_words(query: &Query) -> String {
    match query {
        Query::Manifest(method, _) => format!("a {} request for the manifest with this Accept header", method.as_str()),
        Query::OwnDigest(digest, _) | Query::Child(digest, _) => format!("the manifest {digest}"),
        Query::Config(digest) => format!("the config {digest}"),
        Query::HasBlob(digest)
        | Query::Layer(digest)
        | Query::LayerPresence(digest)
        | Query::SmallLayer(digest, _)
        | Query::Blob(digest) => format!("the whole blob {digest}"),
        Query::Tags | Query::Page(ListOf::Tags, _) => "the list of tags".to_owned(),
        Query::Referrers(_) | Query::Page(ListOf::Referrers(_), _) => "the list of referrers".to_owned(),
        Query::Page(ListOf::Repositories, _) => "the list of repositories".to_owned(),
        Query::Path(method, ..) => format!("a {} request to this path", method.as_str()),
        Query::FirstGeneration
        | Query::Ping
        | Query::Anonymous
        | Query::Elsewhere(_)
        | Query::SpeaksTls(_)
        | Query::SpeaksHttp(_) => "this request".to_owned(),
    }
}

impl Drop for Conversation<'_> {
    /// However it ends, its exchanges are kept if exchanges are remembered.
    fn drop(&mut self) {
        let sealed = || self.redactor().sealed(self.dialogue.record());
        self.session.keep_record(&self.session.tickets(), sealed, &self.settings, &self.dialogue);
        let Some(memory) = &self.session.memory else { return };
        if !self.session.aside {
            memory.note_untrusted_realm(&self.dialogue);
        }
        if self.dialogue.record().origin.is_some() {
            memory.learn(&self.dialogue, &self.settings, self.lab.as_ref(), &self.session.stop);
        }
        memory.keep(&mut self.dialogue, &self.settings, self.session.aside);
    }
}
