//! Input that is not a reference: the finding comes before all others, and shows the answer for the suggested
//! reference.

mod not_a_reference;
mod uppercase_in_name;

#[cfg(test)]
mod tests;

use crate::diagnosis::{Case, ExitStatus, Finding, Rule, Word, words};
use crate::oci::{self, Refusal};
use crate::text::Untrusted;

/// The rules, in the order in which causes are examined.
pub(crate) const RULES: &[Rule] = &[uppercase_in_name::RULE, not_a_reference::RULE];

/// The finding for a refused reference, with the answer for the corrected one.
fn corrected(case: &Case<'_>, refusal: &Refusal, title: &str) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let suggestion = case.reference().input();
    let written = Untrusted::new(refusal.input.clone()).named_within(120);
    let asked = if exchange.is_success() || !case.all_served().is_empty() {
        "and it exists".to_owned()
    } else if exchange.response.is_some() {
        format!("and the answer was {}", case.words(id).named_within(160))
    } else {
        "and there was no answer".to_owned()
    };
    let finding = Finding::error(ExitStatus::Usage, title, id, case.words(id))
        .cause(format!(
            "Every client rejects {written} before it sends a request. {} ociscope requested {suggestion} instead, \
             {asked}.",
            refusal.rule.sentence()
        ))
        .fix_with(format!("Use {suggestion}:"), words!["ociscope", "diagnose", Word::input(case.reference())]);
    Some(finding)
}

/// The refusal of the input, by whether it is for upper case in the repository or for anything else.
fn refusal<'a>(case: &Case<'a>, capitals: bool) -> Option<&'a Refusal> {
    let refusal = case.record().mended.as_ref()?;
    ((refusal.rule == oci::Violation::UppercaseInRepository) == capitals).then_some(refusal)
}
