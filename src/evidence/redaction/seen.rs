//! Texts without findings, so that each is searched once: a report repeats its digests and media types thousands of
//! times, has the same long body from each of twelve variants, and is searched again when it is finished.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// How many are kept.
const MOST: usize = 1 << 18;

/// The hashes of texts, with a secret key: collisions cannot be constructed.
#[derive(Default)]
pub(super) struct Seen {
    hashes: HashSet<u64>,
    key: RandomState,
}

impl Seen {
    /// Whether this text is known to have no findings.
    pub fn has(&self, text: &str) -> bool {
        self.hashes.contains(&self.key.hash_one(text))
    }

    /// Records that this text has no findings.
    pub fn add(&mut self, text: &str) {
        if self.hashes.len() < MOST {
            self.hashes.insert(self.key.hash_one(text));
        }
    }

    /// Forgets all texts, because the search has changed.
    pub fn forget(&mut self) {
        self.hashes.clear();
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Redactor;
    use crate::text::Secret;

    #[test]
    fn text_is_looked_at_again_when_there_is_more_to_look_for() {
        let mut redactor = Redactor::new([("password", &Secret::new("another-secret"))]);
        let text = "CANARYsignature0123";
        assert_eq!(redactor.text(text), text);
        redactor.learn_url(&"https://s3.test/b?sig=CANARYsignature0123".parse().unwrap());
        assert!(!redactor.text(text).contains("CANARY"));
    }
}
