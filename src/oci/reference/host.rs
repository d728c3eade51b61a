//! The host of a registry, and the rule by which the first component of a name is a host.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use super::part::Part;
use super::refusal::{Problem, Refusal};
use super::violation::Violation;

/// A registry's host and port in normalized form, so that equal hosts are equal values.
///
/// The grammar is that of `distribution/reference`: a domain name, an IPv4 address, or an IPv6 address in brackets
/// without zone and without a dotted part; then optionally a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// The name of Docker Hub in references.
    pub(super) const DOCKER_HUB: &'static str = "docker.io";

    /// Other names of the same registry: the credential store's, the API's, and an old one.
    const HUB_ALIASES: [&'static str; 3] = ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

    /// Docker Hub.
    pub(super) fn docker_hub() -> Self {
        Self { name: Self::DOCKER_HUB.to_owned(), port: None }
    }

    /// The name or address in lower case; IPv6 without brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, if one was written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns `true` if the host can only be this machine: `localhost` and names under it (RFC 6761, section 6.3),
    /// 127.0.0.0/8 and `::1`, including IPv4-mapped forms. Names are not resolved.
    pub fn is_loopback(&self) -> bool {
        match self.name.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.name == "localhost" || self.name.ends_with(".localhost"),
        }
    }

    /// Returns `true` for Docker Hub, whose API host differs from the host in references.
    pub fn is_docker_hub(&self) -> bool {
        self.name == Self::DOCKER_HUB && self.port.is_none()
    }

    /// The name of the registry in references: `docker.io` if this is an alias of Docker Hub.
    #[must_use]
    pub fn canonical(&self) -> Self {
        if self.is_hub_alias() { Self::docker_hub() } else { self.clone() }
    }

    pub(super) fn is_hub_alias(&self) -> bool {
        self.port.is_none() && Self::HUB_ALIASES.contains(&self.name.as_str())
    }

    /// Parses a host that is the whole of `part`.
    pub(super) fn read(part: Part<'_>) -> Result<Self, Problem> {
        if part.text.starts_with('[') {
            return Self::read_bracketed(part);
        }
        // Only IPv6 addresses have a second colon.
        if part.text.matches(':').count() > 1 && part.text.parse::<Ipv6Addr>().is_ok() {
            let problem = Problem::new(part.range(), Violation::Ipv6);
            return Err(problem.replaced(part.range(), format!("[{}]", part.text)));
        }
        let (name, port) = match part.split_once(':') {
            Some((name, port)) => (name, Some(read_port(port)?)),
            None => (part, None),
        };
        check_name(name)?;
        Ok(Self { name: name.text.to_ascii_lowercase(), port })
    }

    fn read_bracketed(part: Part<'_>) -> Result<Self, Problem> {
        let Some(close) = part.text.find(']') else {
            return Err(Problem::new(part.range(), Violation::Ipv6));
        };
        let address = part.before(close).after(1);
        // Rust also parses a dotted tail, which clients reject.
        if address.text.contains('.') || address.text.parse::<Ipv6Addr>().is_err() {
            return Err(Problem::new(part.at(0, close + 1), Violation::Ipv6));
        }
        let rest = part.after(close + 1);
        let port = match rest.text.strip_prefix(':') {
            Some(_) => Some(read_port(rest.after(1))?),
            None if rest.text.is_empty() => None,
            None => return Err(Problem::new(rest.range(), Violation::Ipv6)),
        };
        Ok(Self { name: address.text.to_ascii_lowercase(), port })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]", self.name)?;
        } else {
            f.write_str(&self.name)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Host {
    type Err = Refusal;

    /// Parses a host on its own, as in an option; names of Docker Hub are kept as they are.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::read(Part::whole(text)).map_err(|problem| Refusal::of_fragment(text, problem))
    }
}

/// Returns `true` if Docker takes the first component of a name for a host (`splitDockerDomain` in
/// `distribution/reference`).
pub(super) fn is_host_for_docker(component: &str) -> bool {
    component == "localhost"
        || component.contains(['.', ':'])
        || component.contains(|character: char| character.is_ascii_uppercase())
}

fn read_port(part: Part<'_>) -> Result<u16, Problem> {
    let is_number = !part.text.is_empty() && part.text.bytes().all(|byte| byte.is_ascii_digit());
    match part.text.parse::<u16>() {
        Ok(port) if is_number && port > 0 => Ok(port),
        // An empty port leaves only its colon to point at.
        _ if part.text.is_empty() => {
            let colon = part.start.saturating_sub(1)..part.start;
            Err(Problem::new(colon.clone(), Violation::Port).replaced(colon, ""))
        }
        _ => Err(Problem::new(part.range(), Violation::Port)),
    }
}

fn check_name(part: Part<'_>) -> Result<(), Problem> {
    let trimmed = part.text.trim_end_matches('.');
    if trimmed.len() < part.text.len() && !trimmed.is_empty() {
        let dots = part.after(trimmed.len()).range();
        return Err(Problem::new(dots.clone(), Violation::HostTrailingDot).replaced(dots, ""));
    }
    if let Some((index, wrong)) =
        part.text.char_indices().find(|(_, c)| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'))
    {
        return Err(Problem::new(part.at(index, wrong.len_utf8()), Violation::HostName));
    }
    let mut rest = part;
    loop {
        let label = rest.split_once('.').map_or(rest, |(label, _)| label);
        if label.text.is_empty() {
            // Point at the dot that ends the empty label, or at the character in its position.
            return Err(Problem::new(rest.start..(rest.start + 1).min(rest.end()), Violation::HostName));
        }
        if label.text.starts_with('-') {
            return Err(Problem::new(label.at(0, 1), Violation::HostName));
        }
        if label.text.ends_with('-') {
            return Err(Problem::new(label.at(label.text.len() - 1, 1), Violation::HostName));
        }
        if label.text.len() == rest.text.len() {
            return Ok(());
        }
        rest = rest.after(label.text.len() + 1);
    }
}
