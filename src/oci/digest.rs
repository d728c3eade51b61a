//! Content digests that can be checked.
//!
//! The image specification lets anybody name further algorithms, but a digest whose algorithm is unknown proves
//! nothing. A [`Digest`] is therefore only ever one of the two registered algorithms in its exact form, and code that
//! holds one may compare, print and put it into a path without looking again.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

/// A hash function that the image specification registers for digests (image-spec, descriptor.md, "Registered
/// Algorithms") and that this tool can compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// SHA-256; every registry has to support it.
    Sha256,
    /// SHA-512; allowed, rarely served.
    Sha512,
}

impl Algorithm {
    /// How many hexadecimal digits a digest of this algorithm has.
    pub const fn hex_length(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }

    /// The name that stands in front of the colon.
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

/// The digest of some bytes: an algorithm and lower-case hexadecimal digits of exactly its length.
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

    /// The algorithm that made it.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digits behind the colon, lower-case.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The first twelve digits: enough for a person to tell digests apart, too few to ask a registry for one.
    pub fn short(&self) -> &str {
        self.hex.get(..12).unwrap_or(&self.hex)
    }

    /// Whether these are the bytes that the digest was made of.
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
        // The length comes before the case: lower-casing a truncated digest would not help.
        if hex.len() != algorithm.hex_length() {
            return Err(DigestError::Length { algorithm, found: hex.len() });
        }
        if let Some(index) = hex.find(|digit: char| digit.is_ascii_uppercase()) {
            return Err(DigestError::UpperCase { at: offset + index });
        }
        Ok(Self { algorithm, hex: hex.to_owned() })
    }
}

/// Why a text is not a [`Digest`]. The text itself is not repeated, because it may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DigestError {
    /// There is no colon, so the algorithm is missing or was glued to the digits.
    #[error("a digest is written ALGORITHM:DIGITS, for example sha256: and 64 hexadecimal digits")]
    NoAlgorithm,
    /// The algorithm is neither of the two; the grammar allows more, but nobody could check them.
    #[error("only sha256 and sha512 digests can be checked; the algorithm is written in lower case")]
    OtherAlgorithm,
    /// Digits are missing or there are too many.
    #[error("a {algorithm} digest has {} hexadecimal digits, this one has {found}", algorithm.hex_length())]
    Length {
        /// The algorithm that was named.
        algorithm: Algorithm,
        /// How many digits there are.
        found: usize,
    },
    /// All digits are there, but some are capital letters, and registries compare digests as text.
    #[error("the digits of a digest are written in lower case")]
    UpperCase {
        /// Where the first capital letter stands, in bytes from the start of the text.
        at: usize,
    },
    /// Something else than a hexadecimal digit.
    #[error("a digest has only hexadecimal digits, 0-9 and a-f, behind its colon")]
    NotHexadecimal {
        /// Where it stands, in bytes from the start of the text.
        at: usize,
        /// The character; it may be invisible, so escape it before showing it.
        found: char,
    },
}

impl DigestError {
    /// The part of the refused text that is wrong, as a byte range on character boundaries of that text.
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
    fn known_content_has_the_digest_that_everybody_computes() {
        let empty = Digest::of(Algorithm::Sha256, b"");
        assert_eq!(empty.to_string(), format!("sha256:{EMPTY}"));
        assert_eq!(empty.short(), "e3b0c44298fc");
        assert!(empty.matches(b"") && !empty.matches(b" "));
        let abc = Digest::of(Algorithm::Sha512, b"abc");
        assert!(abc.hex().starts_with("ddaf35a193617abacc417349ae204131") && abc.hex().len() == 128);
    }

    #[test]
    fn what_is_wrong_is_said_and_pointed_at() {
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
        fn a_digest_is_read_as_it_is_written(bytes: Vec<u8>) {
            for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
                let digest = Digest::of(algorithm, &bytes);
                proptest::prop_assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_with_a_range_inside_it(text in "(sha256:|sha512:)?.{0,70}") {
            if let Err(error) = text.parse::<Digest>() {
                proptest::prop_assert!(text.get(error.range_in(&text)).is_some());
            }
        }
    }
}
