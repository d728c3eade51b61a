//! Every exchange of a run, in one stable order.

use std::sync::OnceLock;

use super::{Exchange, ExchangeId, Observation};

/// The exchanges of a run. They are numbered as they are entered, and entered in the order in which they were asked
/// for, not in that of their answers, so that two runs against the same registry number them alike.
///
/// A run that goes on where another one ended goes on with its numbers, too. Of that one's exchanges it may recall some:
/// those that still matter, as the challenge that a token was the answer to.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// The numbers of the first exchanges, which are recalled from before. They rise.
    recalled: Vec<ExchangeId>,
    /// The number before that of the first exchange of this run.
    before: u64,
    exchanges: Vec<Exchange>,
    /// What each of them says of a manifest. Rules ask for it again and again, and manifests can be long.
    observations: Vec<OnceLock<Option<Observation>>>,
    rounds: usize,
}

impl Journal {
    /// A journal that goes on behind the number `before`, and recalls these exchanges, whose numbers are up to that one.
    pub fn after(before: u64, mut recalled: Vec<(ExchangeId, Exchange)>) -> Self {
        recalled.retain(|(id, _)| id.number() <= before);
        recalled.sort_by_key(|(id, _)| *id);
        recalled.dedup_by_key(|(id, _)| *id);
        let observations = recalled.iter().map(|_| OnceLock::new()).collect();
        let (recalled, exchanges) = recalled.into_iter().unzip();
        Self { recalled, before, exchanges, observations, rounds: 0 }
    }

    /// Notes that requests are sent together, and that whatever is sent next waits for their answers.
    pub fn begin_round(&mut self) {
        self.rounds += 1;
    }

    /// How many rounds of requests there were; the hops of a redirect belong to the round of the first.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Enters an exchange and gives it its number.
    pub fn enter(&mut self, exchange: Exchange) -> ExchangeId {
        self.exchanges.push(exchange);
        self.observations.push(OnceLock::new());
        self.id(self.exchanges.len() - 1)
    }

    fn id(&self, place: usize) -> ExchangeId {
        match place.checked_sub(self.recalled.len()) {
            Some(nth) => ExchangeId::new(self.before + nth as u64 + 1),
            None => self.recalled[place],
        }
    }

    /// The position of the exchange of a number; past the last one where the number is another journal's.
    fn place(&self, id: ExchangeId) -> usize {
        match id.number().checked_sub(self.before + 1) {
            Some(nth) => usize::try_from(nth).map_or(usize::MAX, |nth| self.recalled.len().saturating_add(nth)),
            None => self.recalled.binary_search(&id).unwrap_or(usize::MAX),
        }
    }

    /// The exchange of a number that [`Journal::enter`] gave out.
    ///
    /// # Panics
    /// Where the number is another journal's.
    pub fn get(&self, id: ExchangeId) -> &Exchange {
        &self.exchanges[self.place(id)]
    }

    /// What an exchange says of a manifest, as [`Observation::of`]; read once.
    ///
    /// # Panics
    /// As [`Journal::get`].
    pub fn observation(&self, id: ExchangeId) -> Option<&Observation> {
        self.observations[self.place(id)].get_or_init(|| Observation::of(self.get(id))).as_ref()
    }

    /// All exchanges with their numbers, those that were recalled first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (ExchangeId, &Exchange)> {
        self.exchanges.iter().enumerate().map(|(place, exchange)| (self.id(place), exchange))
    }

    /// The exchanges of this run, without those that were recalled.
    pub fn into_new(self) -> impl Iterator<Item = Exchange> {
        self.exchanges.into_iter().skip(self.recalled.len())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

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
