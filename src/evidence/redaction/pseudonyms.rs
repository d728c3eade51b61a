//! Anonymizes details of the user's network and machine: non-public host names, addresses, user names, home
//! directories. In an anonymized report a pseudonym replaces each, the same one everywhere, so that a reader can still
//! see what is equal.

mod repositories;
mod shapes;

use std::net::{Ipv4Addr, Ipv6Addr};

use self::shapes::{is_account, is_guid, is_hardware_address, is_private_host};
use crate::oci::address::PRIVATE_SUFFIXES;

/// The minimum length of a user name; a shorter one would match by chance.
const SHORTEST_NAME: usize = 3;

/// User names that are not specific to anyone.
const COMMON_NAMES: [&str; 8] = ["root", "user", "admin", "runner", "docker", "podman", "ubuntu", "nobody"];

/// The values to replace in an anonymized report, and their pseudonyms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pseudonyms {
    home: Option<String>,
    users: Vec<String>,
    /// Names of hosts in lower case.
    hosts: Vec<String>,
    /// Names of organizations and the like, and fingerprints, verbatim.
    names: Vec<String>,
    /// Repositories on non-public hosts.
    repositories: Vec<String>,
    /// Whether names of repositories are kept.
    keeps_repositories: bool,
    /// The values found so far; a pseudonym is a kind with a number.
    hosts_seen: Vec<String>,
    names_seen: Vec<String>,
    repositories_seen: Vec<String>,
    users_seen: Vec<String>,
    addresses_seen: Vec<String>,
    emails_seen: Vec<String>,
    accounts_seen: Vec<String>,
    machines_seen: Vec<String>,
    homes: usize,
}

impl Pseudonyms {
    /// Creates pseudonyms for a user with this home and these names, on a machine with this name.
    pub fn new(home: Option<String>, users: Vec<String>, machine: Option<String>) -> Self {
        let mut made = Self { home: home.filter(|home| home.len() > 1), ..Self::default() };
        made.hide_users(users);
        made.hide_hosts(machine.into_iter().filter(|name| name.len() >= SHORTEST_NAME));
        made
    }

    /// Also hides what others hide, with one numbering.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.home = self.home.or(other.home);
        self.hide_users(other.users);
        self.hide_hosts(other.hosts);
        self.hide_names(other.names);
        other.repositories.iter().for_each(|name| self.hide_repository(name));
        self
    }

    /// Hides additional hosts. Their pseudonyms are numbered in this order.
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

    /// Hides additional user names.
    pub fn hide_users(&mut self, users: impl IntoIterator<Item = String>) {
        for user in users {
            if user.len() >= SHORTEST_NAME
                && !COMMON_NAMES.contains(&&*user.to_ascii_lowercase())
                && !self.users.contains(&user)
            {
                self.users.push(user);
            }
        }
    }

    /// Hides additional names: of subjects and issuers of certificates, and fingerprints. Short ones would match by
    /// chance, and a host among them gets the pseudonym of a host.
    pub fn hide_names(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            let is_host = self.hosts.iter().any(|host| name.eq_ignore_ascii_case(host));
            if name.len() >= SHORTEST_NAME && !is_host && name != "localhost" && !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        self.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    }

    /// The number of different values of each kind that have a pseudonym.
    pub fn redactions(&self) -> Vec<super::Redaction> {
        let kinds = [
            ("account id", self.accounts_seen.len()),
            ("address", self.addresses_seen.len()),
            ("e-mail address", self.emails_seen.len()),
            ("hardware address", self.machines_seen.len()),
            ("home folder", self.homes),
            ("host name", self.hosts_seen.len()),
            ("certificate name", self.names_seen.len()),
            ("repository name", self.repositories_seen.len()),
            ("user name", self.users_seen.len()),
        ];
        let some = kinds.into_iter().filter(|(_, count)| *count > 0);
        some.map(|(what, count)| super::Redaction { what: what.into(), count, distinct: count }).collect()
    }

    /// The text with pseudonyms.
    pub fn text(&mut self, text: &str) -> String {
        let text = self.without_homes(text);
        let text = self.without_emails(text);
        let text = self.without_resources(text);
        let text = self.without_names(text);
        let text = self.without_hosts(text);
        let text = self.without_repositories(text);
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\\' => escape(rest),
                '%' if is_percent(rest) => 3,
                _ if is_part(first) => {
                    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                    // A Windows share begins with two backslashes, unlike a path within another one.
                    let share = shown.strip_suffix("\\\\").is_some_and(|before| !before.ends_with(is_of_path));
                    let is_placed = shown.ends_with("//") || share;
                    let word = if is_placed { self.host_in_place(&rest[..end]) } else { None };
                    let word = word.or_else(|| self.account(&rest[..end], &shown));
                    let word = word.unwrap_or_else(|| self.word(&rest[..end]));
                    shown.push_str(&word);
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

    /// Replaces the user's own home, and those of other users.
    fn without_homes(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(home) = &self.home
            && text.contains(home.as_str())
        {
            text = text.replace(home.as_str(), "~");
            self.homes = 1;
        }
        // Those of Windows have backslashes, several of them in JSON escapes.
        for parent in ["/home/", "/Users/", "\\Users\\", "\\Documents and Settings\\"] {
            let mut from = 0;
            while let Some(at) = text[from..].find(parent).map(|at| from + at + parent.len()) {
                let at = at + text[at..].bytes().take_while(|byte| *byte == b'\\').count();
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

    /// Replaces e-mail addresses. A host after `git@` is a forge, and `git` is a generic user.
    fn without_emails(&mut self, text: String) -> String {
        if !text.contains('@') && !text.contains("%40") {
            return text;
        }
        let (mut shown, mut rest) = (String::with_capacity(text.len()), text.as_str());
        while let Some(at) = ["@", "%40"].iter().filter_map(|sign| rest.find(sign).map(|at| (at, sign.len()))).min() {
            let (at, sign) = at;
            let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
            let local = rest[..at]
                .rfind(|c| !is_local(c))
                .map_or(0, |before| before + rest[before..].chars().next().map_or(1, char::len_utf8));
            let after = &rest[at + sign..];
            let end =
                after.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(after.len());
            let host = after[..end].trim_end_matches(['.', '-']);
            let is_host = host.rsplit_once('.').is_some_and(|(name, ending)| {
                !name.is_empty() && ending.len() > 1 && ending.bytes().all(|byte| byte.is_ascii_alphabetic())
            });
            let end = at + sign + if is_host { host.len() } else { 0 };
            if is_host && local < at && &rest[local..at] != "git" {
                shown.push_str(&rest[..local]);
                shown.push_str(&label(&mut self.emails_seen, "EMAIL", &rest[local..end].to_ascii_lowercase()));
            } else {
                shown.push_str(&rest[..end]);
            }
            rest = &rest[end..];
        }
        shown + rest
    }

    /// Replaces AWS resource names: the account, and the name of a user or a role.
    fn without_resources(&mut self, text: String) -> String {
        let (mut shown, mut rest) = (String::with_capacity(text.len()), text.as_str());
        while let Some(at) = rest.find("arn:aws") {
            let end = rest[at..]
                .find(|c: char| !(is_part(c) || matches!(c, '/' | '+' | '=' | '@')))
                .unwrap_or(rest.len() - at);
            shown.push_str(&rest[..at]);
            let parts: Vec<&str> = rest[at..at + end].splitn(6, ':').collect();
            let mut made: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            if let [_, _, service, _, account, resource] = parts[..] {
                if is_account(account) {
                    made[4] = label(&mut self.accounts_seen, "ACCOUNT", account);
                }
                if let Some((kind, name)) = resource.split_once('/').filter(|_| matches!(service, "iam" | "sts")) {
                    made[5] = format!("{kind}/{}", label(&mut self.names_seen, "NAME", name));
                }
            }
            shown.push_str(&made.join(":"));
            rest = &rest[at + end..];
        }
        shown + rest
    }

    /// Replaces the known hosts and their subdomains, wherever they begin: in JSON, `\r` may precede an `e`.
    fn without_hosts(&mut self, mut text: String) -> String {
        let mut hosts: Vec<_> = self.hosts.iter().filter(|host| host.contains('.')).cloned().collect();
        hosts.sort_by_key(|host| std::cmp::Reverse(host.len()));
        for host in hosts {
            // In ASCII, every letter has the same length in either case.
            let lower = text.to_ascii_lowercase();
            let mut places = lower.match_indices(&host).map(|(at, _)| at).peekable();
            if places.peek().is_none() {
                continue;
            }
            let label = label(&mut self.hosts_seen, "HOST", &host);
            let (mut shown, mut from) = (String::with_capacity(text.len()), 0);
            for at in places {
                let before = &text[from..at];
                let below = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
                shown.push_str(if before.ends_with('.') { below } else { before });
                shown.push_str(&label);
                from = at + host.len();
            }
            shown.push_str(&text[from..]);
            text = shown;
        }
        text
    }

    /// Replaces a host in a position where only hosts occur: after the slashes of an address. There it needs no dot.
    fn host_in_place(&mut self, word: &str) -> Option<String> {
        let (host, port) = word.split_once(':').map_or((word, None), |(host, port)| (host, Some(port)));
        let lower = host.trim_end_matches('.').to_ascii_lowercase();
        if !is_private_host(&lower, true) {
            return None;
        }
        let label = label(&mut self.hosts_seen, "HOST", &lower);
        let after = &host[lower.len()..];
        Some(port.map_or_else(|| format!("{label}{after}"), |port| format!("{label}{after}:{port}")))
    }

    /// Replaces twelve digits after words about an account.
    fn account(&mut self, word: &str, before: &str) -> Option<String> {
        const NEAR: usize = 24;
        let start = (before.len().saturating_sub(NEAR)..=before.len()).find(|at| before.is_char_boundary(*at))?;
        let speaks_of_it = before[start..].to_ascii_lowercase().contains("account");
        let digits = word.trim_end_matches(['.', ':']);
        let label = (is_account(digits) && speaks_of_it).then(|| label(&mut self.accounts_seen, "ACCOUNT", digits))?;
        Some(label + &word[digits.len()..])
    }

    /// Replaces a word of letters, digits, dots, colons, hyphens and underscores.
    fn word(&mut self, word: &str) -> String {
        if let Some(address) = self.address(word) {
            return address;
        }
        let trimmed = word.trim_end_matches(['.', ':']);
        if is_hardware_address(trimmed) {
            let label = label(&mut self.machines_seen, "MAC", &trimmed.to_ascii_lowercase().replace('-', ":"));
            return label + &word[trimmed.len()..];
        }
        // A port, or a word before a colon in JSON, a header or a reference.
        word.split(':').map(|part| self.part(part)).collect::<Vec<_>>().join(":")
    }

    fn address(&mut self, word: &str) -> Option<String> {
        let trimmed = word.trim_end_matches(['.', ':']);
        let after = &word[trimmed.len()..];
        if let Ok(address) = trimmed.parse::<Ipv6Addr>()
            && trimmed.matches(':').count() >= 2
        {
            let known = address.is_loopback() || address.is_unspecified();
            let label =
                if known { trimmed.to_owned() } else { label(&mut self.addresses_seen, "IPV6-", &address.to_string()) };
            return Some(format!("{label}{after}"));
        }
        let (name, port) = trimmed.split_once(':').unwrap_or((trimmed, ""));
        let address: Ipv4Addr = name.parse().ok()?;
        let known = address.is_loopback() || address.is_unspecified() || address.is_documentation();
        let label = if known { name.to_owned() } else { label(&mut self.addresses_seen, "IPV4-", name) };
        let colon = if trimmed.contains(':') { ":" } else { "" };
        Some(format!("{label}{colon}{port}{after}"))
    }

    fn part(&mut self, part: &str) -> String {
        let name = part.trim_matches(['.', '-', '_']);
        let lower = name.to_ascii_lowercase();
        let is_internal = PRIVATE_SUFFIXES.iter().any(|ending| lower.len() > ending.len() && lower.ends_with(ending));
        if is_guid(name) {
            let label = label(&mut self.accounts_seen, "GUID", &lower);
            return part.replacen(name, &label, 1);
        }
        if is_internal || self.hosts.contains(&lower) || is_private_host(&lower, false) {
            let label = label(&mut self.hosts_seen, "HOST", &lower);
            return part.replacen(name, &label, 1);
        }
        if self.users.iter().any(|user| user.eq_ignore_ascii_case(name)) {
            let label = label(&mut self.users_seen, "USER", &lower);
            return part.replacen(name, &label, 1);
        }
        part.to_owned()
    }
}

/// The pseudonym of a value, numbered by first occurrence.
fn label(seen: &mut Vec<String>, kind: &str, value: &str) -> String {
    let at = seen.iter().position(|known| known == value).unwrap_or_else(|| {
        seen.push(value.to_owned());
        seen.len() - 1
    });
    format!("{kind}{}", at + 1)
}

fn is_of_path(character: char) -> bool {
    is_part(character) || character == '\\'
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | ':')
}

/// The length of a JSON escape that precedes a word and is not part of it.
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
mod tests;
