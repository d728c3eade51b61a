//! Commands that are printed for copying into a shell, and the only way to make one.
//!
//! A command holds our own words, the user's input, and words of a server that fit the strict grammar of their kind.
//! Each word is written in a form that POSIX shells, fish and PowerShell read alike: as it is, or in single quotes. If
//! there is no such form, or a server's word does not fit, there is no command, and [`Unfit`] gives the reason.

use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;
use std::path::Path;

use crate::image::ListedPlatform;
use crate::oci::{Digest, Host, Platform, Reference, Scheme};
use crate::text::{Untrusted, is_safe};

/// A command for a shell, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    words: Vec<String>,
    text: String,
}

/// One word of a command, or the reason why it cannot be in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(Result<String, Unfit>);

/// The reason why a word cannot be in a printed command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It has characters that shells read differently.
    ReadDifferently(&'static str),
    /// A server or a file chose it, and it does not fit the grammar of its kind.
    NotOfItsKind(WordKind),
}

/// The kind of a word that a server or a file chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// `os/architecture` or `os/architecture/variant`; each part is of `[a-z0-9_.+-]`, as image-spec's image index has
    /// them.
    Platform,
    /// A project, a location or a repository of Google: lower-case letters, digits and hyphens, starting with a letter;
    /// a project may be under a domain, `example.com:project`.
    GoogleName,
    /// A host, an IPv4 address or an IPv6 address in brackets, and a port.
    Host,
    /// The name of a Kubernetes object (RFC 1123, `metadata.name`).
    KubernetesName,
    /// A key of a credential file: a host, a port and a path.
    CredentialKey,
}

impl WordKind {
    fn fits(self, text: &str) -> bool {
        let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        match self {
            Self::Platform => {
                let part = |part: &str| {
                    part.bytes().next().is_some_and(lower)
                        && part.bytes().all(|byte| lower(byte) || b"_.+-".contains(&byte))
                };
                matches!(text.split('/').count(), 2 | 3) && text.split('/').all(part)
            }
            Self::GoogleName => {
                let (domain, name) = text.rsplit_once(':').unwrap_or(("a", text));
                name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name.bytes().all(|byte| lower(byte) || byte == b'-')
                    && Self::KubernetesName.fits(domain)
            }
            Self::Host => text.parse::<Host>().is_ok(),
            Self::KubernetesName => text.split('.').all(|label| {
                let inside = |byte: u8| lower(byte) || byte == b'-';
                !label.is_empty() && label.bytes().all(inside) && !label.starts_with('-') && !label.ends_with('-')
            }),
            Self::CredentialKey => {
                text.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte))
            }
        }
    }
}

impl fmt::Display for Unfit {
    /// Formats a sentence about the omitted command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self {
            Self::ReadDifferently(what) => {
                return write!(f, "No command is printed, because shells read {what} differently.");
            }
            Self::NotOfItsKind(WordKind::Platform) => "it would contain an invalid platform",
            Self::NotOfItsKind(WordKind::GoogleName) => "it would contain an invalid Google Cloud name",
            Self::NotOfItsKind(WordKind::Host) => "it would contain an invalid host",
            Self::NotOfItsKind(WordKind::KubernetesName) => "it would contain an invalid Kubernetes name",
            Self::NotOfItsKind(WordKind::CredentialKey) => "it would contain an invalid registry name",
        };
        write!(f, "No command is printed, because {why}.")
    }
}

impl Word {
    /// The user's input for an image: as written, or in full if that form cannot be in a command.
    pub fn input(reference: &Reference) -> Self {
        let typed = Self::spelled(reference.input(), "the reference");
        if typed.0.is_ok() { typed } else { Self::in_full(reference) }
    }

    /// A reference in full, with the scheme of the input.
    pub fn in_full(reference: &Reference) -> Self {
        let full = reference.to_string();
        match reference.scheme() {
            Some(scheme) => Self::of_scheme(scheme, &full),
            None => Self::spelled(&full, "the reference"),
        }
    }

    /// A reference in full, with the scheme of another tool before it: `oras://`.
    pub fn with_scheme(scheme: &'static str, reference: &Reference) -> Self {
        let full = reference.to_string();
        Self::spelled(&format!("{scheme}{}", full.trim_start_matches("oci://")), "the reference")
    }

    /// A repository after a scheme of another tool: `oci://`.
    pub fn repository(scheme: &'static str, reference: &Reference) -> Self {
        Self::spelled(&format!("{scheme}{}/{}", reference.registry(), reference.repository()), "the reference")
    }

    /// A repository and tag after the name of another service.
    pub fn image(prefix: &'static str, reference: &Reference) -> Self {
        let tag = reference.tag().unwrap_or("latest");
        Self::spelled(&format!("{prefix}{}:{tag}", reference.repository()), "the reference")
    }

    /// The tag of a reference, if it has one.
    pub fn tag(reference: &Reference) -> Option<Self> {
        reference.tag().map(|tag| Self::spelled(tag, "the tag"))
    }

    /// The user's input for an image, without a leading `https://`.
    pub fn without_https(reference: &Reference) -> Self {
        match reference.input().split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Self::spelled(rest, "the reference"),
            _ => Self::input(reference),
        }
    }

    /// A reference in full, with this scheme instead of that of the input.
    pub fn over(scheme: Scheme, reference: &Reference) -> Self {
        Self::of_scheme(scheme, &reference.to_string())
    }

    fn of_scheme(scheme: Scheme, full: &str) -> Self {
        let place = full.trim_start_matches("oci://");
        Self::spelled(&format!("{}://{place}", scheme.as_str()), "the reference")
    }

    /// A file that the user named.
    pub fn path(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::spelled(text, "the name of the file"),
            None => Self(Err(Unfit::ReadDifferently("the name of the file"))),
        }
    }

    /// The user's value of an option; `what` names it in the sentence that explains a missing command.
    pub fn typed(text: &str, what: &'static str) -> Self {
        Self::spelled(text, what)
    }

    /// A word that a server or a file chose.
    pub fn chosen(kind: WordKind, text: &Untrusted) -> Self {
        match kind.fits(text.as_str()) {
            true => Self::spelled(text.as_str(), "a name"),
            false => Self(Err(Unfit::NotOfItsKind(kind))),
        }
    }

    /// An element of shell syntax: `|`.
    pub fn syntax(text: &'static str) -> Self {
        Self(Ok(text.to_owned()))
    }

    /// The word, or `ours` if it cannot be in a command.
    #[must_use]
    pub fn or(self, ours: &'static str) -> Self {
        if self.0.is_ok() { self } else { ours.into() }
    }

    /// Returns whether this is the given word of ours.
    pub fn is(&self, text: &str) -> bool {
        self.0.as_deref() == Ok(text)
    }

    /// Returns whether the written word starts with this text.
    pub fn starts_with(&self, text: &str) -> bool {
        self.0.as_ref().is_ok_and(|word| word.starts_with(text))
    }

    /// Returns whether this is a long option.
    pub fn is_option(&self) -> bool {
        self.starts_with("--")
    }

    /// An option and its value in one word: `--namespace=` and a name.
    #[must_use]
    pub fn after(self, option: &'static str) -> Self {
        // PowerShell reads a quoted value after an equals sign as a second word.
        let joined = |value: String| match value.strip_prefix('\'') {
            Some(rest) => format!("'{option}{rest}"),
            None => format!("{option}{value}"),
        };
        Self(self.0.map(joined))
    }

    /// A word of text and variables, `"$NAME"`, which the user sets before running the command.
    pub(crate) fn with_variables(parts: &[WordPart<'_>], what: &'static str) -> Self {
        let has_variables = parts.iter().any(|part| matches!(part, WordPart::Variable(_)));
        if !has_variables {
            let text: String = parts.iter().map(|part| part.as_str()).collect();
            return Self::spelled(&text, what);
        }
        let unfit = Self(Err(Unfit::ReadDifferently(what)));
        let mut word = String::from("\"");
        let mut after_variable = false;
        for part in parts {
            match part {
                WordPart::Variable(name) => {
                    word.push('$');
                    word.push_str(name);
                }
                WordPart::Text(text) => {
                    // Characters that extend the name of a variable in one shell or another, or are an index or a
                    // modifier there.
                    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '[' | ':' | '?' | '{' | '(');
                    if text.contains(is_active_between_double_quotes) || (after_variable && text.starts_with(goes_on)) {
                        return unfit;
                    }
                    word.push_str(text);
                }
            }
            after_variable = matches!(part, WordPart::Variable(_));
        }
        word.push('"');
        Self(Ok(word))
    }

    /// A word in a form that every shell reads alike: bare or in single quotes.
    fn spelled(text: &str, what: &'static str) -> Self {
        // `=x` is a program to zsh, `@x` an array to PowerShell, `-x` an option to the program.
        let is_first = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/');
        if text.is_empty() || text.starts_with('-') || text.chars().any(is_read_differently) {
            return Self(Err(Unfit::ReadDifferently(what)));
        }
        match text.starts_with(is_first) && text.chars().all(is_plain) {
            true => Self(Ok(text.to_owned())),
            false => Self(Ok(format!("'{text}'"))),
        }
    }
}

/// A part of a word with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WordPart<'a> {
    /// Text.
    Text(&'a str),
    /// The name of a variable.
    Variable(String),
}

impl WordPart<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Variable(name) => name,
        }
    }
}

/// Returns whether a character is literal in every shell, anywhere in a word except at its start.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '/' | ':' | '@' | '=' | '+')
}

/// Returns whether shells differ about a character in single quotes. A backslash is literal in POSIX shells and
/// PowerShell, and an escape in fish; PowerShell reads typographic quotation marks as plain ones.
fn is_read_differently(character: char) -> bool {
    !is_safe(character) || matches!(character, '\'' | '\\' | '\u{2018}'..='\u{201f}')
}

/// Returns whether a character has a meaning in double quotes in any shell; the exclamation mark recalls an earlier
/// line at the prompt of some.
fn is_active_between_double_quotes(character: char) -> bool {
    is_read_differently(character) || matches!(character, '"' | '$' | '`' | '!')
}

/// A word of our own, quoted if necessary.
impl From<&'static str> for Word {
    fn from(text: &'static str) -> Self {
        Self(Ok(if text.chars().all(is_plain) { text.to_owned() } else { format!("'{text}'") }))
    }
}

/// A reference in full.
impl From<&Reference> for Word {
    fn from(reference: &Reference) -> Self {
        Self::spelled(&reference.to_string(), "the reference")
    }
}

impl From<&Host> for Word {
    fn from(host: &Host) -> Self {
        Self::spelled(&host.to_string(), "the host")
    }
}

impl From<&Digest> for Word {
    fn from(digest: &Digest) -> Self {
        Self::spelled(&digest.to_string(), "the digest")
    }
}

impl From<IpAddr> for Word {
    fn from(address: IpAddr) -> Self {
        Self::spelled(&address.to_string(), "the address")
    }
}

/// The platform that the user requests.
impl From<&Platform> for Word {
    fn from(platform: &Platform) -> Self {
        Self::chosen(WordKind::Platform, &Untrusted::new(platform.to_string()))
    }
}

/// A platform that a server names.
impl From<&ListedPlatform> for Word {
    fn from(platform: &ListedPlatform) -> Self {
        Self::chosen(WordKind::Platform, &platform.text())
    }
}

impl CommandLine {
    /// The command of these words.
    ///
    /// # Errors
    /// The reason for the first word that cannot be in a command.
    pub fn of(words: impl IntoIterator<Item = Word>) -> Result<Self, Unfit> {
        let words: Vec<String> = words.into_iter().map(|word| word.0).collect::<Result<_, _>>()?;
        Ok(Self { text: words.join(" "), words })
    }

    /// A command that consists of our own words, as it is.
    pub fn ours(text: &'static str) -> Self {
        Self { words: text.split(' ').map(str::to_owned).collect(), text: text.to_owned() }
    }

    /// The words, for building another command.
    pub fn into_words(self) -> Vec<Word> {
        self.words.into_iter().map(|word| Word(Ok(word))).collect()
    }

    /// The command with replacements such as pseudonyms in its text. It is for display only, not for building other
    /// commands.
    #[must_use]
    pub(crate) fn relabelled(&self, change: &mut dyn FnMut(&str) -> String) -> Self {
        let text = change(&self.text);
        Self { words: vec![text.clone()], text }
    }
}

impl Deref for CommandLine {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The words of a command, each converted to a [`Word`] by its type.
macro_rules! words {
    ($($word:expr),* $(,)?) => { vec![$($crate::diagnosis::Word::from($word)),*] };
}
pub(crate) use words;

#[cfg(test)]
mod tests;
