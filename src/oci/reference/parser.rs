//! Parses a reference from left to right. Parsing ends at the first fault; repairing it and parsing again is up to
//! [`super::refusal`].

use super::address::{self, ApiAddress};
use super::changes::{Addition, Change};
use super::host::{Host, is_host_for_docker};
use super::part::Part;
use super::refusal::Problem;
use super::violation::Violation;
use super::{DEFAULT_TAG, Reference, Scheme, characters, grammar, secrets};
use crate::oci::Digest;

/// The maximum length of host, slash and repository. Clients have this limit, and the distribution specification asks
/// registries to respect it ("Pulling manifests").
const NAME_LENGTH: usize = 255;

/// Words before a single colon that select a transport other than a registry in common tools, each with whether a
/// reference follows. None of them is an official image on Docker Hub, so the rest cannot be a tag of one.
const TRANSPORTS: [(&str, bool); 9] = [
    ("docker-daemon", true),
    ("containers-storage", true),
    ("docker-archive", false),
    ("oci-archive", false),
    ("oci", false),
    ("dir", false),
    ("ostree", false),
    ("sif", false),
    ("tarball", false),
];

/// Schemes that other tools put before a registry reference.
const REGISTRY_SCHEMES: [&str; 5] = ["oras", "docker-image", "registry", "container", "image"];

pub(super) fn parse(input: &str) -> Result<Reference, Problem> {
    // First, so that no other refusal deals with a text that has a password in it.
    if let Some(range) = secrets::credentials(input) {
        let range = range.start..range.end + 1;
        return Err(Problem::new(range.clone(), Violation::Credentials).replaced(range, ""));
    }
    let input = address::without_namespace(input);
    if input.is_empty() {
        return Err(Problem::new(0..0, Violation::Empty));
    }
    if input.starts_with('-') {
        let dashes = input.len() - input.trim_start_matches('-').len();
        return Err(Problem::new(0..dashes, Violation::LooksLikeOption));
    }
    address::refuse_web_page(input)?;
    characters::check(input)?;

    let prefix = Prefix::read(Part::whole(input))?;
    let rest = prefix.rest;
    refuse_identifier(rest)?;
    if rest.text.is_empty() {
        return Err(Problem::new(0..rest.start, Violation::Empty));
    }
    if rest.text.starts_with('/') {
        let slashes = rest.before(rest.text.len() - rest.text.trim_start_matches('/').len()).range();
        let problem = Problem::new(slashes.clone(), Violation::LeadingSlash);
        // The path of a request, as in a log; the host it went to is unknown.
        return Err(if rest.text.starts_with("/v2/") { problem } else { problem.replaced(slashes, "") });
    }
    Parts::read(&prefix)?.assemble(input, &prefix)
}

/// The prefix before the name.
struct Prefix<'a> {
    written: Part<'a>,
    scheme: Option<Scheme>,
    /// `true` if the first component is a host, whatever it looks like.
    names_host: bool,
    rest: Part<'a>,
}

impl<'a> Prefix<'a> {
    fn read(input: Part<'a>) -> Result<Self, Problem> {
        let word_end = input
            .text
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.'))
            .unwrap_or(input.text.len());
        let (word, tail) = (input.before(word_end), input.after(word_end));
        let name = word.text.to_ascii_lowercase();
        let prefix = |length| input.before(word_end + length);
        if tail.text.starts_with("://") && !name.is_empty() {
            let (written, rest) = (prefix(3), input.after(word_end + 3));
            let (scheme, names_host) = match name.as_str() {
                "http" => (Some(Scheme::Http), true),
                "https" => (Some(Scheme::Https), true),
                // Helm and Flux, which use this prefix, have no default registry.
                "oci" => (None, true),
                "docker" => (None, false),
                _ => {
                    let rule = match name.as_str() {
                        "shub" => Violation::SingularityHub,
                        "library" => Violation::SylabsLibrary,
                        _ => Violation::OtherScheme,
                    };
                    let problem = Problem::new(written.range(), rule);
                    let leads_to_registry = REGISTRY_SCHEMES.contains(&name.as_str());
                    return Err(if leads_to_registry { problem.replaced(written.range(), "") } else { problem });
                }
            };
            if rest.text.contains("://") {
                return Err(Problem::new(written.range(), Violation::OtherScheme).replaced(written.range(), ""));
            }
            return Ok(Self { written, scheme, names_host, rest });
        }
        if matches!(name.as_str(), "http" | "https" | "docker") && tail.text.starts_with(":/") {
            let written = prefix(2).range();
            return Err(Problem::new(written.clone(), Violation::SchemeSlashes).replaced(written, format!("{name}://")));
        }
        if tail.text.starts_with(':')
            && !starts_with_port(tail.after(1))
            && let Some((_, is_reference)) = TRANSPORTS.iter().find(|(transport, _)| *transport == name)
        {
            let written = prefix(1).range();
            let problem = Problem::new(written.clone(), Violation::OtherScheme);
            return Err(if *is_reference { problem.replaced(written, "") } else { problem });
        }
        Ok(Self { written: input.before(0), scheme: None, names_host: false, rest: input })
    }

    fn change(&self) -> Option<Change> {
        let removed = self.scheme.is_none() && !self.written.text.is_empty();
        removed.then(|| Change::PrefixRemoved { written: self.written.text.to_owned() })
    }
}

/// Returns `true` if a port and a slash follow, so that the word before the colon is a host.
fn starts_with_port(part: Part<'_>) -> bool {
    part.split_once('/').is_some_and(|(port, _)| !port.text.is_empty() && port.text.bytes().all(|b| b.is_ascii_digit()))
}

/// Rejects text that identifies content but not a location: a digest, or its bare digits.
fn refuse_identifier(rest: Part<'_>) -> Result<(), Problem> {
    let is_hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let form = |problem: Problem| match grammar::corrected_digest(rest.text) {
        Some(digest) => problem.form(format!("NAME@{digest}")),
        None => problem,
    };
    if rest.text.len() == 64 && is_hexadecimal(rest.text) {
        return Err(form(Problem::new(rest.range(), Violation::HexadecimalName)));
    }
    match rest.text.split_once(':') {
        // A short one may be a tag.
        Some((name, digits)) if digits.len() > 6 && is_hexadecimal(digits) => {
            match name.to_ascii_lowercase().as_str() {
                "sha256" | "sha512" => Err(form(Problem::new(rest.range(), Violation::DigestWithoutName))),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// The parts of a reference, each of which satisfies its grammar.
struct Parts<'a> {
    host: Option<(Host, Part<'a>)>,
    repository: Part<'a>,
    tag: Option<Part<'a>>,
    digest: Option<Digest>,
    change: Option<Change>,
}

impl<'a> Parts<'a> {
    fn read(prefix: &Prefix<'a>) -> Result<Self, Problem> {
        let rest = prefix.rest;
        if prefix.scheme.is_some()
            && let Some((host, path)) = rest.split_once('/')
            && let Some(ApiAddress { repository, tag, digest, change }) = address::read_api_path(path)?
        {
            let host = Some((Host::read(host)?, host));
            grammar::check_repository(repository)?;
            tag.map_or(Ok(()), grammar::check_tag)?;
            return Ok(Self { host, repository, tag, digest, change: Some(change) });
        }
        let (name, after_at) = match rest.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (rest, None),
        };
        if name.text.is_empty() {
            let problem = Problem::new(rest.range(), Violation::DigestWithoutName);
            let digest = after_at.and_then(|digest| grammar::corrected_digest(digest.text));
            return Err(match digest {
                Some(digest) => problem.form(format!("NAME@{digest}")),
                None => problem,
            });
        }
        let (host, path) = split_host(prefix, name)?;
        let (repository, tag) = split_tag(path, name)?;
        grammar::check_repository(repository)?;
        tag.map_or(Ok(()), grammar::check_tag)?;
        let digest = after_at.map(|digest| grammar::read_digest(digest, name)).transpose()?;
        Ok(Self { host, repository, tag, digest, change: None })
    }

    fn assemble(self, input: &str, prefix: &Prefix<'_>) -> Result<Reference, Problem> {
        let mut additions = Vec::new();
        let mut changes = Vec::from_iter(prefix.change());
        let registry = match self.host {
            None => {
                additions.push(Addition::DefaultRegistry);
                Host::docker_hub()
            }
            Some((host, written)) => {
                let (host, change) = settle_host(host, written.text, prefix.names_host);
                changes.extend(change);
                host
            }
        };
        changes.extend(self.change);
        let mut repository = self.repository.text.to_owned();
        if registry.is_docker_hub() && !repository.contains('/') {
            additions.push(Addition::LibraryPrefix);
            repository.insert_str(0, Addition::LIBRARY);
        }
        let length = registry.to_string().len() + 1 + repository.len();
        if length > NAME_LENGTH {
            let kept = self.repository.text.len().saturating_sub(length - NAME_LENGTH);
            return Err(Problem::new(self.repository.after(kept).range(), Violation::NameTooLong));
        }
        let mut tag = self.tag.map(|tag| tag.text.to_owned());
        if tag.is_none() && self.digest.is_none() {
            additions.push(Addition::DefaultTag);
            tag = Some(DEFAULT_TAG.to_owned());
        }
        let (input, scheme) = (input.to_owned(), prefix.scheme);
        Ok(Reference { input, scheme, registry, repository, tag, digest: self.digest, additions, changes })
    }
}

/// Splits off the host, if the first component is one.
fn split_host<'a>(prefix: &Prefix<'a>, name: Part<'a>) -> Result<(Option<(Host, Part<'a>)>, Part<'a>), Problem> {
    let Some((first, path)) = name.split_once('/') else {
        if !prefix.names_host && !name.text.starts_with('[') {
            return Ok((None, name));
        }
        let problem = Problem::new(name.range(), Violation::NoRepository);
        let may_be_name = prefix.scheme.is_none() && !is_host_for_docker(name.text);
        return Err(if may_be_name { problem.replaced(prefix.written.range(), "") } else { problem });
    };
    if matches!(first.text, "." | "..") {
        return Err(Problem::new(first.range(), Violation::DotComponent));
    }
    if !prefix.names_host && !is_host_for_docker(first.text) {
        return Ok((None, name));
    }
    if path.text.is_empty() {
        let slash = first.end()..path.start;
        // A colon in a host is followed by a port, so otherwise the colon is that of a tag.
        let port = first.split_once(':').map(|(_, port)| port.text).unwrap_or_default();
        let is_tag = port.contains(|c: char| !c.is_ascii_digit()) && !first.text.starts_with('[') && !prefix.names_host;
        return Err(match is_tag {
            true => Problem::new(slash.clone(), Violation::TrailingSlash).replaced(slash, ""),
            false => Problem::new(slash, Violation::NoRepository),
        });
    }
    Ok((Some((Host::read(first)?, first)), path))
}

/// Splits the repository from the tag. `name` is the text that contains the path.
fn split_tag<'a>(path: Part<'a>, name: Part<'a>) -> Result<(Part<'a>, Option<Part<'a>>), Problem> {
    let Some((repository, tag)) = path.split_once(':') else {
        return Ok((path, None));
    };
    if let Some(slash) = tag.text.find('/') {
        return Err(Problem::new(repository.end()..tag.start + slash, Violation::TagInTheMiddle));
    }
    if repository.text.is_empty() && repository.start == name.start {
        return Err(Problem::new(repository.end()..tag.start, Violation::NoName));
    }
    if repository.text.is_empty() || repository.text.ends_with('/') {
        return Err(Problem::new(repository.end().saturating_sub(1)..tag.start, Violation::EmptyComponent));
    }
    Ok((repository, Some(tag)))
}

/// Normalizes a host, and returns the change that this made.
fn settle_host(host: Host, written: &str, certain: bool) -> (Host, Option<Change>) {
    let original = written.to_owned();
    if host.is_hub_alias() {
        return (Host::docker_hub(), Some(Change::HubAlias { written: original }));
    }
    if host.to_string() == written {
        return (host, None);
    }
    if !certain && !is_host_for_docker(&host.to_string()) {
        return (host, Some(Change::CapitalMadeHost { written: original }));
    }
    let used = host.clone();
    (host, Some(Change::HostSpelling { written: original, used }))
}
