//! Several references: a row for each, which is written as it comes, then the answers of those with something to tell.

use super::layout::{Block, Label, Layout, Span};
use super::short::{Amount, answer};
use super::value::{Report, Verdict};
use super::verdict::unchecked;
use super::words::{count, time};
use crate::diagnosis::{Finding, Role, Severity};

/// The widest column of references; a longer one takes what it needs.
const WIDEST_NAME: usize = 44;
/// The most platforms that are named.
const PLATFORMS: usize = 4;

/// How many of several references came to what, and what that took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    images: usize,
    errors: usize,
    warnings: usize,
    unknown: usize,
    /// Those of which not every part was checked.
    partly: usize,
    requests: usize,
}

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, report: &Report) {
        self.images += 1;
        self.errors += usize::from(report.verdict == Verdict::Error);
        self.warnings += usize::from(report.verdict == Verdict::Warning);
        self.unknown += usize::from(report.verdict == Verdict::Unknown);
        self.partly += usize::from(report.verdict != Verdict::Error && unchecked(report).is_some());
        self.requests += super::requests::sent(report);
    }

    /// `3 images · 2 cannot be pulled · 41 requests · 0.9 s`, of a command that took so many milliseconds, if that is known.
    pub fn summary(self, milliseconds: Option<f64>) -> Layout {
        if self.images == 0 {
            return Layout::new();
        }
        let mut parts = vec![count(self.images, "image")];
        parts.push(match self.errors {
            0 if self.partly + self.unknown > 0 => "no errors found".to_owned(),
            0 => "all can be pulled".to_owned(),
            errors => format!("{errors} cannot be pulled"),
        });
        parts.extend((self.unknown > 0).then(|| format!("{} interrupted", self.unknown)));
        parts.extend((self.warnings > 0).then(|| count(self.warnings, "warning")));
        parts.push(count(self.requests, "request"));
        parts.extend(milliseconds.map(time));
        vec![Block::Text(vec![Span::new(parts.join(" · "), Label::Quiet)])]
    }
}

/// The row of one reference, with a column for references of at most so many characters, and what else there is to tell of
/// it: nothing of an image that can be pulled without a warning.
pub fn one_of_many(report: &Report, longest: usize) -> Layout {
    let mut layout = vec![row(report, longest.min(WIDEST_NAME))];
    if matches!(report.verdict, Verdict::Error | Verdict::Warning) {
        layout.extend(answer(report, Amount::USUAL));
    }
    layout
}

/// The row of one reference: a mark, its name, and what was found.
pub(super) fn row(report: &Report, width: usize) -> Block {
    let first = report.findings.iter().find(|finding| finding.severity != Severity::Info);
    let found = |finding: &Finding| {
        vec![(Span::new(finding.rule, Label::Name), 0), (Span::new(&finding.title, Label::Plain), 0)]
    };
    let (mark, words) = match report.verdict {
        Verdict::Error => (Span::new("✗", Label::Bad), first.map(found).unwrap_or_default()),
        Verdict::Warning => (Span::new("!", Label::Caution), first.map(found).unwrap_or_default()),
        Verdict::Ok => {
            let words =
                unchecked(report).map_or_else(|| platforms(report), |what| format!("served; not checked: {what}"));
            (Span::new("✓", Label::Good), vec![(Span::new(words, Label::Quiet), 0)])
        }
        Verdict::Unknown => (Span::new("?", Label::Caution), vec![(Span::new("interrupted", Label::Plain), 0)]),
    };
    let name = (Span::new(&report.canonical, Label::Plain), width);
    Block::Row([(mark, 0), name].into_iter().chain(words).collect())
}

/// The platforms of an index; of a single image the one that was wanted.
fn platforms(report: &Report) -> String {
    let index = report.tree.as_ref().filter(|root| root.role == Role::Index);
    let children = index.iter().flat_map(|root| &root.children).filter_map(|child| child.platform.as_ref());
    let names: Vec<_> =
        children.map(|platform| platform.cut_within(30)).filter(|name| name != "unknown/unknown").collect();
    match names.len() {
        0 => report.platform.clone(),
        known if known > PLATFORMS => format!("{} and {} more", names[..PLATFORMS].join(", "), known - PLATFORMS),
        _ => names.join(", "),
    }
}
