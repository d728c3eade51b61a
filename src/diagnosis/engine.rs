//! Runs the rules and orders their findings.

use std::sync::LazyLock;

use super::rules::backend::servers_disagree;
use super::{Basis, Case, Certainty, ExitStatus, Family, Finding, Rule, Severity, catalogue};
use crate::evidence::Query;

/// The result of all rules.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The findings, most important first.
    pub findings: Vec<Finding>,
    /// The open questions of the rules; empty once they are answered or cannot be.
    pub questions: Vec<Query>,
}

/// Runs every rule over a case.
///
/// The rules run in the order of the catalogue. A general rule is silent if a particular one [speaks instead of
/// it](super::Rule::instead_of). After the first certain error, errors of later families are its consequences and are
/// dropped; warnings and notes stay. Errors of the last family are for failures that no other rule explains, so any
/// error before them, certain or likely, drops them.
pub fn judge(case: &Case<'_>) -> Judgement {
    let rules = catalogue();
    let mut findings: Vec<Finding> = Vec::new();
    let mut settled_by = None;
    static REPLACING: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| replacing(catalogue()));
    for (rule, found) in rules.iter().zip(examine(rules, &REPLACING, case)) {
        let Some(mut finding) = found else { continue };
        if case.record().provenance.is_some() && rule.basis == Basis::Machine {
            finding.certainty = Certainty::Likely;
        }
        if finding.severity == Severity::Error {
            let explained = || findings.iter().any(|earlier| earlier.severity == Severity::Error);
            if settled_by.is_some_and(|family| family != rule.family) || (rule.family == Family::Server && explained())
            {
                continue;
            }
            if finding.certainty == Certainty::Certain {
                settled_by = Some(rule.family);
            }
        }
        findings.push(finding);
    }
    // If servers contradict each other, the answer of one of them is not certain.
    let is_contradiction = |finding: &Finding| finding.rule == servers_disagree::RULE.name;
    if findings.iter().any(is_contradiction) {
        let others = findings.iter_mut().filter(|finding| !is_contradiction(finding));
        others.for_each(|finding| finding.certainty = Certainty::Likely);
    }
    // Stable, to keep the catalogue's order within a severity.
    findings.sort_by_key(|finding| (finding.severity, finding.certainty == Certainty::Likely));
    Judgement { findings, questions: case.open_questions() }
}

/// The findings of the rules, in their order, without those that another rule replaces.
///
/// A note replaces nothing, and a warning does not replace an error: no rule hides a more severe finding. Only findings
/// count: while a particular rule waits for the answer to a question, the general one runs, and asks its own. `replacing` has
/// the rules that may replace each of the rules ([`replacing`]).
pub(super) fn examine(rules: &[Rule], replacing: &[Vec<usize>], case: &Case<'_>) -> Vec<Option<Finding>> {
    let mut examination = Examination { rules, replacing, case, found: vec![None; rules.len()] };
    (0..rules.len()).for_each(|at| examination.examine(at));
    examination.found.into_iter().map(Option::flatten).collect()
}

/// For each of the rules, the positions of those that may replace it. A run judges several times, and a command may make a
/// thousand runs, so names are compared once.
pub(super) fn replacing(rules: &[Rule]) -> Vec<Vec<usize>> {
    let of = |rule: &Rule| {
        let replaces = |other: &(usize, &Rule)| other.1.instead_of.contains(&rule.name);
        rules.iter().enumerate().filter(replaces).map(|(at, _)| at).collect()
    };
    rules.iter().map(of).collect()
}

/// The state of an examination.
struct Examination<'e, 'a> {
    rules: &'e [Rule],
    /// The positions of the rules that may replace each rule.
    replacing: &'e [Vec<usize>],
    case: &'e Case<'a>,
    /// The result of each rule that was examined.
    found: Vec<Option<Option<Finding>>>,
}

impl Examination<'_, '_> {
    /// Examines a rule, after those that may replace it, regardless of their order.
    fn examine(&mut self, at: usize) {
        if self.found[at].is_some() {
            return;
        }
        // Set before the others are examined, so that rules which name each other in a cycle terminate; the catalogue
        // has no cycle.
        self.found[at] = Some(None);
        let (rule, replacing) = (&self.rules[at], self.replacing);
        let mut spoken = Severity::Info;
        for &other in &replacing[at] {
            self.examine(other);
            let severity = self.found[other].iter().flatten().map(|finding| finding.severity);
            spoken = severity.min().unwrap_or(Severity::Info).min(spoken);
        }
        // Nothing is more severe than an error: a rule that an error replaces asks no questions either.
        if spoken == Severity::Error {
            return;
        }
        let found = (rule.examine)(self.case).map(|finding| Finding { rule: rule.name, ..finding });
        self.found[at] = Some(found.filter(|found| spoken == Severity::Info || found.severity < spoken));
    }
}

impl Judgement {
    /// The exit status of the run: the first error decides.
    pub fn exit_status(&self) -> ExitStatus {
        let error = self.findings.iter().find(|finding| finding.severity == Severity::Error);
        error.map_or(ExitStatus::Success, |finding| finding.exit)
    }
}

#[cfg(test)]
mod tests;
