//! Which challenge each family of clients takes, and from which answer.

use std::sync::LazyLock;

use serde::Deserialize;

/// Whose reader of a challenge a client has. Each stops reading a header line at other things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeGrammar {
    /// That of distribution, which containers/image and go-containerregistry have copies of.
    Distribution,
    /// That of containerd: distribution's, but for empty values, after which it reads on.
    Containerd,
    /// That of oras-go: names of parameters in lower case, values quoted as in Go.
    Oras,
}

/// Which of several challenges a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Takes {
    /// The first that is Basic or Bearer.
    First,
    /// The one of the first header line, whatever it is.
    FirstLine,
    /// Bearer wherever it stands, else Basic.
    Bearer,
    /// Every one: Bearer, and then Basic.
    All,
}

/// Which answer a client takes its challenge from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeFrom {
    /// That of `/v2/`, which it asks first.
    Ping,
    /// That of the request itself.
    Request,
}

/// A family of clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeReader {
    /// What people call it.
    pub name: String,
    /// How it reads a header line.
    pub grammar: ChallengeGrammar,
    /// Which challenge it takes.
    pub takes: Takes,
    /// From which answer.
    pub asks: ChallengeFrom,
    /// Whether it stops where `/v2/` is answered with another status than 200 and 401.
    #[serde(default)]
    pub stops: bool,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    checked: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    source: String,
}

#[derive(Deserialize)]
struct File {
    reader: Vec<ChallengeReader>,
}

static READERS: LazyLock<Vec<ChallengeReader>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("challenge_readers.toml"))
        .expect("the file is part of the program, and a test reads it");
    file.reader
});

/// Every family that is known.
pub fn challenge_readers() -> &'static [ChallengeReader] {
    &READERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_dated() {
        assert!(challenge_readers().iter().all(|reader| reader.checked.len() == 10 && !reader.source.is_empty()));
        let pinging = challenge_readers().iter().filter(|reader| reader.asks == ChallengeFrom::Ping);
        assert_eq!(pinging.count(), 3);
    }
}
