//! What was probably meant by a text that is not a reference.

use super::parser;
use super::refusal::{Problem, Refusal, Repair};

/// How many faults of one input are mended for a suggestion; with more of them, nothing is obvious any more.
const REPAIRS: usize = 8;

/// The longest suggestion. Every sensible reference is far below.
const SUGGESTION_LENGTH: usize = 1024;

/// The refusal of a reference, with a suggestion if mending the fault, and those that come to light then, leads to a
/// reference that can be parsed.
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
