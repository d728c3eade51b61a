//! What was typed is no reference: then what was probably meant is looked at, and that is said before anything else.

pub(crate) mod not_a_reference;
pub(crate) mod uppercase_in_name;

#[cfg(test)]
mod tests;

use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::oci::{Refusal, Violation};
use crate::text::Untrusted;

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
    ((refusal.rule == Violation::UppercaseInRepository) == capitals).then_some(refusal)
}
