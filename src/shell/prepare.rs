//! From words as they are typed to words of the grammar: fills in the current image, expands short forms, and adds the
//! settings of the session.

use clap::Command;

use super::commands::{HELP, LOGIN, spec, specs};
use super::error::ShellError;
use super::grammar::positionals;
use super::meaning::{Meaning, meaning};
use super::state::State;
use super::target::{self, is_hex, is_number, written};
use crate::cli::{takes_next, texts_apart};
use crate::commands::{BLOB, CommandSpec, EntryKind, MANIFEST, PROBE};
use crate::evidence::{CertificateFault, FailureKind, Step, error_entries};
use crate::knowledge::topics;
use crate::oci::Reference;

/// Endpoints of a repository (distribution-spec, "Endpoints").
const ENDPOINTS: [&str; 4] = ["manifests/", "blobs/", "tags/", "referrers/"];

/// Words that the grammar can parse.
pub(super) struct Prepared {
    /// The command.
    pub spec: &'static CommandSpec,
    /// All words, the command first.
    pub words: Vec<String>,
    /// The image that it is about, if it is about one.
    pub about: Option<Reference>,
}

/// Prepares the words of a line.
///
/// # Errors
/// Where there is no such command, or the image cannot be determined.
pub(super) fn prepare(mut words: Vec<String>, grammar: &Command, state: &State) -> Result<Prepared, ShellError> {
    match meaning(&words, grammar, state) {
        Meaning::Command => {}
        Meaning::Place => {
            let kind = target::kind_of_entry(&words[0], state).unwrap_or(EntryKind::Manifest);
            let meant = specs().find(|spec| spec.meant_by == Some(kind)).unwrap_or(&PROBE);
            words.insert(0, meant.name.to_owned());
        }
        Meaning::Refused(refused) => return Err(refused.into()),
    }
    let command = grammar.find_subcommand(&words[0]);
    let Some((command, spec)) = command.and_then(|command| Some((command, spec(command.get_name())?))) else {
        return Ok(Prepared { spec: &HELP, words: vec![HELP.name.to_owned()], about: None });
    };
    let mut rest = words.split_off(1);
    let asks_for_help = rest.iter().any(|word| word == "--help" || word == "-h");
    let mut about = None;
    if !asks_for_help {
        let at = positionals(command, &rest);
        let has = |id: &str| command.get_arguments().any(|argument| argument.get_id() == id);
        if has("reference") || has("references") {
            let typed: Vec<usize> = if has("references") { at } else { at.into_iter().take(1).collect() };
            // Of two references, the first may be the current image.
            let is_second = |option: &str| typed.len() == 1 && !rest.iter().any(|word| word == option);
            let typed = match (spec.two_unless.filter(|option| is_second(option)), typed.first()) {
                (Some(_), Some(&at)) => {
                    let missing = || target::TargetError::Nowhere(spec.name.to_owned());
                    rest.insert(at, written(state.current.as_ref().ok_or_else(missing)?));
                    vec![at, at + 1]
                }
                _ => typed,
            };
            // A list of references replaces the current image.
            if !typed.is_empty() || !names_list(command, &rest) {
                about = put_references(spec, &mut rest, &typed, state)?;
            }
        } else if has("server") && at.is_empty() {
            let missing = || target::TargetError::Nowhere(spec.name.to_owned());
            rest.push(state.current.as_ref().ok_or_else(missing)?.registry().to_string());
        } else if has("path") {
            let &at = at.first().ok_or(target::TargetError::NoPath(spec.name))?;
            rest[at] = path(&rest[at], state)?;
        } else if spec.text.is_some() && rest.is_empty() {
            rest.extend(last_error(state));
        }
    }
    let mut words = vec![spec.name.to_owned()];
    let sticky = state.sticky.words_for(command, &rest);
    // A login is also for later commands, which may not be anonymous.
    words.extend(sticky.into_iter().filter(|word| spec.name != LOGIN.name || word != "--anonymous"));
    words.extend(rest);
    if spec.text.is_some() {
        words = texts_apart(words, 0, &|option| takes_next(command, option));
    }
    Ok(Prepared { spec, words, about })
}

/// Whether the words of a command name a list of references.
fn names_list(command: &Command, words: &[String]) -> bool {
    let has = command.get_arguments().any(|argument| argument.get_id() == "file");
    let is_list = |word: &String| {
        word == "--file" || word.starts_with("--file=") || (word.starts_with("-f") && !word.starts_with("--"))
    };
    has && words.iter().any(is_list)
}

fn put_references(
    spec: &CommandSpec,
    rest: &mut Vec<String>,
    typed: &[usize],
    state: &State,
) -> Result<Option<Reference>, ShellError> {
    if typed.is_empty() {
        let Some(current) = &state.current else {
            return Err(target::TargetError::Nowhere(spec.name.to_owned()).into());
        };
        rest.push(written(current));
        return Ok(Some(current.clone()));
    }
    let mut about = None;
    let mut platform = None;
    for &at in typed {
        if let Some(kind) = target::kind_of_entry(&rest[at], state).filter(|kind| !spec.is_about(*kind)) {
            let (words, instead) = in_words(kind);
            return Err(target::TargetError::OtherKind { number: rest[at].clone(), kind: words, instead }.into());
        }
        let reference = match target::platform(&rest[at]).filter(|_| spec.by_platform) {
            Some(wanted) => {
                let missing = || target::TargetError::Nowhere(spec.name.to_owned());
                platform = Some(wanted);
                state.current.clone().ok_or_else(missing)?
            }
            None if is_short(&rest[at]) => target::reference(&rest[at], state)?,
            // A full reference is parsed by the command, whose error fits what it does.
            None => match target::reference(&rest[at], state) {
                Ok(reference) => reference,
                Err(_) => continue,
            },
        };
        rest[at] = if is_short(&rest[at]) || platform.is_some() { written(&reference) } else { rest[at].clone() };
        about = Some(reference);
    }
    rest.extend(platform.map(|platform| format!("--platform={platform}")));
    // None of several becomes the current image.
    Ok(about.filter(|_| typed.len() == 1))
}

/// The kind of a list entry in words, and the command that shows it.
fn in_words(kind: EntryKind) -> (&'static str, &'static str) {
    match kind {
        EntryKind::Manifest => ("a manifest", MANIFEST.name),
        EntryKind::Layer => ("a layer, which is a blob", BLOB.name),
    }
}

/// Whether a word is a short form of a reference.
pub(super) fn is_short(word: &str) -> bool {
    let digest = ["sha256:", "sha384:", "sha512:"].iter().any(|start| word.starts_with(start));
    let is_part = digest || is_hex(word) || is_number(word) || target::platform(word).is_some();
    word.starts_with([':', '@']) || is_part
}

/// A full address of the API for a path below the current repository or registry.
fn path(typed: &str, state: &State) -> Result<String, ShellError> {
    let below_repository = ENDPOINTS.iter().any(|endpoint| typed.starts_with(endpoint));
    let below_registry = typed.starts_with('/') || typed.starts_with("v2/") || typed.starts_with("_catalog");
    if !below_repository && !below_registry {
        return Ok(typed.to_owned());
    }
    let missing = || target::TargetError::Nowhere(typed.to_owned());
    let current = state.current.as_ref().ok_or_else(missing)?;
    let scheme = current.scheme().map(|scheme| format!("{}://", scheme.as_str())).unwrap_or_default();
    let registry = format!("{scheme}{}", current.registry());
    if below_registry {
        let rest = typed.trim_start_matches('/');
        let rest = rest.strip_prefix("v2/").or((rest == "v2").then_some("")).unwrap_or(rest);
        return Ok(format!("{registry}/v2/{rest}"));
    }
    let (before, last) = typed.rsplit_once('/').unwrap_or((typed, ""));
    let (last, query) = last.split_once('?').map_or((last, String::new()), |(last, query)| (last, format!("?{query}")));
    let last = match last {
        // A short form of a known digest, or a list entry.
        short if is_short(short) && !typed.starts_with("tags/") => {
            let found = target::reference(short, state)?;
            found.selector()
        }
        whole => whole.to_owned(),
    };
    Ok(format!("{registry}/v2/{}/{before}/{last}{query}", current.repository()))
}

/// The last error as a topic: a code, a status, or the rule of a failure.
fn last_error(state: &State) -> Option<String> {
    let last = state.exchange(None).ok()?;
    let Some(response) = &last.exchange.response else {
        return last.exchange.failure.as_ref().map(|failure| rule_of(&failure.kind).to_owned());
    };
    // The status explains more than an unknown code.
    let known = |code: &str| topics().any(|(_, topic)| topic.name == code);
    let mut codes = error_entries(response).into_iter().map(|entry| entry.code);
    let code = codes.find(|code| known(code.as_str())).map(|code| code.as_str().to_owned());
    Some(code.unwrap_or_else(|| response.status.to_string()))
}

/// The most likely rule for a failure of this kind.
fn rule_of(kind: &FailureKind) -> &'static str {
    match kind {
        FailureKind::Dns => "dns-failure",
        FailureKind::Refused | FailureKind::Unreachable | FailureKind::Timeout(Step::Dns | Step::Connect) => {
            "tcp-timeout-or-refused"
        }
        FailureKind::Certificate(CertificateFault::UnknownAuthority) => "unknown-ca",
        FailureKind::Certificate(CertificateFault::WrongName(_)) => "certificate-name-mismatch",
        FailureKind::Certificate(CertificateFault::Expired | CertificateFault::NotYetValid) => "certificate-dates",
        FailureKind::NotTls => "http-registry-asked-as-https",
        FailureKind::Tls(_)
        | FailureKind::Certificate(CertificateFault::AuthorityAsServer | CertificateFault::Other) => {
            "tls-handshake-failed"
        }
        FailureKind::Proxy | FailureKind::ProxyUnknown => "proxy-required-or-refusing",
        _ => "no-answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::catalogue;
    use crate::evidence::TlsFault;

    #[test]
    fn failure_is_explained_by_a_rule() {
        let kinds = [
            FailureKind::Dns,
            FailureKind::Refused,
            FailureKind::Certificate(CertificateFault::UnknownAuthority),
            FailureKind::Certificate(CertificateFault::WrongName(Vec::new())),
            FailureKind::Certificate(CertificateFault::Expired),
            FailureKind::NotTls,
            FailureKind::Tls(TlsFault::NoAgreement),
            FailureKind::Proxy,
            FailureKind::Timeout(Step::Headers),
        ];
        for kind in kinds {
            let name = rule_of(&kind);
            assert!(catalogue().iter().any(|rule| rule.name == name), "{kind:?}: {name}");
        }
    }
}
