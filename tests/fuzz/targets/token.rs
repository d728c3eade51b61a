//! What token services answer, and what their tokens say of themselves.

use ociscope::auth::token::read_token;
use ociscope::evidence::Untrusted;

pub fn run(data: &[u8]) {
    let json = Untrusted::from("application/json");
    match read_token(200, Some(&json), data) {
        Ok(token) => {
            let _ = (token.lifetime(), token.claims("team/app"));
            super::assert_printable(&token.shape());
            if let Some(grant) = token.grant_in_words() {
                super::assert_printable(&grant);
            }
            assert!(!token.shape().contains(token.value().reveal()) || token.value().reveal().len() < 6);
        }
        Err(error) => super::assert_printable(&error.to_string()),
    }
}
