//! Words and numbers that all layouts say in the same way.

use super::layout::Label;
use super::value::Report;
use crate::diagnosis::{Certainty, CommandLine, Finding, Severity, words};
use crate::evidence::{Redaction, instant};
use crate::oci::media_type;
use crate::text::Untrusted;

/// The identity of a run with the token that it was given: `anonymous, with a token (jwt, 205 bytes, grants nothing)`.
pub(super) fn with_token(report: &Report) -> String {
    match &report.token {
        Some(token) => format!("{}, with a token ({token})", report.asked_as),
        None => report.asked_as.clone(),
    }
}

/// What a report does not show: `Not shown: 1 password (15 times), 2 cookies`.
pub fn removed(report: &Report) -> Option<String> {
    let removed: Vec<_> = report.redactions.iter().map(in_words).collect();
    (!removed.is_empty()).then(|| format!("Not shown: {}", removed.join(", ")))
}

fn in_words(redaction: &Redaction) -> String {
    let values = count(redaction.distinct, &redaction.what);
    if redaction.count > redaction.distinct { format!("{values} ({} times)", redaction.count) } else { values }
}

/// A media type by the name that people use for it.
pub(super) fn type_words(served: &Untrusted) -> String {
    media_type::plain_words(served.as_str()).map_or_else(|| served.printable(), str::to_owned)
}

/// A title as a sentence: titles begin in lower case, to follow a colon.
pub(super) fn sentence(title: &str) -> String {
    let mut characters = title.chars();
    characters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), characters.as_str()))
}

/// `1 request`, `2 requests`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = match what {
        _ if number == 1 => what.to_owned(),
        _ if what.ends_with('s') => format!("{what}es"),
        _ => format!("{what}s"),
    };
    format!("{number} {plural}")
}

/// A time as people read it.
pub(super) fn time(milliseconds: f64) -> String {
    if milliseconds < 1000.0 { format!("{milliseconds:.0} ms") } else { format!("{:.1} s", milliseconds / 1000.0) }
}

/// A time to the minute: `2026-11-30 00:05 UTC`.
pub fn minute(time: i64) -> String {
    let text = instant(time);
    match text.split_once('T') {
        Some((day, hour)) => format!("{day} {} UTC", hour.get(..5).unwrap_or(hour)),
        None => text,
    }
}

/// How bad a finding is, in a word.
pub(super) fn severity(finding: &Finding) -> (&'static str, Label) {
    match finding.severity {
        Severity::Error => ("error", Label::Bad),
        Severity::Warning => ("warning", Label::Caution),
        Severity::Info => ("note", Label::Quiet),
    }
}

/// How sure a finding is, in a word.
pub(super) fn certainty(finding: &Finding) -> &'static str {
    match finding.certainty {
        Certainty::Certain => "certain",
        Certainty::Likely => "likely",
    }
}

/// The command that explains a finding, where the report is read.
pub(super) fn explanation_of(report: &Report, finding: &Finding) -> CommandLine {
    let program = words!["ociscope"].into_iter().filter(|_| !report.is_typed);
    let words = program.chain(words!["explain", finding.rule]);
    CommandLine::of(words).unwrap_or_else(|_| CommandLine::ours("ociscope rules"))
}
