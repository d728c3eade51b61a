//! Docker Hub's pull limits: 100 in six hours for an address, 200 for an account, and none for some images and
//! accounts.

use serde_json::json;

use crate::lab::access::Identity;
use crate::lab::host::Visit;
use crate::lab::wire::Answer;
use crate::oci::{Algorithm, Digest};

/// The limit of pulls in six hours for an address (docker/hub-feedback#2464).
const BY_ADDRESS: u64 = 100;
/// The limit of pulls in six hours for an account (docker/docs#13499).
const BY_ACCOUNT: u64 = 200;

/// The message until early 2025 (docker/docs#21908).
const USED_UP: &str = "You have reached your pull rate limit. You may increase the limit by authenticating and \
     upgrading: https://www.docker.com/increase-rate-limit";
/// The message for anonymous clients since then (docker/hub-feedback#2464).
const USED_UP_SINCE_2025: &str =
    "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit";

/// The pull limit of a client, and the rest of it.
pub(super) struct Allowance {
    /// Empty for an address.
    account: String,
    /// The limit.
    pub limit: u64,
    /// The number of pulls that are left.
    pub left: u64,
    /// The subject of the limit: an address, or the id of an account (docker/docs#13499).
    pub source: String,
}

impl Allowance {
    /// The allowance of the client. `None` if nothing is counted: then there are no headers either (docker/docs#16887).
    pub fn of(visit: &Visit<'_>) -> Option<Self> {
        let left = visit.host.pulls_left()?;
        let account = match visit.identity() {
            Identity::Bearer(token) => token.sub,
            _ => String::new(),
        };
        if account.is_empty() {
            return Some(Self { account, limit: BY_ADDRESS, left, source: "203.0.113.7".to_owned() });
        }
        let left = BY_ACCOUNT.saturating_sub(visit.host.pulls_by(&account));
        let source = id_of(&account);
        Some(Self { account, limit: BY_ACCOUNT, left, source })
    }

    /// Counts a pull. `false` if none is left.
    pub fn take(&self, visit: &Visit<'_>) -> bool {
        if self.account.is_empty() {
            visit.host.take_pull()
        } else {
            visit.host.take_pull_by(&self.account, self.limit)
        }
    }

    /// The answer to a pull when none is left. Only the message is known, as clients print it; limited requests do not
    /// have the headers (docker/docs#11707).
    pub fn used_up(&self, since_2025: bool) -> Answer {
        let message = if since_2025 && self.account.is_empty() { USED_UP_SINCE_2025 } else { USED_UP };
        let body = json!({ "errors": [{ "code": "TOOMANYREQUESTS", "message": message }] });
        Answer::with_body(429, "application/json", format!("{body}\n"))
    }
}

/// An id in the format of a UUID, derived from the account's name.
fn id_of(account: &str) -> String {
    let digest = Digest::of(Algorithm::Sha256, account.as_bytes());
    let hex = digest.hex();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}
