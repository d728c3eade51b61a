//! Running the rules and putting what they found in order.

use std::sync::LazyLock;

use super::rules::backend::servers_disagree;
use super::{Case, Certainty, ExitStatus, Family, Finding, Rule, Severity, catalogue};
use crate::evidence::Query;

/// What all rules together come to.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The findings, most important first.
    pub findings: Vec<Finding>,
    /// What the rules would like to know; empty once they are sure or know that nobody can say.
    pub questions: Vec<Query>,
}

/// Runs every rule over a case.
///
/// Causes are looked for in the catalogue's order. A general rule is silent where a particular one [speaks instead of
/// it](super::Rule::instead_of). After the first certain error, errors of later families are its consequences and are left
/// out; warnings and notes stay. Errors of the last family are for what no other explains, so there one error before them,
/// certain or likely, is enough.
pub fn judge(case: &Case<'_>) -> Judgement {
    let rules = catalogue();
    let mut findings: Vec<Finding> = Vec::new();
    let mut settled_by = None;
    static SPEAKERS: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| speakers(catalogue()));
    for (rule, found) in rules.iter().zip(examine(rules, &SPEAKERS, case)) {
        let Some(finding) = found else { continue };
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
    // Where servers contradict each other, what one of them says is not certain.
    let is_contradiction = |finding: &Finding| finding.rule == servers_disagree::RULE.name;
    if findings.iter().any(is_contradiction) {
        let others = findings.iter_mut().filter(|finding| !is_contradiction(finding));
        others.for_each(|finding| finding.certainty = Certainty::Likely);
    }
    // Stable: within a severity the catalogue's order stays.
    findings.sort_by_key(|finding| (finding.severity, finding.certainty == Certainty::Likely));
    Judgement { findings, questions: case.open_questions() }
}

/// What each of the rules finds, in their order, unless another one speaks instead of it.
///
/// A note speaks instead of nothing, and a warning not instead of an error: no rule hides what is more severe. Only what
/// was found counts: as long as a particular rule waits for the answer to a question, the general one is examined, and asks
/// its own. `speakers` are those of these rules ([`speakers`]).
pub(super) fn examine(rules: &[Rule], speakers: &[Vec<usize>], case: &Case<'_>) -> Vec<Option<Finding>> {
    let mut examination = Examination { rules, speakers, case, found: vec![None; rules.len()] };
    (0..rules.len()).for_each(|at| examination.examine(at));
    examination.found.into_iter().map(Option::flatten).collect()
}

/// For each of the rules, the places of those that may speak instead of it. A run judges several times, and a command may
/// make a thousand runs, so names are compared once.
pub(super) fn speakers(rules: &[Rule]) -> Vec<Vec<usize>> {
    let speak_instead_of = |rule: &Rule| {
        let speaks = |other: &(usize, &Rule)| other.1.instead_of.contains(&rule.name);
        rules.iter().enumerate().filter(speaks).map(|(at, _)| at).collect()
    };
    rules.iter().map(speak_instead_of).collect()
}

/// The rules that were examined so far.
struct Examination<'e, 'a> {
    rules: &'e [Rule],
    /// The places of those that may speak instead of each rule.
    speakers: &'e [Vec<usize>],
    case: &'e Case<'a>,
    /// What each of the rules found, as far as they were examined.
    found: Vec<Option<Option<Finding>>>,
}

impl Examination<'_, '_> {
    /// Examines a rule, after those that may speak instead of it, wherever in the order they are.
    fn examine(&mut self, at: usize) {
        if self.found[at].is_some() {
            return;
        }
        // Before the others, so that rules which name each other in a circle come to an end; the catalogue has none.
        self.found[at] = Some(None);
        let (rule, speakers) = (&self.rules[at], self.speakers);
        let mut spoken = Severity::Info;
        for &other in &speakers[at] {
            self.examine(other);
            let severity = self.found[other].iter().flatten().map(|finding| finding.severity);
            spoken = severity.min().unwrap_or(Severity::Info).min(spoken);
        }
        // Nothing is more severe than an error: a rule that has one spoken instead of it asks no questions either.
        if spoken == Severity::Error {
            return;
        }
        let found = (rule.examine)(self.case).map(|finding| Finding { rule: rule.name, ..finding });
        self.found[at] = Some(found.filter(|found| spoken == Severity::Info || found.severity < spoken));
    }
}

impl Judgement {
    /// What the run ends with: the first error decides.
    pub fn exit_status(&self) -> ExitStatus {
        let error = self.findings.iter().find(|finding| finding.severity == Severity::Error);
        error.map_or(ExitStatus::Success, |finding| finding.exit)
    }
}

#[cfg(test)]
mod tests;
