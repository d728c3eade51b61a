//! `logout`: forget the login for one registry.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::login::registry;
use crate::auth::Credentials;
use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::evidence::Redactor;
use crate::oci::Host;
use crate::report::{Block, Form, Published, plain};
use crate::session::Logins;
use crate::shell::error::{LoginError, ShellError};
use crate::shell::state::State;
use crate::text::Untrusted;

/// The description of `logout`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Change, at: (2, 1), usage: "logout", about: "" }),
    examples: &[("logout", "from the current registry"), ("logout ghcr.io", "from another registry")],
    forms: &[Published::of::<WrittenLogout>()],
    ..CommandSpec::named("logout")
};

/// The arguments of `logout`.
#[derive(Debug, Args)]
pub(in crate::shell) struct LogoutArguments {
    /// Registry [default: that of the current image, or the only one with a login]
    #[arg(value_name = "REGISTRY")]
    registry: Option<String>,
}

/// A forgotten login.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenLogout {
    /// The registry of the login; null if it was not bound to one yet.
    registry: Option<String>,
    /// The user name of the login; null if there was none.
    username: Option<String>,
}

impl Form for WrittenLogout {
    const NAME: &'static str = "logout";
    const TITLE: &'static str = "logout";
}

impl LogoutArguments {
    pub fn run(&self, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let logins = &state.settings.logins;
        let current = || state.current.as_ref().map(|current| current.registry().clone());
        let only = || logins.registries().next().filter(|_| logins.registries().count() == 1).cloned();
        let registry: Option<Host> = match &self.registry {
            Some(typed) => Some(registry(typed).ok_or(LoginError::NotARegistry)?),
            None => current().or_else(only),
        };
        if registry.is_none() && logins.waiting().is_none() {
            return Err(LoginError::NoRegistry.into());
        }
        let login = registry.as_ref().and_then(|registry| logins.get(registry)).or(logins.waiting()).cloned();
        // Its password is still redacted.
        state.guard.forgotten.extend(login.iter().flat_map(Credentials::secrets));
        let has_bound = registry.as_ref().is_some_and(|registry| state.settings.logins.forget(registry));
        if !has_bound && state.settings.logins.waiting().is_some() {
            state.settings.logins = without_waiting(&state.settings.logins);
        }
        let username = match &login {
            Some(Credentials::Password { username, .. }) => Some(username.reveal().to_owned()),
            _ => None,
        };
        let place = registry.as_ref().map(|registry| format!(" for {registry}")).unwrap_or_default();
        let words = match &username {
            Some(name) => format!("{} is no longer used{place}.", Untrusted::from(name.as_str()).cut_within(60)),
            None => format!("There was no login{place} in this session."),
        };
        let json = WrittenLogout { registry: registry.map(|registry| registry.to_string()), username }.to_json();
        let document = vec![Block::Text(vec![plain(words)])];
        output.fetched(&document, &json, &mut Redactor::default()).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}

/// The logins that are bound to a registry.
fn without_waiting(logins: &Logins) -> Logins {
    let mut bound = Logins::default();
    for registry in logins.registries() {
        if let Some(credentials) = logins.get(registry) {
            bound.keep(registry, credentials.clone());
        }
    }
    bound
}
