//! What tells whose network and whose machine a report is from: names of hosts that are not everybody's, addresses, user
//! names, home folders. In a report for everybody a label stands for each, the same one wherever it comes up, so that
//! a reader can still see what is the same.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::oci::address::PRIVATE_SUFFIXES;

/// A name of a user that is shorter would be found by chance.
const SHORTEST_NAME: usize = 3;

/// Names of users that are the same everywhere.
const COMMON_NAMES: [&str; 8] = ["root", "user", "admin", "runner", "docker", "podman", "ubuntu", "nobody"];

/// What has a label in a report for everybody, and which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pseudonyms {
    home: Option<String>,
    users: Vec<String>,
    /// Names of hosts in lower case.
    hosts: Vec<String>,
    /// Names of organisations and the like, and fingerprints, as they are written.
    names: Vec<String>,
    /// What came up so far; a label is its kind and its number.
    hosts_seen: Vec<String>,
    names_seen: Vec<String>,
    users_seen: Vec<String>,
    addresses_seen: Vec<String>,
    homes: usize,
}

impl Pseudonyms {
    /// For a user with this home and these names, on a machine with this name.
    pub fn new(home: Option<String>, users: Vec<String>, machine: Option<String>) -> Self {
        let mut made = Self { home: home.filter(|home| home.len() > 1), ..Self::default() };
        made.hide_users(users);
        made.hide_hosts(machine.into_iter().filter(|name| name.len() >= SHORTEST_NAME));
        made
    }

    /// Hides these hosts too. Their labels are numbered in this order.
    pub fn hide_hosts(&mut self, hosts: impl IntoIterator<Item = String>) {
        for host in hosts {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            let is_anybody_s =
                host.is_empty() || host == "localhost" || host.parse::<Ipv4Addr>().is_ok() || host.contains(':');
            if !is_anybody_s && !self.hosts.contains(&host) {
                self.hosts.push(host);
            }
        }
    }

    /// Hides these user names too.
    pub fn hide_users(&mut self, users: impl IntoIterator<Item = String>) {
        for user in users {
            if user.len() >= SHORTEST_NAME && !COMMON_NAMES.contains(&&*user) && !self.users.contains(&user) {
                self.users.push(user);
            }
        }
    }

    /// Hides these names too: of subjects and issuers of certificates, and fingerprints. Short ones would be found by
    /// chance, and a host among them has the label of a host.
    pub fn hide_names(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            let is_host = self.hosts.iter().any(|host| name.eq_ignore_ascii_case(host));
            if name.len() >= SHORTEST_NAME && !is_host && name != "localhost" && !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        self.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    }

    /// How many different things of each kind have a label by now.
    pub fn redactions(&self) -> Vec<super::Redaction> {
        let kinds = [
            ("address", self.addresses_seen.len()),
            ("home folder", self.homes),
            ("host name", self.hosts_seen.len()),
            ("certificate name", self.names_seen.len()),
            ("user name", self.users_seen.len()),
        ];
        let some = kinds.into_iter().filter(|(_, count)| *count > 0);
        some.map(|(what, count)| super::Redaction { what, count, distinct: count }).collect()
    }

    /// A text with labels in it.
    pub fn text(&mut self, text: &str) -> String {
        let text = self.without_homes(text);
        let text = self.without_names(text);
        let text = self.without_hosts(text);
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\\' => escape(rest),
                '%' if is_percent(rest) => 3,
                _ if is_part(first) => {
                    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                    shown.push_str(&self.word(&rest[..end]));
                    rest = &rest[end..];
                    continue;
                }
                _ => first.len_utf8(),
            };
            shown.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        shown
    }

    /// The user's own home, and those of others.
    fn without_homes(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(home) = &self.home
            && text.contains(home.as_str())
        {
            text = text.replace(home.as_str(), "~");
            self.homes = 1;
        }
        for parent in ["/home/", "/Users/"] {
            let mut from = 0;
            while let Some(at) = text[from..].find(parent).map(|at| from + at + parent.len()) {
                let end = text[at..].find(|c: char| !is_part(c)).map_or(text.len(), |end| at + end);
                if end > at {
                    text.replace_range(at..end, "USER");
                    self.homes = 1;
                }
                from = at;
            }
        }
        text
    }

    fn without_names(&mut self, mut text: String) -> String {
        for name in &self.names {
            if text.contains(name.as_str()) {
                let label = label(&mut self.names_seen, "NAME", name);
                text = text.replace(name.as_str(), &label);
            }
        }
        text
    }

    /// The hosts that are known, and those below them, wherever they begin: in JSON, `\r` may stand before an `e`.
    fn without_hosts(&mut self, mut text: String) -> String {
        let mut hosts: Vec<_> = self.hosts.iter().filter(|host| host.contains('.')).cloned().collect();
        hosts.sort_by_key(|host| std::cmp::Reverse(host.len()));
        for host in hosts {
            let mut from = 0;
            while let Some(at) = text[from..].to_ascii_lowercase().find(&host).map(|at| from + at) {
                let before = &text[from..at];
                let below = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
                let start = if before.ends_with('.') { from + below.len() } else { at };
                let label = label(&mut self.hosts_seen, "HOST", &host);
                text.replace_range(start..at + host.len(), &label);
                from = start + label.len();
            }
        }
        text
    }

    /// A word of letters, digits, dots, colons, hyphens and underscores.
    fn word(&mut self, word: &str) -> String {
        if let Some(address) = self.address(word) {
            return address;
        }
        // A port, or what stands before a colon in JSON, a header or a reference.
        word.split(':').map(|part| self.part(part)).collect::<Vec<_>>().join(":")
    }

    fn address(&mut self, word: &str) -> Option<String> {
        let trimmed = word.trim_end_matches(['.', ':']);
        let behind = &word[trimmed.len()..];
        if let Ok(address) = trimmed.parse::<Ipv6Addr>()
            && trimmed.matches(':').count() >= 2
        {
            let known = address.is_loopback() || address.is_unspecified();
            let label =
                if known { trimmed.to_owned() } else { label(&mut self.addresses_seen, "IPV6-", &address.to_string()) };
            return Some(format!("{label}{behind}"));
        }
        let (name, port) = trimmed.split_once(':').unwrap_or((trimmed, ""));
        let address: Ipv4Addr = name.parse().ok()?;
        let known = address.is_loopback() || address.is_unspecified() || address.is_documentation();
        let label = if known { name.to_owned() } else { label(&mut self.addresses_seen, "IPV4-", name) };
        let colon = if trimmed.contains(':') { ":" } else { "" };
        Some(format!("{label}{colon}{port}{behind}"))
    }

    fn part(&mut self, part: &str) -> String {
        let name = part.trim_matches(['.', '-', '_']);
        let lower = name.to_ascii_lowercase();
        let is_internal = PRIVATE_SUFFIXES.iter().any(|ending| lower.len() > ending.len() && lower.ends_with(ending));
        if is_internal || self.hosts.contains(&lower) {
            let label = label(&mut self.hosts_seen, "HOST", &lower);
            return part.replacen(name, &label, 1);
        }
        if self.users.iter().any(|user| user == name) {
            let label = label(&mut self.users_seen, "USER", name);
            return part.replacen(name, &label, 1);
        }
        part.to_owned()
    }
}

/// The label of a value, by the order in which values came up.
fn label(seen: &mut Vec<String>, kind: &str, value: &str) -> String {
    let at = seen.iter().position(|known| known == value).unwrap_or_else(|| {
        seen.push(value.to_owned());
        seen.len() - 1
    });
    format!("{kind}{}", at + 1)
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | ':')
}

/// How long an escape of JSON is, which stands before a word and is no part of it.
fn escape(text: &str) -> usize {
    let mut characters = text.chars().skip(1);
    match characters.next() {
        Some('u') if text.get(2..6).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) => 6,
        Some(next) => 1 + next.len_utf8(),
        None => 1,
    }
}

fn is_percent(text: &str) -> bool {
    text.get(1..3).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms() -> Pseudonyms {
        let mut made =
            Pseudonyms::new(Some("/home/alice".to_owned()), vec!["alice".to_owned()], Some("laptop7".to_owned()));
        made.hide_hosts(["registry-1.acme.example".to_owned(), "auth".to_owned(), "127.0.0.1".to_owned()]);
        made
    }

    /// Cases E14, E16, E17: what is the same stays the same.
    #[test]
    fn the_same_thing_has_the_same_label() {
        for (text, expected) in [
            ("https://registry-1.acme.example:5000/v2/", "https://HOST1:5000/v2/"),
            ("REGISTRY-1.acme.example. and auth:443", "HOST1. and HOST2:443"),
            ("sub.registry-1.acme.example", "HOST1"),
            ("service=registry-1.acme.example&account=alice", "service=HOST1&account=USER1"),
            ("service%3Dregistry-1.acme.example%26", "service%3DHOST1%26"),
            (r#"{"a":"x\nregistry-1.acme.example\tb"}"#, r#"{"a":"x\nHOST1\tb"}"#),
            ("db.prod.svc, nas.lan, x.internal", "HOST1, HOST2, HOST3"),
            ("/home/alice/.docker and /home/bob/x and /Users/carol", "~/.docker and /home/USER/x and /Users/USER"),
            ("10.1.2.3:443 10.1.2.3 10.9.9.9.", "IPV4-1:443 IPV4-1 IPV4-2."),
            ("[2600:3c00::f03c]:5000 and fe80::1", "[IPV6-1]:5000 and IPV6-2"),
            ("on laptop7", "on HOST1"),
        ] {
            assert_eq!(pseudonyms().text(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_everybody_s_stays() {
        for text in [
            "ghcr.io/acme/app:1.2.3 at 127.0.0.1:5000, [::1]:80, 0.0.0.0, localhost",
            "author authorization malice 12:30:45 sha256:0123456789abcdef 192.0.2.1",
            "2026-11-26T12:00:00Z application/vnd.oci.image.index.v1+json",
            "",
        ] {
            assert_eq!(pseudonyms().text(text), text);
        }
    }

    #[test]
    fn what_has_a_label_is_counted() {
        let mut made = pseudonyms();
        made.text("alice@registry-1.acme.example registry-1.acme.example 10.0.0.1");
        let counted: Vec<_> = made.redactions().into_iter().map(|one| (one.what, one.count)).collect();
        assert_eq!(counted, [("address", 1), ("host name", 1), ("user name", 1)]);
    }

    proptest::proptest! {
        #[test]
        fn a_hidden_host_is_in_no_text(before in "[\\PC]{0,10}", after in "[\\PC]{0,10}") {
            let shown = pseudonyms().text(&format!("{before}registry-1.acme.example{after}"));
            proptest::prop_assert!(!shown.to_ascii_lowercase().contains("registry-1.acme.example"), "{}", shown);
        }
    }
}
