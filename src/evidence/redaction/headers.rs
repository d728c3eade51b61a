//! The values of response headers, as they can be shown.

use std::net::{IpAddr, Ipv4Addr};

use super::Redactor;
use super::names::is_secret_header;
use crate::text::Untrusted;

/// Headers whose value is the address of whoever asked.
const ADDRESS_HEADERS: [&str; 8] = [
    "docker-ratelimit-source",
    "x-forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "x-envoy-external-address",
    "forwarded",
];

/// What replaces the address of a client, by its kind.
const REMOVED: [&str; 2] = ["‹IPv4 address removed›", "‹IPv6 address removed›"];

/// Whether a value is an IPv4 address or the network of an IPv6 one, or was one before it was taken out.
pub fn is_address(value: &str) -> bool {
    let value = value.trim();
    let address = value.split_once('/').map_or(value, |(address, _)| address);
    address.parse::<IpAddr>().is_ok() || REMOVED.contains(&value)
}

impl Redactor {
    /// The value of a response header, as it can be shown. `name` is in lower case.
    pub fn header(&mut self, name: &str, value: &Untrusted) -> Untrusted {
        let text = value.as_str();
        if is_secret_header(name) {
            self.note_labels(text);
            let what = if name.contains("cookie") { "cookie" } else { "secret header" };
            return Untrusted::new(self.removed(what, text));
        }
        if ADDRESS_HEADERS.contains(&name) {
            self.counts.add("client address", text);
            // Taken out before.
            if text.starts_with('‹') && text.ends_with(" removed›") {
                return value.clone();
            }
            return Untrusted::new(if text.parse::<Ipv4Addr>().is_ok() {
                REMOVED[0]
            } else if text.contains(':') {
                REMOVED[1]
            } else {
                "‹client removed›"
            });
        }
        Untrusted::new(self.clean(text))
    }
}
