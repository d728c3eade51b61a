//! `login`: a user name and a password for one registry, for this session. The shell asks for them, without echoing the
//! password. Nothing is sent: the next command shows whether the registry accepts them.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::Global;
use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::evidence::Redactor;
use crate::oci::{Host, Reference};
use crate::report::{Block, Form, Published, plain};
use crate::shell::error::{LoginError, ShellError};
use crate::shell::guard::Question;
use crate::shell::state::State;
use crate::text::Untrusted;

/// The description of `login`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Change,
        at: (2, 0),
        usage: "login",
        about: "credentials of one registry, for this session",
    }),
    examples: &[
        ("login", "to the current registry; asks for user name and password"),
        ("login ghcr.io", "to another registry"),
        ("login --username alice ghcr.io", "asks for the password only"),
    ],
    forms: &[Published::of::<WrittenLogin<'_>>()],
    ..CommandSpec::named("login")
};

/// The arguments of `login`.
#[derive(Debug, Args)]
pub(in crate::shell) struct LoginArguments {
    /// Registry, such as ghcr.io or registry.example:5000 [default: that of the current image]
    #[arg(value_name = "REGISTRY")]
    registry: Option<String>,

    /// User name; without it, the shell asks for it
    #[arg(long, short = 'u', value_name = "NAME")]
    username: Option<String>,
}

/// A login of the session.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenLogin<'a> {
    /// The only registry that the login is sent to.
    registry: &'a str,
    /// The user name.
    username: &'a str,
}

impl Form for WrittenLogin<'_> {
    const NAME: &'static str = "login";
    const TITLE: &'static str = "login";
}

impl LoginArguments {
    pub fn run(&self, global: &Global, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let registry = match &self.registry {
            Some(typed) => registry(typed).ok_or(LoginError::NotARegistry)?,
            None => state.current.as_ref().map(|current| current.registry().clone()).ok_or(LoginError::NoRegistry)?,
        };
        let username = self.username.as_deref();
        if username.is_some_and(|name| name.contains(':')) {
            return Err(LoginError::Colon.into());
        }
        if global.reads_password() || !matches!(global.login(), Ok(None | Some((_, None)))) {
            return Err(LoginError::Usage.into());
        }
        let Some(username) = state.guard.answered.take() else {
            let question = Question { registry, username: username.map(str::to_owned) };
            return Err(LoginError::Unanswered(question).into());
        };
        let name = Untrusted::from(username.as_str()).cut_within(60);
        let unless = if state.sticky.is_on("anonymous") { ", after `unset anonymous`" } else { "" };
        let words = format!(
            "Requests to {registry} are now sent as {name}{unless}. Nothing was sent yet: the next command shows whether \
             {registry} accepts the password."
        );
        let json = WrittenLogin { registry: &registry.to_string(), username: &username }.to_json();
        let document = vec![Block::Text(vec![plain(words)])];
        output.fetched(&document, &json, &mut Redactor::default()).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}

/// The registry that a word names: a host, or a reference to an image there. A host needs a dot or a port, as in a
/// reference, so that no other word is taken for one.
pub(super) fn registry(typed: &str) -> Option<Host> {
    let bare = ["https://", "http://"].iter().find_map(|scheme| typed.strip_prefix(scheme)).unwrap_or(typed);
    let host = bare.split('/').next()?;
    let is_host = host == "localhost" || host.contains(['.', ':']);
    if !is_host || bare.contains('@') {
        return None;
    }
    let is_alone = bare.trim_end_matches('/') == host;
    match is_alone {
        true => host.parse().ok(),
        false => Reference::parse(typed).ok().map(|reference| reference.registry().clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_is_a_host_or_a_reference() {
        for (typed, host) in [
            ("ghcr.io", "ghcr.io"),
            ("registry.example:5000", "registry.example:5000"),
            ("https://registry.example/", "registry.example"),
            ("localhost", "localhost"),
            ("ghcr.io/owner/name:1", "ghcr.io"),
        ] {
            assert_eq!(registry(typed).map(|host| host.to_string()).as_deref(), Some(host), "{typed}");
        }
        for typed in ["alice", "hunter2", "p@ss.word", "me:secret@ghcr.io", "correct/horse", "", "a b.c"] {
            assert_eq!(registry(typed), None, "{typed}");
        }
    }
}
