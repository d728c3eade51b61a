//! The meaning of a command line whose first word is not a command: a reference is diagnosed, a text is explained, and
//! anything else is answered with the command that was likely meant.

use std::ffi::OsString;
use std::path::Path;

use clap::Command;

use super::foreign::{Door, foreign};
use super::texts::takes_next;
use crate::commands::{CommandSpec, DIAGNOSE, EXPLAIN};
use crate::diagnosis::catalogue;
use crate::knowledge::{known_registry, topics};
use crate::oci::{Host, Reference};

/// The meaning of a command line without a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// This command line.
    Line(Vec<OsString>),
    /// Nothing; a sentence with what to do instead.
    Refused(String),
    /// Unknown: the error of the parser stands.
    Unknown,
}

/// The meaning of a command line that the grammar does not accept. `shell` are the commands that only the shell has.
pub(super) fn meant(arguments: &[OsString], grammar: &Command, shell: &[&CommandSpec]) -> Meant {
    let Some(at) = first_word(arguments, grammar) else { return Meant::Unknown };
    let texts: Vec<_> = arguments[at..].iter().map(|argument| argument.to_string_lossy()).collect();
    let Some(word) = texts.first().map(AsRef::as_ref) else { return Meant::Unknown };
    if grammar.find_subcommand(word).is_some() || word == "help" {
        return Meant::Unknown;
    }
    let with = |command: &'static str| {
        let mut line = arguments.to_vec();
        line.insert(at, command.into());
        Meant::Line(line)
    };
    if word.trim().contains(char::is_whitespace) {
        return with(EXPLAIN.name);
    }
    if let Some(foreign) = foreign(&texts, Door::CommandLine) {
        return Meant::Refused(format!("there is no command {}: {}", foreign.name, foreign.advice));
    }
    if let Some(spec) = shell.iter().find(|spec| spec.name == word) {
        return Meant::Refused(format!("{} is a command of the shell, which `ociscope` opens", spec.name));
    }
    if Path::new(word).is_file() {
        return Meant::Refused(
            "this is a file: `ociscope diagnose -f FILE` reads references from it, `ociscope explain FILE` explains the \
             errors in it"
                .to_owned(),
        );
    }
    if is_topic(word) {
        return Meant::Refused(format!("{word} is not a command; `ociscope explain {word}` says what it means"));
    }
    let is_reference = has_mark(word) && (Reference::parse(word).is_ok() || names_known_registry(word));
    match () {
        () if is_reference => with(DIAGNOSE.name),
        () if has_mark(word) => Meant::Refused(
            "this is neither a command nor a reference; `ociscope diagnose REF` says what is wrong with a reference"
                .to_owned(),
        ),
        () => Meant::Unknown,
    }
}

/// The place of the first argument that is not an option or the value of one.
fn first_word(arguments: &[OsString], grammar: &Command) -> Option<usize> {
    let mut at = 1;
    loop {
        let word = arguments.get(at)?.to_str().unwrap_or_default();
        if word.len() < 2 || !word.starts_with('-') {
            return Some(at);
        }
        at += 1 + usize::from(takes_next(grammar, word));
    }
}

/// Whether a word has a mark of a reference: a `/`, a `:tag` or an `@digest`.
pub(crate) fn has_mark(word: &str) -> bool {
    word.contains(['/', ':', '@'])
}

/// Whether `explain` knows a word by itself: a rule, a code, a status, a header, a media type.
pub(crate) fn is_topic(word: &str) -> bool {
    let is_rule = catalogue().iter().any(|rule| rule.name == word);
    is_rule || topics().any(|(_, topic)| topic.name.eq_ignore_ascii_case(word))
}

/// Whether a word begins with the host of a known registry and a slash: then it is meant as a reference, and what is wrong
/// with it is worth saying.
pub(crate) fn names_known_registry(word: &str) -> bool {
    host_of(word).is_some_and(|host| known_registry(host.name()).is_some())
}

/// The host before the first slash of a word without credentials in it.
pub(crate) fn host_of(word: &str) -> Option<Host> {
    let bare = ["https://", "http://", "docker://"].iter().find_map(|scheme| word.strip_prefix(scheme)).unwrap_or(word);
    let (host, _) = bare.split_once('/').filter(|_| !bare.contains('@'))?;
    host.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::grammar;

    fn of(line: &[&str]) -> Meant {
        let arguments: Vec<OsString> = ["ociscope"].iter().chain(line).map(OsString::from).collect();
        let mut grammar = grammar();
        grammar.build();
        meant(&arguments, &grammar, &[&CommandSpec::named("session")])
    }

    fn line(words: &[&str]) -> Meant {
        Meant::Line(["ociscope"].iter().chain(words).map(OsString::from).collect())
    }

    #[test]
    fn reference_alone_is_diagnosed() {
        let digest = format!("n@sha256:{}", "5e".repeat(32));
        for word in
            ["alpine:3", "acme/api", "ghcr.io/acme/api:1.4.2", &digest, "docker://acme/api", "http://localhost:5000/a"]
        {
            assert_eq!(of(&[word]), line(&["diagnose", word]));
            assert_eq!(of(&[word, "--accept", "docker-v1"]), line(&["diagnose", word, "--accept", "docker-v1"]));
            let typed = ["--cacert", "a/b", "-u", "x:y", "--lab", "--json", word, "quay.io/a/b"];
            let meant = ["--cacert", "a/b", "-u", "x:y", "--lab", "--json", "diagnose", word, "quay.io/a/b"];
            assert_eq!(of(&typed), line(&meant));
        }
        // The command reports what is wrong with it.
        assert_eq!(of(&["ghcr.io/Acme/API:1"]), line(&["diagnose", "ghcr.io/Acme/API:1"]));
    }

    #[test]
    fn argument_with_white_space_is_explained() {
        for text in
            ["manifest unknown", "Error: denied\nmore", "docker pull failed: 404", "acme/api:1 not found", "x\ty"]
        {
            assert_eq!(of(&[text]), line(&["explain", text]));
            assert_eq!(of(&["--json", text]), line(&["--json", "explain", text]));
        }
    }

    #[test]
    fn anything_else_is_answered_with_the_command_that_was_likely_meant() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("pod.yaml");
        std::fs::write(&file, "kind: Pod").unwrap();
        for (words, says) in [
            (&[file.to_str().unwrap()][..], "`ociscope diagnose -f FILE` reads references from it"),
            (&["MANIFEST_UNKNOWN"], "`ociscope explain MANIFEST_UNKNOWN`"),
            (&["tag-not-found"], "`ociscope explain tag-not-found`"),
            (&["docker", "pull", "x"], "there is no command docker: `ociscope diagnose REF`"),
            (&["ls", "acme/api"], "`ociscope tags REF`"),
            (&["login", "ghcr.io"], "`ociscope COMMAND -u NAME REF`"),
            (&["session"], "session is a command of the shell"),
            (&["Pa55/word:x y"], ""),
            (&["Alice/Hunter2!"], "neither a command nor a reference"),
        ] {
            match of(words) {
                Meant::Refused(said) => assert!(!says.is_empty() && said.contains(says), "{words:?}: {said}"),
                other => assert!(says.is_empty(), "{words:?}: {other:?}"),
            }
        }
        // A bare word is never a reference, and what the grammar knows is left to it.
        for words in [&["alpine"][..], &["prob"], &["hunter2"], &["help", "x"], &["probe"], &["--json"], &[]] {
            assert_eq!(of(words), Meant::Unknown, "{words:?}");
        }
    }
}
