//! Examines references: all requests that the depth of the run calls for, then the judgement.

use std::rc::Rc;

use super::judged::report_of;
use super::run::Run;
use super::{Assignment, Examined, RegistrySettings, Session, SessionError, redactor};
use crate::evidence::{CredentialTrail, Depth, OverHttp, Query, Record};
use crate::lab::Lab;
use crate::oci::Reference;
use crate::registry::{Dialogue, Progress};

/// The maximum number of rounds of queries for a comparison.
const COMPARISON_ROUNDS: usize = 2;

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The reference.
    pub reference: &'a Reference,
    /// Whether no credentials are used, although there are some.
    pub anonymous: bool,
    /// The recorded run that answers instead of the network.
    pub recorded: Option<&'a Record>,
}

/// A run whose requests were sent, before it is judged.
pub(super) struct Examination<'a> {
    pub run: Run<'a>,
    pub settings: RegistrySettings,
    pub lab: Option<Rc<Lab>>,
    /// Its place in each recorder.
    pub tickets: Vec<usize>,
}

impl Session {
    /// Sends every Accept variant for a reference, sends the rules' additional queries, and explains the answers.
    /// `progress` receives how many of the queries are answered, round by round.
    ///
    /// The redactor knows the secrets of the run; all output made from the report passes it once more.
    ///
    /// # Errors
    /// Fails if nothing could be sent at all. All later failures are in the report.
    pub async fn examine(&self, assignment: Assignment<'_>, progress: &Progress<'_>) -> Result<Examined, SessionError> {
        let examination = match &self.settings.recording {
            Some(recording) => self.replay(recording, assignment, progress).await?,
            None => self.started(assignment, false, progress).await?,
        };
        Ok(self.concluded(examination))
    }

    /// Diagnoses two references for a comparison, at the same time unless exchanges are kept: the shell numbers them run
    /// by run. The second side is then sent the queries that `questions` returns for the two records.
    ///
    /// # Errors
    /// Fails if nothing could be sent at all to one of them.
    pub async fn examine_two(
        &self,
        sides: [Compared<'_>; 2],
        questions: impl Fn(&Record, &Record) -> Vec<Query>,
    ) -> Result<[Examined; 2], SessionError> {
        let progress: &Progress<'_> = &|_, _| {};
        let [one, other] = sides;
        let (one, mut other) = match self.remembers() {
            true => {
                let one = self.concluded(self.compared(one, progress).await?);
                (one, self.compared(other, progress).await?)
            }
            false => {
                let (one, other) = tokio::join!(self.compared(one, progress), self.compared(other, progress));
                (self.concluded(one?), other?)
            }
        };
        let dialogue = &mut other.run.dialogue;
        for _ in 0..COMPARISON_ROUNDS {
            let queries = questions(&one.record, dialogue.record());
            if queries.is_empty() || dialogue.is_stopped() {
                break;
            }
            let queries = dialogue.within_bounds(queries);
            dialogue.begin_round();
            let received = dialogue.answer_all(queries, &|_| Vec::new(), progress).await;
            dialogue.enter_all(received);
        }
        Ok([one, self.concluded(other)])
    }

    async fn compared<'a>(
        &self,
        side: Compared<'_>,
        progress: &'a Progress<'a>,
    ) -> Result<Examination<'a>, SessionError> {
        let Compared { reference, anonymous, recorded } = side;
        let assignment =
            Assignment { reference, accept: &[], depth: Depth::Diagnosis, mended: None, one_of_many: false };
        match (recorded, &self.settings.recording) {
            (Some(run), _) => self.replay_of(run, &[], Depth::Diagnosis, progress).await,
            (None, Some(recording)) => self.replay(recording, assignment, progress).await,
            (None, None) => self.started(assignment, anonymous, progress).await,
        }
    }

    /// Sends all requests of a run, with the credentials for its registry unless it is anonymous.
    async fn started<'a>(
        &self,
        assignment: Assignment<'_>,
        anonymous: bool,
        progress: &'a Progress<'a>,
    ) -> Result<Examination<'a>, SessionError> {
        let tickets = self.tickets();
        let Assignment { reference, accept, depth, mended, one_of_many } = assignment;
        let lab = self.lab(reference).await?;
        let transport = self.transport(reference, lab.as_deref())?;
        let (settings, trail) = match anonymous {
            true => {
                let settings = RegistrySettings::new(&self.settings, reference).without_credentials();
                (settings, CredentialTrail::default())
            }
            false => self.with_credentials(reference).await,
        };
        let settings = self.where_it_is(settings, reference, &transport).await?;
        let record = Record {
            mended,
            one_of_many,
            options: self.options(&settings, accept),
            ..self.record(reference, depth, trail, lab.as_deref())
        };
        let dialogue = Dialogue::new(record, settings.access.clone(), transport)?;
        let mut run = Run { dialogue, progress };
        run.dialogue.recall(self.last_number(), None);
        run.through(accept).await?;
        Ok(Examination { run, settings, lab, tickets })
    }

    /// Judges a run, and keeps its exchanges where they are kept.
    fn concluded(&self, examination: Examination<'_>) -> Examined {
        let Examination { mut run, settings, lab, tickets } = examination;
        let over_http = run.record().authentication.over_http;
        self.note(over_http.filter(|over_http| matches!(over_http, OverHttp::Sent(_))));
        run.dialogue.record_mut().interrupted |= self.stop.borrow().is_some();
        run.dialogue.note_unrecorded();
        let mut redactor = redactor(&settings, &run.dialogue);
        let record = redactor.sealed(run.record());
        let report = report_of(&record, &mut redactor, self.asks);
        self.keep_record(&tickets, || record.clone(), &settings, &run.dialogue);
        if let Some(memory) = &self.memory {
            memory.note_login_advice(&report.findings);
            memory.learn(&run.dialogue, &settings, lab.as_ref(), &self.stop);
            memory.note_untrusted_realm(&run.dialogue);
            memory.keep(&mut run.dialogue, &settings, self.aside);
        }
        Examined { record, report, redactor }
    }
}
