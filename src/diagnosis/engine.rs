//! Running the rules and putting what they found in order.

use super::rules::backend::servers_disagree;
use super::{Case, Certainty, ExitStatus, Family, Finding, Severity, catalogue};
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
/// Causes are looked for in the catalogue's order. After the first certain error, errors of later families are its
/// consequences and are left out; warnings and notes stay. Errors of the last family are for what no other explains, so
/// there one error before them, certain or likely, is enough.
pub fn judge(case: &Case<'_>) -> Judgement {
    let mut findings: Vec<Finding> = Vec::new();
    let mut settled_by = None;
    for rule in catalogue() {
        let Some(finding) = (rule.examine)(case) else { continue };
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
        findings.push(Finding { rule: rule.name, ..finding });
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

impl Judgement {
    /// What the run ends with: the first error decides.
    pub fn exit_status(&self) -> ExitStatus {
        let error = self.findings.iter().find(|finding| finding.severity == Severity::Error);
        error.map_or(ExitStatus::Success, |finding| finding.exit)
    }
}
