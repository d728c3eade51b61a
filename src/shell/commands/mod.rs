//! The commands that only the shell has. One command, one file.

mod close;
mod curl;
mod exit;
mod headers;
mod help;
mod login;
mod logout;
mod open;
mod query;
mod record;
mod session;
mod set;
mod show;
mod tutorial;
mod unset;
mod use_;

pub(super) use close::CloseArguments;
pub(super) use curl::CurlArguments;
pub(super) use exit::ExitArguments;
pub(super) use headers::HeadersArguments;
pub(super) use help::HelpArguments;
pub(super) use login::LoginArguments;
pub(super) use logout::LogoutArguments;
pub(super) use open::OpenArguments;
pub(super) use query::QueryArguments;
pub(super) use record::RecordArguments;
pub(super) use session::SessionArguments;
pub(super) use set::{SetArguments, echo};
pub(super) use show::ShowArguments;
pub(super) use tutorial::{TutorialArguments, farewell, introduction, leave, proposed};
pub(super) use unset::UnsetArguments;
pub(super) use use_::UseArguments;

use crate::commands::{COMMANDS, CommandSpec};

/// The descriptions of the commands that only the shell has.
pub(super) static OWN: &[&CommandSpec] = &[
    &use_::SPEC,
    &show::SPEC,
    &headers::SPEC,
    &query::SPEC,
    &curl::SPEC,
    &session::SPEC,
    &record::SPEC,
    &open::SPEC,
    &close::SPEC,
    &set::SPEC,
    &unset::SPEC,
    &login::SPEC,
    &logout::SPEC,
    &help::SPEC,
    #[cfg(feature = "lab")]
    &tutorial::SPEC,
    &exit::SPEC,
];

/// Commands that other parts of the shell refer to.
pub(super) use {
    curl::SPEC as CURL, help::SPEC as HELP, login::SPEC as LOGIN, logout::SPEC as LOGOUT, set::SPEC as SET,
};

/// The descriptions of all commands of the shell.
pub(super) fn specs() -> impl Iterator<Item = &'static CommandSpec> + Clone {
    COMMANDS.iter().chain(OWN).copied()
}

/// The description of a command, by its name in the grammar.
pub(super) fn spec(name: &str) -> Option<&'static CommandSpec> {
    specs().find(|spec| spec.name == name)
}

/// Whether users may type a password after a command, instead of a registry. Its line is not repeated and not kept.
pub(super) fn may_be_given_a_password(name: &str) -> bool {
    [LOGIN.name, LOGOUT.name].contains(&name)
}
