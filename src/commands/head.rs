//! `head`: any HEAD request to a registry, with authentication.

use clap::Args;

use super::accept::accepted_type;
use super::request::Asked;
use super::{CommandError, CommandSpec, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::Method;
use crate::report::{ExchangeAlone, Published};
use crate::session::Session;

/// The description of `head`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Change, at: (0, 1), usage: "head PATH", about: "" }),
    one_shot: &[("ociscope head https://ghcr.io/v2/acme/api/manifests/1.4.2", "")],
    examples: &[("head manifests/0.5.0", "status and headers")],
    shown: Shown::of_a_request,
    forms: &[Published::of::<ExchangeAlone<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("head")
};

/// The arguments of `head`.
#[derive(Debug, Args)]
pub struct HeadArguments {
    /// Address in a registry's API, with its query: https://HOST/v2/NAME/manifests/TAG
    #[arg(value_name = "PATH")]
    pub(super) path: String,

    /// Accept this media type (or short name, such as oci-index); repeatable [default: */*]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,
}

impl HeadArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        Asked { method: Method::Head, path: &self.path, accept: &self.accept, raw: false }.run(session, output).await
    }
}
