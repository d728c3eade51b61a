//! The commands that only make sense where commands follow each other. One command, one file, as with all others.

mod curl;
mod exit;
mod headers;
mod help;
mod login;
mod logout;
mod query;
mod session;
mod set;
mod show;
mod tutorial;
mod use_;

pub(super) use curl::CurlArguments;
pub(super) use exit::ExitArguments;
pub(super) use headers::HeadersArguments;
pub(super) use help::HelpArguments;
pub(super) use login::{LoginArguments, LoginError, Question};
pub(super) use logout::LogoutArguments;
pub(super) use query::QueryArguments;
pub(super) use session::SessionArguments;
pub(super) use set::SetArguments;
pub(super) use show::ShowArguments;
pub(super) use tutorial::{TutorialArguments, farewell, introduction, leave, proposed};
pub(super) use use_::UseArguments;
