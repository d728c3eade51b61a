//! The commands that only make sense where commands follow each other. One command, one file, as with all others.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::report::{Form, described};

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

/// The schema of what only the shell prints as JSON: one for each command.
pub(super) fn forms(generator: &mut SchemaGenerator) -> Schema {
    fn one<F: Form>(generator: &mut SchemaGenerator) -> Value {
        let mut schema = described::<F>(generator);
        schema.insert("title".to_owned(), F::TITLE.into());
        schema.to_value()
    }
    let all = json!([
        one::<session::WrittenSession<'_>>(generator),
        one::<headers::WrittenHeaders<'_>>(generator),
        one::<query::WrittenMatches<'_>>(generator),
        one::<curl::WrittenCurl<'_>>(generator),
        one::<set::WrittenSettings>(generator),
        one::<use_::WrittenPlace<'_>>(generator),
        one::<help::WrittenHelp<'_>>(generator),
        one::<tutorial::WrittenWalk>(generator),
        one::<login::WrittenLogin<'_>>(generator),
        one::<logout::WrittenLogout>(generator),
    ]);
    let about = "One object a line; `schema` tells which. `show` prints an exchange, see exchange.schema.json. In the shell, \
                 exchanges have the numbers that `session` lists.";
    schemars::json_schema!({ "description": about, "oneOf": all })
}
