//! Every exchange of a run, in one stable order.

use std::sync::OnceLock;

use super::{Exchange, ExchangeId, Observation};

/// The exchanges of a run. They are numbered as they are entered, and entered in the order in which they were asked
/// for, not in that of their answers, so that two runs against the same registry number them alike.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    exchanges: Vec<Exchange>,
    /// What each of them says of a manifest. Rules ask for it again and again, and manifests can be long.
    observations: Vec<OnceLock<Option<Observation>>>,
    rounds: usize,
}

impl Journal {
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
        ExchangeId(self.exchanges.len())
    }

    /// The exchange of a number that [`Journal::enter`] gave out.
    ///
    /// # Panics
    /// Where the number is another journal's.
    pub fn get(&self, id: ExchangeId) -> &Exchange {
        &self.exchanges[id.0 - 1]
    }

    /// What an exchange says of a manifest, as [`Observation::of`]; read once.
    ///
    /// # Panics
    /// As [`Journal::get`].
    pub fn observation(&self, id: ExchangeId) -> Option<&Observation> {
        self.observations[id.0 - 1].get_or_init(|| Observation::of(self.get(id))).as_ref()
    }

    /// All exchanges with their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (ExchangeId, &Exchange)> {
        self.exchanges.iter().enumerate().map(|(index, exchange)| (ExchangeId(index + 1), exchange))
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
