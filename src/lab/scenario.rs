//! Scenarios: the content of their files, and their lookup.
//!
//! Each is one file of `scenarios/`, and has its name.

use serde::Deserialize;

pub use self::expected::Expected;
pub use self::index::{Summary, scenario, scenario_for, scenario_names, scenarios, summaries};
pub use self::known::Known;
pub(super) use self::setup::{Access, Certificate, ClientCertificate, HostSetup, Policy, Speech};
use super::content;
use super::seed::{Piece, Seed};
use crate::oci::{Reference, Scheme};

/// Simulated registries with a known behavior, and a description of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The name, which is that of its file.
    #[serde(skip)]
    pub name: String,
    /// A headline.
    pub title: String,
    /// The common name of the registry.
    pub registry: String,
    /// The year, or years, in which it behaved like this.
    pub year: String,
    /// The evidence for the behavior. If parts have different evidence, the weakest.
    pub known: Known,
    /// The sources of the evidence.
    pub sources: Vec<String>,
    /// The story, in a few sentences.
    pub story: String,
    /// Things to look at, one sentence each.
    pub look: Vec<String>,
    /// The image to pull.
    pub reference: String,
    /// Options for ociscope.
    #[serde(default)]
    pub options: Vec<String>,
    /// The password to log in with, if that is not the account's.
    password: Option<String>,
    /// The exit status of the probe.
    pub exit: u8,
    /// The rules with findings in a probe, in order. Empty if there are none.
    #[serde(default)]
    pub finds: Vec<String>,
    /// The expected diagnosis, which sends more requests than a probe. `None` if it is not specified.
    pub diagnosis: Option<Expected>,
    /// The hosts.
    #[serde(rename = "host")]
    pub(super) hosts: Vec<HostSetup>,
}

/// The error for a name without a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no lab scenario {name:?}{} `ociscope lab list` lists all", Self::nearest_words(nearest))]
pub struct NoSuchScenario {
    /// The requested name.
    pub name: String,
    /// The most similar names, the nearest first.
    pub nearest: Vec<&'static str>,
}

impl NoSuchScenario {
    fn nearest_words(nearest: &[&str]) -> String {
        if nearest.is_empty() { ";".to_owned() } else { format!("; did you mean {}?", nearest.join(", ")) }
    }
}

/// Parses a scenario. `{config:TAG}` is replaced with the digest of the config of the image with that tag, and
/// `{manifest:TAG}`, `{layer:TAG}` and `{child:TAG}` with that of the document itself, its first layer, and the first
/// document in its list: files do not repeat digests that follow from the content. `{referrers-tag:TAG}` is the tag
/// derived from the digest of the document (distribution-spec, "Referrers Tag Schema"), to which cosign appends `.sig`;
/// it may also be the name of a tag in `repositories`.
pub(super) fn read(text: &str) -> Result<Scenario, toml::de::Error> {
    let scenario: Scenario = toml::from_str(text)?;
    let mut filled = text.to_owned();
    for (tag, content) in scenario.hosts.iter().flat_map(|host| host.repositories.values()).flatten() {
        for what in ["manifest", "config", "layer", "child", "referrers-tag"] {
            let placeholder = format!("{{{what}:{tag}}}");
            if !filled.contains(&placeholder) {
                continue;
            }
            let digest = match what {
                "referrers-tag" => content::digest_in(content, "manifest").map(|digest| digest.replace(':', "-")),
                _ => content::digest_in(content, what),
            };
            if let Some(digest) = digest {
                filled = filled.replace(&placeholder, &digest);
            }
        }
    }
    if filled == text { Ok(scenario) } else { toml::from_str(&filled) }
}

/// A host of a scenario, as it is shown to users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioHost {
    /// The origin, such as `https://gcr.io`.
    pub origin: String,
    /// The name of its dialect in scenario files.
    pub dialect: String,
    /// The content: `repository:tag`, and a short description.
    pub images: Vec<(String, String)>,
    /// The accounts: user name and password.
    pub accounts: Vec<(String, String)>,
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@+,%".contains(&byte);
    if word.bytes().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

impl PartialEq for Scenario {
    /// Scenarios are equal if their names are.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Scenario {
    /// The name of the scenario.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the scenario is about this image.
    pub fn is_about(&self, reference: &Reference) -> bool {
        self.place().is_some_and(|own| own.to_string() == reference.to_string())
    }

    /// Returns whether the image's registry is one of the scenario's hosts.
    pub fn has_registry(&self, reference: &Reference) -> bool {
        let registry = reference.registry().to_string();
        let is_at = self.place().is_some_and(|own| own.registry().to_string() == registry);
        is_at || self.hosts.iter().any(|host| host.name == registry)
    }

    /// The image that the scenario is about.
    fn place(&self) -> Option<Reference> {
        Reference::parse(&self.reference).ok()
    }

    /// The hosts of the scenario.
    pub fn hosts(&self) -> Vec<ScenarioHost> {
        let host = |setup: &HostSetup| {
            let scheme = Scheme::from(setup.scheme);
            let tags = setup.repositories.iter().flat_map(|(name, tags)| tags.iter().map(move |tag| (name, tag)));
            ScenarioHost {
                origin: format!("{}://{}", scheme.as_str(), setup.name),
                dialect: setup.dialect.clone(),
                images: tags.map(|(name, (tag, content))| (format!("{name}:{tag}"), content::about(content))).collect(),
                accounts: setup.accounts.iter().map(|(name, password)| (name.clone(), password.clone())).collect(),
            }
        };
        self.hosts.iter().map(host).collect()
    }

    /// Stores a piece in a repository of a host, optionally under a tag.
    pub fn store(&mut self, host: &str, repository: &str, tag: Option<&str>, piece: Piece) {
        if let Some(host) = self.hosts.iter_mut().find(|other| other.name == host) {
            host.seeds.push(Seed::new(repository, tag, piece));
        }
    }

    /// The password for standard input, if the options have a user name: that of the account, unless the scenario sets
    /// another.
    pub fn password(&self) -> Option<&str> {
        let of_account = |name: &str| self.hosts.iter().find_map(|host| host.accounts.get(name)).map(String::as_str);
        input_password(&self.options, self.password.as_deref(), of_account)
    }

    /// The shell command that shows the scenario.
    pub fn command(&self) -> String {
        self.command_to("probe")
    }

    /// Returns whether the reference alone selects this scenario, so that its name can be omitted.
    pub fn is_found_by_its_reference(&self) -> bool {
        self.place().is_some_and(|own| index::is_found_by(&own.to_string(), &self.name))
    }

    /// The shell command that runs a subcommand in the scenario.
    pub fn command_to(&self, verb: &str) -> String {
        let named = (!self.is_found_by_its_reference()).then_some(self.name.as_str());
        command(verb, named, &self.options, &self.reference, self.password())
    }
}

/// The password for standard input with these options ([`Scenario::password`]). `of_account` returns the password of an
/// account.
fn input_password<'a>(
    options: &[impl AsRef<str>],
    own: Option<&'a str>,
    of_account: impl FnOnce(&str) -> Option<&'a str>,
) -> Option<&'a str> {
    let name = options.windows(2).find(|pair| pair[0].as_ref() == "--username")?.get(1)?.as_ref();
    Some(own.or_else(|| of_account(name)).unwrap_or("wrong"))
}

/// The shell command that runs a subcommand in the lab, in the scenario of this name or the one of the reference.
fn command(
    verb: &str,
    named: Option<&str>,
    options: &[impl AsRef<str>],
    reference: &str,
    password: Option<&str>,
) -> String {
    let lab = named.map_or("--lab".to_owned(), |name| format!("--lab={name}"));
    let input = password.map(|password| format!("echo {} | ", quoted(password))).unwrap_or_default();
    let options: String = options.iter().map(|option| format!(" {}", quoted(option.as_ref()))).collect();
    format!("{input}ociscope {lab} {verb}{options} {}", quoted(reference))
}

mod expected;
mod index;
mod known;
mod setup;
#[cfg(test)]
mod tests;
