//! A finding as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnosis::{Certainty, Finding, Severity};
use crate::evidence::ExchangeId;

/// One finding.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "finding")]
pub struct WrittenFinding<'a> {
    /// The rule's name, as `ociscope explain` takes it.
    rule: &'static str,
    /// For the client that asks.
    severity: Severity,
    /// `likely` where something that would decide could not be asked.
    certainty: Certainty,
    /// What is the matter, in one line.
    title: &'a str,
    /// Why.
    cause: &'a str,
    /// What can be done about it.
    fix: Vec<WrittenFix<'a>>,
    /// What it is based on.
    evidence: Vec<WrittenQuote<'a>>,
}

/// One way to fix it.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenFix<'a> {
    /// What to do.
    text: &'a str,
    /// The command that does it; null where there is none.
    command: Option<&'a str>,
}

/// One piece of evidence.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenQuote<'a> {
    /// The exchange that shows it.
    exchange: ExchangeId,
    /// The words that show it.
    quote: &'a str,
}

impl<'a> WrittenFinding<'a> {
    /// A finding.
    pub fn of(finding: &'a Finding) -> Self {
        let fixes = finding.fix.iter();
        let quotes = finding.evidence.iter();
        Self {
            rule: finding.rule,
            severity: finding.severity,
            certainty: finding.certainty,
            title: &finding.title,
            cause: &finding.cause,
            fix: fixes.map(|fix| WrittenFix { text: &fix.text, command: fix.command.as_deref() }).collect(),
            evidence: quotes.map(|one| WrittenQuote { exchange: one.exchange, quote: one.quote.as_str() }).collect(),
        }
    }

    /// Several of them.
    pub fn all(findings: &'a [Finding]) -> Vec<Self> {
        findings.iter().map(Self::of).collect()
    }
}
