//! The prompt: the current image, the identity, settings that hold, and the result of the last command.

use unicode_width::UnicodeWidthStr;

use super::state::State;
use crate::auth::Credentials;
use crate::diagnosis::ExitStatus;
use crate::evidence::CredentialUse;
use crate::oci::Reference;
use crate::report::{Label, Span, Style};
use crate::text::{Untrusted, cut};

/// The end of a prompt.
pub(super) const END: &str = "❯ ";

/// The share of the terminal's width that the prompt may take.
const SHARE: usize = 3;
const OF: usize = 4;

/// The most columns of a setting.
const SETTING: usize = 20;

/// The prompt in pieces. It leaves room to type on a terminal of this many columns.
pub(super) fn prompt(state: &State, columns: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let room = (columns * SHARE / OF).max(12);
    let mut rest = Vec::new();
    if state.settings.lab.is_some() {
        rest.push(Span::new("lab ", Label::Caution));
    }
    if state.settings.recording.is_some() {
        rest.push(Span::new("recording ", Label::Caution));
    }
    rest.extend(identity(state).map(|identity| Span::new(format!("{identity} "), Label::Quiet)));
    rest.extend(settings(state).into_iter().map(|setting| Span::new(format!("{setting} "), Label::Caution)));
    rest.extend(outcome(state).map(|(words, label)| Span::new(format!("{words} "), label)));
    let width: usize = rest.iter().map(|span| span.text.width()).sum();
    match &state.current {
        Some(reference) => {
            let place = place(reference, room.saturating_sub(width));
            spans.push(Span::new(format!("{place} "), Label::Strong));
            spans.extend(rest);
        }
        None => {
            spans.push(Span::new("ociscope ", Label::Strong));
            if state.settings.lab.is_some() {
                spans.push(Span::new("lab ", Label::Caution));
            }
            spans.extend(settings(state).into_iter().map(|setting| Span::new(format!("{setting} "), Label::Caution)));
        }
    }
    let label = if outcome(state).is_some_and(|(_, label)| label == Label::Bad) { Label::Bad } else { Label::Name };
    spans.push(Span::new("❯", label));
    spans.push(Span::new(" ", Label::Plain));
    spans
}

/// The prompt without and with color; both have the same width.
pub(super) fn both(spans: &Vec<Span>) -> (String, String) {
    let plain = spans.iter().map(|span| span.text.as_str()).collect();
    (plain, Style::new(true).line(spans))
}

/// The identity of requests; `None` until stored credentials have been looked up.
fn identity(state: &State) -> Option<String> {
    let settings = &state.settings;
    let registry = state.current.as_ref().map(Reference::registry);
    let login = registry.map_or(settings.logins.waiting(), |registry| settings.logins.get(registry));
    match login {
        _ if state.sticky.is_on("anonymous") => Some("anon".to_owned()),
        Some(Credentials::Password { username, .. }) => {
            Some(format!("as {}", Untrusted::from(username.reveal()).cut_within(16)))
        }
        Some(_) => Some("with a token".to_owned()),
        None if settings.stored.is_none() || settings.lab.is_some() => Some("anon".to_owned()),
        None => match state.memory.get(state.shown?)?.credential {
            CredentialUse::Stored => Some("stored".to_owned()),
            CredentialUse::Anonymous | CredentialUse::Given => Some("anon".to_owned()),
        },
    }
}

/// The settings that change what is asked for: media types and the platform.
fn settings(state: &State) -> Vec<String> {
    let short = |text: &str| Untrusted::from(text).cut_within(SETTING);
    let accept = match state.sticky.get("accept") {
        [] => None,
        [one] => Some(format!("accept {}", short(one))),
        [first, more @ ..] => Some(format!("accept {} +{}", short(first), more.len())),
    };
    let platform = state.sticky.get("platform").first().map(|platform| short(platform));
    accept.into_iter().chain(platform).collect()
}

/// A diagnosis in a few words.
fn verdict(status: ExitStatus) -> (String, Label) {
    let words = match status {
        ExitStatus::Success => return ("✓ can be pulled".to_owned(), Label::Good),
        ExitStatus::Incomplete => return ("incomplete".to_owned(), Label::Caution),
        ExitStatus::Interrupted => return ("interrupted".to_owned(), Label::Caution),
        ExitStatus::NotFound => "not found",
        ExitStatus::NotAcceptable => "not accepted",
        ExitStatus::Unauthenticated => "authentication",
        ExitStatus::Denied => "denied",
        ExitStatus::RateLimited => "rate limited",
        ExitStatus::Network => "network",
        ExitStatus::Tls => "TLS",
        ExitStatus::Integrity => "integrity",
        ExitStatus::Content => "content",
        ExitStatus::ServerFailed => "server failed",
        ExitStatus::ToolFailed | ExitStatus::Usage => "failed",
        // A diagnosis compares nothing.
        ExitStatus::Unnoticed | ExitStatus::Noticed => "different",
    };
    (format!("✗ {words}"), Label::Bad)
}

/// The verdict of a diagnosis; after any other command the status of the last answer, or why there was none.
fn outcome(state: &State) -> Option<(String, Label)> {
    if let Some(status) = state.verdict {
        return Some(verdict(status));
    }
    let one = state.memory.get(state.shown?)?;
    let exchange = &one.exchange;
    if let Some(failure) = &exchange.failure {
        return Some((failure.kind.as_str().replace('_', " "), Label::Bad));
    }
    let label = match (exchange.status()?, state.last_status) {
        (_, Some(ExitStatus::Integrity)) => Label::Bad,
        (200..=299, _) => Label::Good,
        (300..=399, _) => Label::Caution,
        _ => Label::Bad,
    };
    Some((exchange.status()?.to_string(), label))
}

/// A reference in so many columns. The least telling parts are left out first: the rest of a digest, the middle of the
/// repository, the registry.
fn place(reference: &Reference, room: usize) -> String {
    let version = match (reference.digest(), reference.tag()) {
        (Some(digest), _) => format!("@{}:{}", digest.algorithm().name(), digest.short()),
        (None, Some(tag)) => format!(":{tag}"),
        (None, None) => String::new(),
    };
    let registry = reference.registry().to_string();
    let repository = reference.repository();
    let last = repository.rsplit('/').next().unwrap_or(repository);
    let candidates = [
        format!("{registry}/{repository}{version}"),
        format!("{registry}/…/{last}{version}"),
        format!("…/{last}{version}"),
    ];
    let fitting = candidates.iter().find(|candidate| candidate.width() <= room);
    fitting.cloned().unwrap_or_else(|| cut(&format!("…/{last}{version}"), room.max(4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reference_is_shortened() {
        let shown = |text: &str, room| place(&Reference::parse(text).unwrap(), room);
        let full = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
        assert_eq!(shown(full, 50), full);
        assert_eq!(shown(full, 40), "gcr.io/…/deepvariant:0.5.0");
        assert_eq!(shown(full, 20), "…/deepvariant:0.5.0");
        assert!(shown(full, 10).width() <= 10);
        let digest = format!("gcr.io/a/b@sha256:{}", "ab".repeat(32));
        assert_eq!(shown(&digest, 40), "gcr.io/a/b@sha256:abababababab");
    }
}
