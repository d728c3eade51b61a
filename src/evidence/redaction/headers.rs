//! The values of response headers, as they can be shown.

use std::net::{IpAddr, Ipv4Addr};

use super::Redactor;
use super::names::is_secret_header;
use crate::text::Untrusted;

/// Headers whose value is the address of the client.
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

/// The replacements for the address of a client, by its kind; and for its name, if it is not an address.
const REMOVED: [&str; 3] = ["‹IPv4 address removed›", "‹IPv6 address removed›", "‹client removed›"];

/// Whether a value is an IPv4 address or the network of an IPv6 one, or was one before it was removed.
pub fn is_address(value: &str) -> bool {
    let value = value.trim();
    let address = value.split_once('/').map_or(value, |(address, _)| address);
    address.parse::<IpAddr>().is_ok() || REMOVED[..2].contains(&value)
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
            // Removed before.
            if REMOVED.contains(&text) {
                return value.clone();
            }
            return Untrusted::new(if text.parse::<Ipv4Addr>().is_ok() {
                REMOVED[0]
            } else if text.contains(':') {
                REMOVED[1]
            } else {
                REMOVED[2]
            });
        }
        Untrusted::new(self.clean(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, value: &str) -> String {
        Redactor::default().header(name, &Untrusted::from(value)).as_str().to_owned()
    }

    /// A server that puts the address between our marks does not get it into a report.
    #[test]
    fn address_of_the_client_is_taken_out_whatever_is_around_it() {
        for value in [
            "‹203.0.113.7 removed›",
            "‹2001:db8::77 removed›",
            "‹removed, 203.0.113.7 removed›",
            "‹for=198.51.100.9 removed›",
            "‹IPv4 address removed› 203.0.113.7 removed›",
        ] {
            for name in ["x-forwarded-for", "docker-ratelimit-source", "forwarded"] {
                let shown = shown(name, value);
                assert!(!shown.contains(char::is_numeric) || shown.starts_with("‹IPv"), "{name}: {shown}");
                assert!(["203", "2001", "198"].iter().all(|part| !shown.contains(part)), "{name}: {shown}");
            }
        }
    }

    #[test]
    fn what_was_taken_out_before_stays_as_it_is() {
        for (value, kind) in [("203.0.113.7", "IPv4 address"), ("2001:db8::/64", "IPv6 address"), ("unknown", "client")]
        {
            let once = shown("x-real-ip", value);
            assert_eq!(once, format!("‹{kind} removed›"));
            assert_eq!(shown("x-real-ip", &once), once);
        }
    }
}
