//! Finds pieces of long secrets, the remains of one that was cut, by us or by a server. All runs of twelve bytes of a
//! secret are searched for at once, by a rolling hash.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::values::{Value, Values};

/// The length of a run. Shorter ones could match by chance.
const RUN: usize = 12;
/// The minimum length of a secret. Of a shorter one, a run is nearly all, or there are too few to tell it from a word.
const SHORTEST: usize = 16;
/// The maximum number of positions kept for a run: more mean that it is repetitive.
const PLACES: usize = 4;
/// The minimum number of different bytes in a run. With fewer, it would match any row of zeros.
const VARIETY: usize = 4;

/// The base of the hash, an odd number that spreads bytes over all bits.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The index for pieces of secrets.
#[derive(Default)]
pub(super) struct Pieces {
    /// Texts that are in every report: the reference, hosts, paths.
    spared: BTreeSet<String>,
    /// The program's own words.
    own: Vec<&'static str>,
    index: OnceCell<Index>,
}

struct Index {
    /// One bit per hash, by its highest bits: most positions of a text need no table lookup.
    filter: Vec<u64>,
    runs: HashMap<u64, Places, BuildHasherDefault<Spread>>,
}

/// The position of a run: the value, and the offset in it.
#[derive(Default)]
struct Places {
    count: usize,
    at: [(usize, usize); PLACES],
}

impl Places {
    fn iter(&self) -> impl Iterator<Item = &(usize, usize)> {
        self.at[..self.count].iter()
    }
}

/// A hasher that returns the hash of a run as it is, with its highest bits, which depend on all bytes, also in its lowest.
/// The hash is not a secret, and a server that makes many runs with one hash would have to send them as a token.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = self.0.rotate_left(5) ^ hash ^ (hash >> 32);
    }
}

impl Pieces {
    /// Exempts runs that are in this text too: a password may contain the name of its registry.
    pub fn spare(&mut self, text: &str) {
        // Most texts recur with every request of a run.
        if text.len() >= RUN && !self.spared.contains(text) {
            self.spared.insert(text.to_owned());
            self.index = OnceCell::new();
        }
    }

    /// Exempts runs in the program's own words. They are kept as they are: most runs have no secret and read none of them.
    pub fn spare_own(&mut self, words: impl IntoIterator<Item = &'static str>) {
        self.own.extend(words.into_iter().filter(|words| words.len() >= RUN));
        self.index = OnceCell::new();
    }

    /// Exempts what others exempt, too.
    pub fn extend(&mut self, other: Self) {
        self.spared.extend(other.spared);
        self.own.extend(other.own);
        self.index = OnceCell::new();
    }

    /// Discards the index, because there is another secret.
    pub fn renew(&mut self) {
        self.index = OnceCell::new();
    }

    /// Whether no secret is long enough to be searched for in pieces.
    pub fn is_empty(&self, values: &Values) -> bool {
        self.index.get_or_init(|| self.index(values)).runs.is_empty()
    }

    /// The pieces of secrets in bytes, in order and without overlaps.
    pub fn find<'a>(&self, values: &'a Values, bytes: &[u8]) -> Vec<(Range<usize>, &'a Value)> {
        let index = self.index.get_or_init(|| self.index(values));
        let mut found: Vec<(Range<usize>, &Value)> = Vec::new();
        if index.runs.is_empty() || bytes.len() < RUN {
            return found;
        }
        let mut end = 0;
        each_hash(bytes, u8::clone, &mut |at, hash| {
            if at < end || !index.may_have(hash) {
                return;
            }
            let Some(places) = index.runs.get(&hash) else { return };
            let agreeing = places.iter().filter_map(|&(value, offset)| {
                let value = values.get(value)?;
                let secret = value.text.as_bytes();
                let after = common(&secret[offset..], &bytes[at..]);
                let before = common_before(&secret[..offset], &bytes[end..at]);
                (after >= RUN).then_some((at - before..at + after, value))
            });
            if let Some((range, value)) = agreeing.max_by_key(|(range, _)| range.len()) {
                end = range.end;
                found.push((range, value));
            }
        });
        found
    }

    fn index(&self, values: &Values) -> Index {
        let mut index = Index::default();
        // The runs in lower case, by which they are found in exempt texts.
        let mut lower = Index::default();
        for (number, value) in values.iter().enumerate().filter(|(_, value)| value.text.len() >= SHORTEST) {
            let bytes = value.text.as_bytes();
            let first = public_part(&value.text);
            let is_looked_for = |at: usize| at >= first && is_varied(&bytes[at..at + RUN]);
            let add = |index: &mut Index, at: usize, hash: u64| {
                if is_looked_for(at) {
                    index.add(hash, (number, at));
                }
            };
            each_hash(bytes, u8::clone, &mut |at, hash| add(&mut index, at, hash));
            each_hash(bytes, u8::to_ascii_lowercase, &mut |at, hash| add(&mut lower, at, hash));
        }
        if index.runs.is_empty() {
            return index;
        }
        let mut is_spared = |_: usize, hash: u64| {
            let places = lower.may_have(hash).then(|| lower.runs.get(&hash)).flatten();
            for (number, at) in places.into_iter().flat_map(Places::iter) {
                let run = values.get(*number).and_then(|value| value.text.as_bytes().get(*at..at + RUN));
                each_hash(run.unwrap_or_default(), u8::clone, &mut |_, hash| {
                    index.runs.remove(&hash);
                });
            }
        };
        for text in self.spared.iter().map(String::as_str).chain(self.own.iter().copied()) {
            each_hash(text.as_bytes(), u8::to_ascii_lowercase, &mut is_spared);
        }
        index
    }
}

impl Default for Index {
    fn default() -> Self {
        Self { filter: vec![0; 1 << (FILTER_BITS - 6)], runs: HashMap::default() }
    }
}

const FILTER_BITS: u32 = 18;

fn bucket(hash: u64) -> usize {
    // As many bits as the filter has, which fit into any `usize`.
    usize::try_from(hash >> (64 - FILTER_BITS)).unwrap_or_default()
}

impl Index {
    fn add(&mut self, hash: u64, place: (usize, usize)) {
        let places = self.runs.entry(hash).or_default();
        if places.count < PLACES {
            places.at[places.count] = place;
            places.count += 1;
            self.filter[bucket(hash) / 64] |= 1 << (bucket(hash) % 64);
        }
    }

    fn may_have(&self, hash: u64) -> bool {
        self.filter[bucket(hash) / 64] & (1 << (bucket(hash) % 64)) != 0
    }
}

/// The length of a secret's public beginning: the header of a JSON Web Token is the same for all tokens of an issuer.
fn public_part(value: &str) -> usize {
    match value.split_once('.') {
        Some((header, _)) if value.starts_with("eyJ") => header.len(),
        _ => 0,
    }
}

/// Passes each run's position and hash to `show`, with each byte mapped by `read`. The documentation of all rules goes through
/// here in every run that has a secret, so it is a plain loop, which is fast without optimization too.
fn each_hash(bytes: &[u8], read: impl Fn(&u8) -> u8, show: &mut impl FnMut(usize, u64)) {
    let of = |byte: &u8| u64::from(read(byte)) + 1;
    // The weight of the first byte of a run.
    let first = (1..RUN).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let (mut hash, mut at) = (0_u64, 0);
    while at < bytes.len() {
        if at >= RUN {
            hash = hash.wrapping_sub(first.wrapping_mul(of(&bytes[at - RUN])));
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(of(&bytes[at]));
        at += 1;
        if at >= RUN {
            show(at - RUN, hash);
        }
    }
}

/// Whether a run has enough different bytes to be distinguishable from a row of zeros.
fn is_varied(run: &[u8]) -> bool {
    let mut different = [0; VARIETY];
    let mut count = 0;
    for byte in run {
        if count < VARIETY && !different[..count].contains(byte) {
            different[count] = *byte;
            count += 1;
        }
    }
    count == VARIETY
}

fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn common_before(one: &[u8], other: &[u8]) -> usize {
    one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use crate::evidence::Redactor;
    use crate::text::Secret;

    fn redactor(secret: &str) -> Redactor {
        Redactor::new([("password", &Secret::new(secret))])
    }

    /// Case E34.
    #[test]
    fn every_run_of_twelve_of_a_long_secret_is_found() {
        let secret = "h7Kq-zümt!Rw29Lx#pV4";
        let characters: Vec<char> = secret.chars().collect();
        for from in 0..characters.len() {
            for to in (from + 10..=characters.len()).take(5) {
                let piece: String = characters[from..to].iter().collect();
                let text = format!("before “{piece}” after");
                let shown = redactor(secret).text(&text);
                let leak = redactor(secret).last_scan(&text);
                if piece.len() >= 12 {
                    assert!(!shown.contains(&piece) && leak.is_err(), "{text} → {shown}");
                    assert!(shown.starts_with("before “‹") && shown.ends_with("›” after"), "{shown}");
                } else {
                    assert_eq!((shown, leak), (text.clone(), Ok(())), "{text}");
                }
            }
        }
    }

    #[test]
    fn piece_is_found_where_it_is_written_in_another_way_or_stands_among_others() {
        let secret = "h7Kq/zumt+Rw29Lx=pV4<end>";
        for text in [
            "h7Kq%2Fzumt%2BRw29",
            "zumt%252BRw29Lx%253DpV4",
            "umt+Rw29Lx=pV4&lt;e",
            "\\u0068\\u0037Kq\\/zumt+Rw29",
            "{\"a\":\"h7Kq/zumt+Rw…\"}",
            "h7Kq/zumt+Rwh7Kq/zumt+Rw29Lx=pV4",
        ] {
            let shown = redactor(secret).text(text);
            assert!(shown.contains("‹part of the password removed, ") && !shown.contains("Rw"), "{text} → {shown}");
        }
    }

    /// The report stays readable: only the secret part of the value is searched for.
    #[test]
    fn run_that_is_in_every_report_is_left_alone() {
        let secret = "registry-1.acme.example/team/app:9fB!x7";
        let mut redactor = redactor(secret);
        redactor.spare(["registry-1.acme.example", "REGISTRY-1.acme.example/team/app:1.0"]);
        let text =
            "GET https://registry-1.acme.example/v2/team/app/manifests/1.0 of registry-1.acme.example/team/app:1.0";
        assert_eq!(redactor.text(text), text);
        assert_eq!(redactor.last_scan(text), Ok(()));
        let shown = redactor.text("it was example/team/app:9fB!");
        assert!(!shown.contains("9fB"), "{shown}");
    }

    #[test]
    fn name_of_the_user_in_a_login_is_left_alone() {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode("alice@acme.example:h7Kq-zumt!Rw29Lx");
        let mut redactor = Redactor::new([("password", &Secret::new(pair))]);
        assert_eq!(redactor.text("as alice@acme.example"), "as alice@acme.example");
        assert!(!redactor.text("as acme.example:h7Kq-zu").contains("h7Kq"));
    }

    #[test]
    fn text_that_has_no_piece_stays() {
        for (secret, text) in [
            ("authentication-9fBx7!kW", "authentication required: reauthentication"),
            ("short-secret-1", "short-secret"),
            ("0000000000000000000000", "sha256:00000000000000"),
            ("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.CANARYsignature", "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"),
            ("h7Kq-zumt!Rw29Lx#pV4", "h7Kq-zumt!R h7Kq-zumt!Q Kq_zumt!Rw29L"),
        ] {
            assert_eq!(redactor(secret).text(text), text, "{secret}");
        }
    }
}
