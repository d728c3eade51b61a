//! All exchanges of a run, in one stable order.

mod written;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::OnceLock;

use bytes::Bytes;

use super::{Exchange, ExchangeId, Observation};
use crate::image::Manifest;

/// The minimum size of a body that is compared with earlier ones: manifests are larger.
const WORTH_SHARING: usize = 128;
/// The size below which a document is parsed even if an equal one was parsed before.
const LONG: usize = 4 << 10;
/// The maximum size of all different documents that are read, in bytes: twelve variants may each get another one of 4
/// MiB.
const MOST_READ: usize = 16 << 20;

/// The exchanges of a run. They are numbered as they are entered, in the order of the requests, not of the answers, so
/// that two runs against the same registry have the same numbers.
///
/// A run that continues another one continues its numbers, too. It may recall some of the other run's exchanges: those
/// that still matter, such as the challenge that a token answered.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// The numbers of the first exchanges, which are recalled from an earlier run, in ascending order.
    recalled: Vec<ExchangeId>,
    /// The number before the first exchange of this run.
    before: u64,
    exchanges: Vec<Exchange>,
    /// The cached observation of each exchange. Rules ask for them repeatedly, and manifests can be long.
    observations: Vec<OnceLock<Option<Observation>>>,
    bodies: Vec<Kept>,
    /// The positions of different bodies, by the properties in which most of them differ.
    places: Places,
    /// The size of all different documents so far, in bytes.
    different: usize,
    rounds: usize,
}

/// The body of an exchange among the others.
#[derive(Debug, Clone, Default)]
struct Kept {
    /// The position of an earlier exchange with the same body.
    same_as: Option<usize>,
    /// The document in it, if it is the first of its kind.
    document: OnceLock<Option<Manifest>>,
    /// Whether it exceeds the bound on documents to read.
    is_too_much: bool,
}

/// The positions of bodies by their lengths and ends. There may be a thousand bodies, and none is compared with all others.
#[derive(Debug, Clone, Default)]
struct Places {
    by_hash: HashMap<u64, Vec<usize>>,
    key: RandomState,
}

impl Places {
    /// The positions of the bodies that may be equal to this one.
    fn alike(&mut self, body: &[u8]) -> &mut Vec<usize> {
        const ENDS: usize = 64;
        let (first, last) = (&body[..body.len().min(ENDS)], &body[body.len().saturating_sub(ENDS)..]);
        self.by_hash.entry(self.key.hash_one((body.len(), first, last))).or_default()
    }
}

impl Journal {
    /// Creates a journal that continues after the number `before`, and recalls these exchanges, whose numbers are at
    /// most that.
    pub fn after(before: u64, mut recalled: Vec<(ExchangeId, Exchange)>) -> Self {
        recalled.retain(|(id, _)| id.number() <= before);
        recalled.sort_by_key(|(id, _)| *id);
        recalled.dedup_by_key(|(id, _)| *id);
        let (recalled, exchanges): (Vec<_>, Vec<_>) = recalled.into_iter().unzip();
        let mut journal = Self { recalled, before, ..Self::default() };
        exchanges.into_iter().for_each(|exchange| journal.push(exchange));
        journal
    }

    /// The number before the first exchange of this run.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// Starts a round: the next requests are sent together, and depend on the answers so far.
    pub fn begin_round(&mut self) {
        self.rounds += 1;
    }

    /// The number of rounds; the hops of a redirect belong to the round of the first.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Enters an exchange and returns its number.
    pub fn enter(&mut self, exchange: Exchange) -> ExchangeId {
        self.push(exchange);
        self.id(self.exchanges.len() - 1)
    }

    /// Most variants get the same bytes, which are kept once.
    fn push(&mut self, mut exchange: Exchange) {
        let mut kept = Kept::default();
        if let Some(response) = &mut exchange.response {
            let own = &mut response.body;
            kept.same_as = self.same_as(&own.bytes, self.exchanges.len());
            match kept.same_as.and_then(|place| self.exchanges[place].response.as_ref()) {
                Some(earlier) => own.share(&earlier.body),
                None if own.bytes.len() >= LONG => {
                    self.different = self.different.saturating_add(own.bytes.len());
                    kept.is_too_much = self.different > MOST_READ;
                }
                None => {}
            }
        }
        self.exchanges.push(exchange);
        self.observations.push(OnceLock::new());
        self.bodies.push(kept);
    }

    /// The position of the first exchange with this body, which is that of the exchange at `place`. `None` if that is the
    /// first, or if the body is too short to be compared.
    fn same_as(&mut self, body: &Bytes, place: usize) -> Option<usize> {
        if body.len() < WORTH_SHARING {
            return None;
        }
        let is_same = |other: &usize| {
            let other = self.exchanges[*other].response.as_ref().map(|response| &response.body.bytes);
            other.is_some_and(|other| (other.as_ptr() == body.as_ptr() && other.len() == body.len()) || other == body)
        };
        let alike = self.places.alike(body);
        let same = alike.iter().copied().find(is_same);
        if same.is_none() {
            alike.push(place);
        }
        same
    }

    /// The document in the body of an exchange, read once for all with the same body.
    fn document(&self, place: usize) -> Option<Manifest> {
        let kept = &self.bodies[self.bodies[place].same_as.unwrap_or(place)];
        let bytes = self.exchanges[place].response.as_ref().map(|response| &response.body.bytes);
        let read = || bytes.filter(|_| !kept.is_too_much).and_then(|bytes| Manifest::read(bytes));
        kept.document.get_or_init(read).clone()
    }

    /// The number of exchanges whose document is not read and compared, because the others exceed 16 MiB.
    pub fn not_read(&self) -> usize {
        let is_too_much = |kept: &&Kept| kept.is_too_much || kept.same_as.is_some_and(|of| self.bodies[of].is_too_much);
        self.bodies.iter().filter(is_too_much).count()
    }

    /// The number of exchanges whose document has more values than are read of one.
    pub fn cut_documents(&self) -> usize {
        let places = 0..self.exchanges.len();
        places.filter(|place| self.document(*place).is_some_and(|document| document.is_cut())).count()
    }

    fn id(&self, place: usize) -> ExchangeId {
        match place.checked_sub(self.recalled.len()) {
            Some(nth) => ExchangeId::new(self.before + nth as u64 + 1),
            None => self.recalled[place],
        }
    }

    /// The position of the exchange with a number; past the last one if the number is another journal's.
    fn place(&self, id: ExchangeId) -> usize {
        match id.number().checked_sub(self.before + 1) {
            Some(nth) => usize::try_from(nth).map_or(usize::MAX, |nth| self.recalled.len().saturating_add(nth)),
            None => self.recalled.binary_search(&id).unwrap_or(usize::MAX),
        }
    }

    /// Changes exchanges one by one, keeping their numbers. A body that does not change is not read again.
    pub(crate) fn change_each(&mut self, mut change: impl FnMut(&mut Exchange)) {
        let address = |exchange: &Exchange| {
            exchange.response.as_ref().map(|response| (response.body.bytes.as_ptr(), response.body.bytes.len()))
        };
        for place in 0..self.exchanges.len() {
            let before = address(&self.exchanges[place]);
            change(&mut self.exchanges[place]);
            self.observations[place] = OnceLock::new();
            if address(&self.exchanges[place]) != before {
                self.bodies[place].document = OnceLock::new();
            }
        }
        // Equal bodies may have become different ones: more of a token service's answer is redacted. A recording that is read
        // again compares the bodies anew, so they are compared in the same way here.
        self.places = Places::default();
        for place in 0..self.exchanges.len() {
            let body = self.exchanges[place].response.as_ref().map(|response| response.body.bytes.clone());
            self.bodies[place].same_as = body.and_then(|body| self.same_as(&body, place));
        }
    }

    /// Whether an exchange has this number.
    pub fn has(&self, id: ExchangeId) -> bool {
        self.place(id) < self.exchanges.len()
    }

    /// The exchange with a number that [`Journal::enter`] returned.
    ///
    /// # Panics
    /// If the number is another journal's.
    pub fn get(&self, id: ExchangeId) -> &Exchange {
        &self.exchanges[self.place(id)]
    }

    /// The observation of an exchange, as [`Observation::of`]; made once.
    ///
    /// # Panics
    /// As [`Journal::get`].
    pub fn observation(&self, id: ExchangeId) -> Option<&Observation> {
        let place = self.place(id);
        let observed = || Observation::with(&self.exchanges[place], || self.document(place));
        self.observations[place].get_or_init(observed).as_ref()
    }

    /// All exchanges with their numbers, recalled ones first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (ExchangeId, &Exchange)> {
        self.exchanges.iter().enumerate().map(|(place, exchange)| (self.id(place), exchange))
    }

    /// The exchanges of this run, without the recalled ones.
    pub fn into_new(self) -> impl Iterator<Item = Exchange> {
        self.exchanges.into_iter().skip(self.recalled.len())
    }

    /// The number of exchanges.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether there are no exchanges.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    /// An answer with a document of this size, which differs from others by this letter.
    fn long(letter: &str, length: usize) -> Exchange {
        let body = format!(r#"{{"a":"{}"}}"#, letter.repeat(length - 8));
        answered("https://r.test/v2/a/manifests/1", 200, &[], &body)
    }

    #[test]
    fn equal_bodies_are_kept_and_read_once() {
        let mut journal = Journal::default();
        let bodies = [
            ("x", 5000),
            ("y", 5000),
            ("x", 5000),
            ("x", 5001),
            ("y", 5000),
            ("x", 100),
            ("x", 100),
            ("z", 1200),
            ("z", 1200),
            ("w", 128),
            ("v", 128),
            ("w", 128),
        ];
        let ids = bodies.map(|(letter, length)| journal.enter(long(letter, length)));
        let bytes = |at: usize| journal.get(ids[at]).response.as_ref().unwrap().body.bytes.clone();
        let document = |at: usize| journal.observation(ids[at]).unwrap().document.as_ref().unwrap().value() as *const _;
        for (one, other, same) in [
            (0, 2, true),
            (1, 4, true),
            (0, 1, false),
            (0, 3, false),
            (5, 6, false),
            (7, 8, true),
            (9, 11, true),
            (9, 10, false),
        ] {
            assert_eq!(bytes(one).as_ptr() == bytes(other).as_ptr(), same, "{one} {other}");
            assert_eq!(document(one) == document(other), same, "{one} {other}");
        }
        for ((letter, length), at) in bodies.into_iter().zip(0..) {
            assert_eq!(bytes(at), long(letter, length).response.unwrap().body.bytes, "{at}");
        }
        assert_eq!(journal.not_read(), 0);
    }

    /// Bodies with equal beginnings and ends are still different.
    #[test]
    fn bodies_that_differ_only_in_the_middle_are_different() {
        let mut journal = Journal::default();
        let around = "x".repeat(100);
        let ids: Vec<_> = (0..10)
            .map(|number| format!(r#"{{"{around}":{},"{around}":0}}"#, number % 5))
            .map(|body| journal.enter(answered("https://r.test/v2/a/manifests/1", 200, &[], &body)))
            .collect();
        let bytes = |at: usize| journal.get(ids[at]).response.as_ref().unwrap().body.bytes.as_ptr();
        for one in 0..5 {
            assert_eq!(bytes(one), bytes(one + 5));
            assert!((0..one).all(|other| bytes(other) != bytes(one)));
        }
    }

    #[test]
    fn equal_bodies_that_become_different_are_kept_apart() {
        let mut journal = Journal::default();
        let ids = ["x", "x", "y", "x"].map(|letter| journal.enter(long(letter, 300)));
        let mut short = Journal::default();
        for _ in 0..3 {
            short.enter(long("x", 300));
        }
        // A recording of the redacted bodies is unchanged after it was read.
        short.change_each(|exchange| exchange.response.as_mut().unwrap().body.bytes = "{}".as_bytes().to_vec().into());
        let written = serde_json::to_string(&short).unwrap();
        let read: Journal = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
        let mut number = 0;
        journal.change_each(|exchange| {
            number += 1;
            if number == 2 {
                exchange.response.as_mut().unwrap().body.bytes = r#"{"a":"removed"}"#.as_bytes().to_vec().into();
            }
        });
        let read: Journal = serde_json::from_str(&serde_json::to_string(&journal).unwrap()).unwrap();
        for (id, letter) in ids.into_iter().zip([Some("x"), None, Some("y"), Some("x")]) {
            let expected = letter.map_or(r#"{"a":"removed"}"#.to_owned(), |letter| {
                String::from_utf8(long(letter, 300).response.unwrap().body.bytes.to_vec()).unwrap()
            });
            assert_eq!(read.get(id).response.as_ref().unwrap().body.bytes, expected.as_bytes());
            let document = read.observation(id).unwrap().document.clone().unwrap();
            assert_eq!(document.value().to_string(), expected);
        }
    }

    #[test]
    fn of_many_long_documents_the_first_are_read_and_the_others_are_counted() {
        let mut journal = Journal::default();
        let letters = ["a", "b", "c", "d", "e", "f", "a", "e"];
        let ids = letters.map(|letter| journal.enter(long(letter, 4 << 20)));
        let is_read = ids.map(|id| journal.observation(id).is_some_and(|observation| observation.document.is_some()));
        assert_eq!(is_read, [true, true, true, true, false, false, true, false]);
        assert_eq!(journal.not_read(), 3);
        // Short documents do not count.
        for number in 0..20 {
            let id = journal.enter(answered("https://r.test/", 200, &[], &format!(r#"{{"a":{number}}}"#)));
            assert!(journal.observation(id).is_some_and(|observation| observation.document.is_some()));
        }
    }

    #[test]
    fn a_journal_goes_on_with_the_numbers_of_the_one_before() {
        let exchange = |status| answered("https://r.test/v2/", status, &[], "");
        let (challenge, token) = (exchange(401), exchange(200));
        let mut journal = Journal::after(13, vec![(ExchangeId::new(2), token), (ExchangeId::new(1), challenge)]);
        assert_eq!(journal.enter(exchange(404)), ExchangeId::new(14));
        let listed: Vec<_> = journal.iter().map(|(id, exchange)| (id.number(), exchange.status())).collect();
        assert_eq!(listed, [(1, Some(401)), (2, Some(200)), (14, Some(404))]);
        assert_eq!(journal.get(ExchangeId::new(14)).status(), Some(404));
        assert_eq!(journal.get(ExchangeId::new(2)).status(), Some(200));
        assert_eq!(journal.into_new().map(|exchange| exchange.status()).collect::<Vec<_>>(), [Some(404)]);
    }
}
