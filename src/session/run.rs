//! A run in progress: the probe, followed by rounds of queries until the rules have no more.

use super::SessionError;
use super::certs_folders::certs_folders;
use crate::diagnosis::{Case, ExitStatus, judge};
use crate::evidence::{CredentialUse, Depth, Query, Record, Variant, variant};
use crate::oci::Scheme;
use crate::probe::{Plan, Prober};
use crate::registry::{Dialogue, Progress};
use crate::transport::Roots;

/// The maximum number of rounds of queries by rules.
const QUERY_ROUNDS: usize = 4;

/// A run in progress.
pub(super) struct Run<'a> {
    pub dialogue: Dialogue,
    pub progress: &'a Progress<'a>,
}

impl Run<'_> {
    /// Sends all requests that the depth of the run calls for. A run for one of many references starts with the asking
    /// client's requests, and becomes an ordinary diagnosis if they reveal an error.
    pub async fn through(&mut self, accept: &[String]) -> Result<(), SessionError> {
        let record = self.dialogue.record_mut();
        if record.one_of_many && record.depth == Depth::Diagnosis {
            record.depth = Depth::Batch;
        }
        self.probe(accept).await?;
        self.ask_what_rules_want().await;
        Ok(())
    }

    /// Turns a run with the asking client alone into a diagnosis.
    async fn go_deeper(&mut self) {
        self.dialogue.record_mut().depth = Depth::Diagnosis;
        let accept = self.record().options.accept.clone();
        let (plan, variants) = self.plan(false, &accept);
        Prober { dialogue: &mut self.dialogue, plan, variants, progress: self.progress }
            .go_on(&along_with_variants)
            .await;
    }

    /// Probes over HTTPS, over HTTP if it was requested, and on loopback over the scheme that answers.
    async fn probe(&mut self, accept: &[String]) -> Result<(), SessionError> {
        let is_tentative = self.dialogue.choose_scheme().await?;
        self.probe_here(is_tentative, accept).await;
        let first_try = self.record().matrix.probe(variant::ALL).and_then(|probe| probe.exchange);
        if let Some(first_try) = first_try.filter(|_| is_tentative)
            && self.dialogue.falls_back_after(first_try)?
        {
            self.probe_here(false, accept).await;
        }
        Ok(())
    }

    fn plan(&self, is_tentative: bool, accept: &[String]) -> (Plan, Vec<Variant>) {
        let Self { dialogue, .. } = self;
        let mut variants = Variant::twelve();
        if !accept.is_empty() {
            variants.push(Variant::asked(accept));
        }
        let is_with_credentials = dialogue.record().options.credential != CredentialUse::Anonymous;
        let scheme = if dialogue.base().scheme() == "http" { Scheme::Http } else { Scheme::Https };
        let mut plan = Plan::new(scheme, dialogue.record().known(), is_with_credentials);
        if is_tentative {
            plan = plan.tentative();
        }
        match dialogue.record().depth {
            Depth::Probe => {}
            Depth::Diagnosis => plan = plan.frugal(),
            Depth::Batch => plan = plan.frugal().alone(),
        }
        (plan, variants)
    }

    async fn probe_here(&mut self, is_tentative: bool, accept: &[String]) {
        let (plan, variants) = self.plan(is_tentative, accept);
        let Self { dialogue, progress } = self;
        let by_id = |id: &str| variants.iter().find(|variant| variant.id() == id);
        let plan = plan.as_recorded(|method, id| {
            by_id(id).is_some_and(|variant| dialogue.may_answer(&Query::Manifest(method, variant.clone())))
        });
        Prober { dialogue, plan, variants, progress }.run(&along_with_variants).await;
    }

    /// Runs the rules, sends their queries, and repeats that until there are none. One of many references becomes a
    /// diagnosis if an error is found: after the first answers, so that an evident fault is not examined in two steps,
    /// or once there are no more queries.
    async fn ask_what_rules_want(&mut self) {
        self.look_around();
        let mut rounds_left = QUERY_ROUNDS;
        let mut is_first = true;
        loop {
            let judgement = judge(&Case::new(self.record()));
            let is_done = judgement.questions.is_empty() || rounds_left == 0 || self.dialogue.is_stopped();
            let may_go_deeper = self.record().depth == Depth::Batch && (is_done || std::mem::take(&mut is_first));
            if may_go_deeper && judgement.exit_status() != ExitStatus::Success {
                self.go_deeper().await;
                self.look_around();
                rounds_left = QUERY_ROUNDS;
                continue;
            }
            if is_done {
                self.dialogue.enter_unasked().await;
                return;
            }
            rounds_left -= 1;
            let queries = self.dialogue.within_bounds(judgement.questions);
            if queries.is_empty() {
                continue;
            }
            self.dialogue.begin_round();
            let received = self.dialogue.answer_all(queries, &questions, self.progress).await;
            self.dialogue.enter_all(received);
        }
    }

    /// Notes the state of this machine that affects the answers.
    fn look_around(&mut self) {
        let (bundled_roots, certs_folders) = surroundings(&self.dialogue);
        let record = self.dialogue.record_mut();
        (record.bundled_roots, record.certs_folders) = (bundled_roots, certs_folders);
    }

    /// The observations so far.
    pub fn record(&self) -> &Record {
        self.dialogue.record()
    }
}

/// The queries that rules make of a record.
fn questions(record: &Record) -> Vec<Query> {
    judge(&Case::new(record)).questions
}

/// The queries of rules that are sent with the variants, once the leading one is answered.
fn along_with_variants(record: &Record) -> Vec<Query> {
    // Queries about a refused request may be quite different once there is a token. A 404 is not a challenge.
    let answer = record.matrix.asking().and_then(|probe| probe.exchange).map(|id| record.journal.get(id));
    let is_final = answer.is_some_and(|answer| answer.is_success() || answer.status() == Some(404));
    if is_final && record.depth.goes_deep() { questions(record) } else { Vec::new() }
}

/// The state of this machine that affects the answers: whether it lacks a certificate store, and the certificate
/// directories of container engines. A recording contains that of the machine where it was made.
pub(super) fn surroundings(dialogue: &Dialogue) -> (bool, Vec<String>) {
    let record = dialogue.record();
    if dialogue.is_of_recording() {
        return (record.bundled_roots, record.certs_folders.clone());
    }
    let folders = match record.simulation {
        Some(_) => Vec::new(),
        None => certs_folders(record.reference.registry(), &record.journal),
    };
    (dialogue.roots() == Some(Roots::Bundled), folders)
}
