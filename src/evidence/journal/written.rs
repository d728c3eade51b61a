//! A journal in a recording: a repeated body is written once.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Journal;
use crate::evidence::{Exchange, ExchangeId};

/// The maximum number of exchanges that are read: more than a run can have.
const MOST_EXCHANGES: usize = 4000;

#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recalled: Vec<ExchangeId>,
    #[serde(default)]
    before: u64,
    rounds: usize,
    exchanges: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    exchange: Exchange,
    /// The position, from 0, of the exchange with the same body; then the body is omitted here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_body_as: Option<usize>,
}

impl Serialize for Journal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = |(exchange, kept): (&Exchange, &super::Kept)| {
            let mut exchange = exchange.clone();
            if let Some(response) = exchange.response.as_mut().filter(|_| kept.same_as.is_some()) {
                response.body.bytes.clear();
            }
            Entry { exchange, same_body_as: kept.same_as }
        };
        let exchanges = self.exchanges.iter().zip(&self.bodies).map(entry).collect();
        let written = Written { recalled: self.recalled.clone(), before: self.before, rounds: self.rounds, exchanges };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Journal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { recalled, before, rounds, exchanges } = Written::deserialize(deserializer)?;
        let rising = recalled.windows(2).all(|pair| pair[0] < pair[1]);
        let is_before = recalled.last().is_none_or(|last| last.number() <= before);
        let fits = before <= u64::from(u32::MAX) && exchanges.len() <= MOST_EXCHANGES;
        if !rising || !is_before || !fits || recalled.len() > exchanges.len() {
            return Err(de::Error::custom("the numbers of the exchanges contradict each other"));
        }
        let mut journal = Self { recalled, before, rounds, ..Self::default() };
        for Entry { mut exchange, same_body_as } in exchanges {
            if let Some(same) = same_body_as {
                let other = journal.exchanges.get(same).and_then(|other| other.response.as_ref());
                let (Some(other), Some(response)) = (other, exchange.response.as_mut()) else {
                    return Err(de::Error::custom("an exchange has the body of one that is not before it"));
                };
                response.body.bytes = other.body.bytes.clone();
            }
            journal.push(exchange);
        }
        Ok(journal)
    }
}
