//! What token services answer, and what their tokens say of themselves.

use ociscope::internals::{Untrusted, read_token};

pub fn run(data: &[u8]) {
    let json = Untrusted::from("application/json");
    match read_token(200, Some(&json), data) {
        Ok(token) => {
            let _ = (token.lifetime(), token.claims("team/app"));
            super::assert_printable(&token.shape());
            if let Some(grant) = token.grant_in_words() {
                super::assert_printable(&grant);
            }
            // A short one may be a word of ours.
            let value = token.value().reveal();
            assert!(value.len() < 16 || !token.shape().contains(value), "{value} is in its own description");
        }
        Err(error) => super::assert_printable(&error.to_string()),
    }
}
