//! The table of the most that a row may cost a registry, and the comparison with what was counted.
//!
//! Counts are the same on every machine, so a row that exceeds its limit fails the benchmark. Times are not compared.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a row costs a registry. A count that a row does not have is `None`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Rounds of requests, as the report gives them; of several references, the most that one of them took.
    pub rounds: Option<u64>,
    /// Requests that arrived at the registry, its token service and its storage.
    pub requests: Option<u64>,
    /// Requests that Docker Hub counts as pulls.
    pub pulls: Option<u64>,
    /// TCP connections.
    pub connections: Option<u64>,
    /// Bytes from the program, those of TLS included.
    pub sent: Option<u64>,
    /// Bytes to the program, those of TLS included.
    pub received: Option<u64>,
}

impl Counts {
    /// Each count with its name in the table.
    pub fn each(&self) -> [(&'static str, Option<u64>); 6] {
        [
            ("rounds", self.rounds),
            ("requests", self.requests),
            ("pulls", self.pulls),
            ("connections", self.connections),
            ("sent", self.sent),
            ("received", self.received),
        ]
    }

    /// The higher of each count, for runs of the same row.
    pub fn max(self, other: Self) -> Self {
        Self {
            rounds: self.rounds.max(other.rounds),
            requests: self.requests.max(other.requests),
            pulls: self.pulls.max(other.pulls),
            connections: self.connections.max(other.connections),
            sent: self.sent.max(other.sent),
            received: self.received.max(other.received),
        }
    }

    /// An entry of the table, in TOML.
    pub fn entry(&self, name: &str) -> String {
        let lines = self.each().map(|(kind, count)| count.map_or(String::new(), |count| format!("{kind} = {count}\n")));
        format!("[{name:?}]\n{}", lines.concat())
    }
}

/// The table: the most that each row may cost, by the name of the row.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Limits(BTreeMap<String, Counts>);

impl Limits {
    /// Reads the table. An unknown kind of count, and a count that is not a whole number, is an error.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The names of the rows in the table, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// One line for each count of a row that exceeds its limit, that has no limit, or that was not measured although it
    /// has one.
    pub fn exceeded(&self, name: &str, measured: &Counts) -> Vec<String> {
        let Some(limits) = self.0.get(name) else {
            return vec![format!("{name}: the table has no such row")];
        };
        let pairs = limits.each().into_iter().zip(measured.each());
        let complaint = |((kind, limit), (_, measured))| match (limit, measured) {
            (Some(limit), Some(measured)) if measured > limit => {
                Some(format!("{name}: {measured} {kind}, limit {limit}"))
            }
            (Some(limit), None) => Some(format!("{name}: {kind} not measured, limit {limit}")),
            (None, Some(measured)) => Some(format!("{name}: {measured} {kind}, no limit in the table")),
            _ => None,
        };
        pairs.filter_map(complaint).collect()
    }

    /// One line for each row of the table that is not among these.
    pub fn unmeasured(&self, measured: &[&str]) -> Vec<String> {
        let missing = self.names().filter(|name| !measured.contains(name));
        missing.map(|name| format!("{name}: in the table, but not measured")).collect()
    }
}
