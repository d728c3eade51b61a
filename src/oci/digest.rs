//! Content digests of the algorithms that can be verified.
//!
//! The image specification allows further algorithms, but a digest of an unknown algorithm proves nothing. A [`Digest`]
//! is therefore always of one of the two registered algorithms and in canonical form, so that code that holds one can
//! compare it, print it and put it into a path without checking again.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

/// A hash algorithm that the image specification registers for digests (image-spec, descriptor.md, "Registered
/// Algorithms") and that this tool can compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// SHA-256, which every registry has to support.
    Sha256,
    /// SHA-512, which is optional and rarely served.
    Sha512,
}

impl Algorithm {
    /// The number of hexadecimal digits in a digest of this algorithm.
    pub const fn hex_length(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }

    /// The name before the colon.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A content digest: an algorithm and lower-case hexadecimal digits of exactly its length.
///
/// Written and read as `sha256:<64 digits>` or `sha512:<128 digits>` (image-spec, descriptor.md, "Digests").
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    hex: String,
}

impl Digest {
    /// The digest of these bytes.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Self {
        let hex = match algorithm {
            Algorithm::Sha256 => lower_hexadecimal(&Sha256::digest(bytes)),
            Algorithm::Sha512 => lower_hexadecimal(&Sha512::digest(bytes)),
        };
        Self { algorithm, hex }
    }

    /// The algorithm of the digest.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digits after the colon, in lower case.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The first twelve digits: enough for people to distinguish digests, too few to request one from a registry.
    pub fn short(&self) -> &str {
        self.hex.get(..12).unwrap_or(&self.hex)
    }

    /// Returns `true` if this is the digest of `bytes`.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        Self::of(self.algorithm, bytes) == *self
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hex)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (name, hex) = text.split_once(':').ok_or(DigestError::NoAlgorithm)?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(DigestError::OtherAlgorithm),
        };
        let offset = name.len() + 1;
        if let Some((index, found)) = hex.char_indices().find(|(_, digit)| !digit.is_ascii_hexdigit()) {
            return Err(DigestError::NotHexadecimal { at: offset + index, found });
        }
        // The length is checked before the case: lower-casing a truncated digest would not help.
        if hex.len() != algorithm.hex_length() {
            return Err(DigestError::Length { algorithm, found: hex.len() });
        }
        if let Some(index) = hex.find(|digit: char| digit.is_ascii_uppercase()) {
            return Err(DigestError::UpperCase { at: offset + index });
        }
        Ok(Self { algorithm, hex: hex.to_owned() })
    }
}

/// The reason why a text is not a [`Digest`]. The text itself is not repeated, because it may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DigestError {
    /// There is no colon: the algorithm is missing or runs into the digits.
    #[error("a digest is written ALGORITHM:DIGITS, for example sha256: and 64 hexadecimal digits")]
    NoAlgorithm,
    /// The algorithm is neither sha256 nor sha512. The grammar allows more, but they cannot be verified.
    #[error("only sha256 and sha512 digests can be verified; the algorithm is in lower case")]
    OtherAlgorithm,
    /// There are too few or too many digits.
    #[error("a {algorithm} digest has {} hexadecimal digits, this one has {found}", algorithm.hex_length())]
    Length {
        /// The algorithm of the text.
        algorithm: Algorithm,
        /// The number of digits found.
        found: usize,
    },
    /// All digits are there, but some are capital letters, and registries compare digests as text.
    #[error("the digits of a digest are in lower case")]
    UpperCase {
        /// The offset of the first capital letter, in bytes from the start of the text.
        at: usize,
    },
    /// The digits contain a character that is not hexadecimal.
    #[error("a digest has only hexadecimal digits, 0-9 and a-f, after the colon")]
    NotHexadecimal {
        /// The offset of the character, in bytes from the start of the text.
        at: usize,
        /// The character. It may be invisible, so escape it before printing it.
        found: char,
    },
}

impl DigestError {
    /// The invalid part of the text, as a byte range on character boundaries.
    pub fn range_in(&self, text: &str) -> Range<usize> {
        let colon = text.find(':').unwrap_or(text.len());
        match *self {
            Self::NoAlgorithm => 0..text.len(),
            Self::OtherAlgorithm => 0..colon,
            Self::Length { .. } => (colon + 1).min(text.len())..text.len(),
            Self::UpperCase { at } => at..at + 1,
            Self::NotHexadecimal { at, found } => at..at + found.len_utf8(),
        }
    }
}

fn lower_hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn known_content_has_its_published_digest() {
        let empty = Digest::of(Algorithm::Sha256, b"");
        assert_eq!(empty.to_string(), format!("sha256:{EMPTY}"));
        assert_eq!(empty.short(), "e3b0c44298fc");
        assert!(empty.matches(b"") && !empty.matches(b" "));
        let abc = Digest::of(Algorithm::Sha512, b"abc");
        assert!(abc.hex().starts_with("ddaf35a193617abacc417349ae204131") && abc.hex().len() == 128);
    }

    #[test]
    fn error_names_the_fault_and_its_range() {
        let upper = EMPTY.to_uppercase();
        for (text, error, range) in [
            (String::new(), DigestError::NoAlgorithm, 0..0),
            (EMPTY.to_owned(), DigestError::NoAlgorithm, 0..64),
            (format!("md5:{EMPTY}"), DigestError::OtherAlgorithm, 0..3),
            (format!("SHA256:{EMPTY}"), DigestError::OtherAlgorithm, 0..6),
            (format!("sha256:{}", &EMPTY[1..]), DigestError::Length { algorithm: Algorithm::Sha256, found: 63 }, 7..70),
            ("sha512:".to_owned(), DigestError::Length { algorithm: Algorithm::Sha512, found: 0 }, 7..7),
            (format!("sha256:{upper}"), DigestError::UpperCase { at: 7 }, 7..8),
            ("sha256:0ü".to_owned(), DigestError::NotHexadecimal { at: 8, found: 'ü' }, 8..10),
            (format!("sha256:{EMPTY}:3"), DigestError::NotHexadecimal { at: 71, found: ':' }, 71..72),
        ] {
            let found = text.parse::<Digest>().unwrap_err();
            assert_eq!((found, found.range_in(&text)), (error, range), "{text}");
        }
        let short = DigestError::Length { algorithm: Algorithm::Sha256, found: 63 };
        assert_eq!(short.to_string(), "a sha256 digest has 64 hexadecimal digits, this one has 63");
    }

    proptest::proptest! {
        #[test]
        fn digest_survives_a_round_trip(bytes: Vec<u8>) {
            for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
                let digest = Digest::of(algorithm, &bytes);
                proptest::prop_assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
            }
        }

        #[test]
        fn any_text_parses_or_fails_with_a_range_inside_it(text in "(sha256:|sha512:)?.{0,70}") {
            if let Err(error) = text.parse::<Digest>() {
                proptest::prop_assert!(text.get(error.range_in(&text)).is_some());
            }
        }
    }
}
