//! `head`: the headers that any request to a registry is answered with.

use clap::Args;

use super::accept::accepted_type;
use super::request::Asked;
use super::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::evidence::Method;
use crate::session::Session;

/// What `head` is told.
#[derive(Debug, Args)]
pub struct HeadArguments {
    /// An address of a registry's API, with its query: https://HOST/v2/NAME/manifests/TAG
    #[arg(value_name = "PATH")]
    pub(super) path: String,

    /// Accept this media type, or what a short name as oci-index stands for; may be repeated [default: */*]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,
}

impl HeadArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        Asked { method: Method::Head, path: &self.path, accept: &self.accept, raw: false }.run(session, output).await
    }
}
