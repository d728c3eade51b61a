//! What `set` has said: options that every further command is given, and what the shell itself goes by.

use std::collections::BTreeMap;

use crate::oci::Host;
use crate::session::Bound;
use crate::text::Untrusted;

/// What can be set that is an option of commands, by the option's name.
pub(super) const OPTIONS: [(&str, &str); 10] = [
    ("accept", "media types or their short names: the client that asks"),
    ("anonymous", "on: use no credentials"),
    ("format", "terminal, markdown or json"),
    ("header", "'Name: value', sent with every request to the current registry"),
    ("insecure", "on: do not check the current registry's certificate"),
    ("plain-http", "on: speak plain HTTP to the current registry"),
    ("platform", "OS/ARCH[/VARIANT]"),
    ("public", "on: results for everybody to read, with labels for hosts, addresses and users"),
    ("timeout", "seconds until a command gives up"),
    ("trust-realm", "hosts whose token service may have the credentials for the current registry"),
];

/// What can be set that the shell goes by.
pub(super) const OWN: [(&str, &str); 3] = [
    ("echo", "on: print each command before it runs"),
    ("pager", "on: show what is longer than the screen through a pager"),
    ("stop-on-error", "on: a script ends at the first command that fails"),
];

/// Options that are there or not.
pub(super) const SWITCHES: [&str; 7] =
    ["anonymous", "echo", "insecure", "pager", "plain-http", "public", "stop-on-error"];

/// Options that carry a secret or weaken a check. They are kept for one registry: the current one when they are set, or
/// without one the first that is named.
const BOUND: [&str; 4] = ["header", "insecure", "plain-http", "trust-realm"];

/// What was set.
#[derive(Debug, Clone, Default)]
pub(super) struct Sticky {
    values: BTreeMap<&'static str, Vec<String>>,
    bound: BTreeMap<&'static str, Bound>,
}

impl Sticky {
    /// The name as it is known here, where it is.
    pub fn known(name: &str) -> Option<&'static str> {
        OPTIONS.iter().chain(&OWN).map(|(known, _)| *known).find(|known| *known == name)
    }

    /// Sets something to these values; without any, it is as if nothing was said.
    pub fn put(&mut self, name: &'static str, values: Vec<String>) {
        if values.is_empty() {
            self.values.remove(name);
        } else {
            self.values.insert(name, values);
        }
    }

    /// Whether something is kept for one registry alone.
    pub fn is_bound(name: &str) -> bool {
        BOUND.contains(&name)
    }

    /// Sets an option to these values, for one registry.
    pub fn put_bound(&mut self, name: &'static str, values: Vec<String>, bound: Bound) {
        if values.is_empty() {
            self.bound.remove(name);
        } else {
            self.bound.insert(name, bound);
        }
        self.put(name, values);
    }

    /// Binds what waits for a registry. Returns the names of what was bound.
    pub fn bind(&mut self, registry: &Host) -> Vec<String> {
        let waiting = self.bound.values_mut().filter_map(|bound| bound.bind(registry).then(|| bound.names()));
        waiting.flatten().collect()
    }

    /// What is kept for one registry each.
    pub fn bound(&self) -> impl Iterator<Item = &Bound> {
        self.bound.values()
    }

    /// The registry that something is kept for, in words.
    pub fn registry(&self, name: &str) -> Option<String> {
        let bound = self.bound.get(name)?;
        Some(match &bound.registry {
            Some(registry) => format!("for {registry} only"),
            None => "for the first registry that is named".to_owned(),
        })
    }

    /// The values of a name.
    pub fn get(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The words that a command is given, but for what is kept for one registry, as far as its grammar has the option and its line does not say otherwise.
    pub fn words_for(&self, command: &clap::Command, said: &[String]) -> Vec<String> {
        let has = |name: &str| command.get_arguments().any(|argument| argument.get_long() == Some(name));
        let is_said = |name: &str| {
            let option = format!("--{name}");
            said.iter().any(|word| *word == option || word.starts_with(&format!("{option}=")))
        };
        let mut words = Vec::new();
        for (name, values) in &self.values {
            let is_option = OPTIONS.iter().any(|(option, _)| option == name);
            let contradicted = *name == "format" && is_said("json");
            if !is_option || Self::is_bound(name) || !has(name) || is_said(name) || contradicted {
                continue;
            }
            for value in values {
                // A value that begins with a dash is no option.
                words.push(if SWITCHES.contains(name) { format!("--{name}") } else { format!("--{name}={value}") });
            }
        }
        words
    }

    /// What is shown of the values of a name. The value of a header may be a secret.
    pub fn shown(&self, name: &str) -> Option<String> {
        let values = self.values.get(name)?;
        let shown = values.iter().map(|value| match name {
            "header" => format!("{}: ‹not shown›", value.split_once(':').map_or(value.as_str(), |(name, _)| name)),
            _ => value.clone(),
        });
        Some(Untrusted::new(shown.collect::<Vec<_>>().join(", ")).cut_within(200))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::grammar::grammar;

    fn words(sticky: &Sticky, line: &str) -> String {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        sticky.words_for(grammar().find_subcommand(&words[0]).unwrap(), &words[1..]).join(" ")
    }

    #[test]
    fn a_command_is_given_what_it_understands_and_its_line_does_not_say() {
        let mut sticky = Sticky::default();
        sticky.put("accept", vec!["oci-index".to_owned(), "docker-v2".to_owned()]);
        sticky.put("timeout", vec!["9".to_owned()]);
        sticky.put("pager", vec!["on".to_owned()]);
        assert_eq!(words(&sticky, "manifest"), "--accept=oci-index --accept=docker-v2 --timeout=9");
        assert_eq!(words(&sticky, "manifest --accept json --anonymous"), "--timeout=9");
        assert_eq!(words(&sticky, "config"), "--timeout=9");
        sticky.put("accept", Vec::new());
        assert_eq!(words(&sticky, "manifest"), "--timeout=9");
    }

    #[test]
    fn the_value_of_a_header_is_not_shown() {
        let mut sticky = Sticky::default();
        sticky.put("header", vec!["X-Api-Key: CANARY".to_owned()]);
        assert_eq!(sticky.shown("header").as_deref(), Some("X-Api-Key: ‹not shown›"));
    }
}
