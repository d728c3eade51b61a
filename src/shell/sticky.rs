//! The settings of a session: options that every command gets, and those of the shell itself.

use std::collections::BTreeMap;

use crate::oci::Host;
use crate::session::Bound;
use crate::text::Untrusted;

/// Settings that are options of commands, by the name of the option.
pub(super) const OPTIONS: [(&str, &str); 11] = [
    ("accept", "media types (or short names) that the client accepts"),
    ("anonymous", "on: use no credentials"),
    ("color", "auto, always or never: when results are colored"),
    ("format", "terminal, markdown, html or json"),
    ("header", "'Name: value', for every request to the current registry"),
    ("insecure", "on: do not verify the current registry's certificate"),
    ("plain-http", "on: use plain HTTP for the current registry"),
    ("platform", "OS/ARCH[/VARIANT] or ARCH"),
    ("public", "on: replace hosts, addresses, users with pseudonyms"),
    ("timeout", "seconds until a command stops"),
    ("trust-realm", "token service hosts for the current registry's credentials"),
];

/// Settings of the shell itself.
pub(super) const OWN: [(&str, &str); 3] = [
    ("echo", "on: print each command before it runs"),
    ("pager", "on: show results longer than the screen through a pager"),
    ("stop-on-error", "on: end a script at the first command that fails"),
];

/// Settings that are on or off.
pub(super) const SWITCHES: [&str; 7] =
    ["anonymous", "echo", "insecure", "pager", "plain-http", "public", "stop-on-error"];

/// Settings that carry a secret or weaken a check. They apply to one registry: the current one when they are set, or else the
/// first that is named.
const BOUND: [&str; 4] = ["header", "insecure", "plain-http", "trust-realm"];

/// The settings.
#[derive(Debug, Clone, Default)]
pub(super) struct Sticky {
    values: BTreeMap<&'static str, Vec<String>>,
    bound: BTreeMap<&'static str, Bound>,
}

impl Sticky {
    /// The name of a setting, if there is one of that name.
    pub fn known(name: &str) -> Option<&'static str> {
        OPTIONS.iter().chain(&OWN).map(|(known, _)| *known).find(|known| *known == name)
    }

    /// Sets a value, or several; none clears the setting.
    pub fn put(&mut self, name: &'static str, values: Vec<String>) {
        if values.is_empty() {
            self.values.remove(name);
        } else {
            self.values.insert(name, values);
        }
    }

    /// Whether a setting applies to one registry only.
    pub fn is_bound(name: &str) -> bool {
        BOUND.contains(&name)
    }

    /// Sets a value, or several, for one registry.
    pub fn put_bound(&mut self, name: &'static str, values: Vec<String>, bound: Bound) {
        if values.is_empty() {
            self.bound.remove(name);
        } else {
            self.bound.insert(name, bound);
        }
        self.put(name, values);
    }

    /// Binds settings that are not bound yet to a registry. Returns their names.
    pub fn bind(&mut self, registry: &Host) -> Vec<String> {
        let waiting = self.bound.values_mut().filter_map(|bound| bound.bind(registry).then(|| bound.names()));
        waiting.flatten().collect()
    }

    /// The settings that apply to one registry each.
    pub fn bound(&self) -> impl Iterator<Item = &Bound> {
        self.bound.values()
    }

    /// The registry that a setting applies to, in words.
    pub fn registry(&self, name: &str) -> Option<String> {
        let bound = self.bound.get(name)?;
        Some(match &bound.registry {
            Some(registry) => format!("for {registry} only"),
            None => "for the first registry that is named".to_owned(),
        })
    }

    /// The values of a setting.
    pub fn get(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The options that a command gets: those that it has and that its line does not give, without those for one registry.
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
                // Joined, because a value may begin with a dash.
                words.push(if SWITCHES.contains(name) { format!("--{name}") } else { format!("--{name}={value}") });
            }
        }
        words
    }

    /// The values of a setting, printable. The value of a header may be a secret and is not shown.
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
    fn command_gets_the_options_that_it_has_and_its_line_does_not_give() {
        let mut sticky = Sticky::default();
        sticky.put("accept", vec!["oci-index".to_owned(), "docker-v2".to_owned()]);
        sticky.put("timeout", vec!["9".to_owned()]);
        sticky.put("pager", vec!["on".to_owned()]);
        assert_eq!(words(&sticky, "manifest"), "--accept=oci-index --accept=docker-v2 --timeout=9");
        assert_eq!(words(&sticky, "manifest --accept json --anonymous"), "--timeout=9");
        assert_eq!(words(&sticky, "config"), "--timeout=9");
        sticky.put("accept", Vec::new());
        assert_eq!(words(&sticky, "manifest"), "--timeout=9");
        sticky.put("color", vec!["never".to_owned()]);
        assert_eq!(words(&sticky, "session"), "--color=never --timeout=9");
        assert_eq!(words(&sticky, "manifest --color always"), "--timeout=9");
    }

    #[test]
    fn value_of_a_header_is_not_shown() {
        let mut sticky = Sticky::default();
        sticky.put("header", vec!["X-Api-Key: CANARY".to_owned()]);
        assert_eq!(sticky.shown("header").as_deref(), Some("X-Api-Key: ‹not shown›"));
    }
}
