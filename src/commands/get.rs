//! `get`: any GET request to a registry, with authentication.

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
    one_shot: &[
        ("ociscope get https://ghcr.io/v2/acme/api/tags/list", ""),
        ("ociscope get --accept oci-index https://ghcr.io/v2/acme/api/manifests/1.4.2", "with an Accept header"),
        ("ociscope get --raw https://ghcr.io/v2/acme/api/tags/list | jq .", "the body alone"),
    ],
    examples: &[
        ("get manifests/0.5.0 --accept docker-v1", "in the current repository"),
        ("get tags/list?n=5", "with a query"),
        ("get /v2/", "on the current registry"),
        ("get manifests/0.5.0 --header 'X-Trace: 1'", "with a header"),
    ],
    shown: Shown::of_a_request,
    forms: &[Published::of::<ExchangeAlone<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("get")
};

/// The arguments of `get`.
#[derive(Debug, Args)]
pub struct GetArguments {
    /// Address in a registry's API, with its query: https://HOST/v2/NAME/tags/list?n=5
    ///
    /// A token is requested for the repository in the path. For paths without one, such as /v2/ and /v2/_catalog, it is
    /// requested with the scope that the registry proposes for its catalog, or without a scope.
    #[arg(value_name = "PATH")]
    pub(super) path: String,

    /// Accept this media type (or short name, such as oci-index); repeatable [default: */*]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,

    /// Print only the body, as received
    #[arg(long)]
    pub(super) raw: bool,
}

impl GetArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        Asked { method: Method::Get, path: &self.path, accept: &self.accept, raw: self.raw }.run(session, output).await
    }
}
