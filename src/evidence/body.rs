//! The body of an answer, and facts about its bytes.

mod written;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::oci::{Algorithm, Digest};
use crate::text::is_json;

/// A body as it was received: never decompressed or normalized, because digests are over bytes.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The bytes that were kept.
    pub bytes: Bytes,
    /// How many bytes arrived in total; more than were kept if the body was longer than the limit.
    pub size: u64,
    /// Whether bytes are missing, because of the limit or a closed connection.
    pub truncated: bool,
    /// Facts about the original bytes, if a secret was removed from them.
    received: Option<Received>,
    facts: Arc<Facts>,
}

/// Facts about bytes before a secret was removed from them. Digests are over the received bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Received {
    sha256: Digest,
    sha512: Digest,
    is_json: bool,
}

/// Cached facts about the bytes of a body. Rules ask for them repeatedly, and most variants get the same bytes.
#[derive(Debug, Default)]
struct Facts {
    /// The identity of the bytes: their address and length.
    of: OnceLock<(usize, usize)>,
    sha256: OnceLock<Digest>,
    is_json: OnceLock<bool>,
}

impl Body {
    /// A complete body.
    pub fn whole(bytes: Bytes) -> Self {
        Self { size: bytes.len() as u64, bytes, ..Self::default() }
    }

    /// A body that lacks bytes, of this size.
    pub fn partial(bytes: Bytes, size: u64) -> Self {
        Self { size, truncated: true, ..Self::whole(bytes) }
    }

    /// The digest of the received bytes, as far as they were kept.
    pub fn digest(&self, algorithm: Algorithm) -> Digest {
        match (&self.received, algorithm) {
            (Some(received), Algorithm::Sha256) => return received.sha256.clone(),
            (Some(received), Algorithm::Sha512) => return received.sha512.clone(),
            (None, _) => {}
        }
        match self.facts().filter(|_| algorithm == Algorithm::Sha256) {
            Some(facts) => facts.sha256.get_or_init(|| Digest::of(algorithm, &self.bytes)).clone(),
            None => Digest::of(algorithm, &self.bytes),
        }
    }

    /// Whether the received bytes have this digest, as far as they were kept. A secret may have been removed from them
    /// since.
    pub fn has(&self, digest: &Digest) -> bool {
        self.digest(digest.algorithm()) == *digest
    }

    /// Whether the received bytes are a JSON document, with or without a byte order mark, as far as they were kept.
    pub fn is_json(&self) -> bool {
        if let Some(received) = &self.received {
            return received.is_json;
        }
        let read = || is_json(self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes));
        self.facts().map_or_else(read, |facts| *facts.is_json.get_or_init(read))
    }

    /// Replaces the bytes by ones without a secret, keeping the facts about the received bytes.
    #[must_use]
    pub fn without_secrets(&self, bytes: impl Into<Bytes>) -> Self {
        let received = Received {
            sha256: self.digest(Algorithm::Sha256),
            sha512: self.digest(Algorithm::Sha512),
            is_json: self.is_json(),
        };
        let (size, truncated) = (self.size, self.truncated);
        Self { bytes: bytes.into(), size, truncated, received: Some(received), ..Self::default() }
    }

    /// Shares the bytes of another body if they are equal: then they are kept once, and so are the facts about them.
    pub(super) fn share(&mut self, other: &Self) {
        self.bytes = other.bytes.clone();
        self.facts = Arc::clone(&other.facts);
    }

    /// The facts about these bytes; `None` if the cache is about earlier bytes.
    fn facts(&self) -> Option<&Facts> {
        let bytes = (self.bytes.as_ptr() as usize, self.bytes.len());
        (*self.facts.of.get_or_init(|| bytes) == bytes).then_some(&*self.facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Body {
        Body::whole(Bytes::from(text.to_owned()))
    }

    #[test]
    fn digest_is_that_of_the_received_bytes() {
        let received = body("{\"token\":\"secret\"}");
        let shown = received.without_secrets("{\"token\":\"\"}".as_bytes().to_vec());
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let digest = Digest::of(algorithm, &received.bytes);
            assert!(received.has(&digest) && shown.has(&digest));
            assert!(!shown.has(&Digest::of(algorithm, &shown.bytes)));
        }
    }

    #[test]
    fn facts_are_about_the_bytes_that_are_there() {
        let mut one = body("{}");
        let other = body("not JSON");
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512, Algorithm::Sha256] {
            assert_eq!(one.digest(algorithm), Digest::of(algorithm, b"{}"));
        }
        assert!(one.is_json() && !other.is_json() && body("\u{feff}{}").is_json() && !body("").is_json());
        // Replacing the bytes invalidates the facts.
        one.bytes = other.bytes.clone();
        assert_eq!(one.digest(Algorithm::Sha256), Digest::of(Algorithm::Sha256, b"not JSON"));
        assert!(!one.is_json());
        let mut same = body("not JSON");
        same.share(&other);
        assert_eq!(same.bytes.as_ptr(), other.bytes.as_ptr());
        assert_eq!(same.digest(Algorithm::Sha256), other.digest(Algorithm::Sha256));
    }
}
