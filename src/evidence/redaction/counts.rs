//! How much was taken out: how often, and how many different values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Redaction;
use super::labels::labels_in;
use super::shape::label;

/// What was taken out so far, by kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    kinds: BTreeMap<Cow<'static, str>, Counted>,
    /// Labels of what is only another form of a known value: the pair that a password is sent in, for one.
    forms: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
struct Counted {
    times: usize,
    /// The labels of the different values.
    values: BTreeSet<String>,
}

impl Counts {
    /// Makes a value count as a form of another.
    pub fn is_form_of(&mut self, form: &str, value: &str) {
        self.forms.insert(label(form), label(value));
    }

    /// Counts a value that was taken out once.
    pub fn add(&mut self, what: &'static str, value: &str) {
        self.add_labelled(what.into(), label(value), 1);
    }

    /// Counts a value that was taken out before, by its label.
    pub fn add_label(&mut self, what: impl Into<Cow<'static, str>>, label: String) {
        self.add_labelled(what.into(), label, 1);
    }

    /// Counts a value by the label in the words that stand in its place, taken out this many times.
    pub fn add_shown(&mut self, what: impl Into<Cow<'static, str>>, shown: &str, times: usize) {
        let found = labels_in(shown).next().map(|(_, label)| label);
        self.add_labelled(what.into(), found.unwrap_or_default(), times);
    }

    fn add_labelled(&mut self, what: Cow<'static, str>, found: String, times: usize) {
        let counted = self.kinds.entry(what).or_default();
        counted.times += times;
        counted.values.insert(self.forms.get(&found).cloned().unwrap_or(found));
    }

    /// What was taken out, in the order of the kinds' names.
    pub fn redactions(&self) -> Vec<Redaction> {
        let one = |(what, counted): (&Cow<'static, str>, &Counted)| Redaction {
            what: what.clone(),
            count: counted.times,
            distinct: counted.values.len(),
        };
        self.kinds.iter().map(one).collect()
    }
}
