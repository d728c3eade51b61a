//! `get`: any request to a registry, with what authentication it takes.

use clap::Args;

use super::accept::accepted_type;
use super::request::Asked;
use super::{CommandError, CommandSpec, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::Method;
use crate::report::{ExchangeAlone, Published};
use crate::session::Session;

/// The description of `get`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Change,
        at: (0, 0),
        usage: "get PATH",
        about: "get manifests/latest --accept oci-index",
    }),
    examples: &[
        ("get manifests/0.5.0 --accept docker-v1", "of the repository that the prompt names"),
        ("get tags/list?n=5", "with a query"),
        ("get /v2/", "of the registry"),
        ("get manifests/0.5.0 --header 'X-Trace: 1'", "with a header of one's own"),
    ],
    shown: Shown::of_a_request,
    forms: &[Published::of::<ExchangeAlone<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("get")
};

/// What `get` is told.
#[derive(Debug, Args)]
pub struct GetArguments {
    /// An address of a registry's API, with its query: https://HOST/v2/NAME/tags/list?n=5
    ///
    /// A token is asked for the repository that the path names. Where it names none, as /v2/ and /v2/_catalog, it is
    /// asked for with the scope that the registry proposes for its catalogue, or with none.
    #[arg(value_name = "PATH")]
    pub(super) path: String,

    /// Accept this media type, or what a short name as oci-index stands for; may be repeated [default: */*]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,

    /// Print the body as it was received, and nothing else
    #[arg(long)]
    pub(super) raw: bool,
}

impl GetArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        Asked { method: Method::Get, path: &self.path, accept: &self.accept, raw: self.raw }.run(session, output).await
    }
}
