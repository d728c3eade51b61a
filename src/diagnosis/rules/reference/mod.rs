//! What was typed is no reference: then what was probably meant is looked at, and that is said before anything else.

mod not_a_reference;
mod uppercase_in_name;

#[cfg(test)]
mod tests;

use crate::diagnosis::{Case, ExitStatus, Finding, Rule, Word, words};
use crate::oci::{self, Refusal};
use crate::text::Untrusted;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[uppercase_in_name::RULE, not_a_reference::RULE];

/// What to say of a refused reference, with what the corrected one was answered.
fn mended(case: &Case<'_>, refusal: &Refusal, title: &str) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let corrected = case.reference().input();
    let written = Untrusted::new(refusal.input.clone()).named_within(120);
    let asked = if exchange.is_success() || !case.all_served().is_empty() {
        "and it is there".to_owned()
    } else if exchange.response.is_some() {
        format!("and the answer was {}", case.words(id).named_within(160))
    } else {
        "and there was no answer".to_owned()
    };
    let finding = Finding::error(ExitStatus::Usage, title, id, case.words(id))
        .cause(format!(
            "{written} is refused by every client before anything is asked. {} In its place {corrected} was asked for, \
             {asked}.",
            refusal.rule.sentence()
        ))
        .fix_with(format!("Write {corrected}."), words!["ociscope", "diagnose", Word::input(case.reference())]);
    Some(finding)
}

/// The refusal of what was typed, where it is one for capital letters in the repository or one for anything else.
fn refusal<'a>(case: &Case<'a>, capitals: bool) -> Option<&'a Refusal> {
    let refusal = case.record().mended.as_ref()?;
    ((refusal.rule == oci::Violation::UppercaseInRepository) == capitals).then_some(refusal)
}
