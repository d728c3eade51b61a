//! The probable intention of a text that is not a reference.

use super::parser;
use super::refusal::{Problem, Refusal, Repair};

/// The maximum number of repairs for one suggestion; with more faults, the intention is no longer obvious.
const REPAIRS: usize = 8;

/// The maximum length of a suggestion, far above that of any sensible reference.
const SUGGESTION_LENGTH: usize = 1024;

/// The refusal of a reference, with a suggestion if repairing the fault, and those that surface after it, results in a
/// valid reference.
pub(super) fn refused(input: &str, problem: Problem) -> Refusal {
    let suggestion = suggest(input, problem.repair.clone());
    Refusal { suggestion, ..Refusal::of_fragment(input, problem) }
}

fn suggest(input: &str, mut repair: Option<Repair>) -> Option<String> {
    let mut text = input.to_owned();
    for _ in 0..REPAIRS {
        text = match repair? {
            Repair::Edit { at, by } => format!("{}{by}{}", text.get(..at.start)?, text.get(at.end..)?),
            Repair::Whole(text) => text,
            Repair::Form(text) => return Some(text),
        };
        match parser::parse(&text) {
            Ok(_) => return Some(text).filter(|text| text.len() <= SUGGESTION_LENGTH),
            Err(problem) => repair = problem.repair,
        }
    }
    None
}
