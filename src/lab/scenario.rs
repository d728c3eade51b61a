//! Scenarios: what stands in their files, and how one is found.
//!
//! Each is one file of `scenarios/`, and its name is that of the file.

use serde::Deserialize;

pub use self::expected::Expected;
pub use self::index::{Summary, scenario, scenario_for, scenario_names, scenarios, summaries};
pub use self::known::Known;
pub(super) use self::setup::{Access, Certificate, ClientCertificate, HostSetup, Policy, Speech};
use super::content;
use super::guest::{Guest, Piece};
use crate::oci::{Reference, Scheme};

/// Registries as they were found somewhere once, and what there is to see.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called: the name of its file.
    #[serde(skip)]
    pub name: String,
    /// One line: what there is to see.
    pub title: String,
    /// The registry, as people call it.
    pub registry: String,
    /// When it answered like this: a year, or years.
    pub year: String,
    /// How that is known. Where parts are known in different ways, the weakest.
    pub known: Known,
    /// Where it is known from.
    pub sources: Vec<String>,
    /// What happened.
    pub story: String,
    /// What to look at, one sentence each.
    pub look: Vec<String>,
    /// The image to ask for.
    pub reference: String,
    /// What else to tell ociscope.
    #[serde(default)]
    pub options: Vec<String>,
    /// The password to log in with, where that is not the one of the account.
    password: Option<String>,
    /// The exit status of the probe.
    pub exit: u8,
    /// Rules that find something, the first finding first. Empty where there is nothing to find.
    #[serde(default)]
    pub finds: Vec<String>,
    /// What a diagnosis comes to, which asks for more than a probe. `None` where that was not thought through.
    pub diagnosis: Option<Expected>,
    /// The hosts that there are.
    #[serde(rename = "host")]
    pub(super) hosts: Vec<HostSetup>,
}

/// There is no scenario of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no lab scenario {name:?}{} `ociscope lab list` shows all", Self::nearest_words(nearest))]
pub struct NoSuchScenario {
    /// What was asked for.
    pub name: String,
    /// The names that are most like it, the most alike first.
    pub nearest: Vec<&'static str>,
}

impl NoSuchScenario {
    fn nearest_words(nearest: &[&str]) -> String {
        if nearest.is_empty() { ";".to_owned() } else { format!("; did you mean {}?", nearest.join(", ")) }
    }
}

/// Reads a scenario. `{config:TAG}` stands for the digest of the configuration of what is stored under that tag, and
/// `{manifest:TAG}`, `{layer:TAG}` and `{child:TAG}` for that of the document itself, its first layer, and the first
/// document that it lists: nobody has to write down a digest that follows from the content. `{referrers-tag:TAG}` is the
/// tag that is made of the digest of the document (distribution-spec, "Referrers Tag Schema"), which cosign puts `.sig`
/// behind; it may name a tag in a table of tags, too.
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

/// A host of a scenario, as it is told to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioHost {
    /// Its address: `https://gcr.io`.
    pub origin: String,
    /// The dialect that it answers in, by the name that files use.
    pub dialect: String,
    /// What it stores: `repository:tag`, and what that is in a few words.
    pub images: Vec<(String, String)>,
    /// Accounts that it knows: name and password.
    pub accounts: Vec<(String, String)>,
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@+,%".contains(&byte);
    if word.bytes().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

impl PartialEq for Scenario {
    /// Scenarios are known by their names.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Scenario {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is the image that it is about.
    pub fn is_about(&self, reference: &Reference) -> bool {
        self.place().is_some_and(|own| own.to_string() == reference.to_string())
    }

    /// Whether the registry of an image is one of its hosts.
    pub fn has_registry(&self, reference: &Reference) -> bool {
        let registry = reference.registry().to_string();
        let is_at = self.place().is_some_and(|own| own.registry().to_string() == registry);
        is_at || self.hosts.iter().any(|host| host.name == registry)
    }

    /// The image that it is about.
    fn place(&self) -> Option<Reference> {
        Reference::parse(&self.reference).ok()
    }

    /// Its hosts.
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

    /// Stores a piece in a repository of one of its hosts, and under a tag where one is given.
    pub fn store(&mut self, host: &str, repository: &str, tag: Option<&str>, piece: Piece) {
        if let Some(host) = self.hosts.iter_mut().find(|other| other.name == host) {
            host.guests.push(Guest::new(repository, tag, piece));
        }
    }

    /// What to write on standard input, where the options say that a password stands there: that of the account which
    /// they name, unless the scenario is about another.
    pub fn password(&self) -> Option<&str> {
        let of_account = |name: &str| self.hosts.iter().find_map(|host| host.accounts.get(name)).map(String::as_str);
        typed_password(&self.options, self.password.as_deref(), of_account)
    }

    /// The command that shows it, for a shell.
    pub fn command(&self) -> String {
        self.command_to("probe")
    }

    /// Whether the reference alone leads to it, so that its name need not be given.
    pub fn is_found_by_its_reference(&self) -> bool {
        self.place().is_some_and(|own| index::is_found_by(&own.to_string(), &self.name))
    }

    /// The same with another verb.
    pub fn command_to(&self, verb: &str) -> String {
        let named = (!self.is_found_by_its_reference()).then_some(self.name.as_str());
        command(verb, named, &self.options, &self.reference, self.password())
    }
}

/// What to write on standard input where these options say that a password stands there ([`Scenario::password`]).
/// `of_account` knows the passwords of accounts.
fn typed_password<'a>(
    options: &[impl AsRef<str>],
    own: Option<&'a str>,
    of_account: impl FnOnce(&str) -> Option<&'a str>,
) -> Option<&'a str> {
    let name = options.windows(2).find(|pair| pair[0].as_ref() == "--username")?.get(1)?.as_ref();
    Some(own.or_else(|| of_account(name)).unwrap_or("wrong"))
}

/// A command for a shell that asks for an image in the lab, in the scenario of this name where one is given.
fn command(
    verb: &str,
    named: Option<&str>,
    options: &[impl AsRef<str>],
    reference: &str,
    password: Option<&str>,
) -> String {
    let lab = named.map_or("--lab".to_owned(), |name| format!("--lab={name}"));
    let typed = password.map(|password| format!("echo {} | ", quoted(password))).unwrap_or_default();
    let options: String = options.iter().map(|option| format!(" {}", quoted(option.as_ref()))).collect();
    format!("{typed}ociscope {lab} {verb}{options} {}", quoted(reference))
}

mod expected;
mod index;
mod known;
mod setup;
#[cfg(test)]
mod tests;
