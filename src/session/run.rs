//! A run under way: the probe, and then rounds of queries until the rules have no more of them.

use super::certs_folders::certs_folders;
use super::{RegistrySettings, SessionError};
use crate::diagnosis::{Case, Circumstances, Depth, Judgement, judge};
use crate::evidence::{Matrix, Query, Variant, variant};
use crate::oci::Scheme;
use crate::probe::{Plan, Prober};
use crate::registry::{Dialogue, MOST_QUERIES, Progress};
use crate::transport::Roots;

/// The most rounds of queries that rules may ask.
const QUERY_ROUNDS: usize = 4;

/// A run under way.
pub(super) struct Run<'a> {
    pub settings: &'a RegistrySettings,
    pub dialogue: Dialogue,
    pub circumstances: Circumstances,
    pub progress: &'a Progress<'a>,
    /// How many queries were not asked because there were too many.
    pub left_out: usize,
}

impl Run<'_> {
    /// Probes over HTTPS, over HTTP where that was asked for, and on loopback over whichever answers.
    pub async fn probe(&mut self, accept: &[String]) -> Result<Matrix, SessionError> {
        let is_tentative = self.dialogue.choose_scheme().await?;
        let matrix = self.probe_here(is_tentative, accept).await;
        let first_try = matrix.probe(variant::ALL).and_then(|probe| probe.exchange);
        match first_try {
            Some(first_try) if is_tentative && self.dialogue.falls_back_after(first_try)? => {
                let matrix = self.probe_here(false, accept).await;
                self.circumstances.fell_back_to_http = self.dialogue.fell_back_to_http();
                Ok(matrix)
            }
            _ => Ok(matrix),
        }
    }

    async fn probe_here(&mut self, is_tentative: bool, accept: &[String]) -> Matrix {
        let Self { settings, dialogue, circumstances, progress, .. } = self;
        let mut variants = Variant::twelve();
        if !accept.is_empty() {
            variants.push(Variant::asked(accept));
        }
        let scheme = if dialogue.base().scheme() == "http" { Scheme::Http } else { Scheme::Https };
        let mut plan = Plan::new(scheme, circumstances.known, settings.credentials.is_some());
        if is_tentative {
            plan = plan.tentative();
        }
        if circumstances.depth == Depth::Diagnosis {
            plan = plan.frugal();
        }
        let meanwhile = |matrix: &Matrix, dialogue: &Dialogue| {
            // What a refused request would be asked about may look quite different once there is a token.
            let served = matrix.asking().and_then(|probe| probe.exchange);
            let served = served.is_some_and(|id| dialogue.journal().get(id).is_success());
            if served && circumstances.depth == Depth::Diagnosis {
                judge(&case(dialogue, matrix, circumstances)).questions
            } else {
                Vec::new()
            }
        };
        Prober { dialogue, plan, variants, progress }.run(meanwhile).await
    }

    /// Runs the rules, asks what they want to know, and runs them again.
    pub async fn judge(&mut self, matrix: &Matrix) -> Judgement {
        self.circumstances.bundled_roots = self.dialogue.transport().roots() == Some(Roots::Bundled);
        if self.settings.lab.is_none() {
            let registry = self.dialogue.reference().registry();
            self.circumstances.certs_folders = certs_folders(registry, self.dialogue.journal());
        }
        let accept = matrix.asking().map(|probe| probe.variant.accept().join(", ")).unwrap_or_default();
        let mut rounds_left = QUERY_ROUNDS;
        loop {
            let judgement = judge(&self.case(matrix));
            if judgement.questions.is_empty() || rounds_left == 0 || self.dialogue.transport().is_stopped() {
                return judgement;
            }
            rounds_left -= 1;
            let mut queries: Vec<Query> = judgement.questions;
            let room = MOST_QUERIES.saturating_sub(self.dialogue.answered().len());
            let too_many = queries.split_off(queries.len().min(room));
            self.left_out += too_many.len();
            self.dialogue.leave_out(too_many);
            if queries.is_empty() {
                continue;
            }
            self.dialogue.begin_round();
            let received = self.dialogue.answer_all(queries, &accept, self.progress).await;
            self.dialogue.enter_all(received);
        }
    }

    /// The case as far as it is known.
    pub fn case<'b>(&'b self, matrix: &'b Matrix) -> Case<'b> {
        case(&self.dialogue, matrix, &self.circumstances)
    }
}

/// What rules see of a dialogue.
pub(super) fn case<'a>(dialogue: &'a Dialogue, matrix: &'a Matrix, circumstances: &'a Circumstances) -> Case<'a> {
    let (reference, journal) = (dialogue.reference(), dialogue.journal());
    Case::new(reference, journal, matrix, dialogue.authentication(), circumstances, dialogue.answered())
}
