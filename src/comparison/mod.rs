//! Compares two runs: whether clients notice a difference, why digests differ, what each side lacks, and who is
//! affected. Everything here is pure: [`compare`] is a function of two records, and [`questions`] says which evidence
//! a comparison needs beyond that of the two diagnoses.
//!
//! Labels of secrets are made anew in each run and are never compared; where only removed values may differ, the
//! comparison says so.

mod access;
mod consequences;
mod document;
mod headers;
mod image;
mod index;
mod look;
mod presence;
mod root;
#[cfg(test)]
mod tests;
mod value;
mod variants;

pub use value::{Comparison, Consequence, Difference, Effect, Kind, Outcome, Part, Served, Side, Who};

use self::look::Look;
use crate::evidence::{Method, Query, Record};

/// Compares two records, whose secrets were removed.
pub fn compare(a: &Record, b: &Record) -> Comparison {
    let sides = [Look::at(a), Look::at(b)];
    let served = sides.each_ref().map(|look| look.root.as_ref().map(|root| root.served.clone()));
    // What an interrupted run did not ask is not missing.
    if a.interrupted || b.interrupted || served.iter().any(Option::is_none) {
        let (parts, differences, consequences) = (Vec::new(), Vec::new(), Vec::new());
        return Comparison { outcome: Outcome::Unread, served, parts, differences, consequences };
    }
    let root::Compared { parts, differences: content } = root::compared(&sides);
    let lacking = presence::lacking(&sides);
    let mut differences = content;
    differences.extend(lacking.iter().map(presence::Lacking::difference));
    differences.extend(variants::differences(&sides));
    differences.extend(headers::differences(&sides));
    differences.extend(access::differences(&sides));
    let consequences = consequences::consequences(&sides, &lacking);
    let outcome = match &differences[..] {
        [] => Outcome::Same,
        some if some.iter().any(|difference| difference.is_noticed) => Outcome::Noticed,
        _ => Outcome::Unnoticed,
    };
    Comparison { outcome, served, parts, differences, consequences }
}

/// The queries to the second side that a comparison needs and that a diagnosis does not make: whether it also has the
/// digest of the first, for clients that pull by digest, and whether it serves anonymous clients if the first does.
/// Empty once they are answered.
pub fn questions(a: &Record, b: &Record) -> Vec<Query> {
    let sides = [Look::at(a), Look::at(b)];
    let mut questions = Vec::new();
    if let Some(digest) = look::pinned(&sides) {
        let asked = |method| Query::Child(digest.clone(), method);
        match look::reply(b, &asked(Method::Head)) {
            None => questions.push(asked(Method::Head)),
            // Not every registry answers HEAD correctly.
            Some(Some(400..)) if look::reply(b, &asked(Method::Get)).is_none() => questions.push(asked(Method::Get)),
            Some(_) => {}
        }
    }
    let is_elsewhere = a.reference.to_string() != b.reference.to_string();
    if is_elsewhere && access::is_unknown_on_b_alone(&sides) && look::reply(b, &Query::Anonymous).is_none() {
        questions.push(Query::Anonymous);
    }
    questions
}
