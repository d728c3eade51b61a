//! Commands that are printed to be copied into a shell, and the only way to make one.
//!
//! A command holds our own words, what the user typed, and words of a server that fit the strict grammar of their kind.
//! Each word is spelled in the one way that POSIX shells, fish and PowerShell read alike: as it is, or between single
//! quotes. Where there is no such spelling, or a server's word does not fit, there is no command, and [`Unfit`] says why.

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

/// One word of a command, or why it cannot be in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(Result<String, Unfit>);

/// Why a word cannot be in a command that is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It has characters that shells read differently.
    ReadDifferently(&'static str),
    /// A server or a file chose it, and it does not fit the grammar of its kind.
    NotOfItsKind(WordKind),
}

/// What a word is that a server or a file chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// `os/architecture` or `os/architecture/variant`; each part is of `[a-z0-9_.+-]`, as image-spec's image index has
    /// them.
    Platform,
    /// A project, a location or a repository of Google: lower-case letters, digits and hyphens, from a letter on; a
    /// project may be below a domain, `example.com:project`.
    GoogleName,
    /// A host, an IPv4 address or an IPv6 address in brackets, and a port.
    Host,
    /// A name of an object in Kubernetes (RFC 1123, `metadata.name`).
    KubernetesName,
    /// A key of a file with credentials: a host, a port and a path.
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
    /// A sentence about the command that is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self {
            Self::ReadDifferently(what) => {
                return write!(f, "No command is printed, because shells read {what} differently.");
            }
            Self::NotOfItsKind(WordKind::Platform) => "the platform in it is not spelled as platforms are",
            Self::NotOfItsKind(WordKind::GoogleName) => "the name in it is not spelled as Google's names are",
            Self::NotOfItsKind(WordKind::Host) => "the host in it is not spelled as hosts are",
            Self::NotOfItsKind(WordKind::KubernetesName) => "the name in it is not spelled as names in Kubernetes are",
            Self::NotOfItsKind(WordKind::CredentialKey) => "the key in it is not spelled as names of registries are",
        };
        write!(f, "No command is printed, because {why}.")
    }
}

impl Word {
    /// What the user typed to name an image: as it was typed, or in full where that cannot be spelled.
    pub fn input(reference: &Reference) -> Self {
        let typed = Self::spelled(reference.input(), "the reference");
        if typed.0.is_ok() { typed } else { Self::in_full(reference) }
    }

    /// A reference in full, with the scheme that was typed.
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

    /// The tag of a reference, where it has one.
    pub fn tag(reference: &Reference) -> Option<Self> {
        reference.tag().map(|tag| Self::spelled(tag, "the tag"))
    }

    /// What the user typed to name an image, without `https://` before it.
    pub fn without_https(reference: &Reference) -> Self {
        match reference.input().split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Self::spelled(rest, "the reference"),
            _ => Self::input(reference),
        }
    }

    /// A reference in full, with a scheme before it, whichever was typed.
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

    /// A value that the user typed for an option; `what` names it in the sentence that says why there is no command.
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

    /// A part of the grammar of shells: `|`.
    pub fn syntax(text: &'static str) -> Self {
        Self(Ok(text.to_owned()))
    }

    /// The word, or one of ours where it cannot be in a command.
    #[must_use]
    pub fn or(self, ours: &'static str) -> Self {
        if self.0.is_ok() { self } else { ours.into() }
    }

    /// Whether this is a word of ours.
    pub fn is(&self, text: &str) -> bool {
        self.0.as_deref() == Ok(text)
    }

    /// Whether the word as it is spelled begins so.
    pub fn starts_with(&self, text: &str) -> bool {
        self.0.as_ref().is_ok_and(|word| word.starts_with(text))
    }

    /// Whether this is an option with two hyphens.
    pub fn is_option(&self) -> bool {
        self.starts_with("--")
    }

    /// An option and its value in one word: `--namespace=` and a name.
    #[must_use]
    pub fn after(self, option: &'static str) -> Self {
        // A quoted value behind an equals sign is two words for PowerShell.
        let joined = |value: String| match value.strip_prefix('\'') {
            Some(rest) => format!("'{option}{rest}"),
            None => format!("{option}{value}"),
        };
        Self(self.0.map(joined))
    }

    /// A word of text and variables, `"$NAME"`, which whoever copies the command sets.
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
                    // What goes on with the name of a variable in one shell or another, or is an index or a modifier there.
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

    /// A word as every shell reads it: bare or between single quotes.
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

/// Whether a character is nothing but itself in every shell, wherever in a word it is but at its beginning.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '/' | ':' | '@' | '=' | '+')
}

/// Whether shells differ about a character between single quotes. A backslash is one more character to POSIX shells and
/// PowerShell, and an escape to fish; PowerShell takes typographic quotation marks for plain ones.
fn is_read_differently(character: char) -> bool {
    !is_safe(character) || matches!(character, '\'' | '\\' | '\u{2018}'..='\u{201f}')
}

/// Whether a character is more than itself between double quotes in any shell; the exclamation mark brings back an earlier
/// line at the prompt of some.
fn is_active_between_double_quotes(character: char) -> bool {
    is_read_differently(character) || matches!(character, '"' | '$' | '`' | '!')
}

/// A word of our own, quoted where it needs that.
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

/// The platform that the user wants.
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
    /// What is wrong with the first word that cannot be in a command.
    pub fn of(words: impl IntoIterator<Item = Word>) -> Result<Self, Unfit> {
        let words: Vec<String> = words.into_iter().map(|word| word.0).collect::<Result<_, _>>()?;
        Ok(Self { text: words.join(" "), words })
    }

    /// A command that holds no word but ours, spelled as it is.
    pub fn ours(text: &'static str) -> Self {
        Self { words: text.split(' ').map(str::to_owned).collect(), text: text.to_owned() }
    }

    /// The words, to make another command of.
    pub fn into_words(self) -> Vec<Word> {
        self.words.into_iter().map(|word| Word(Ok(word))).collect()
    }

    /// The command with pseudonyms or the like in its text. It is shown so, and made into no other command.
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

/// The words of a command, each made a [`Word`] by what it is.
macro_rules! words {
    ($($word:expr),* $(,)?) => { vec![$($crate::diagnosis::Word::from($word)),*] };
}
pub(crate) use words;

#[cfg(test)]
mod tests;
