//! Searches a text for all forms of all known secrets, in one pass.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::is_break;
use super::shape::removed;

/// How much of a form is in the automaton. A text that contains this much of a longer one contains a part of it, which
/// is removed as far as it goes.
const LONGEST: usize = 512;

/// A form of a secret to search for.
#[derive(Debug, Clone)]
struct Form {
    what: &'static str,
    text: String,
    /// Its replacement.
    shown: Arc<str>,
}

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    /// The position.
    pub range: Range<usize>,
    /// The kind.
    pub what: &'static str,
    /// The replacement.
    pub shown: Arc<str>,
}

/// Forms of secrets. The automata that search for them are built on first use.
#[derive(Default)]
pub(super) struct Known {
    forms: BTreeMap<String, Form>,
    /// The total size of the forms in bytes.
    bytes: usize,
    whole: OnceCell<Option<Automaton>>,
    /// For texts without line breaks and other separators of values that are broken across lines.
    joined: OnceCell<Joined>,
}

/// The search for forms in texts without breaks.
enum Joined {
    /// The same search as in other texts.
    AsWhole,
    /// Another search; `None` if there are no forms to search for.
    Own(Option<Automaton>),
}

struct Automaton {
    automaton: AhoCorasick,
    /// The forms that begin with each pattern.
    forms: Vec<Vec<Form>>,
}

impl Known {
    /// Adds forms of a value. A form belongs to the first value that has it.
    pub fn add(&mut self, what: &'static str, value: &str, forms: impl IntoIterator<Item = String>) {
        let shown: Arc<str> = removed(what, value).into();
        for text in forms {
            let form = Form { what, text: text.clone(), shown: Arc::clone(&shown) };
            if let Entry::Vacant(place) = self.forms.entry(text) {
                self.bytes += form.text.len();
                place.insert(form);
            }
        }
        (self.whole, self.joined) = Default::default();
    }

    /// Adds the forms of others.
    pub fn extend(&mut self, other: Self) {
        for (text, form) in other.forms {
            if let Entry::Vacant(place) = self.forms.entry(text) {
                self.bytes += form.text.len();
                place.insert(form);
            }
        }
        (self.whole, self.joined) = Default::default();
    }

    /// Whether all of these forms are known.
    pub fn has(&self, forms: &[String]) -> bool {
        forms.iter().all(|form| self.forms.contains_key(form))
    }

    /// The total size of the forms in bytes.
    pub fn size(&self) -> usize {
        self.bytes
    }

    /// The matches in a text, in order and without overlaps: the first, and of those at one position the longest.
    pub fn find(&self, text: &str) -> Vec<Match> {
        let automaton = self.whole.get_or_init(|| Automaton::of(self.forms.values().cloned().collect()));
        automaton.as_ref().map(|automaton| automaton.find(text)).unwrap_or_default()
    }

    /// The position and kind of a form that the end of the text cuts off. Fewer than four characters could be the
    /// beginning of anything.
    pub fn beginning_at_end(&self, text: &str) -> Option<(usize, &'static str)> {
        const SHORTEST: usize = 4;
        let beginning = |form: &Form| {
            let lengths = (SHORTEST..form.text.len().min(text.len() + 1)).rev().take(LONGEST);
            let mut fitting = lengths.filter(|length| form.text.is_char_boundary(*length));
            let length = fitting.find(|length| text.ends_with(&form.text[..*length]))?;
            Some((text.len() - length, form.what))
        };
        self.forms.values().filter_map(beginning).min()
    }

    /// How many bytes at the end of a text without line breaks are the beginning of a form of at least this length; 0
    /// if there is no such form.
    pub fn longest_beginning(&self, text: &str, shortest: usize) -> usize {
        let beginning = |form: &Form| {
            let form = without_breaks(&form.text);
            let most = form.len().saturating_sub(1).min(text.len());
            let ends = |length: &usize| text.as_bytes().ends_with(&form.as_bytes()[..*length]);
            (form.len() >= shortest).then(|| (1..=most).rev().find(ends).unwrap_or_default())
        };
        self.forms.values().filter_map(beginning).max().unwrap_or_default()
    }

    /// The kind of the first value with a form in these bytes.
    pub fn first_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let automaton = self.whole.get_or_init(|| Automaton::of(self.forms.values().cloned().collect())).as_ref()?;
        let found = automaton.automaton.find(bytes)?;
        automaton.forms[found.pattern().as_usize()].first().map(|form| form.what)
    }

    /// The matches of forms of at least this length in a text without line breaks. Shorter ones could match by chance.
    pub fn find_joined(&self, text: &str, shortest: usize) -> Vec<Match> {
        let joined = || {
            let form = |form: &Form| Form { text: without_breaks(&form.text), ..form.clone() };
            let forms = self.forms.values().map(form).filter(|form| form.text.len() >= shortest);
            // Tokens and their forms do not have breaks.
            let is_same = |form: &Form| form.text.len() >= shortest && !form.text.contains(is_break);
            if self.forms.values().all(is_same) { Joined::AsWhole } else { Joined::Own(Automaton::of(forms.collect())) }
        };
        match self.joined.get_or_init(joined) {
            Joined::AsWhole => self.find(text),
            Joined::Own(automaton) => automaton.as_ref().map(|automaton| automaton.find(text)).unwrap_or_default(),
        }
    }
}

pub(super) fn without_breaks(text: &str) -> String {
    text.chars().filter(|&character| !is_break(character)).collect()
}

impl Automaton {
    /// `None` if there are no forms.
    fn of(forms: Vec<Form>) -> Option<Self> {
        let mut by_pattern: BTreeMap<String, Vec<Form>> = BTreeMap::new();
        for form in forms.into_iter().filter(|form| !form.text.is_empty()) {
            let pattern = &form.text[..floor(&form.text, LONGEST)];
            by_pattern.entry(pattern.to_owned()).or_default().push(form);
        }
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::ContiguousNFA));
        // Building succeeds for any patterns that fit into memory.
        let automaton = builder.build(by_pattern.keys()).ok().filter(|_| !by_pattern.is_empty())?;
        Some(Self { automaton, forms: by_pattern.into_values().collect() })
    }

    fn find(&self, text: &str) -> Vec<Match> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(next) = self.automaton.find(&text.as_bytes()[at..]) {
            let start = at + next.start();
            let rest = &text[start..];
            let agreeing = |form: &&Form| agreement(rest, &form.text);
            let Some(form) = self.forms[next.pattern().as_usize()].iter().max_by_key(agreeing) else { return found };
            let length = agreeing(&form);
            let (end, shown) = if length == form.text.len() {
                (start + length, Arc::clone(&form.shown))
            } else {
                // Tokens of one issuer have the same beginning, so the rest may be someone else's secret.
                let end = start + length + text[start + length..].bytes().take_while(|byte| is_of_token(*byte)).count();
                (end, removed(form.what, &text[start..end]).into())
            };
            found.push(Match { range: start..end, what: form.what, shown });
            at = end.max(start + 1);
        }
        found
    }
}

/// The length in bytes of the common beginning of two texts, in whole characters.
fn agreement(one: &str, other: &str) -> usize {
    let length = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    floor(one, length)
}

/// The nearest character boundary at or before this position.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.+/=~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(forms: &[&str]) -> Known {
        let mut known = Known::default();
        for form in forms {
            known.add("token", form, [(*form).to_owned()]);
        }
        known
    }

    fn found<'a>(known: &Known, text: &'a str) -> Vec<&'a str> {
        known.find(text).into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn longest_form_is_found_at_each_place() {
        let known = known(&["secret", "secret-token", "other"]);
        assert_eq!(found(&known, "a secret-token, secret-tok, other."), ["secret-token", "secret", "other"]);
        assert_eq!(found(&known, ""), [""; 0]);
        assert_eq!(found(&Known::default(), "secret"), [""; 0]);
    }

    #[test]
    fn long_form_is_found_whole_and_in_part_with_its_rest() {
        let (one, other) = (format!("{}ONE", "é".repeat(400)), format!("{}OTHER", "é".repeat(400)));
        let known = known(&[&one, &other]);
        assert_eq!(found(&known, &format!("x{other}x {one}")), [other.as_str(), one.as_str()]);
        let third = format!("{}third.rest", "é".repeat(400));
        assert_eq!(found(&known, &format!("x {third} y")), [third.as_str()]);
        assert_eq!(found(&known, &"é".repeat(255)), [""; 0]);
    }

    /// Text that a server repeats is searched in linear time, however much it resembles a secret.
    #[test]
    fn text_that_resembles_a_long_form_is_searched_in_time() {
        let known = known(&[&"a".repeat(60_000)]);
        let text = format!("{}b", "a".repeat(59_999)).repeat(20);
        let before = std::time::Instant::now();
        assert!(!known.find(&text).is_empty());
        assert!(before.elapsed() < std::time::Duration::from_secs(5), "{:?}", before.elapsed());
    }
}
