//! How Docker Hub counts pulls: 100 in six hours for an address, 200 for an account, and none at all for images and
//! accounts that it lets pull as they like.

use serde_json::json;

use crate::lab::access::Who;
use crate::lab::host::Visit;
use crate::lab::wire::Answer;
use crate::oci::{Algorithm, Digest};

/// How many pulls an address has in six hours (docker/hub-feedback#2464).
const BY_ADDRESS: u64 = 100;
/// How many an account has (docker/docs#13499).
const BY_ACCOUNT: u64 = 200;

/// The words until early 2025 (docker/docs#21908).
const USED_UP: &str = "You have reached your pull rate limit. You may increase the limit by authenticating and \
     upgrading: https://www.docker.com/increase-rate-limit";
/// The words for those without an account since then (docker/hub-feedback#2464).
const USED_UP_SINCE_2025: &str =
    "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit";

/// What somebody may still pull.
pub(super) struct Allowance {
    /// Empty for an address.
    account: String,
    /// How much it was at first.
    pub limit: u64,
    /// How much is left.
    pub left: u64,
    /// Whose it is: an address, or the id of an account (docker/docs#13499).
    pub source: String,
}

impl Allowance {
    /// That of whoever asks. `None` where nothing is counted: then there are no headers either (docker/docs#16887).
    pub fn of(visit: &Visit<'_>) -> Option<Self> {
        let left = visit.host.pulls_left()?;
        let account = match visit.who() {
            Who::Holder(token) => token.sub,
            _ => String::new(),
        };
        if account.is_empty() {
            return Some(Self { account, limit: BY_ADDRESS, left, source: "203.0.113.7".to_owned() });
        }
        let left = BY_ACCOUNT.saturating_sub(visit.host.pulls_by(&account));
        let source = id_of(&account);
        Some(Self { account, limit: BY_ACCOUNT, left, source })
    }

    /// Takes one. `false` where none is left.
    pub fn take(&self, visit: &Visit<'_>) -> bool {
        if self.account.is_empty() {
            visit.host.take_pull()
        } else {
            visit.host.take_pull_by(&self.account, self.limit)
        }
    }

    /// What a pull is answered with when none is left. Only the words are known, as clients print them; requests that
    /// are limited do not have the headers (docker/docs#11707).
    pub fn used_up(&self, since_2025: bool) -> Answer {
        let message = if since_2025 && self.account.is_empty() { USED_UP_SINCE_2025 } else { USED_UP };
        let body = json!({ "errors": [{ "code": "TOOMANYREQUESTS", "message": message }] });
        Answer::with_body(429, "application/json", format!("{body}\n"))
    }
}

/// An id in the form of a UUID, made from the account's name.
fn id_of(account: &str) -> String {
    let digest = Digest::of(Algorithm::Sha256, account.as_bytes());
    let hex = digest.hex();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}
