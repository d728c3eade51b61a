//! The known secrets of a run: learns them, and finds them in a text in any form in which a server repeats them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use url::Url;

use super::Redactor;
use super::encodings::{self, encodings, in_addresses};
use super::known::Match;
use super::labels::labels_in;
use super::names::is_harmless;
use super::ordinary::is_ordinary;
use super::shape::removed;
use super::views::{each_view, in_latin1};

/// The minimum length of a known value that is searched for: shorter ones would match ordinary words by chance.
const SHORTEST_KNOWN: usize = 6;

/// The minimum length of a query value that may be a signature: shorter ones may occur elsewhere by chance.
const SHORTEST_SIGNATURE: usize = 12;

/// The minimum length of a known value that is also found if it is broken across lines.
pub(super) const SHORTEST_BROKEN: usize = 16;

/// The maximum number of bytes of query values that are searched for. Servers can name any number in redirects; those
/// beyond the limit are still removed from every address.
const MOST_OF_QUERIES: usize = 128 << 10;

/// A secret itself, not its forms.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// The kind.
    pub what: &'static str,
    /// The secret.
    pub text: String,
    shown: Arc<str>,
}

/// The secrets themselves, except for ordinary words, and the automaton that searches for them in bytes.
#[derive(Default)]
pub(super) struct Values {
    all: Vec<Value>,
    automaton: OnceCell<Option<(AhoCorasick, Vec<usize>)>>,
}

impl Values {
    fn add(&mut self, what: &'static str, text: &str) {
        if !self.all.iter().any(|value| value.text == text) {
            self.all.push(Value { what, text: text.to_owned(), shown: removed(what, text).into() });
            self.automaton = OnceCell::new();
        }
    }

    /// Adds the secrets of others.
    pub fn extend(&mut self, other: Self) {
        other.all.iter().for_each(|value| self.add(value.what, &value.text));
    }

    /// Whether there are no secrets.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The secret with this number, in the order of [`Values::iter`].
    pub fn get(&self, number: usize) -> Option<&Value> {
        self.all.get(number)
    }

    /// All secrets.
    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.all.iter()
    }

    /// The matches in bytes: in UTF-8, in Latin-1, and as UTF-8 mistaken for Latin-1.
    pub fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (Range<usize>, &'a Value)> {
        let automaton = self.automaton.get_or_init(|| {
            let mut patterns = Vec::new();
            for (at, value) in self.all.iter().enumerate().filter(|(_, value)| value.text.len() >= SHORTEST_KNOWN) {
                let mistaken: String = value.text.bytes().map(char::from).collect();
                let in_forms = value.text.replace(' ', "+");
                let spellings = [value.text.clone().into_bytes(), mistaken.into_bytes(), in_forms.into_bytes()];
                let first = patterns.len();
                for bytes in spellings.into_iter().chain(in_latin1(&value.text)) {
                    // These forms of a token are all the same.
                    if !patterns[first..].iter().any(|(other, _)| *other == bytes) {
                        patterns.push((bytes, at));
                    }
                }
            }
            let mut builder = AhoCorasick::builder();
            builder.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::ContiguousNFA));
            let (patterns, values): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
            // Building succeeds for any patterns that fit into memory.
            builder.build(patterns).ok().filter(|_| !values.is_empty()).map(|automaton| (automaton, values))
        });
        automaton.iter().flat_map(move |(automaton, values)| {
            let value = |at: usize| &self.all[values[at]];
            automaton.find_iter(bytes).map(move |found| (found.range(), value(found.pattern().as_usize())))
        })
    }
}

impl Redactor {
    /// Exempts pieces of secrets that are in these texts too: the reference, hosts and paths of a run, and words of the
    /// program. A whole secret is still found.
    pub fn spare<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        texts.into_iter().for_each(|text| self.pieces.spare(text));
    }

    /// Spares the program's own texts.
    pub fn spare_own(&mut self, texts: impl IntoIterator<Item = &'static str>) {
        self.pieces.spare_own(texts);
    }

    pub(super) fn learn(&mut self, what: &'static str, value: &str) {
        // GHCR's tokens are base64-encoded access tokens.
        let inside = encodings::decoded(value);
        // In the pair in which a login is sent, the user name is not secret.
        if let Some((user, _)) = inside.as_deref().and_then(|pair| pair.split_once(':')) {
            self.pieces.spare(user);
        }
        for value in [value].into_iter().chain(inside.as_deref()) {
            let forms = encodings(value).into_iter().filter(|form| is_searched_for(form));
            self.own.add(what, value, forms);
            self.seen.forget();
            if !is_ordinary(value) {
                self.values.add(what, value);
                self.pieces.renew();
            }
        }
    }

    /// Merges the forms of one password: a user name and a password are sent as one base64 value, and a long password
    /// is also searched for line by line.
    pub(super) fn learn_what_is_the_same(&mut self) {
        for (at, Value { what, text: form, .. }) in self.values.all.iter().enumerate() {
            let inside = encodings::decoded(form);
            let holds = |value: &str| {
                let pair = inside.as_deref().and_then(|pair| pair.split_once(':'));
                pair.is_some_and(|(_, password)| password == value) || value.lines().any(|line| line.trim() == form)
            };
            let others =
                self.values.all.iter().enumerate().filter(|(other, value)| *other != at && value.what == *what);
            let same = others.map(|(_, value)| &value.text).find(|value| *value != form && holds(value));
            if let Some(value) = same {
                self.counts.is_form_of(form, value);
            }
        }
    }

    /// Remembers possible secrets in a requested or offered address, in case a body repeats it. There may be many of
    /// those, so they are only searched for in the forms that they have in addresses.
    pub fn learn_url(&mut self, url: &Url) {
        let pairs = url.query_pairs().filter(|(name, _)| !is_harmless(name));
        let values = pairs.map(|(name, value)| if value.is_empty() { name } else { value });
        let values = values.map(|value| value.into_owned()).chain(url.fragment().map(str::to_owned));
        // A value with a label was removed before.
        let may_be_secret = |value: &String| {
            value.len() >= SHORTEST_SIGNATURE
                && !is_media_type(value)
                && !is_bare_address(value)
                && labels_in(value).next().is_none()
        };
        for value in values.filter(may_be_secret) {
            self.learn_part_of_url("query value", &value, in_addresses(&value));
        }
        if let Some(password) = url.password() {
            self.learn_part_of_url("password", password, vec![password.to_owned()]);
        }
    }

    fn learn_part_of_url(&mut self, what: &'static str, value: &str, forms: Vec<String>) {
        let forms: Vec<_> = forms.into_iter().filter(|form| is_searched_for(form)).collect();
        let size: usize = forms.iter().map(String::len).sum();
        if !self.others.has(&forms) && self.others.size() + size <= MOST_OF_QUERIES {
            self.seen.forget();
            self.others.add(what, value, forms);
        }
    }

    /// The last filter, over finished output: the known values of this run, in every encoding.
    pub fn known_values(&mut self, text: &str) -> String {
        self.known_values_in(text.into()).into_owned()
    }

    pub(super) fn known_values_in<'t>(&mut self, text: Cow<'t, str>) -> Cow<'t, str> {
        // A server's rewriting of an address must not hide a part of a secret of the run.
        let found = self.own.find(&text);
        let shown = self.replaced(text, found);
        let found = self.others.find(&shown);
        let mut shown = self.replaced(shown, found);
        if shown.contains('\n') {
            let found = self.broken(&shown);
            shown = self.replaced(shown, found);
        }
        // Without secrets there is nothing to find in any decoding of the text.
        if self.values.is_empty() {
            return shown;
        }
        let read = self.read_in(&shown);
        self.replaced(shown, read)
    }

    /// The kind of the first secret of the run in these bytes, verbatim or in another form.
    pub fn own_secret_in(&self, bytes: &[u8]) -> Option<&'static str> {
        self.own.first_in(bytes).or_else(|| self.values.find(bytes).next().map(|(_, value)| value.what))
    }

    /// Known values that are only visible in a decoded text.
    pub(super) fn read_in(&self, text: &str) -> Vec<Match> {
        let mut found = Vec::new();
        each_view(text, |view| {
            found.extend(self.values.find(&view.bytes).map(|(range, value)| Match {
                range: view.origin(range),
                what: value.what,
                shown: Arc::clone(&value.shown),
            }));
        });
        found.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
        found
    }

    /// A text without the beginning of a secret at its end.
    pub(super) fn without_beginning(&mut self, text: &str) -> String {
        match self.own.beginning_at_end(text) {
            Some((at, what)) => {
                let shown = self.removed(what, &text[at..]);
                format!("{}{shown}", &text[..at])
            }
            None => text.to_owned(),
        }
    }

    /// The text without pieces of long secrets, the remains of one that was cut.
    pub(super) fn without_pieces<'t>(&mut self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.pieces.is_empty(&self.values) {
            return text;
        }
        let piece = |range: Range<usize>, value: &Value| {
            let (mut start, mut end) = (range.start, range.end);
            // A run may begin or end within a character.
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            while !text.is_char_boundary(end) {
                end += 1;
            }
            let shown = removed(&format!("part of the {}", value.what), &text[start..end]).into();
            Match { range: start..end, what: value.what, shown }
        };
        let mut found: Vec<_> = self
            .pieces
            .find(&self.values, text.as_bytes())
            .into_iter()
            .map(|(range, value)| piece(range, value))
            .collect();
        each_view(&text, |view| {
            let in_view = self.pieces.find(&self.values, &view.bytes);
            found.extend(in_view.into_iter().map(|(range, value)| piece(view.origin(range), value)));
        });
        found.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
        self.replaced(text, found)
    }

    /// The text with each secret replaced. The matches are in order; where two overlap, neither is left.
    pub(super) fn replaced<'t>(&mut self, text: Cow<'t, str>, found: Vec<Match>) -> Cow<'t, str> {
        if found.is_empty() {
            return text;
        }
        let mut shown = String::with_capacity(text.len());
        let mut kept = 0;
        for Match { range, what, shown: words } in found {
            if range.start >= kept {
                shown.push_str(&text[kept..range.start]);
                shown.push_str(&words);
                self.counts.add_shown(what, &words, 1);
            }
            kept = kept.max(range.end);
        }
        shown.push_str(&text[kept..]);
        shown.into()
    }
}

fn is_searched_for(form: &str) -> bool {
    form.len() >= SHORTEST_KNOWN && !is_ordinary(form)
}

/// A sign-in page gets its return address as a parameter (`?return_to=https://…`), which was requested before.
fn is_bare_address(value: &str) -> bool {
    let address = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    address.is_some_and(|url| url.query().is_none() && url.fragment().is_none() && url.password().is_none())
}

/// A signed address may name the media type of a storage service's answer (`response-content-type`), which then appears
/// in that answer.
fn is_media_type(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+-".contains(&byte);
    let name = value.strip_prefix("application/").or_else(|| value.strip_prefix("text/"));
    name.is_some_and(|name| name.len() < 100 && name.bytes().all(plain))
}
