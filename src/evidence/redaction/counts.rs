//! Counts of removed values: occurrences, and different values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Redaction;
use super::labels::labels_in;
use super::shape::label;

/// The values removed so far, by kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    kinds: BTreeMap<Cow<'static, str>, Counted>,
    /// Labels of alternative forms of a known value, such as the pair in which a password is sent.
    forms: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
struct Counted {
    times: usize,
    /// The labels of the different values.
    values: BTreeSet<String>,
}

impl Counts {
    /// Makes a value count as a form of another one.
    pub fn is_form_of(&mut self, form: &str, value: &str) {
        self.forms.insert(label(form), label(value));
    }

    /// Counts one occurrence of a removed value.
    pub fn add(&mut self, what: &'static str, value: &str) {
        self.add_labelled(what.into(), label(value), 1);
    }

    /// Counts a value that was removed earlier, by its label.
    pub fn add_label(&mut self, what: impl Into<Cow<'static, str>>, label: String) {
        self.add_labelled(what.into(), label, 1);
    }

    /// Counts a value by the label in its replacement, removed this many times.
    pub fn add_shown(&mut self, what: impl Into<Cow<'static, str>>, shown: &str, times: usize) {
        let found = labels_in(shown).next().map(|(_, label)| label);
        self.add_labelled(what.into(), found.unwrap_or_default(), times);
    }

    fn add_labelled(&mut self, what: Cow<'static, str>, found: String, times: usize) {
        let counted = self.kinds.entry(what).or_default();
        counted.times += times;
        counted.values.insert(self.forms.get(&found).cloned().unwrap_or(found));
    }

    /// The removed values, in the order of their kinds.
    pub fn redactions(&self) -> Vec<Redaction> {
        let one = |(what, counted): (&Cow<'static, str>, &Counted)| Redaction {
            what: what.clone(),
            count: counted.times,
            distinct: counted.values.len(),
        };
        self.kinds.iter().map(one).collect()
    }
}
