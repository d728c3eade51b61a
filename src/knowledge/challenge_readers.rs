//! The challenge that each family of clients uses, and the answer that they take it from.

use std::sync::LazyLock;

use serde::Deserialize;

/// The challenge parser of a client. Each stops reading a header line at other things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeGrammar {
    /// Distribution's parser, of which containers/image and go-containerregistry have copies.
    Distribution,
    /// containerd's parser: as distribution's, but it continues after empty values.
    Containerd,
    /// oras-go's parser: parameter names in lower case, values quoted as in Go.
    Oras,
}

/// The choice of a client between several challenges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Takes {
    /// The first that is Basic or Bearer.
    First,
    /// That of the first header line, whatever it is.
    FirstLine,
    /// Bearer in any position, else Basic.
    Bearer,
    /// All of them: Bearer, and then Basic.
    All,
}

/// The answer that a client takes its challenge from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeFrom {
    /// That of `/v2/`, which it requests first.
    Ping,
    /// That of the request itself.
    Request,
}

/// A family of clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeReader {
    /// The name of the family.
    pub name: String,
    /// Its parser of a header line.
    pub grammar: ChallengeGrammar,
    /// The challenge that it uses.
    pub takes: Takes,
    /// The answer with that challenge.
    pub asks: ChallengeFrom,
    /// Whether it stops if `/v2/` answers with another status than 200 and 401.
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

/// Every known family.
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
