//! What holds where a command line says nothing: variables of the environment, then the configuration. Nothing that weakens a
//! check or carries a secret is among them; a file with authorities or credentials is only named.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;

use super::arguments::{Global, seconds};
use super::display::Preferred;
use crate::text::Untrusted;

/// What a variable can set, and what it takes. Its name is `OCISCOPE_` and that of the setting.
pub(super) const VARIABLES: [&str; 7] = ["format", "color", "platform", "cacert", "timeout", "auth-file", "pager"];

/// What the configuration can set.
pub(super) const KEPT: [&str; 7] = ["format", "color", "platform", "timeout", "pager", "public", "echo"];

/// The most columns that are shown of a value that is wrong.
const SHOWN: usize = 60;

/// A value, and where it comes from.
struct Preference {
    name: &'static str,
    value: OsString,
    source: String,
    is_kept: bool,
}

impl Preference {
    fn wrong(&self, wanted: &str) -> String {
        let value = Untrusted::new(self.value.to_string_lossy().into_owned()).cut_within(SHOWN);
        format!("{} is \"{value}\"; {wanted}", self.source)
    }

    fn text(&self) -> Result<&str, String> {
        self.value.to_str().ok_or_else(|| self.wrong("it is not UTF-8"))
    }

    fn one_of<T: ValueEnum>(&self) -> Result<T, String> {
        let names = T::value_variants().iter().filter_map(T::to_possible_value);
        let names: Vec<_> = names.map(|value| value.get_name().to_owned()).collect();
        let wanted = || self.wrong(&format!("it takes {}", names.join(", ")));
        T::from_str(self.text()?, false).map_err(|_| wanted())
    }

    fn switch(&self) -> Result<bool, String> {
        self.is_on().ok_or_else(|| self.wrong("it takes true or false"))
    }

    fn is_on(&self) -> Option<bool> {
        match self.value.to_str()? {
            "on" | "true" => Some(true),
            "off" | "false" => Some(false),
            _ => None,
        }
    }

    /// Puts the value where nothing was said before it.
    fn put(&self, global: &mut Global, preferred: &mut Preferred) -> Result<(), String> {
        match self.name {
            "format" => preferred.format = Some(self.one_of()?),
            "color" => preferred.colour = Some(self.one_of()?),
            "platform" => {
                let platform = self.text()?.parse().map_err(|error| self.wrong(&format!("{error}")))?;
                global.platform.get_or_insert(platform);
            }
            "timeout" => {
                let timeout = seconds(self.text()?).map_err(|words| self.wrong(&words))?;
                global.timeout.get_or_insert(timeout);
            }
            "cacert" if !global.asks_the_lab() => {
                global.cacert.get_or_insert(PathBuf::from(&self.value));
            }
            // Another answer to the same question was given by hand.
            "auth-file" if !global.says_who_asks() => global.auth_file = Some(PathBuf::from(&self.value)),
            "pager" => match self.is_on().filter(|_| self.is_kept) {
                Some(is_on) => preferred.paging = Some(is_on),
                None => {
                    preferred.pager = Some(self.text()?.to_owned());
                    preferred.paging = self.is_kept.then_some(true);
                }
            },
            "public" => global.public |= self.switch()?,
            "echo" => preferred.echo = self.switch()?,
            _ => {}
        }
        Ok(())
    }
}

/// The options of a command line with what the user prefers where they say nothing: first by `variable`, then by what is
/// `kept` in `file`.
///
/// # Errors
/// Where a value is wrong; the words name where it comes from.
pub(super) fn preferring(
    mut global: Global,
    variable: impl Fn(&str) -> Option<OsString>,
    (file, kept): (&str, &[(&'static str, String)]),
) -> Result<Global, String> {
    let of_environment = |name: &'static str| {
        let source = format!("OCISCOPE_{}", name.replace('-', "_").to_ascii_uppercase());
        // A variable without a value says nothing, but that there is to be no pager.
        let value = variable(&source).filter(|value| !value.is_empty() || name == "pager")?;
        Some(Preference { name, value, source, is_kept: false })
    };
    let of_file = |(name, value): &(&'static str, String)| {
        let source = format!("in {file}, {name}");
        Preference { name, value: value.into(), source, is_kept: true }
    };
    let mut all: Vec<_> = VARIABLES.into_iter().filter_map(of_environment).collect();
    let said: Vec<_> = all.iter().map(|preference| preference.name).collect();
    let mut preferred = Preferred::default();
    // What a variable overrides is read all the same: a wrong value is not found by chance.
    for preference in kept.iter().map(of_file) {
        let (mut aside, mut other) = (global.clone(), Preferred::default());
        preference.put(&mut aside, &mut other)?;
        if !said.contains(&preference.name) {
            all.push(preference);
        }
    }
    for preference in &all {
        preference.put(&mut global, &mut preferred)?;
    }
    global.display = global.display.preferring(preferred);
    Ok(global)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::Arguments;
    use crate::cli::display::Display;
    use crate::cli::place::Colour;
    use crate::commands::Format;

    fn with(line: &str, variables: &[(&str, &str)], kept: &[(&'static str, &str)]) -> Result<Global, String> {
        let words = line.split_whitespace();
        let global = Arguments::try_parse_from(["ociscope"].into_iter().chain(words)).unwrap().global;
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        let kept: Vec<_> = kept.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        preferring(global, variable, ("/home/ada/config.toml", &kept))
    }

    #[test]
    fn option_comes_before_variable_before_configuration() {
        let (variable, kept) = (&[("OCISCOPE_FORMAT", "json")][..], &[("format", "markdown")][..]);
        for (line, variables, kept, expected) in [
            ("--format terminal", variable, kept, Some(Format::Terminal)),
            ("--json", &[("OCISCOPE_FORMAT", "markdown")], kept, Some(Format::Json)),
            ("", variable, kept, Some(Format::Json)),
            ("", &[], kept, Some(Format::Markdown)),
            ("", &[("OCISCOPE_FORMAT", "")], kept, Some(Format::Markdown)),
            ("", &[], &[], None),
        ] {
            assert_eq!(with(line, variables, kept).unwrap().format(), expected, "{line} {variables:?} {kept:?}");
        }
        let colour = |line, variables| with(line, variables, &[("color", "never")]).unwrap().colour();
        assert_eq!(colour("", &[("OCISCOPE_COLOR", "always")]), Some(Colour::Always));
        assert_eq!(colour("--color auto", &[("OCISCOPE_COLOR", "always")]), Some(Colour::Auto));
        assert_eq!(colour("", &[]), Some(Colour::Never));
        let platform = |line, variables| with(line, variables, &[("platform", "linux/s390x")]).unwrap().platform;
        let written = |line, variables| platform(line, variables).map(|platform| platform.to_string());
        assert_eq!(written("", &[("OCISCOPE_PLATFORM", "linux/arm64")]).as_deref(), Some("linux/arm64"));
        assert_eq!(written("--platform linux/386", &[]).as_deref(), Some("linux/386"));
        assert_eq!(written("", &[]).as_deref(), Some("linux/s390x"));
        let timeout = |line, variables| with(line, variables, &[("timeout", "5")]).unwrap().timeout;
        assert_eq!(timeout("", &[("OCISCOPE_TIMEOUT", "7.5")]).unwrap().as_millis(), 7500);
        assert_eq!(timeout("--timeout 9", &[("OCISCOPE_TIMEOUT", "7.5")]).unwrap().as_secs(), 9);
        assert_eq!(timeout("", &[]).unwrap().as_secs(), 5);
    }

    #[test]
    fn wrong_value_names_where_it_comes_from() {
        for (variable, value, words) in [
            ("OCISCOPE_FORMAT", "xml", "OCISCOPE_FORMAT is \"xml\"; it takes terminal, markdown, html, json"),
            ("OCISCOPE_FORMAT", "JSON", "OCISCOPE_FORMAT is \"JSON\"; it takes"),
            ("OCISCOPE_COLOR", "yes", "OCISCOPE_COLOR is \"yes\"; it takes auto, always, never"),
            ("OCISCOPE_PLATFORM", "a/b/c/d", "OCISCOPE_PLATFORM is \"a/b/c/d\"; "),
            ("OCISCOPE_TIMEOUT", "soon", "OCISCOPE_TIMEOUT is \"soon\"; write a number of seconds"),
            ("OCISCOPE_TIMEOUT", "-1", "OCISCOPE_TIMEOUT is \"-1\"; between"),
            ("OCISCOPE_COLOR", "\u{1b}[2J", "OCISCOPE_COLOR is \"\\x1b[2J\"; it takes"),
        ] {
            let error = with("", &[(variable, value)], &[]).expect_err(value);
            assert!(error.starts_with(words), "{error}");
        }
        for (name, value) in [
            ("format", "pdf"),
            ("color", "1"),
            ("platform", "linux/"),
            ("timeout", "0"),
            ("public", "maybe"),
            ("echo", "2"),
        ] {
            let error = with("", &[], &[(name, value)]).expect_err(value);
            assert!(error.starts_with(&format!("in /home/ada/config.toml, {name} is \"{value}\"; ")), "{error}");
        }
        // Where a variable comes before it, too.
        let error = with("", &[("OCISCOPE_FORMAT", "json")], &[("format", "pdf")]).expect_err("a wrong value");
        assert!(error.starts_with("in /home/ada/config.toml, format"), "{error}");
    }

    #[test]
    fn file_of_a_variable_gives_way_to_what_is_said() {
        let variables = &[("OCISCOPE_AUTH_FILE", "/a/auth.json"), ("OCISCOPE_CACERT", "/a/ca.pem")];
        let of = |line| with(line, variables, &[]).unwrap();
        assert_eq!(of("").auth_file, Some(PathBuf::from("/a/auth.json")));
        assert_eq!(of("").cacert, Some(PathBuf::from("/a/ca.pem")));
        for line in ["--anonymous", "--username ada", "--pull-secret /b", "--auth-file /b"] {
            assert_ne!(of(line).auth_file, Some(PathBuf::from("/a/auth.json")), "{line}");
        }
        assert_eq!(of("--cacert /b").cacert, Some(PathBuf::from("/b")));
        if crate::lab::IS_HERE {
            assert_eq!(of("--lab").cacert, None);
        }
    }

    #[test]
    fn pager_is_a_program_or_on_or_off() {
        let of = |variables, kept| with("", variables, kept).unwrap().display;
        let expected = |preferred| Display::default().preferring(preferred);
        for (variables, kept, preferred) in [
            (&[][..], &[("pager", "most -w")][..], (Some("most -w"), Some(true))),
            (&[], &[("pager", "true")], (None, Some(true))),
            (&[], &[("pager", "off")], (None, Some(false))),
            (&[], &[("pager", "")], (Some(""), Some(true))),
            (&[("OCISCOPE_PAGER", "less -S")], &[("pager", "false")], (Some("less -S"), None)),
            (&[("OCISCOPE_PAGER", "")], &[("pager", "most")], (Some(""), None)),
            (&[("OCISCOPE_PAGER", "off")], &[], (Some("off"), None)),
        ] {
            let (pager, paging) = preferred;
            let preferred = Preferred { pager: pager.map(str::to_owned), paging, ..Preferred::default() };
            assert_eq!(format!("{:?}", of(variables, kept)), format!("{:?}", expected(preferred)), "{kept:?}");
        }
    }
}
