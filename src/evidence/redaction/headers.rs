//! The values of response headers, as they can be shown.

use std::net::Ipv4Addr;

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
                "‹IPv4 address removed›"
            } else if text.contains(':') {
                "‹IPv6 address removed›"
            } else {
                "‹client removed›"
            });
        }
        Untrusted::new(self.clean(text))
    }
}
